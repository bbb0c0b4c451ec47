//! How long a plan takes at a pace.

use std::fmt;
use std::time::Duration;

use super::cost::{Cost, grouped};
use crate::api::limits::{AT_ONCE, FEWEST_TILES_BLOCKED, PACED_TILES_PER_DAY, PACED_TILES_PER_MINUTE};

/// The share of the tiles of a minute that random gaps let through, since no minute may have more.
const REACHED: f64 = 0.92;

/// How fast tiles are requested. The default is the pace of the official service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pace {
    /// Tiles per minute at most; `None` is no limit.
    pub per_minute: Option<u32>,
    /// Tiles in 24 hours at most; `None` is no limit.
    pub per_day: Option<u32>,
    /// Tiles of the plan that are in the cache, and are not requested.
    pub cached: u64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { per_minute: Some(PACED_TILES_PER_MINUTE), per_day: Some(PACED_TILES_PER_DAY), cached: 0 }
    }
}

impl Pace {
    /// Sets the tiles per minute and in 24 hours; `None` is no limit.
    #[must_use]
    pub fn with_limits(self, per_minute: Option<u32>, per_day: Option<u32>) -> Self {
        Self { per_minute, per_day, ..self }
    }

    /// Sets how many tiles of the plan are in the cache.
    #[must_use]
    pub fn with_cached(self, cached: u64) -> Self {
        Self { cached, ..self }
    }

    /// The tiles that are requested.
    fn tiles(&self, cost: Cost) -> u64 {
        (cost.tiles + cost.scouts).saturating_sub(self.cached)
    }

    /// How many days the tiles take: 1 for what one day allows, 0 for none.
    fn days(&self, cost: Cost) -> u64 {
        let tiles = self.tiles(cost);
        self.per_day.map_or(u64::from(tiles > 0), |limit| tiles.div_ceil(limit.max(1).into()))
    }

    /// How long the tiles take if a day allows them all.
    fn time(&self, tiles: u64) -> Duration {
        let Some(limit) = self.per_minute else { return Duration::ZERO };
        let paced = tiles.saturating_sub(AT_ONCE.into()).saturating_mul(60_000);
        Duration::from_millis(paced / u64::from(limit.max(1))).div_f64(REACHED)
    }

    /// The lines that `mly plan` prints about tiles.
    pub(super) fn describe(&self, cost: Cost, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tiles = self.tiles(cost);
        if self.cached > 0 {
            write!(f, "\ncached    {} of them, which are not requested", grouped(self.cached))?;
        }
        match (self.days(cost), self.per_day, self.per_minute) {
            (2.., Some(limit), _) => {
                let days = self.days(cost);
                write!(f, "\ntime      {days} days, at {} tiles a day", grouped(limit.into()))?;
            }
            (_, _, Some(limit)) => {
                let time = about(self.time(tiles));
                write!(f, "\ntime      {time}, at {} tiles a minute", grouped(limit.into()))?;
            }
            _ => {}
        }
        let of_a_day = self.per_day.map_or(tiles, |limit| tiles.min(limit.into()));
        if of_a_day >= FEWEST_TILES_BLOCKED.into() {
            write!(
                f,
                "\ncaution   the service has blocked IP addresses after {} tiles in a day, and let others take 26,363",
                grouped(FEWEST_TILES_BLOCKED.into())
            )?;
        }
        Ok(())
    }
}

/// A time in its largest unit.
fn about(time: Duration) -> String {
    let minutes = time.as_secs().div_ceil(60);
    match minutes {
        0 | 1 => "under a minute".to_owned(),
        2..120 => format!("about {minutes} minutes"),
        _ => format!("about {} hours", minutes.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(tiles: u64, pace: Pace) -> String {
        struct Told(Cost, Pace);
        impl fmt::Display for Told {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.1.describe(self.0, f)
            }
        }
        Told(Cost { tiles, ..Cost::default() }, pace).to_string()
    }

    #[test]
    fn a_time_is_told_in_minutes_hours_or_days() {
        for (tiles, says) in [
            (1, "time      under a minute, at 40 tiles a minute"),
            (500, "time      about 14 minutes, at 40 tiles a minute"),
            (10_000, "time      about 5 hours, at 40 tiles a minute"),
            (10_001, "time      2 days, at 10,000 tiles a day"),
        ] {
            assert_eq!(told(tiles, Pace::default()).lines().nth(1), Some(says), "{tiles}");
        }
        let unlimited = Pace::default().with_limits(None, None);
        assert_eq!(told(500, unlimited), "");
        assert_eq!(
            told(500, Pace::default().with_limits(Some(10), Some(100))),
            "\ntime      5 days, at 100 tiles a day"
        );
    }

    #[test]
    fn cached_tiles_take_no_time_and_many_tiles_a_day_are_cautioned_about() {
        let pace = Pace::default().with_cached(498);
        assert_eq!(
            told(500, pace),
            "\ncached    498 of them, which are not requested\ntime      under a minute, at 40 tiles a minute"
        );
        assert!(
            !told(1_937, Pace::default()).contains("caution")
                && told(1_938, Pace::default()).contains("caution")
        );
        assert!(!told(5_000, Pace::default().with_limits(Some(40), Some(1_000))).contains("caution"));
    }
}
