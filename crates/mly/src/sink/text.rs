//! Columns as text, for the formats that are text.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMillisecondType};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMillisecondArray,
};
use arrow_schema::DataType;

use crate::rows::Wkb;

/// One column of a batch, by what it holds.
pub(super) enum Cells<'a> {
    Int(&'a Int64Array),
    Float(&'a Float64Array),
    Bool(&'a BooleanArray),
    Text(&'a StringArray),
    /// Written as whole milliseconds since 1970.
    Time(&'a TimestampMillisecondArray),
    Geometry(&'a BinaryArray),
}

impl<'a> Cells<'a> {
    /// A column of a type that results have; `None` for any other.
    pub(super) fn new(array: &'a ArrayRef) -> Option<Self> {
        Some(match array.data_type() {
            DataType::Int64 => Self::Int(array.as_primitive::<Int64Type>()),
            DataType::Float64 => Self::Float(array.as_primitive::<Float64Type>()),
            DataType::Boolean => Self::Bool(array.as_boolean()),
            DataType::Utf8 => Self::Text(array.as_string()),
            DataType::Timestamp(..) => Self::Time(array.as_primitive_opt::<TimestampMillisecondType>()?),
            DataType::Binary => Self::Geometry(array.as_binary()),
            _ => return None,
        })
    }

    /// The columns of a batch, or the name of the first one that cannot be written as text.
    pub(super) fn of(batch: &'a RecordBatch) -> Result<Vec<Self>, String> {
        let fields = batch.schema_ref().fields().iter();
        fields
            .zip(batch.columns())
            .map(|(field, array)| {
                Self::new(array)
                    .ok_or_else(|| format!("column {} of type {}", field.name(), field.data_type()))
            })
            .collect()
    }

    fn array(&self) -> &dyn Array {
        match self {
            Self::Int(a) => *a,
            Self::Float(a) => *a,
            Self::Bool(a) => *a,
            Self::Text(a) => *a,
            Self::Time(a) => *a,
            Self::Geometry(a) => *a,
        }
    }

    pub(super) fn is_null(&self, row: usize) -> bool {
        self.array().is_null(row)
    }

    /// Appends a value that is not null and not a geometry; text goes through `quote`.
    pub(super) fn append(&self, row: usize, out: &mut Vec<u8>, quote: impl Fn(&str, &mut Vec<u8>)) {
        match self {
            Self::Int(a) => append_int(a.value(row), out),
            Self::Time(a) => append_int(a.value(row), out),
            Self::Float(a) => append_float(a.value(row), out),
            Self::Bool(a) => out.extend_from_slice(if a.value(row) { b"true" } else { b"false" }),
            Self::Text(a) => quote(a.value(row), out),
            Self::Geometry(_) => {}
        }
    }

    /// The geometry of a row, if this is a column of geometries.
    pub(super) fn geometry(&self, row: usize) -> Option<Wkb> {
        match self {
            Self::Geometry(a) if a.is_valid(row) => Wkb::read(a.value(row)),
            _ => None,
        }
    }
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
