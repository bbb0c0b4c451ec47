//! Dates as the graph reads and writes them.

use chrono::{DateTime, NaiveDate};

pub(crate) const DAY_MS: i64 = 86_400_000;

/// ISO 8601 to milliseconds since 1970: `2022-08-16T16:42:46Z`, with or without a time, a fraction, a zone.
///
/// The text is split here, since the forms that clients send are more than one format string can describe: the zone with
/// or without a colon, and with its plus sign lost on the way.
pub(crate) fn parse_ms(text: &str) -> Option<i64> {
    let (date, time) = match text.split_once(['T', ' ']) {
        Some((date, time)) => (date, time),
        None => (text, "00:00:00Z"),
    };
    let mut parts = date.splitn(3, '-');
    let year = number(parts.next()?, 4)?.try_into().ok()?;
    let (month, day) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let midnight = NaiveDate::from_ymd_opt(year, month, day)?.and_hms_opt(0, 0, 0)?.and_utc();
    let (clock, offset_s) = split_zone(time)?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut parts = clock.split(':');
    let (hour, minute) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let second = parts.next().map_or(Some(0), |second| number(second, 2))?;
    // Second 60 is a leap second.
    if hour > 23 || minute > 59 || second > 60 || parts.next().is_some() {
        return None;
    }
    let milliseconds = number(format!("{fraction:0<3}").get(..3)?, 3)?;
    let seconds = i64::from(hour * 3600 + minute * 60 + second) - offset_s;
    Some(midnight.timestamp_millis() + seconds * 1000 + i64::from(milliseconds))
}

/// `2017-08-23T21:32:26+0000`: the zone has no colon.
pub(crate) fn write(ms: i64) -> String {
    // Moments that chrono cannot hold are 262,000 years away.
    DateTime::from_timestamp_millis(ms).unwrap_or_default().format("%Y-%m-%dT%H:%M:%S%z").to_string()
}

/// The clock and the seconds that its zone is ahead of UTC.
fn split_zone(time: &str) -> Option<(&str, i64)> {
    if let Some(clock) = time.strip_suffix('Z') {
        return Some((clock, 0));
    }
    // A plus sign that was not escaped in the query arrives as a space.
    let Some(place) = time.find(['+', '-', ' ']) else { return Some((time, 0)) };
    let (clock, zone) = time.split_at(place);
    let digits = zone.get(1..)?.replace(':', "");
    let ahead_s = i64::from(number(digits.get(..2)?, 2)? * 3600 + number(digits.get(2..)?, 2)? * 60);
    Some((clock, if zone.starts_with('-') { -ahead_s } else { ahead_s }))
}

/// Exactly `digits` digits.
fn number(text: &str, digits: usize) -> Option<u32> {
    (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_the_forms_that_clients_send() {
        let cases = [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2022-08-16T16:42:46Z", Some(1_660_668_166_000)),
            ("2022-08-16T16:42:46.5Z", Some(1_660_668_166_500)),
            ("2022-08-16T18:42:46+02:00", Some(1_660_668_166_000)),
            ("2022-08-16T18:42:46 0200", Some(1_660_668_166_000)),
            ("2022-08-16T16:42", Some(1_660_668_120_000)),
            ("2024-02-29", Some(1_709_164_800_000)),
            ("2023-02-29", None),
            ("2022-13-01", None),
            ("yesterday", None),
            ("2022", None),
        ];
        for (text, ms) in cases {
            assert_eq!(parse_ms(text), ms, "{text}");
        }
    }

    #[test]
    fn dates_are_written_without_a_colon_in_the_zone() {
        assert_eq!(write(1_503_523_946_000), "2017-08-23T21:32:26+0000");
        assert_eq!(write(0), "1970-01-01T00:00:00+0000");
    }
}
