//! Vector tiles as JSON, with every property they have: for the low-level modules of the package `mapillary`.

use std::f64::consts::PI;

use mly::TileId;
use mly_mvt::{Feature, Geometry, Layer, Tile, Value};
use pyo3::prelude::*;
use serde_json::{Map, Value as Json, json};

use crate::errors::to_py;

/// The features of a tile as GeoJSON text, of one layer or of all.
#[pyfunction]
#[pyo3(signature = (body: "bytes", z: "int", x: "int", y: "int", layer: "str | None" = None) -> "str")]
pub(crate) fn _tile_features(body: &[u8], z: u8, x: u32, y: u32, layer: Option<&str>) -> PyResult<String> {
    let wrong = |what: String| to_py(mly::Error::InvalidQuery { what, hint: None });
    let tile = TileId::new(z, x, y).ok_or_else(|| wrong(format!("there is no tile {z}/{x}/{y}")))?;
    features(tile, body, layer).map_err(|error| unreadable(Some(tile), &error))
}

/// The tile that holds a position at a zoom: zoom, x, y.
#[pyfunction]
#[pyo3(signature = (longitude: "float", latitude: "float", zoom: "int") -> "tuple[int, int, int]")]
pub(crate) fn _tile_containing(longitude: f64, latitude: f64, zoom: u8) -> (u8, u32, u32) {
    let tile = TileId::containing(longitude, latitude, zoom);
    (tile.z(), tile.x(), tile.y())
}

/// The rings of each polygon of a tile, as JSON text.
///
/// There is an item for each feature, with the extent of its layer: `[[extent, [ring, ...]], ...]`.
#[pyfunction]
#[pyo3(signature = (body: "bytes") -> "str")]
pub(crate) fn _tile_rings(body: &[u8]) -> PyResult<String> {
    rings(body).map_err(|error| unreadable(None, &error))
}

fn unreadable(tile: Option<TileId>, error: &mly_mvt::Error) -> PyErr {
    let subject = tile.map_or_else(|| "outline".to_owned(), |tile| format!("tile {tile}"));
    to_py(mly::Error::Decode { subject, tile, what: error.to_string(), offset: None })
}

fn features(tile: TileId, body: &[u8], wanted: Option<&str>) -> Result<String, mly_mvt::Error> {
    let mut list = Vec::new();
    for layer in Tile::new(body).layers() {
        let layer = layer?;
        if wanted.is_some_and(|name| name != layer.name()) {
            continue;
        }
        let place = Place { tile, extent: f64::from(layer.extent()) };
        for feature in layer.features() {
            let feature = feature?;
            let Some(geometry) = place.geometry(feature.geometry()?) else { continue };
            let properties = properties(&layer, &feature)?;
            list.push(json!({ "type": "Feature", "geometry": geometry, "properties": properties }));
        }
    }
    Ok(json!({ "type": "FeatureCollection", "features": list }).to_string())
}

fn properties(layer: &Layer<'_>, feature: &Feature<'_>) -> Result<Map<String, Json>, mly_mvt::Error> {
    let mut all = Map::new();
    for tag in feature.tags() {
        let (key, value) = tag?;
        if let (Some(key), Some(value)) = (layer.keys().get(key as usize), layer.values().get(value as usize))
        {
            all.insert((*key).to_owned(), of_value(*value));
        }
    }
    Ok(all)
}

fn of_value(value: Value<'_>) -> Json {
    match value {
        Value::String(text) => text.into(),
        Value::Float(number) => f64::from(number).into(),
        Value::Double(number) => number.into(),
        Value::Int(number) | Value::SInt(number) => number.into(),
        Value::UInt(number) => number.into(),
        Value::Bool(flag) => flag.into(),
    }
}

/// Turns units of a tile into degrees.
struct Place {
    tile: TileId,
    extent: f64,
}

impl Place {
    fn degrees(&self, [u, v]: [i32; 2]) -> [f64; 2] {
        let side = f64::from(1_u32 << self.tile.z());
        let part = |tile: u32, unit: i32| (f64::from(tile) + f64::from(unit) / self.extent) / side;
        // The inverse of the spherical Mercator projection (EPSG:3857).
        let mercator = PI * (1.0 - 2.0 * part(self.tile.y(), v));
        [part(self.tile.x(), u) * 360.0 - 180.0, mercator.sinh().atan().to_degrees()]
    }

    fn line(&self, line: &[[i32; 2]]) -> Json {
        line.iter().map(|unit| json!(self.degrees(*unit))).collect()
    }

    /// A geometry as GeoJSON has it, of one part where there is one; `None` for unknown kinds.
    fn geometry(&self, geometry: Geometry) -> Option<Json> {
        let (name, parts): (_, Vec<Json>) = match geometry {
            Geometry::Unknown => return None,
            Geometry::Points(points) => ("Point", points.iter().map(|p| json!(self.degrees(*p))).collect()),
            Geometry::Lines(lines) => ("LineString", lines.iter().map(|line| self.line(line)).collect()),
            Geometry::Polygons(polygons) => {
                let rings = |p: mly_mvt::Polygon| {
                    std::iter::once(p.exterior).chain(p.interiors).map(|ring| self.line(&ring)).collect()
                };
                ("Polygon", polygons.into_iter().map(rings).collect())
            }
        };
        Some(match <[Json; 1]>::try_from(parts) {
            Ok([part]) => json!({ "type": name, "coordinates": part }),
            Err(parts) => json!({ "type": format!("Multi{name}"), "coordinates": parts }),
        })
    }
}

fn rings(body: &[u8]) -> Result<String, mly_mvt::Error> {
    let mut list = Vec::new();
    for layer in Tile::new(body).layers() {
        let layer = layer?;
        for feature in layer.features() {
            if let Geometry::Polygons(polygons) = feature?.geometry()? {
                let rings: Vec<_> = polygons
                    .into_iter()
                    .flat_map(|p| std::iter::once(p.exterior).chain(p.interiors))
                    .collect();
                list.push((layer.extent(), rings));
            }
        }
    }
    Ok(json!(list).to_string())
}
