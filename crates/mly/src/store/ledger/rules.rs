//! When the next request may be sent, whatever the requests before it are kept in.

use super::gap::Gaps;
use crate::api::limits::{AT_ONCE, QUIET};

/// A minute and a second more: requests take different times to arrive, so that they may be closer together there.
pub(super) const MINUTE_S: i64 = 61;
const MINUTE_MS: i64 = 60_000;

pub(super) const DAY_S: i64 = 24 * 60 * 60;

/// How long a request is kept, by the time that has certainly passed. Longer than a day, so that it counts again when
/// the clock had been set forward by mistake and is right again.
pub(super) const KEPT_MS: i64 = 2 * DAY_S * 1000;

/// What the next request of a lane depends on, besides the requests of the last minute.
///
/// Requests come at random gaps around a mean. Only the first ones after a long quiet time come at once, as those of a
/// web map do that is opened. No minute ever has more requests than allowed, whatever the gaps are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rhythm {
    /// When the last request was sent, by the time that has passed.
    pub(super) last_ms: i64,
    /// The earliest time for the next one.
    pub(super) next_ms: i64,
    /// How many more may be sent without gaps.
    pub(super) at_once: u32,
}

impl Rhythm {
    /// The rhythm after a request that is sent now: draws the gap to the next one.
    pub(super) fn after_request(before: Option<Self>, elapsed_ms: i64, per_minute: u32, gaps: &Gaps) -> Self {
        let at_once = Self::at_once(before, elapsed_ms, per_minute).saturating_sub(1);
        let gap_ms = if at_once > 0 { 0 } else { gaps.draw_ms(60_000.0 / f64::from(per_minute)) };
        Self { last_ms: elapsed_ms, next_ms: elapsed_ms + gap_ms, at_once }
    }

    /// How many requests may be sent without gaps, this one among them.
    fn at_once(rhythm: Option<Self>, elapsed_ms: i64, per_minute: u32) -> u32 {
        let quiet_ms = i64::try_from(QUIET.as_millis()).unwrap_or(i64::MAX);
        match rhythm {
            Some(Self { last_ms, .. }) if elapsed_ms - last_ms >= quiet_ms => AT_ONCE.min(per_minute),
            // What is left after a minute has passed is no longer the beginning of anything.
            Some(Self { last_ms, .. }) if elapsed_ms - last_ms >= MINUTE_MS => 1,
            Some(Self { at_once, .. }) => at_once.max(1),
            None => AT_ONCE.min(per_minute),
        }
    }
}
