//! Builds columns from single values.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{
    BinaryBuilder, BooleanBuilder, Float64Builder, Int64Builder, ListBuilder, StringBuilder,
    TimestampMillisecondBuilder,
};
use arrow_schema::{DataType, Field};
use chrono::{DateTime, NaiveDateTime};
use serde::de::IgnoredAny;
use serde_json::Value;

use super::shape::{self, GeometryKind};
use crate::crs::Crs;
use crate::table::{ColumnKind, Rings, RingsBuilder, UTC, Wkb, append_rings, kind_of, rings_builder};

/// A value as it is stored in a file.
#[derive(Clone, Debug)]
pub(in crate::source) enum FileValue<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// Text, which the column parses according to its type.
    Text(&'a str),
    Json(&'a Value),
    /// A geometry in longitude and latitude.
    Geometry(&'a Wkb),
}

/// A column of a type that results have.
pub(super) enum ColumnBuilder {
    Int(Int64Builder),
    Float(Float64Builder),
    Bool(BooleanBuilder),
    Text(StringBuilder),
    Json(StringBuilder),
    Time(TimestampMillisecondBuilder),
    Geometry(BinaryBuilder, Option<GeometryKind>),
    Floats(ListBuilder<Float64Builder>),
    Rings(Box<RingsBuilder>),
}

/// The error that a column cannot hold a value; it says what was expected.
#[derive(Debug)]
pub(super) struct Misfit(pub(super) String);

impl From<&str> for Misfit {
    fn from(expected: &str) -> Self {
        Self(format!("expected {expected}"))
    }
}

impl ColumnBuilder {
    /// The column that a field describes; `None` for a type that results do not have.
    pub(super) fn of(field: &Field) -> Option<Self> {
        if *field.data_type() == DataType::Binary {
            return Some(Self::Geometry(BinaryBuilder::new(), GeometryKind::of(field)));
        }
        Some(match kind_of(field)? {
            ColumnKind::Int | ColumnKind::Id => Self::Int(Int64Builder::new()),
            ColumnKind::Float => Self::Float(Float64Builder::new()),
            ColumnKind::Bool => Self::Bool(BooleanBuilder::new()),
            ColumnKind::Json => Self::Json(StringBuilder::new()),
            ColumnKind::Text => Self::Text(StringBuilder::new()),
            ColumnKind::Time => Self::Time(TimestampMillisecondBuilder::new().with_timezone(UTC)),
            ColumnKind::Floats => Self::Floats(ListBuilder::new(Float64Builder::new())),
            ColumnKind::Rings => Self::Rings(Box::new(rings_builder())),
            ColumnKind::Point | ColumnKind::Lines => return None,
        })
    }

    /// Adds a value, and returns roughly how many bytes it takes.
    pub(super) fn append(&mut self, cell: &FileValue<'_>) -> Result<usize, Misfit> {
        const WORD: usize = 8;
        if let FileValue::Null | FileValue::Json(Value::Null) = cell {
            self.append_null();
            return Ok(WORD);
        }
        Ok(match self {
            Self::Int(column) => {
                column.append_value(int(cell).ok_or("a whole number")?);
                WORD
            }
            Self::Float(column) => {
                column.append_value(float(cell).ok_or("a number")?);
                WORD
            }
            Self::Bool(column) => {
                column.append_value(truth(cell).ok_or("true or false")?);
                1
            }
            Self::Time(column) => {
                column.append_value(moment(cell).ok_or("a moment in milliseconds")?);
                WORD
            }
            Self::Text(column) => {
                let text = text(cell).ok_or("text")?;
                column.append_value(text);
                WORD + text.len()
            }
            Self::Json(column) => {
                let text = json(cell)?;
                column.append_value(&text);
                WORD + text.len()
            }
            Self::Geometry(column, kind) => {
                let Some(wkb) = geometry(cell, *kind)? else {
                    column.append_null();
                    return Ok(WORD);
                };
                column.append_value(&wkb);
                WORD + wkb.len()
            }
            Self::Floats(column) => {
                let floats: Vec<Option<f64>> = listed(cell, "a list of numbers")?;
                column.append_value(floats.iter().copied());
                WORD + WORD * floats.len()
            }
            Self::Rings(column) => {
                let rings: Rings = listed(cell, "rings of x and y")?;
                let size = rings.iter().map(|ring| 2 * WORD * ring.len()).sum::<usize>();
                append_rings(column, Some(rings));
                WORD + size
            }
        })
    }

    fn append_null(&mut self) {
        match self {
            Self::Int(column) => column.append_null(),
            Self::Float(column) => column.append_null(),
            Self::Bool(column) => column.append_null(),
            Self::Text(column) | Self::Json(column) => column.append_null(),
            Self::Time(column) => column.append_null(),
            Self::Geometry(column, _) => column.append_null(),
            Self::Floats(column) => column.append_null(),
            Self::Rings(column) => append_rings(column, None),
        }
    }

    /// Returns the added values as an array, and leaves the builder empty.
    pub(super) fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Int(column) => Arc::new(column.finish()),
            Self::Float(column) => Arc::new(column.finish()),
            Self::Bool(column) => Arc::new(column.finish()),
            Self::Text(column) | Self::Json(column) => Arc::new(column.finish()),
            Self::Time(column) => Arc::new(column.finish()),
            Self::Geometry(column, _) => Arc::new(column.finish()),
            Self::Floats(column) => Arc::new(column.finish()),
            Self::Rings(column) => Arc::new(column.finish()),
        }
    }
}

fn int(cell: &FileValue<'_>) -> Option<i64> {
    match cell {
        FileValue::Int(value) => Some(*value),
        FileValue::Json(Value::Number(value)) => value.as_i64(),
        cell => text(cell)?.parse().ok(),
    }
}

fn float(cell: &FileValue<'_>) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "whole numbers in columns of floats are small")]
    let widened = |value: i64| value as f64;
    match cell {
        FileValue::Int(value) => Some(widened(*value)),
        FileValue::Float(value) => Some(*value),
        FileValue::Text(text) => text.parse().ok(),
        FileValue::Json(value) => value.as_f64(),
        _ => None,
    }
}

fn truth(cell: &FileValue<'_>) -> Option<bool> {
    match cell {
        FileValue::Bool(value) => Some(*value),
        FileValue::Int(0) => Some(false),
        FileValue::Int(1) => Some(true),
        FileValue::Text(text) => truth_of(text),
        FileValue::Json(value) => value.as_bool(),
        _ => None,
    }
}

/// `true` and `false`, also capitalised as Python and spreadsheets write them.
pub(super) fn truth_of(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

fn moment(cell: &FileValue<'_>) -> Option<i64> {
    match text(cell) {
        Some(text) => moment_of(text).or_else(|| text.parse().ok()),
        None => int(cell),
    }
}

/// Milliseconds since 1970 of a date with a time, which is UTC if it names no zone.
///
/// `None` for other text, and for a time with fractions of a millisecond, which would be lost.
pub(super) fn moment_of(text: &str) -> Option<i64> {
    let zoned = DateTime::parse_from_rfc3339(text).map(|at| at.to_utc());
    let at = zoned.or_else(|_| {
        let plain = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f");
        plain.or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f")).map(|at| at.and_utc())
    });
    at.ok().filter(|at| at.timestamp_subsec_nanos() % 1_000_000 == 0).map(|at| at.timestamp_millis())
}

fn text<'a>(cell: &FileValue<'a>) -> Option<&'a str> {
    match cell {
        FileValue::Text(text) => Some(text),
        FileValue::Json(Value::String(text)) => Some(text),
        _ => None,
    }
}

fn json(cell: &FileValue<'_>) -> Result<String, Misfit> {
    Ok(match cell {
        FileValue::Json(value) => value.to_string(),
        // Text that is not valid JSON was a JSON string whose quotes the format, such as CSV, has left out.
        FileValue::Text(text) if is_json_text(text) => (*text).to_owned(),
        FileValue::Text(text) => Value::from(*text).to_string(),
        FileValue::Bool(value) => value.to_string(),
        FileValue::Int(value) => value.to_string(),
        FileValue::Float(value) => Value::from(*value).to_string(),
        FileValue::Null | FileValue::Geometry(_) => return Err("JSON".into()),
    })
}

/// Whether a text is valid JSON.
pub(super) fn is_json_text(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Nested lists, from JSON or its text.
fn listed<T: serde::de::DeserializeOwned>(cell: &FileValue<'_>, expected: &str) -> Result<T, Misfit> {
    let found = match cell {
        FileValue::Json(value) => T::deserialize(*value).ok(),
        FileValue::Text(text) => serde_json::from_str(text).ok(),
        _ => None,
    };
    found.ok_or_else(|| expected.into())
}

/// A geometry as well-known binary; `None` for an empty point.
fn geometry(cell: &FileValue<'_>, kind: Option<GeometryKind>) -> Result<Option<Vec<u8>>, Misfit> {
    let placed = |value: &Value| {
        let found = shape::of_json(value).map_err(Misfit)?;
        found.map(|found| shape::placed(found, Crs::Degrees)).transpose().map_err(Misfit)
    };
    let read;
    let found = match cell {
        FileValue::Geometry(geometry) => Some(*geometry),
        FileValue::Json(value) => {
            read = placed(value)?;
            read.as_ref()
        }
        FileValue::Text(text) => {
            read = placed(&serde_json::from_str(text).ok().ok_or("a geometry of GeoJSON")?)?;
            read.as_ref()
        }
        _ => return Err("a geometry".into()),
    };
    let Some(found) = found else { return Ok(None) };
    match kind {
        Some(kind) if kind != GeometryKind::of_shape(found) => {
            Err(Misfit(format!("expected a {}", kind.name())))
        }
        _ => Ok(Some(found.bytes())),
    }
}
