//! Parameters that several endpoints share.

use crate::{
    answer::ApiError,
    answers::{Answers, BadDate, BboxOrder, BboxRule, BboxTooLarge, LimitOver2000},
    date,
    request::Request,
};

/// The area that boxes must stay below.
const MOST_SQUARE_DEGREES: f64 = 0.01;
/// The side that boxes must stay below by the other reading of the documentation.
const MOST_SIDE_DEGREES: f64 = 0.01;
/// The most rows of an answer, and the default of `limit`.
const MOST_ROWS: usize = 2000;

/// Where to search.
#[derive(Clone, Copy, Debug)]
pub(super) enum SearchArea {
    /// Left, bottom, right, top.
    Box([f64; 4]),
    /// The answer has no rows.
    Nowhere,
}

/// `bbox=left,bottom,right,top`, checked.
pub(super) fn bbox(request: &Request, answers: &Answers) -> Result<Option<SearchArea>, ApiError> {
    let Some(text) = request.parameter("bbox") else { return Ok(None) };
    let parts: Result<Vec<f64>, _> = text.split(',').map(|part| part.trim().parse()).collect();
    let Ok(&[mut left, bottom, mut right, top]) = parts.as_deref() else {
        return Err(ApiError::invalid("The parameter bbox must be left,bottom,right,top"));
    };
    let wrong = || ApiError::invalid("The parameter bbox must be left,bottom,right,top in degrees");
    let in_range = [left, right].iter().all(|lon| lon.abs() <= 180.0)
        && [bottom, top].iter().all(|lat| lat.abs() <= 90.0);
    if !in_range || bottom > top {
        return Err(wrong());
    }
    if left > right {
        match answers.bbox_order {
            BboxOrder::Refused => return Err(wrong()),
            BboxOrder::Swapped => (left, right) = (right, left),
            BboxOrder::Empty => return Ok(Some(SearchArea::Nowhere)),
        }
    }
    let (width, height) = (right - left, top - bottom);
    let too_large = match answers.bbox_rule {
        BboxRule::Area if width * height >= MOST_SQUARE_DEGREES => {
            "Bbox area must be less than 0.01 square degrees"
        }
        BboxRule::Side if width.max(height) >= MOST_SIDE_DEGREES => {
            "Bbox sides must be less than 0.01 degrees"
        }
        _ => return Ok(Some(SearchArea::Box([left, bottom, right, top]))),
    };
    match answers.bbox_too_large {
        BboxTooLarge::Refused => Err(ApiError::invalid(too_large)),
        BboxTooLarge::TooMuchData => Err(ApiError::too_much_data()),
        BboxTooLarge::Empty => Ok(Some(SearchArea::Nowhere)),
    }
}

pub(super) fn limit(request: &Request, answers: &Answers) -> Result<usize, ApiError> {
    let Some(text) = request.parameter("limit") else { return Ok(MOST_ROWS) };
    let refused = || ApiError::invalid(format!("The parameter limit must be between 1 and {MOST_ROWS}"));
    match text.parse() {
        Ok(limit) if (1..=MOST_ROWS).contains(&limit) => Ok(limit),
        Ok(1..) if answers.limit_over_2000 == LimitOver2000::Capped => Ok(MOST_ROWS),
        _ => Err(refused()),
    }
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
    pub(super) fn of(request: &Request, start: &str, end: &str, answers: &Answers) -> Result<Self, ApiError> {
        let moment = |name| parsed(request, name, "an ISO 8601 date", date::parse_ms);
        let never = Self { start_ms: Some(i64::MAX), end_ms: Some(i64::MIN) };
        match (moment(start), moment(end), answers.bad_date) {
            (Ok(start_ms), Ok(end_ms), _) => Ok(Self { start_ms, end_ms }),
            (Err(wrong), _, BadDate::Refused) | (_, Err(wrong), BadDate::Refused) => Err(wrong),
            (start, end, BadDate::Ignored) => {
                Ok(Self { start_ms: start.unwrap_or_default(), end_ms: end.unwrap_or_default() })
            }
            (_, _, BadDate::Empty) => Ok(never),
        }
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
