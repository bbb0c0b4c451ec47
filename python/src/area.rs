//! The area of a query, from one of four keywords.

use std::path::{Path, PathBuf};

use mly::source::AreaReader;
use mly::{Area, TileId};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::arguments::{expected, numbers, of_argument};
use crate::errors::to_py;

/// The keywords that give an area.
#[derive(Default)]
pub(crate) struct AreaKeywords<'a, 'py> {
    pub(crate) bbox: Option<&'a Bound<'py, PyAny>>,
    pub(crate) within: Option<&'a Bound<'py, PyAny>>,
    pub(crate) buffer: Option<&'a Bound<'py, PyAny>>,
    pub(crate) area_column: Option<&'a Bound<'py, PyAny>>,
    pub(crate) nearest: Option<&'a Bound<'py, PyAny>>,
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
        let drawn_only =
            [("buffer", self.buffer), ("area_column", self.area_column), ("nearest", self.nearest)];
        if let Some((name, _)) = drawn_only.iter().find(|(_, given)| given.is_some() && self.within.is_none())
        {
            return Err(PyTypeError::new_err(format!("{name} goes with within only")));
        }
        let of = |name: &'static str, area: PyResult<Area>| area.map_err(|e| of_argument(py, name, e));
        match (self.bbox, self.within, self.near, self.tile) {
            (Some(bbox), None, None, None) => of("bbox", in_bbox(bbox)),
            (None, Some(within), None, None) => {
                let column = self.column()?;
                let reader = self.reader(py, column.as_deref())?;
                of("within", drawn(within, &reader, column.as_deref()))
            }
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

impl AreaKeywords<'_, '_> {
    /// The property of the column `area`. The nearest rows of points are told apart by the numbers of the points, unless
    /// something else is named.
    fn column(&self) -> PyResult<Option<String>> {
        let named = self.area_column.map(PyAnyMethods::extract::<String>).transpose()?;
        Ok(named.or(self.nearest.map(|_| "index".to_owned())))
    }

    fn reader(&self, py: Python<'_>, column: Option<&str>) -> PyResult<AreaReader> {
        let metres =
            self.buffer.map(|metres| metres.extract().map_err(|_| expected("metres, a number", metres)));
        let mut reader = AreaReader::new();
        if let Some(metres) = metres.transpose().map_err(|e| of_argument(py, "buffer", e))? {
            reader = reader.with_buffer_m(metres);
        }
        Ok(match column {
            Some(name) => reader.with_column(name),
            None => reader,
        })
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

/// What is drawn: in a file, as text, as a dictionary of GeoJSON, or as anything with `__geo_interface__`.
fn drawn(given: &Bound<'_, PyAny>, reader: &AreaReader, column: Option<&str>) -> PyResult<Area> {
    if let Ok(text) = given.cast::<PyString>() {
        let text = text.to_str()?;
        if is_document(text) {
            return reader.text(text).map_err(to_py);
        }
    }
    if let Some(text) = of_frame(given, column)? {
        return reader.text(&text).map_err(to_py);
    }
    let document = match given.getattr_opt("__geo_interface__")? {
        Some(document) => document,
        None => given.clone(),
    };
    if document.is_instance_of::<PyDict>() {
        let text: String = given.py().import("json")?.call_method1("dumps", (document,))?.extract()?;
        return reader.text(&text).map_err(to_py);
    }
    let path: PathBuf = given.extract().map_err(|_| {
        expected("a file, GeoJSON or WKT as text, a dict, or something with __geo_interface__", given)
    })?;
    reader.file(&path).map_err(to_py)
}

/// Whether a text is a document, and not the name of a file: GeoJSON, KML, GPX, or well-known text, which has parentheses.
fn is_document(text: &str) -> bool {
    let start = text.trim_start();
    let is_shape = start.starts_with(|c: char| c.is_ascii_alphabetic()) && start.contains('(');
    start.starts_with(['{', '<']) || (is_shape && !Path::new(text).exists())
}

/// The features of a geopandas object as GeoJSON in longitude and latitude, with the wanted property. `__geo_interface__`
/// does not name their reference system.
fn of_frame(given: &Bound<'_, PyAny>, column: Option<&str>) -> PyResult<Option<String>> {
    let (Some(reproject), Some(crs)) = (given.getattr_opt("to_crs")?, given.getattr_opt("crs")?) else {
        return Ok(None);
    };
    let placed = if crs.is_none() { given.clone() } else { reproject.call1(("OGC:CRS84",))? };
    let shapes = placed.getattr("geometry")?;
    // Other columns may hold what is no JSON.
    let columns = placed.getattr_opt("columns")?;
    let wanted = match (column, columns) {
        (Some(name), Some(columns)) if columns.contains(name)? => Some(name),
        _ => None,
    };
    let shapes = match wanted {
        Some(name) => {
            placed.get_item((name, shapes.getattr("name")?).into_pyobject(given.py())?.to_list())?
        }
        None => shapes,
    };
    shapes.call_method0("to_json")?.extract().map(Some)
}
