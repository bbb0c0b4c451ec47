//! Ages of photos.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Months, TimeDelta};
use mly::Error;

/// A length of time by the calendar, such as `2y`.
///
/// ```
/// use mly_jobs::Age;
///
/// assert_eq!("18m".parse::<Age>()?.to_string(), "18m");
/// assert!("2 years".parse::<Age>().is_err());
/// # Ok::<(), mly::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Age {
    count: u32,
    unit: AgeUnit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AgeUnit {
    Days,
    Weeks,
    Months,
    Years,
}

impl Age {
    /// So many years of the calendar.
    pub const fn years(count: u32) -> Self {
        Self { count, unit: AgeUnit::Years }
    }

    /// The moment that is so long before another one, in milliseconds since 1970. Months and years end on the same day of
    /// the calendar, or on the last day of a month that is shorter.
    pub(crate) fn before(self, moment_ms: i64) -> i64 {
        let moment = DateTime::from_timestamp_millis(moment_ms);
        let then = moment.and_then(|moment| match self.unit {
            AgeUnit::Days => moment.checked_sub_signed(TimeDelta::try_days(self.count.into())?),
            AgeUnit::Weeks => moment.checked_sub_signed(TimeDelta::try_weeks(self.count.into())?),
            AgeUnit::Months => moment.checked_sub_months(Months::new(self.count)),
            AgeUnit::Years => moment.checked_sub_months(Months::new(self.count.checked_mul(12)?)),
        });
        then.map_or(i64::MIN, |then| then.timestamp_millis())
    }
}

impl FromStr for Age {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let refused = || {
            Error::query(format!("`{}` is not an age", text.escape_debug()))
                .with_hint("give a number of days, weeks, months or years: 90d, 6w, 18m, 2y")
        };
        let (unit, letter) = match text.chars().next_back() {
            Some('d') => (AgeUnit::Days, 'd'),
            Some('w') => (AgeUnit::Weeks, 'w'),
            Some('m') => (AgeUnit::Months, 'm'),
            Some('y') => (AgeUnit::Years, 'y'),
            _ => return Err(refused()),
        };
        let digits = text.strip_suffix(letter).unwrap_or_default();
        // `parse` would also accept a plus sign.
        let is_number = digits.bytes().all(|b| b.is_ascii_digit());
        let count = digits.parse().ok().filter(|_| is_number).ok_or_else(refused)?;
        Ok(Self { count, unit })
    }
}

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = match self.unit {
            AgeUnit::Days => 'd',
            AgeUnit::Weeks => 'w',
            AgeUnit::Months => 'm',
            AgeUnit::Years => 'y',
        };
        write!(f, "{}{letter}", self.count)
    }
}
