//! Columns as text, for the formats that are text.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMillisecondType};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMillisecondArray,
};
use arrow_schema::{DataType, Field};

use super::json;
use super::numbers::Numbers;
use crate::table::{AS_TEXT, JSON, Wkb};

/// One column of a batch, by what it holds.
pub(super) enum Cells<'a> {
    Int(&'a Int64Array),
    /// Whole numbers that are text in JSON.
    IntText(&'a Int64Array),
    Float(&'a Float64Array),
    Bool(&'a BooleanArray),
    Text(&'a StringArray),
    /// Text that is JSON already.
    Json(&'a StringArray),
    /// Written as whole milliseconds since 1970.
    Time(&'a TimestampMillisecondArray),
    /// Lists of numbers, of any depth.
    Lists(Numbers<'a>),
    Geometry(&'a BinaryArray),
}

/// A geometry that is neither a point nor a multi line string, of which there are none in results.
#[derive(Debug, thiserror::Error)]
#[error("a geometry is neither a point nor a multi line string")]
pub(super) struct UnknownGeometry;

impl<'a> Cells<'a> {
    /// A column of a type that results have; `None` for any other.
    pub(super) fn new(field: &Field, array: &'a ArrayRef) -> Option<Self> {
        let is = |(key, value): (&str, &str)| field.metadata().get(key).is_some_and(|v| v == value);
        Some(match array.data_type() {
            DataType::Int64 if is(AS_TEXT) => Self::IntText(array.as_primitive::<Int64Type>()),
            DataType::Int64 => Self::Int(array.as_primitive::<Int64Type>()),
            DataType::Float64 => Self::Float(array.as_primitive::<Float64Type>()),
            DataType::Boolean => Self::Bool(array.as_boolean()),
            DataType::Utf8 if is(JSON) => Self::Json(array.as_string()),
            DataType::Utf8 => Self::Text(array.as_string()),
            DataType::Timestamp(..) => Self::Time(array.as_primitive_opt::<TimestampMillisecondType>()?),
            DataType::Binary => Self::Geometry(array.as_binary()),
            DataType::List(_) => Self::Lists(Numbers::new(array.as_ref())?),
            _ => return None,
        })
    }

    /// The columns of a batch, or the name of the first one that cannot be written as text.
    pub(super) fn of(batch: &'a RecordBatch) -> Result<Vec<Self>, String> {
        let fields = batch.schema_ref().fields().iter();
        fields
            .zip(batch.columns())
            .map(|(field, array)| {
                Self::new(field, array)
                    .ok_or_else(|| format!("column {} of type {}", field.name(), field.data_type()))
            })
            .collect()
    }

    fn array(&self) -> &dyn Array {
        match self {
            Self::Int(a) | Self::IntText(a) => *a,
            Self::Float(a) => *a,
            Self::Bool(a) => *a,
            Self::Text(a) | Self::Json(a) => *a,
            Self::Lists(a) => a.array(),
            Self::Time(a) => *a,
            Self::Geometry(a) => *a,
        }
    }

    pub(super) fn is_null(&self, row: usize) -> bool {
        self.array().is_null(row)
    }

    /// Appends a value that is not null as JSON.
    pub(super) fn append_json(&self, row: usize, out: &mut Vec<u8>) -> Result<(), UnknownGeometry> {
        match self {
            Self::Int(a) => append_int(a.value(row), out),
            Self::Time(a) => append_int(a.value(row), out),
            Self::Float(a) => append_float(a.value(row), out),
            Self::Bool(a) => append_bool(a.value(row), out),
            Self::Text(a) => json::append_text(a.value(row), out),
            Self::IntText(a) => json::append_int_text(a.value(row), out),
            Self::Json(a) => json::append_raw(a.value(row), out),
            Self::Lists(a) => a.append(row, out),
            Self::Geometry(_) => json::append_geometry(self.geometry(row)?.as_ref(), out),
        }
        Ok(())
    }

    /// Appends a value that is not null and not a geometry, without quotes.
    pub(super) fn append_plain(&self, row: usize, out: &mut Vec<u8>) {
        match self {
            Self::Int(a) | Self::IntText(a) => append_int(a.value(row), out),
            Self::Time(a) => append_int(a.value(row), out),
            Self::Float(a) => append_float(a.value(row), out),
            Self::Bool(a) => append_bool(a.value(row), out),
            Self::Text(a) => out.extend_from_slice(a.value(row).as_bytes()),
            Self::Json(a) => match serde_json::from_str::<String>(a.value(row)) {
                Ok(text) => out.extend_from_slice(text.as_bytes()),
                Err(_) => out.extend_from_slice(a.value(row).as_bytes()),
            },
            Self::Lists(a) => a.append(row, out),
            Self::Geometry(_) => {}
        }
    }

    /// The geometry of a row; `None` where there is none, or if this is no column of geometries.
    pub(super) fn geometry(&self, row: usize) -> Result<Option<Wkb>, UnknownGeometry> {
        match self {
            Self::Geometry(a) if a.is_valid(row) => Wkb::read(a.value(row)).map(Some).ok_or(UnknownGeometry),
            _ => Ok(None),
        }
    }
}

fn append_bool(value: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(if value { b"true" } else { b"false" });
}

pub(super) fn append_int(value: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// The shortest text that reads back as the same number, without `.0` when it is whole, as the service writes it.
pub(super) fn append_float(value: f64, out: &mut Vec<u8>) {
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format_finite(value);
    out.extend_from_slice(text.strip_suffix(".0").unwrap_or(text).as_bytes());
}
