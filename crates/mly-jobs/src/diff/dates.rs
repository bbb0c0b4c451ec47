//! Which dates can be true.

/// A day in milliseconds.
pub(super) const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// 2004-01-01: no street-level photo of the service is older, but clocks that were never set begin before.
const FIRST_MS: i64 = 1_072_915_200_000;

/// The dates that count. Any other is the work of a wrong clock, and means that the date is not known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dates {
    /// The last millisecond, if there is a limit.
    last_ms: Option<i64>,
}

impl Dates {
    /// Dates up to this millisecond.
    pub(super) fn until(last_ms: Option<i64>) -> Self {
        Self { last_ms }
    }

    /// The last millisecond, if there is a limit.
    pub(super) fn last_ms(self) -> Option<i64> {
        self.last_ms
    }

    /// The date, if it can be true.
    pub(super) fn known(self, ms: Option<i64>) -> Option<i64> {
        ms.filter(|ms| *ms >= FIRST_MS && self.last_ms.is_none_or(|last| *ms <= last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_before_2004_and_after_the_end_are_not_known() {
        let dates = Dates::until(Some(1_700_000_000_000));
        for (ms, is_known) in [
            (0, false),
            (FIRST_MS - 1, false),
            (FIRST_MS, true),
            (1_700_000_000_000, true),
            (1_700_000_000_001, false),
        ] {
            assert_eq!(dates.known(Some(ms)).is_some(), is_known, "{ms}");
        }
        assert_eq!(dates.known(None), None);
        assert_eq!(Dates::until(None).known(Some(i64::MAX)), Some(i64::MAX));
    }
}
