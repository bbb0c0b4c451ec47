//! How much time has passed, whatever the clock of the day shows.

use crate::store::clock::Clock;

/// A reading of the clocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    /// Milliseconds since the ledger was made, as far as they are certain.
    pub(super) elapsed_ms: i64,
    /// Which start of the machine, and how long ago it was, where the system tells.
    pub(super) boot: Option<String>,
    pub(super) uptime_ms: Option<i64>,
    pub(super) wall_ms: i64,
    /// The latest time of day that any process has seen, and how much time had passed then.
    pub(super) latest_wall_ms: i64,
    pub(super) elapsed_at_latest_ms: i64,
}

impl Reading {
    /// Reads the clocks, some time after the last reading.
    ///
    /// The time that has passed never runs backwards, and never faster than time does. The uptime of the machine tells how
    /// much has passed since the last reading, unless the machine was started anew. Then, and where the system does not
    /// tell it, the time of day does: as long as it is behind the latest time that was seen, it was set back, and what it
    /// is set forward until it gets there is not counted.
    pub(super) fn next(last: Option<Self>, clock: &Clock) -> Self {
        let (boot, uptime_ms) = clock.uptime().map(|up| (up.boot, up.ms)).unzip();
        let wall_ms = clock.now_ms();
        match last {
            None => Self {
                elapsed_ms: 0,
                boot,
                uptime_ms,
                wall_ms,
                latest_wall_ms: wall_ms,
                elapsed_at_latest_ms: 0,
            },
            Some(last) => last.followed_by(boot, uptime_ms, wall_ms),
        }
    }

    fn followed_by(self, boot: Option<String>, uptime_ms: Option<i64>, wall_ms: i64) -> Self {
        let same_start = (boot == self.boot).then_some(()).and(uptime_ms).zip(self.uptime_ms);
        let passed_ms = match same_start {
            Some((now_ms, last_ms)) => now_ms.saturating_sub(last_ms),
            None if self.wall_ms < self.latest_wall_ms && wall_ms >= self.latest_wall_ms => {
                let since_latest = wall_ms.saturating_sub(self.latest_wall_ms);
                self.elapsed_at_latest_ms.saturating_add(since_latest).saturating_sub(self.elapsed_ms)
            }
            None => wall_ms.saturating_sub(self.wall_ms),
        };
        let elapsed_ms = self.elapsed_ms.saturating_add(passed_ms.max(0));
        let (latest_wall_ms, elapsed_at_latest_ms) = if wall_ms >= self.latest_wall_ms {
            (wall_ms, elapsed_ms)
        } else {
            (self.latest_wall_ms, self.elapsed_at_latest_ms)
        };
        // Two processes may read the clocks in one order and write them in the other.
        let uptime_ms = match same_start {
            Some((now_ms, last_ms)) => Some(now_ms.max(last_ms)),
            None => uptime_ms,
        };
        Self { elapsed_ms, boot, uptime_ms, wall_ms, latest_wall_ms, elapsed_at_latest_ms }
    }
}
