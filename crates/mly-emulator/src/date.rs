//! Dates as the graph reads and writes them.
//!
//! Calendar arithmetic: <https://howardhinnant.github.io/date_algorithms.html>.

const DAY_S: i64 = 86_400;

/// ISO 8601 to milliseconds since 1970: `2022-08-16T16:42:46Z`, with or without a time, a fraction, a zone.
pub(crate) fn parse_ms(text: &str) -> Option<i64> {
    let (date, time) = match text.split_once(['T', ' ']) {
        Some((date, time)) => (date, time),
        None => (text, "00:00:00Z"),
    };
    let mut parts = date.splitn(3, '-');
    let (year, month, day) =
        (number(parts.next()?, 4)?, number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let (clock, offset_s) = split_zone(time)?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut parts = clock.split(':');
    let (hour, minute) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let second = parts.next().map_or(Some(0), |second| number(second, 2))?;
    let in_range = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
    if !in_range || hour > 23 || minute > 59 || second > 60 || parts.next().is_some() {
        return None;
    }
    let milliseconds = number(format!("{fraction:0<3}").get(..3)?, 3)?;
    let seconds = days_since_1970(year, month, day) * DAY_S + hour * 3600 + minute * 60 + second - offset_s;
    Some(seconds * 1000 + milliseconds)
}

/// `2017-08-23T21:32:26+0000`: the zone has no colon.
pub(crate) fn write(ms: i64) -> String {
    let seconds = ms.div_euclid(1000);
    let (year, month, day) = civil(seconds.div_euclid(DAY_S));
    let clock = seconds.rem_euclid(DAY_S);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}+0000", clock / 3600, clock / 60 % 60, clock % 60)
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
    let ahead_s = number(digits.get(..2)?, 2)? * 3600 + number(digits.get(2..)?, 2)? * 60;
    Some((clock, if zone.starts_with('-') { -ahead_s } else { ahead_s }))
}

/// Exactly `digits` digits.
fn number(text: &str, digits: usize) -> Option<i64> {
    (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

fn days_in(year: i64, month: i64) -> i64 {
    let (next_year, next_month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    days_since_1970(next_year, next_month, 1) - days_since_1970(year, month, 1)
}

fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted_month + 2) / 5 + 1)
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
