//! Reads geometries in the encodings of files: GeoJSON, well-known binary and well-known text.

mod wkb;
mod wkt;

use std::collections::HashMap;

use arrow_schema::{DataType, Field};
use serde_json::Value;

pub(super) use wkb::{is_ours, kind_of_wkb, of_wkb};
pub(super) use wkt::of_wkt;

use crate::crs::{Crs, NOT_DEGREES};
use crate::error::Error;
use crate::table::{ColumnKind, GEOMETRY, GEOMETRY_TYPE, Wkb, field};

/// Kinds of geometry that results have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GeometryKind {
    Point,
    Lines,
}

impl GeometryKind {
    /// Name of a kind, as GeoJSON has it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Point => "Point",
            Self::Lines => "MultiLineString",
        }
    }

    /// The kind that the metadata of a geometry column names; the column may be of any binary type.
    pub(super) fn of(field: &Field) -> Option<Self> {
        let name = field.metadata().get(GEOMETRY_TYPE)?;
        [Self::Point, Self::Lines].into_iter().find(|kind| kind.name() == name)
    }

    pub(super) fn of_shape(shape: &Wkb) -> Self {
        match shape {
            Wkb::Point(_) => Self::Point,
            // Results have points in place of lines that would lead nowhere.
            Wkb::Lines(_) | Wkb::Points(_) => Self::Lines,
        }
    }
}

/// The kind of some geometries, if it is the same for all; `None` at the first one of another kind.
pub(super) fn common(kinds: impl IntoIterator<Item = Option<GeometryKind>>) -> Option<GeometryKind> {
    let mut kinds = kinds.into_iter();
    let first = kinds.next()??;
    kinds.all(|kind| kind == Some(first)).then_some(first)
}

/// A column of geometries, of one kind or of any.
pub(super) fn column(name: &str, kind: Option<GeometryKind>, nullable: bool) -> Field {
    match kind {
        Some(GeometryKind::Point) => field(name, ColumnKind::Point, nullable),
        Some(GeometryKind::Lines) => field(name, ColumnKind::Lines, nullable),
        None => {
            let metadata = GEOMETRY.map(|(key, value)| (key.to_owned(), value.to_owned()));
            Field::new(name, DataType::Binary, nullable).with_metadata(HashMap::from(metadata))
        }
    }
}

/// The message for a type of geometry that is not read.
pub(super) fn refusal(name: &str) -> String {
    let name: String = name.chars().take(40).collect();
    format!("the geometry is a {}, and results have points and lines", name.escape_debug())
}

/// A geometry in longitude and latitude.
///
/// # Errors
/// When a position of it is not on this earth.
pub(super) fn placed(shape: Wkb, crs: Crs) -> Result<Wkb, String> {
    match shape {
        Wkb::Point(at) => crs.degrees(at).map(Wkb::Point),
        Wkb::Lines(mut lines) => {
            for at in lines.iter_mut().flatten() {
                *at = crs.degrees(*at)?;
            }
            Ok(Wkb::Lines(lines))
        }
        Wkb::Points(points) => {
            points.into_iter().map(|at| crs.degrees(at)).collect::<Result<_, _>>().map(Wkb::Points)
        }
    }
}

/// The error for a geometry that is not on this earth.
pub(super) fn misplaced(what: String) -> Error {
    Error::input(what).with_hint(NOT_DEGREES)
}

/// A geometry of GeoJSON; `None` for an empty point.
pub(super) fn of_json(value: &Value) -> Result<Option<Wkb>, String> {
    let broken = || "the geometry has no positions".to_owned();
    let coordinates = value.get("coordinates").and_then(Value::as_array).ok_or_else(broken);
    match value.get("type").and_then(Value::as_str) {
        Some("Point") => match coordinates? {
            numbers if numbers.is_empty() => Ok(None),
            numbers => position(numbers).map(|at| Some(Wkb::Point(at))),
        },
        Some("LineString") => Ok(Some(Wkb::Lines(vec![line(coordinates?)?]))),
        Some("MultiPoint") => Ok(Some(Wkb::Points(line(coordinates?)?))),
        Some("MultiLineString") => {
            let lines = coordinates?.iter().map(|positions| line(positions.as_array().ok_or_else(broken)?));
            Ok(Some(Wkb::Lines(lines.collect::<Result<_, _>>()?)))
        }
        Some(other) => Err(refusal(other)),
        None => Err("the geometry has no type".to_owned()),
    }
}

fn line(positions: &[Value]) -> Result<Vec<[f64; 2]>, String> {
    let one = |at: &Value| position(at.as_array().map_or(&[], Vec::as_slice));
    positions.iter().map(one).collect()
}

fn position(numbers: &[Value]) -> Result<[f64; 2], String> {
    match numbers {
        [lon, lat] => lon.as_f64().zip(lat.as_f64()).map(<[f64; 2]>::from),
        _ => None,
    }
    .ok_or_else(|| "a position is not two numbers".to_owned())
}
