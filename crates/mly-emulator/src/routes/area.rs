//! Parameters that several endpoints share.

use crate::{answer::ApiError, date, request::Request};

/// The area that boxes must stay below.
const MOST_SQUARE_DEGREES: f64 = 0.01;
/// The most rows of an answer, and the default of `limit`.
const MOST_ROWS: usize = 2000;

/// `bbox=left,bottom,right,top`, checked.
pub(super) fn bbox(request: &Request) -> Result<Option<[f64; 4]>, ApiError> {
    let Some(text) = request.parameter("bbox") else { return Ok(None) };
    let parts: Result<Vec<f64>, _> = text.split(',').map(|part| part.trim().parse()).collect();
    let Ok(&[left, bottom, right, top]) = parts.as_deref() else {
        return Err(ApiError::invalid("The parameter bbox must be left,bottom,right,top"));
    };
    let in_range = [left, right].iter().all(|lon| lon.abs() <= 180.0)
        && [bottom, top].iter().all(|lat| lat.abs() <= 90.0);
    if !in_range || left > right || bottom > top {
        return Err(ApiError::invalid("The parameter bbox must be left,bottom,right,top in degrees"));
    }
    if (right - left) * (top - bottom) >= MOST_SQUARE_DEGREES {
        return Err(ApiError::invalid("Bbox area must be less than 0.01 square degrees"));
    }
    Ok(Some([left, bottom, right, top]))
}

pub(super) fn limit(request: &Request) -> Result<usize, ApiError> {
    let Some(text) = request.parameter("limit") else { return Ok(MOST_ROWS) };
    let limit = text.parse().ok().filter(|limit| (1..=MOST_ROWS).contains(limit));
    limit.ok_or_else(|| ApiError::invalid(format!("The parameter limit must be between 1 and {MOST_ROWS}")))
}

pub(super) fn number(request: &Request, name: &str) -> Result<Option<f64>, ApiError> {
    let number = |text: &str| text.parse().ok().filter(|number: &f64| number.is_finite());
    parsed(request, name, "a number", number)
}

pub(super) fn id(request: &Request, name: &str) -> Result<Option<u64>, ApiError> {
    parsed(request, name, "an id", |text| text.parse().ok())
}

pub(super) fn boolean(request: &Request, name: &str) -> Result<Option<bool>, ApiError> {
    parsed(request, name, "true or false", |text| match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    })
}

/// A span of time between two parameters, both included.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimeSpan {
    start_ms: Option<i64>,
    end_ms: Option<i64>,
}

impl TimeSpan {
    pub(super) fn of(request: &Request, start: &str, end: &str) -> Result<Self, ApiError> {
        let moment = |name| parsed(request, name, "an ISO 8601 date", date::parse_ms);
        Ok(Self { start_ms: moment(start)?, end_ms: moment(end)? })
    }

    pub(super) fn contains(self, ms: i64) -> bool {
        self.start_ms.is_none_or(|start| start <= ms) && self.end_ms.is_none_or(|end| ms <= end)
    }
}

fn parsed<T>(
    request: &Request,
    name: &str,
    expected: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, ApiError> {
    let Some(text) = request.parameter(name) else { return Ok(None) };
    let value =
        parse(text).ok_or_else(|| ApiError::invalid(format!("The parameter {name} must be {expected}")))?;
    Ok(Some(value))
}
