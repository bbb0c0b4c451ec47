//! Values in other forms than the usual one. The documentation of the service and its bytes have disagreed on types, so
//! a value is taken in every form that leaves no doubt about it.

use chrono::DateTime;

/// The largest number up to which every whole number has a float of its own: 2^53.
const LARGEST_WHOLE: f64 = 9_007_199_254_740_992.0;

/// A float that is a whole number.
pub(super) fn whole(number: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small")]
    let whole = |n: f64| n as i64;
    (number.fract() == 0.0 && number.abs() <= LARGEST_WHOLE).then(|| whole(number))
}

/// Milliseconds of a date such as `2017-08-23T21:32:26+0000`.
pub(super) fn date_ms(text: &str) -> Option<i64> {
    let date = DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z");
    let date = date.or_else(|_| DateTime::parse_from_rfc3339(text));
    date.map(|date| date.timestamp_millis()).ok()
}

/// A number as text.
pub(super) fn float(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// A truth value as a number.
pub(super) fn flag_of_number(number: f64) -> Option<bool> {
    match number {
        0.0 => Some(false),
        1.0 => Some(true),
        _ => None,
    }
}

/// A truth value as text.
pub(super) fn flag_of_text(text: &str) -> Option<bool> {
    match text {
        "false" | "0" => Some(false),
        "true" | "1" => Some(true),
        _ => None,
    }
}
