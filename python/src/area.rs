//! The area of a query, from one of four keywords.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use mly::{Area, TileId};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::arguments::{expected, numbers, of_argument};
use crate::errors::{input, to_py};

/// The keywords that give an area.
#[derive(Default)]
pub(crate) struct AreaKeywords<'a, 'py> {
    pub(crate) bbox: Option<&'a Bound<'py, PyAny>>,
    pub(crate) within: Option<&'a Bound<'py, PyAny>>,
    pub(crate) near: Option<&'a Bound<'py, PyAny>>,
    pub(crate) radius: Option<&'a Bound<'py, PyAny>>,
    pub(crate) tile: Option<&'a Bound<'py, PyAny>>,
}

impl AreaKeywords<'_, '_> {
    /// The area that they give.
    pub(crate) fn area(&self, py: Python<'_>) -> PyResult<Area> {
        const ONE: &str = "give one of bbox=(W, S, E, N), within=, near=(LON, LAT) or tile=\"Z/X/Y\"";
        if self.radius.is_some() && self.near.is_none() {
            return Err(PyTypeError::new_err("radius goes with near only"));
        }
        let of = |name: &'static str, area: PyResult<Area>| area.map_err(|e| of_argument(py, name, e));
        match (self.bbox, self.within, self.near, self.tile) {
            (Some(bbox), None, None, None) => of("bbox", in_bbox(bbox)),
            (None, Some(within), None, None) => of("within", drawn(within)),
            (None, None, Some(near), None) => {
                let radius = self.radius.map(|r| r.extract().map_err(|_| expected("metres, a number", r)));
                let radius_m = radius.transpose().map_err(|e| of_argument(py, "radius", e))?;
                of("near", around(near, radius_m.unwrap_or(Area::DEFAULT_RADIUS_M)))
            }
            (None, None, None, Some(tile)) => of("tile", of_tile(tile)),
            (None, None, None, None) => Err(PyTypeError::new_err(format!("no area given: {ONE}"))),
            _ => Err(PyTypeError::new_err(format!("more than one area given: {ONE}"))),
        }
    }
}

fn in_bbox(given: &Bound<'_, PyAny>) -> PyResult<Area> {
    let [west, south, east, north] = numbers(given, "four numbers: west, south, east, north")?;
    Area::bbox(west, south, east, north).map_err(to_py)
}

fn around(given: &Bound<'_, PyAny>, radius_m: f64) -> PyResult<Area> {
    let [lon, lat] = numbers(given, "two numbers: longitude, latitude")?;
    Area::near(lon, lat, radius_m).map_err(to_py)
}

fn of_tile(given: &Bound<'_, PyAny>) -> PyResult<Area> {
    if let Ok(text) = given.cast::<PyString>() {
        return parse_tile(text.to_str()?).map(Area::tile);
    }
    let wrong = |_| expected("a tile: \"Z/X/Y\" or (Z, X, Y)", given);
    let (z, x, y) = given.extract::<(i64, i64, i64)>().map_err(wrong)?;
    parse_tile(&format!("{z}/{x}/{y}")).map(Area::tile)
}

fn parse_tile(text: &str) -> PyResult<TileId> {
    text.parse().map_err(|what| {
        let hint = "a tile is Z/X/Y, such as 14/8574/5735".to_owned();
        to_py(mly::Error::InvalidQuery { what, hint: Some(hint.into()) })
    })
}

/// A GeoJSON document: as text, as a dictionary, in a file, or as anything with `__geo_interface__`.
fn drawn(given: &Bound<'_, PyAny>) -> PyResult<Area> {
    if let Ok(text) = given.cast::<PyString>() {
        let text = text.to_str()?;
        if text.trim_start().starts_with('{') {
            return Area::geojson(text).map_err(to_py);
        }
    }
    let shapes = in_degrees(given)?;
    let document = match shapes.getattr_opt("__geo_interface__")? {
        Some(document) => document,
        None => given.clone(),
    };
    if document.is_instance_of::<PyDict>() {
        let text: String = given.py().import("json")?.call_method1("dumps", (document,))?.extract()?;
        return Area::geojson(&text).map_err(to_py);
    }
    let path: PathBuf = given
        .extract()
        .map_err(|_| expected("a GeoJSON file, text or dict, or something with __geo_interface__", given))?;
    let text = read_limited(&path).map_err(|e| input(&path, &e, "give a GeoJSON file"))?;
    Area::geojson(&text).map_err(to_py)
}

/// Most bytes that are read: the borders of all countries in every detail have less. A device may have no end.
const MOST: u64 = 512 << 20;

fn read_limited(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let count = File::open(path)?.take(MOST + 1).read_to_string(&mut text)?;
    if count as u64 > MOST {
        return Err(io::Error::other(format!("it has more than {MOST} bytes")));
    }
    Ok(text)
}

/// The geometries of a geopandas object in longitude and latitude, as `__geo_interface__` does not name their reference
/// system. Anything else stays as it is.
fn in_degrees<'py>(given: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let Some(reproject) = given.getattr_opt("to_crs")? else { return Ok(given.clone()) };
    if given.getattr_opt("crs")?.is_none_or(|crs| crs.is_none()) {
        return Ok(given.clone());
    }
    // Other columns may hold what is no JSON.
    reproject.call1(("OGC:CRS84",))?.getattr("geometry")
}
