//! The columns of a batch by name, with the types that results have.

use std::fmt;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef, BinaryArray, BooleanArray, RecordBatch, StringArray};
use arrow_schema::DataType;
use mly::Wkb;

/// The column of a row that the service shows no more: when it last did. It is empty in all other rows.
pub(crate) const LAST_CRAWLED: &str = "last_crawled_at";

/// An id: a whole number, or a text such as that of a sequence.
///
/// A text that is a whole number is that number, so that ids of different formats compare.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Id {
    Number(i64),
    Text(Box<str>),
}

impl From<&str> for Id {
    fn from(text: &str) -> Self {
        match text.parse::<i64>() {
            // `007` and `+7` are not how ids are written.
            Ok(number) if number.to_string() == text => Self::Number(number),
            _ => Self::Text(text.into()),
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

/// The columns of a batch.
///
/// A column that is not there, or is of another type than asked for, has no values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Columns<'a>(pub(crate) &'a RecordBatch);

impl<'a> Columns<'a> {
    fn column(self, name: &str, is_type: impl Fn(&DataType) -> bool) -> Option<&'a ArrayRef> {
        self.0.column_by_name(name).filter(|column| is_type(column.data_type()))
    }

    pub(crate) fn ids(self, name: &str) -> IdColumn<'a> {
        IdColumn(self.column(name, |t| matches!(t, DataType::Int64 | DataType::Utf8)))
    }

    pub(crate) fn texts(self, name: &str) -> Option<&'a StringArray> {
        self.column(name, |t| *t == DataType::Utf8).map(AsArray::as_string)
    }

    /// Values of any type as tags of OpenStreetMap have them: `yes` and `no` for truth values.
    pub(crate) fn any_text(self, name: &str) -> impl Fn(usize) -> Option<String> + use<'a> {
        let texts = self.texts(name);
        let flags = self.flags(name);
        let numbers = self.numbers(name);
        move |row| match (texts, flags) {
            (Some(texts), _) => texts.is_valid(row).then(|| texts.value(row).to_owned()),
            (None, Some(flags)) => {
                flags.is_valid(row).then(|| if flags.value(row) { "yes" } else { "no" }.to_owned())
            }
            (None, None) => numbers(row).map(|number| number.to_string()),
        }
    }

    pub(crate) fn flags(self, name: &str) -> Option<&'a BooleanArray> {
        self.column(name, |t| *t == DataType::Boolean).map(AsArray::as_boolean)
    }

    /// Moments in milliseconds since 1970, UTC.
    pub(crate) fn times(self, name: &str) -> impl Fn(usize) -> Option<i64> + use<'a> {
        let column = self.column(name, |t| matches!(t, DataType::Timestamp(..) | DataType::Int64));
        let times = column.and_then(|column| column.as_primitive_opt::<TimestampMillisecondType>());
        let numbers = column.and_then(|column| column.as_primitive_opt::<Int64Type>());
        move |row| match (times, numbers) {
            (Some(times), _) => times.is_valid(row).then(|| times.value(row)),
            (None, Some(numbers)) => numbers.is_valid(row).then(|| numbers.value(row)),
            (None, None) => None,
        }
    }

    /// Numbers, whole or not.
    pub(crate) fn numbers(self, name: &str) -> impl Fn(usize) -> Option<f64> + use<'a> {
        let column = self.column(name, |t| matches!(t, DataType::Float64 | DataType::Int64));
        let floats = column.and_then(|column| column.as_primitive_opt::<Float64Type>());
        let whole = column.and_then(|column| column.as_primitive_opt::<Int64Type>());
        move |row| match (floats, whole) {
            (Some(floats), _) => floats.is_valid(row).then(|| floats.value(row)),
            #[expect(clippy::cast_precision_loss, reason = "columns of numbers that are measured, not ids")]
            (None, Some(whole)) => whole.is_valid(row).then(|| whole.value(row) as f64),
            (None, None) => None,
        }
    }

    /// Geometries.
    pub(crate) fn geometries(self) -> GeometryColumn<'a> {
        self.geometries_of("geometry")
    }

    /// Geometries of another column than the usual one.
    pub(crate) fn geometries_of(self, name: &str) -> GeometryColumn<'a> {
        GeometryColumn(self.column(name, |t| *t == DataType::Binary).map(AsArray::as_binary))
    }
}

/// A column of ids.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IdColumn<'a>(Option<&'a ArrayRef>);

impl IdColumn<'_> {
    pub(crate) fn get(self, row: usize) -> Option<Id> {
        let column = self.0.filter(|column| column.is_valid(row))?;
        match column.as_primitive_opt::<Int64Type>() {
            Some(numbers) => Some(Id::Number(numbers.value(row))),
            None => Some(Id::from(column.as_string::<i32>().value(row))),
        }
    }
}

/// A column of geometries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GeometryColumn<'a>(Option<&'a BinaryArray>);

impl GeometryColumn<'_> {
    pub(crate) fn get(self, row: usize) -> Option<Wkb> {
        let column = self.0.filter(|column| column.is_valid(row))?;
        Wkb::read(column.value(row))
    }

    /// The longitude and latitude of a point.
    pub(crate) fn point(self, row: usize) -> Option<[f64; 2]> {
        match self.get(row)? {
            Wkb::Point(at) if at.iter().all(|number| number.is_finite()) => Some(at),
            _ => None,
        }
    }
}
