//! How old the photos of a street are.

use mly::{Error, Result};

use super::age::Age;

/// How old the newest photos of a street are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Tier {
    /// New enough.
    Fresh,
    /// Not new any more.
    Aging,
    /// Too old.
    Stale,
    /// No photo with a date.
    None,
}

impl Tier {
    /// All of them, from the best to the worst.
    pub const ALL: [Self; 4] = [Self::Fresh, Self::Aging, Self::Stale, Self::None];

    /// How the column `tier` calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Aging => "aging",
            Self::Stale => "stale",
            Self::None => "none",
        }
    }
}

/// The moments that part the tiers, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TierLimits {
    /// From when on dates count; before it, cameras of today did not exist.
    first: i64,
    aging: i64,
    fresh: i64,
    /// Until when dates count.
    as_of: i64,
}

/// Photos with dates before 2004 have the date of a camera whose clock was not set.
pub(super) const FIRST_MS: i64 = 1_072_915_200_000;

impl TierLimits {
    /// # Errors
    /// [`Error::InvalidQuery`] when photos would be too old before they are not fresh any more.
    pub(super) fn new(as_of_ms: i64, fresh: Age, aging: Age) -> Result<Self> {
        let (fresh_ms, aging_ms) = (fresh.before(as_of_ms), aging.before(as_of_ms));
        if aging_ms > fresh_ms {
            return Err(Error::query(format!("fresh for {fresh} is longer than aging for {aging}"))
                .with_hint("the second age counts from the same moment, so it is the longer one"));
        }
        Ok(Self { first: FIRST_MS, aging: aging_ms, fresh: fresh_ms, as_of: as_of_ms })
    }

    /// A date that counts; `None` for one that cannot be right.
    pub(super) fn date(self, captured_at: Option<i64>) -> Option<i64> {
        captured_at.filter(|ms| (self.first..=self.as_of).contains(ms))
    }

    /// The tier of a date that counts.
    pub(super) fn tier(self, date: i64) -> Tier {
        if date >= self.fresh {
            Tier::Fresh
        } else if date >= self.aging {
            Tier::Aging
        } else {
            Tier::Stale
        }
    }
}
