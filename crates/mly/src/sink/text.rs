//! Values as text and as JSON, for the formats that are made of them.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMillisecondType};
use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, FixedSizeListArray, Float64Array, Int64Array, ListArray,
    RecordBatch, StringArray, TimestampMillisecondArray,
};
use arrow_schema::{DataType, Field};
use chrono::{DateTime, SecondsFormat};

use super::dialect::{IdForm, TextForm, TimeForm};
use crate::table::{AS_TEXT, JSON, Wkb};

/// Columns of ids that are whole numbers.
const ID_COLUMNS: [&str; 9] = [
    "id",
    "old_id",
    "image_id",
    "map_feature_id",
    "creator_id",
    "organization_id",
    "asset_id",
    "post_id",
    "best_image_id",
];

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
    /// Written as ISO 8601.
    IsoTime(&'a TimestampMillisecondArray),
    /// Lists of numbers, of any depth.
    Lists(NumberLists<'a>),
    Geometry(&'a BinaryArray),
}

/// A geometry that is none of points, multi points and multi line strings, which are those of results.
#[derive(Debug, thiserror::Error)]
#[error("a geometry is no point, multi point or multi line string")]
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
            DataType::List(_) => Self::Lists(NumberLists::new(array.as_ref())?),
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

    /// The columns of a batch, to be written in a form.
    pub(super) fn in_form(batch: &'a RecordBatch, form: TextForm) -> Result<Vec<Self>, String> {
        let names = batch.schema_ref().fields().iter().map(|field| field.name().as_str());
        let cells = Self::of(batch)?.into_iter().zip(names);
        let changed = cells.map(|(cells, name)| match cells {
            Self::Time(a) if form.times == TimeForm::Iso => Self::IsoTime(a),
            Self::Int(a) if form.ids == IdForm::Text && ID_COLUMNS.contains(&name) => Self::IntText(a),
            cells => cells,
        });
        Ok(changed.collect())
    }

    fn array(&self) -> &dyn Array {
        match self {
            Self::Int(a) | Self::IntText(a) => *a,
            Self::Float(a) => *a,
            Self::Bool(a) => *a,
            Self::Text(a) | Self::Json(a) => *a,
            Self::Lists(a) => a.array(),
            Self::Time(a) | Self::IsoTime(a) => *a,
            Self::Geometry(a) => *a,
        }
    }

    pub(super) fn is_null(&self, row: usize) -> bool {
        self.array().is_null(row)
    }

    /// Whether a value is written as text without quotes.
    pub(super) fn is_text(&self, row: usize) -> bool {
        match self {
            Self::Text(_) => true,
            Self::Json(a) => a.is_valid(row) && a.value(row).starts_with('"'),
            _ => false,
        }
    }

    /// Appends a value that is not null as JSON.
    pub(super) fn append_json(&self, row: usize, out: &mut Vec<u8>) -> Result<(), UnknownGeometry> {
        match self {
            Self::Int(a) => append_int(a.value(row), out),
            Self::Time(a) => append_int(a.value(row), out),
            Self::IsoTime(a) => append_text(&iso_time(a.value(row)), out),
            Self::Float(a) => append_float(a.value(row), out),
            Self::Bool(a) => append_bool(a.value(row), out),
            Self::Text(a) => append_text(a.value(row), out),
            Self::IntText(a) => append_int_text(a.value(row), out),
            Self::Json(a) => append_raw(a.value(row), out),
            Self::Lists(a) => a.append(row, out),
            Self::Geometry(_) => append_geometry(self.geometry(row)?.as_ref(), out),
        }
        Ok(())
    }

    /// Appends a value that is not null and not a geometry, without quotes.
    pub(super) fn append_plain(&self, row: usize, out: &mut Vec<u8>) {
        match self {
            Self::Int(a) | Self::IntText(a) => append_int(a.value(row), out),
            Self::Time(a) => append_int(a.value(row), out),
            Self::IsoTime(a) => out.extend_from_slice(iso_time(a.value(row)).as_bytes()),
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

/// A time in ISO 8601 with milliseconds. Years beyond 9999 have a sign and more digits.
fn iso_time(ms: i64) -> String {
    let at = DateTime::from_timestamp_millis(ms);
    // Beyond the years that dates can express, the number itself is all that can be said.
    at.map_or_else(|| ms.to_string(), |at| at.to_rfc3339_opts(SecondsFormat::Millis, true))
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

/// Text in quotes, escaped where JSON asks for it.
pub(super) fn append_text(text: &str, out: &mut Vec<u8>) {
    let is_plain = |b: u8| b >= 0x20 && b != b'"' && b != b'\\';
    if text.bytes().all(is_plain) {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else {
        // Writing into memory does not fail, and every text can be a JSON string.
        let _ = serde_json::to_writer(out, text);
    }
}

/// A whole number in quotes.
fn append_int_text(value: i64, out: &mut Vec<u8>) {
    out.push(b'"');
    append_int(value, out);
    out.push(b'"');
}

/// Text that is JSON already, on one line: in JSON a line end can only stand where a space can.
fn append_raw(json: &str, out: &mut Vec<u8>) {
    out.extend(json.bytes().map(|b| if matches!(b, b'\n' | b'\r') { b' ' } else { b }));
}

/// A geometry of GeoJSON, or `null`.
pub(super) fn append_geometry(geometry: Option<&Wkb>, out: &mut Vec<u8>) {
    match geometry {
        None => out.extend_from_slice(b"null"),
        Some(Wkb::Point(at)) => {
            out.extend_from_slice(b"{\"type\":\"Point\",\"coordinates\":");
            append_position(at, out);
            out.push(b'}');
        }
        Some(Wkb::Lines(lines)) => {
            out.extend_from_slice(b"{\"type\":\"MultiLineString\",\"coordinates\":");
            append_list(lines, out, |line, out| append_list(line, out, append_position));
            out.push(b'}');
        }
        Some(Wkb::Points(points)) => {
            out.extend_from_slice(b"{\"type\":\"MultiPoint\",\"coordinates\":");
            append_list(points, out, append_position);
            out.push(b'}');
        }
    }
}

/// A list whose items `append` writes.
pub(super) fn append_list<T>(
    items: impl IntoIterator<Item = T>,
    out: &mut Vec<u8>,
    append: impl Fn(T, &mut Vec<u8>),
) {
    out.push(b'[');
    for (i, item) in items.into_iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        append(item, out);
    }
    out.push(b']');
}

fn append_position([lon, lat]: &[f64; 2], out: &mut Vec<u8>) {
    out.push(b'[');
    append_float(*lon, out);
    out.push(b',');
    append_float(*lat, out);
    out.push(b']');
}

/// A column of numbers, of lists of numbers, of lists of those, and so on.
pub(super) enum NumberLists<'a> {
    /// Numbers themselves.
    Plain(&'a Float64Array),
    /// Lists of any length.
    Lists(&'a ListArray, Box<Self>),
    /// Lists of one length.
    Tuples(&'a FixedSizeListArray, Box<Self>),
}

impl<'a> NumberLists<'a> {
    /// `None` for a column of anything else.
    fn new(array: &'a dyn Array) -> Option<Self> {
        Some(match array.data_type() {
            DataType::Float64 => Self::Plain(array.as_primitive::<Float64Type>()),
            DataType::List(_) => {
                let lists = array.as_list::<i32>();
                Self::Lists(lists, Box::new(Self::new(lists.values().as_ref())?))
            }
            DataType::FixedSizeList(..) => {
                let tuples = array.as_fixed_size_list();
                Self::Tuples(tuples, Box::new(Self::new(tuples.values().as_ref())?))
            }
            _ => return None,
        })
    }

    fn array(&self) -> &dyn Array {
        match self {
            Self::Plain(a) => *a,
            Self::Lists(a, _) => *a,
            Self::Tuples(a, _) => *a,
        }
    }

    /// Appends the value at an index; what is missing or not finite is `null`, since JSON has no word for it.
    fn append(&self, at: usize, out: &mut Vec<u8>) {
        if self.array().is_null(at) {
            return out.extend_from_slice(b"null");
        }
        // Offsets and lengths of Arrow are never negative.
        let index = |offset: i32| usize::try_from(offset).unwrap_or_default();
        match self {
            Self::Plain(a) if a.value(at).is_finite() => append_float(a.value(at), out),
            Self::Plain(_) => out.extend_from_slice(b"null"),
            Self::Lists(a, items) => {
                let begin = a.value_offsets().get(at).map_or(0, |begin| index(*begin));
                append_list(begin..begin + index(a.value_length(at)), out, |at, out| items.append(at, out));
            }
            Self::Tuples(a, items) => {
                let length = index(a.value_length());
                append_list(at * length..(at + 1) * length, out, |at, out| items.append(at, out));
            }
        }
    }
}
