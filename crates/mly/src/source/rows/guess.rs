//! Guesses the type of a column in a text format from all of its values.
//!
//! A guess must not change a value: a type is chosen only if each value of the column can be written back exactly.

use arrow_schema::Field;
use serde_json::Value;

use super::column::{is_json_text, moment_of, truth_of};
use super::shape::{self, GeometryKind};
use crate::crs::Crs;
use crate::table::{ColumnKind, field, kind_of};

/// Above this, some whole numbers cannot be represented as a 64-bit float.
const FLOAT_GAPS: u64 = 1 << 53;

/// The set of kinds of values seen in a column, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ValueKinds(u16);

impl ValueKinds {
    const BOOL: Self = Self(1);
    const INT: Self = Self(1 << 1);
    /// A whole number that a float may not hold.
    const BIG_INT: Self = Self(1 << 2);
    const FLOAT: Self = Self(1 << 3);
    /// A whole number in quotes.
    const INT_TEXT: Self = Self(1 << 4);
    const MOMENT_TEXT: Self = Self(1 << 5);
    const TEXT: Self = Self(1 << 6);
    /// A list of numbers, or of such lists.
    const NUMBERS: Self = Self(1 << 7);
    /// Any other list or object.
    const JSON: Self = Self(1 << 8);
    const POINT: Self = Self(1 << 9);
    const LINES: Self = Self(1 << 10);

    const INTS: Self = Self(Self::INT.0 | Self::BIG_INT.0);
    const NUMBER: Self = Self(Self::INT.0 | Self::FLOAT.0);
    const TEXTS: Self = Self(Self::TEXT.0 | Self::INT_TEXT.0 | Self::MOMENT_TEXT.0);
    const JSONS: Self = Self(Self::JSON.0 | Self::NUMBERS.0);

    pub(super) fn is_empty(self) -> bool {
        self == Self::default()
    }

    pub(super) fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    fn is_among(self, others: Self) -> bool {
        self.0 & !others.0 == 0
    }

    /// The kind of a JSON value; the empty set for null.
    pub(super) fn of_json(value: &Value) -> Self {
        match value {
            Value::Null => Self::default(),
            Value::Bool(_) => Self::BOOL,
            Value::Number(number) => match number.as_i64() {
                Some(int) => Self::of_int(int),
                None if number.is_f64() => Self::FLOAT,
                // More than 63 bits.
                None => Self::JSON,
            },
            Value::String(text) if is_int(text) => Self::INT_TEXT,
            Value::String(text) if moment_of(text).is_some() => Self::MOMENT_TEXT,
            Value::String(_) => Self::TEXT,
            Value::Array(list) if list.iter().all(is_numbers) => Self::NUMBERS,
            Value::Object(_) => match shape::of_json(value) {
                Ok(Some(shape)) => match shape::placed(shape, Crs::Degrees) {
                    Ok(shape) => Self::of_shape(GeometryKind::of_shape(&shape)),
                    Err(_) => Self::JSON,
                },
                _ => Self::JSON,
            },
            Value::Array(_) => Self::JSON,
        }
    }

    /// The kind of a field of a table; the empty set if the field is empty.
    pub(super) fn of_field(text: &str) -> Self {
        let begins_like_float = || {
            let digits = text.strip_prefix('-').unwrap_or(text);
            let is_padded = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
            digits.starts_with(|c: char| c.is_ascii_digit()) && !is_padded
        };
        let is_finite = || text.parse::<f64>().is_ok_and(f64::is_finite);
        match text.bytes().next() {
            None => Self::default(),
            Some(b'[') if serde_json::from_str(text).is_ok_and(|v: Value| is_numbers(&v)) => Self::NUMBERS,
            Some(b'[' | b'{') if is_json_text(text) => Self::JSON,
            _ if is_int(text) => text.parse().map_or(Self::TEXT, Self::of_int),
            _ if begins_like_float() && is_finite() => Self::FLOAT,
            _ if truth_of(text).is_some() => Self::BOOL,
            _ if moment_of(text).is_some() => Self::MOMENT_TEXT,
            _ => Self::TEXT,
        }
    }

    fn of_int(value: i64) -> Self {
        if value.unsigned_abs() > FLOAT_GAPS { Self::BIG_INT } else { Self::INT }
    }

    pub(super) fn of_shape(kind: GeometryKind) -> Self {
        match kind {
            GeometryKind::Point => Self::POINT,
            GeometryKind::Lines => Self::LINES,
        }
    }

    /// Whether all values are text; `None` when there are none.
    pub(super) fn is_text(self) -> Option<bool> {
        (!self.is_empty()).then(|| self.is_among(Self::TEXTS))
    }

    /// The kind of the geometries if it is the same for all.
    pub(super) fn shape(self) -> Option<GeometryKind> {
        match self {
            Self::POINT => Some(GeometryKind::Point),
            Self::LINES => Some(GeometryKind::Lines),
            _ => None,
        }
    }

    /// Whether a column can hold all of these values, from JSON or from a table.
    pub(super) fn fits(self, field: &Field, is_table: bool) -> bool {
        self.is_among(match kind_of(field) {
            Some(ColumnKind::Int | ColumnKind::Id) => Self(Self::INTS.0 | Self::INT_TEXT.0),
            Some(ColumnKind::Float) => Self::NUMBER,
            Some(ColumnKind::Bool) => Self::BOOL,
            Some(ColumnKind::Json) => Self(u16::MAX),
            Some(ColumnKind::Text) if is_table => Self(u16::MAX),
            Some(ColumnKind::Text) => Self::TEXTS,
            Some(ColumnKind::Time) => Self(Self::INTS.0 | Self::MOMENT_TEXT.0),
            Some(ColumnKind::Point) => Self::POINT,
            Some(ColumnKind::Lines) => Self::LINES,
            Some(ColumnKind::Floats | ColumnKind::Rings) => Self::NUMBERS,
            None => Self::default(),
        })
    }

    /// The field of a column that holds all of these values. The set must not be empty.
    pub(super) fn field(self, name: &str, is_table: bool, nullable: bool) -> Field {
        let kind = match self {
            seen if seen.is_among(Self::BOOL) => ColumnKind::Bool,
            seen if seen.is_among(Self::INTS) => ColumnKind::Int,
            seen if seen.is_among(Self::NUMBER) => ColumnKind::Float,
            seen if seen.is_among(Self::TEXTS) => ColumnKind::Text,
            seen if !is_table || seen.is_among(Self::JSONS) => ColumnKind::Json,
            _ => ColumnKind::Text,
        };
        field(name, kind, nullable)
    }
}

/// Whether a text is a 64-bit whole number in its usual form, without leading zeros or a plus sign.
fn is_int(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_usual = !digits.starts_with('0') || text == "0";
    is_usual
        && !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit())
        && text.parse::<i64>().is_ok()
}

fn is_numbers(value: &Value) -> bool {
    match value {
        Value::Number(_) | Value::Null => true,
        Value::Array(list) => list.iter().all(is_numbers),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use arrow_schema::DataType;

    use super::*;

    fn kind(fields: &[&str]) -> DataType {
        let mut seen = ValueKinds::default();
        for field in fields {
            seen.add(ValueKinds::of_field(field));
        }
        let found = seen.field("x", true, true);
        assert_eq!(
            kind_of(&found) == Some(ColumnKind::Json),
            fields.iter().all(|f| f.starts_with(['[', '{'])),
            "{fields:?}"
        );
        found.data_type().clone()
    }

    #[test]
    fn fields_of_tables_are_what_they_look_like() {
        for (fields, want) in [
            (&["1", "-2", "9007199254740993"][..], DataType::Int64),
            (&["1", "2.5", "-1e-7"], DataType::Float64),
            (&["2.5", "9007199254740993"], DataType::Utf8),
            (&["true", "False", ""], DataType::Boolean),
            (&["1", "true"], DataType::Utf8),
            (&["007"], DataType::Utf8),
            (&["-0"], DataType::Float64),
            (&["+1"], DataType::Utf8),
            (&["inf"], DataType::Utf8),
            (&["nan"], DataType::Utf8),
            (&["0.5", "0"], DataType::Float64),
            (&["9223372036854775808"], DataType::Float64),
            (&["2021-03-04T05:06:07Z"], DataType::Utf8),
            (&["[1,2]", "{\"a\":1}"], DataType::Utf8),
        ] {
            assert_eq!(kind(fields), want, "{fields:?}");
        }
    }
}
