//! A column of ids of Arrow, which programs write in several types.

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, UInt64Type};
use arrow_array::{Array, ArrayRef, Int64Array, LargeStringArray, StringArray, StringViewArray, UInt64Array};
use arrow_schema::DataType;

/// A column by what it holds.
pub(super) enum IdsColumn<'a> {
    Int(&'a Int64Array),
    Unsigned(&'a UInt64Array),
    Text(&'a StringArray),
    LargeText(&'a LargeStringArray),
    TextView(&'a StringViewArray),
}

impl<'a> IdsColumn<'a> {
    /// Whether a column of this type can be one of ids.
    pub(super) fn is_type(of: &DataType) -> bool {
        matches!(
            of,
            DataType::Int64 | DataType::UInt64 | DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View
        )
    }

    /// `None` for a column of any other type.
    pub(super) fn of(array: &'a ArrayRef) -> Option<Self> {
        Some(match array.data_type() {
            DataType::Int64 => Self::Int(array.as_primitive::<Int64Type>()),
            DataType::UInt64 => Self::Unsigned(array.as_primitive::<UInt64Type>()),
            DataType::Utf8 => Self::Text(array.as_string()),
            DataType::LargeUtf8 => Self::LargeText(array.as_string()),
            DataType::Utf8View => Self::TextView(array.as_string_view()),
            _ => return None,
        })
    }

    /// The id of a row, if it has one.
    pub(super) fn text(&self, row: usize) -> Option<String> {
        let array: &dyn Array = match self {
            Self::Int(a) => *a,
            Self::Unsigned(a) => *a,
            Self::Text(a) => *a,
            Self::LargeText(a) => *a,
            Self::TextView(a) => *a,
        };
        array.is_valid(row).then(|| match self {
            Self::Int(a) => a.value(row).to_string(),
            Self::Unsigned(a) => a.value(row).to_string(),
            Self::Text(a) => a.value(row).to_owned(),
            Self::LargeText(a) => a.value(row).to_owned(),
            Self::TextView(a) => a.value(row).to_owned(),
        })
    }
}
