//! Single values for formats with columns of few types.

use std::ops::RangeInclusive;

use chrono::{DateTime, SecondsFormat};

use super::text::{Cells, UnknownGeometry};

/// What a column of such a format holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueKind {
    Int,
    Float,
    Bool,
    Text,
    /// A moment in UTC.
    Time,
    /// Lists, objects and further geometries.
    Json,
}

/// A value of a row.
#[derive(Debug, PartialEq)]
pub(super) enum Value<'a> {
    Int(i64),
    Float(f64),
    Bool(bool),
    Text(&'a str),
    /// Such as `2021-03-04T05:06:07.123Z`.
    Time(&'a str),
    Json(&'a str),
}

/// The moments whose year has four digits, in milliseconds since 1970.
pub(super) const MOMENTS: RangeInclusive<i64> = -62_167_219_200_000..=253_402_300_799_999;

/// Why a value cannot be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum ValueError {
    #[error(transparent)]
    Geometry(#[from] UnknownGeometry),
    #[error("{0} ms since 1970 is outside of the years 0 to 9999")]
    Moment(i64),
    #[error(transparent)]
    Text(#[from] std::str::Utf8Error),
}

impl ValueKind {
    pub(super) fn of(cells: &Cells<'_>) -> Self {
        match cells {
            Cells::Int(_) | Cells::IntText(_) => Self::Int,
            Cells::Float(_) => Self::Float,
            Cells::Bool(_) => Self::Bool,
            Cells::Text(_) => Self::Text,
            Cells::Time(_) | Cells::IsoTime(_) => Self::Time,
            Cells::Json(_) | Cells::Lists(_) | Cells::Geometry(_) => Self::Json,
        }
    }
}

impl<'a> Value<'a> {
    /// The value of a row, `None` where there is none; `text` holds what has to be made for it.
    ///
    /// # Errors
    /// When the value cannot be expressed.
    pub(super) fn of(
        cells: &'a Cells<'_>,
        row: usize,
        text: &'a mut Vec<u8>,
    ) -> Result<Option<Self>, ValueError> {
        if cells.is_null(row) {
            return Ok(None);
        }
        Ok(Some(match cells {
            Cells::Int(a) | Cells::IntText(a) => Self::Int(a.value(row)),
            Cells::Float(a) => Self::Float(a.value(row)),
            Cells::Bool(a) => Self::Bool(a.value(row)),
            Cells::Text(a) => Self::Text(a.value(row)),
            Cells::Json(a) => Self::Json(a.value(row)),
            Cells::Time(a) | Cells::IsoTime(a) => {
                text.clear();
                text.extend_from_slice(moment(a.value(row))?.as_bytes());
                Self::Time(std::str::from_utf8(text)?)
            }
            Cells::Lists(_) | Cells::Geometry(_) => {
                text.clear();
                cells.append_json(row, text)?;
                Self::Json(std::str::from_utf8(text)?)
            }
        }))
    }
}

/// A moment in milliseconds since 1970 as ISO 8601 with milliseconds.
///
/// # Errors
/// When its year needs more or less than four digits.
pub(super) fn moment(ms: i64) -> Result<String, ValueError> {
    let at = DateTime::from_timestamp_millis(ms).filter(|_| MOMENTS.contains(&ms));
    at.map(|at| at.to_rfc3339_opts(SecondsFormat::Millis, true)).ok_or(ValueError::Moment(ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_have_milliseconds_and_four_digits_for_the_year() {
        assert_eq!(moment(1_614_834_367_123).unwrap(), "2021-03-04T05:06:07.123Z");
        assert_eq!(moment(-1).unwrap(), "1969-12-31T23:59:59.999Z");
        assert_eq!(moment(253_402_300_799_999).unwrap(), "9999-12-31T23:59:59.999Z");
        assert_eq!(moment(-62_167_219_200_000).unwrap(), "0000-01-01T00:00:00.000Z");
        for out in [253_402_300_800_000, -62_167_219_200_001, i64::MAX, i64::MIN] {
            assert!(moment(out).is_err(), "{out}");
        }
    }
}
