//! Columns of lists of numbers, as nested JSON lists.

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, FixedSizeListArray, Float64Array, ListArray};
use arrow_schema::DataType;

use super::json::append_list;
use super::text::append_float;

/// A column of numbers, of lists of numbers, of lists of those, and so on.
pub(super) enum Numbers<'a> {
    /// Numbers themselves.
    Plain(&'a Float64Array),
    /// Lists of any length.
    Lists(&'a ListArray, Box<Self>),
    /// Lists of one length.
    Tuples(&'a FixedSizeListArray, Box<Self>),
}

impl<'a> Numbers<'a> {
    /// `None` for a column of anything else.
    pub(super) fn new(array: &'a dyn Array) -> Option<Self> {
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

    pub(super) fn array(&self) -> &dyn Array {
        match self {
            Self::Plain(a) => *a,
            Self::Lists(a, _) => *a,
            Self::Tuples(a, _) => *a,
        }
    }

    /// Appends the value at an index; what is missing or not finite is `null`, since JSON has no word for it.
    pub(super) fn append(&self, at: usize, out: &mut Vec<u8>) {
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
