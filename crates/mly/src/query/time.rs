//! Dates as users write them.

use std::fmt;
use std::time::SystemTime;

use chrono::{DateTime, FixedOffset, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

use crate::error::{Error, Result};

const HINT: &str =
    "write 2021, 2021-03, 2021-03-04, 2021-03-04T05:06:07Z, today, yesterday, or 30d, 6w, 6m, 2y (ago)";

/// A closed interval of time in milliseconds since 1970, UTC; an open end is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TimeRange {
    /// First millisecond inside.
    pub(crate) since_ms: Option<i64>,
    /// Last millisecond inside.
    pub(crate) until_ms: Option<i64>,
}

impl TimeRange {
    /// Whether every moment is inside.
    pub(crate) fn is_unbounded(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a moment lies inside; an unknown moment is inside only when nothing is asked.
    pub(crate) fn contains(&self, moment_ms: Option<i64>) -> bool {
        match moment_ms {
            None => self.is_unbounded(),
            Some(ms) => self.since_ms.is_none_or(|s| s <= ms) && self.until_ms.is_none_or(|u| ms <= u),
        }
    }

    pub(super) fn check(&self, name: &str) -> Result<()> {
        match (self.since_ms, self.until_ms) {
            (Some(since), Some(until)) if since > until => {
                Err(Error::query(format!("{name}: the range ends before it begins"))
                    .with_hint("the earlier date goes into `since`, the later one into `until`"))
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Display for TimeRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |ms: Option<i64>| {
            ms.and_then(DateTime::from_timestamp_millis)
                .map_or_else(String::new, |t| t.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
        };
        write!(f, "{}..{}", text(self.since_ms), text(self.until_ms))
    }
}

/// First millisecond a date means: `2021` is the beginning of that year, `30d` is 30 times 24 hours ago.
///
/// Relative dates are resolved at once: `6m` and `2y` mean the same day of the calendar so many months or years ago, or the
/// last day of a month that is shorter; `today` and `yesterday` are days in UTC.
///
/// # Errors
/// [`Error::InvalidQuery`] when the text is no date.
pub fn earliest_ms(text: &str) -> Result<i64> {
    Ok(parse(text)?.0)
}

/// Last millisecond a date means: `2021` is the end of that year, `yesterday` the end of that day in UTC.
///
/// # Errors
/// [`Error::InvalidQuery`] when the text is no date.
pub fn latest_ms(text: &str) -> Result<i64> {
    Ok(parse(text)?.1)
}

/// The first and the last millisecond that a date names.
pub(super) fn parse(text: &str) -> Result<(i64, i64)> {
    let text = text.trim();
    day_or_longer(text)
        .or_else(|| milliseconds(text).map(|ms| (ms, ms)))
        .or_else(|| relative(text, DateTime::from(SystemTime::now())))
        .or_else(|| moment(text))
        .ok_or_else(|| Error::query(format!("`{text}` is not a date")).with_hint(HINT))
}

/// Whether a date counts back from now, so that it means another moment later on.
pub(super) fn is_relative(text: &str) -> bool {
    day_or_longer(text).is_none() && relative(text, DateTime::UNIX_EPOCH).is_some()
}

/// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`: a span of whole days in UTC.
fn day_or_longer(text: &str) -> Option<(i64, i64)> {
    let lengths = text.split('-').map(str::len).collect::<Vec<_>>();
    if !text.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
        return None;
    }
    let (first, last) = match lengths.as_slice() {
        [4] => {
            let first = date(&format!("{text}-01-01"))?;
            (first, first.checked_add_months(Months::new(12))?.pred_opt()?)
        }
        [4, 2] => {
            let first = date(&format!("{text}-01"))?;
            (first, first.checked_add_months(Months::new(1))?.pred_opt()?)
        }
        [4, 2, 2] => (date(text)?, date(text)?),
        _ => return None,
    };
    let begin = first.and_time(NaiveTime::MIN).and_utc().timestamp_millis();
    let end = last.succ_opt()?.and_time(NaiveTime::MIN).and_utc().timestamp_millis() - 1;
    Some((begin, end))
}

/// Thirteen digits: milliseconds since 1970, as the service writes times.
fn milliseconds(text: &str) -> Option<i64> {
    let is_time = text.len() == 13 && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| is_time)
}

/// `today`, `yesterday`, or a number of days, weeks, months or years before now.
fn relative(text: &str, now: DateTime<Utc>) -> Option<(i64, i64)> {
    let day = |date: NaiveDate| day_or_longer(&date.format("%Y-%m-%d").to_string());
    match text {
        "today" => return day(now.date_naive()),
        "yesterday" => return day(now.date_naive().pred_opt()?),
        _ => {}
    }
    let unit = text.chars().next_back()?;
    let digits = text.strip_suffix(unit)?;
    // `parse` would also accept a plus sign.
    let count: u32 = digits.parse().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()))?;
    let then = match unit {
        'd' => now.checked_sub_signed(TimeDelta::try_days(count.into())?),
        'w' => now.checked_sub_signed(TimeDelta::try_weeks(count.into())?),
        'm' => now.checked_sub_months(Months::new(count)),
        'y' => now.checked_sub_months(Months::new(count.checked_mul(12)?)),
        _ => None,
    };
    then.map(|then| (then.timestamp_millis(), then.timestamp_millis()))
}

fn date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}

/// `YYYY-MM-DDThh:mm:ss[.fff][Z|+hh:mm]`: one second, or one millisecond when a fraction is given.
fn moment(text: &str) -> Option<(i64, i64)> {
    let (clock, offset_s) = split_zone(text)?;
    let clock = clock.replacen(' ', "T", 1);
    let time = NaiveDateTime::parse_from_str(&clock, "%Y-%m-%dT%H:%M:%S%.f")
        .or_else(|_| NaiveDateTime::parse_from_str(&clock, "%Y-%m-%dT%H:%M"))
        .ok()?;
    let begin = time.checked_sub_signed(TimeDelta::seconds(offset_s))?.and_utc().timestamp_millis();
    let span_ms = match clock.split(':').count() {
        2 => 60_000,
        _ if clock.contains('.') => 1,
        _ => 1000,
    };
    Some((begin, begin + span_ms - 1))
}

/// Cuts the zone off and gives its offset east of UTC in seconds; no zone is UTC.
fn split_zone(text: &str) -> Option<(&str, i64)> {
    if let Some(clock) = text.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let time_at = text.find(['T', ' '])?;
    let Some(zone_at) = text.get(time_at..)?.find(['+', '-']).map(|at| at + time_at) else {
        return Some((text, 0));
    };
    let (clock, zone) = text.split_at_checked(zone_at)?;
    let offset: FixedOffset = zone.parse().ok()?;
    Some((clock, i64::from(offset.local_minus_utc())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_means_its_whole_span() {
        for (text, begin, end) in [
            ("2021", 1_609_459_200_000, 1_640_995_199_999),
            ("2021-03", 1_614_556_800_000, 1_617_235_199_999),
            ("2020-02", 1_580_515_200_000, 1_583_020_799_999),
            ("2021-03-04", 1_614_816_000_000, 1_614_902_399_999),
            ("2021-03-04T05:06:07", 1_614_834_367_000, 1_614_834_367_999),
            ("2021-03-04 05:06:07", 1_614_834_367_000, 1_614_834_367_999),
            ("2021-03-04T05:06:07Z", 1_614_834_367_000, 1_614_834_367_999),
            ("2021-03-04T05:06:07.125", 1_614_834_367_125, 1_614_834_367_125),
            ("2021-03-04T05:06:07.125Z", 1_614_834_367_125, 1_614_834_367_125),
            ("2021-03-04T05:06:07+02:00", 1_614_827_167_000, 1_614_827_167_999),
            ("2021-03-04 05:06:07.5-01:30", 1_614_839_767_500, 1_614_839_767_500),
            ("1970-01-01", 0, 86_399_999),
        ] {
            assert_eq!((earliest_ms(text).unwrap(), latest_ms(text).unwrap()), (begin, end), "{text}");
        }
    }

    #[test]
    fn relative_dates_count_back_from_now() {
        let at = |text: &str| moment(text).unwrap().0;
        let now = |text: &str| DateTime::from_timestamp_millis(at(text)).unwrap();
        let leap_day = now("2024-02-29T12:30:45.125");
        for (text, then) in [
            ("30d", "2024-01-30T12:30:45.125"),
            ("0d", "2024-02-29T12:30:45.125"),
            ("6w", "2024-01-18T12:30:45.125"),
            ("6m", "2023-08-29T12:30:45.125"),
            ("2y", "2022-02-28T12:30:45.125"),
            ("4y", "2020-02-29T12:30:45.125"),
        ] {
            assert_eq!(relative(text, leap_day), Some((at(then), at(then))), "{text}");
        }
        assert_eq!(relative("1m", now("2023-03-31T00:00:00.0")).unwrap().0, at("2023-02-28T00:00:00.0"));
        assert_eq!(relative("today", leap_day), day_or_longer("2024-02-29"));
        assert_eq!(relative("yesterday", now("2024-03-01T00:00:00.0")), day_or_longer("2024-02-29"));
        assert_eq!(
            (earliest_ms("1614834367125").unwrap(), latest_ms("1614834367125").unwrap()),
            (1_614_834_367_125, 1_614_834_367_125)
        );
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for bad in [
            "",
            "tomorrow",
            "d",
            "-3d",
            "+3d",
            "3 d",
            "30h",
            "9999999999y",
            "4000000000w",
            "160000000000",
            "21",
            "2021-13",
            "2021-02-30",
            "2021-3-4",
            "2021-03-04T25:00:00",
            "20210304",
            "2021-03-04T05:06:07+99:00",
            "2021-03-04T",
            "2021-03-",
            "-2021",
            "٢٠٢١",
            "2021-03-04T05:06:07é",
        ] {
            assert!(earliest_ms(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_range_is_closed_and_an_unknown_moment_is_outside_of_it() {
        let range = TimeRange { since_ms: Some(5), until_ms: Some(7) };
        let inside: Vec<_> = (3..10).filter(|&ms| range.contains(Some(ms))).collect();
        assert_eq!(inside, [5, 6, 7]);
        assert!(!range.contains(None) && TimeRange::default().contains(None));
    }
}
