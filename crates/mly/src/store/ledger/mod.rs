//! The requests sent to the service. They are kept so that its limits are obeyed by several processes together and
//! after a restart.

mod gap;
#[cfg(not(feature = "sqlite"))]
mod in_memory;
#[cfg(feature = "sqlite")]
mod on_disk;
mod reading;
mod rules;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use url::Url;

#[cfg(not(feature = "sqlite"))]
pub use self::in_memory::Ledger;
#[cfg(feature = "sqlite")]
pub use self::on_disk::Ledger;

/// How many requests may be sent to an endpoint; `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) per_minute: Option<u32>,
    pub(crate) per_day: Option<u32>,
}

/// Whether a request may be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reservation {
    /// Yes, and it is counted.
    Granted,
    /// No; reserve again after this time.
    Wait(Duration),
    /// The requests of 24 hours are used up.
    DayUsedUp { limit: u32, free_in: Duration },
    /// The host has blocked this machine's address.
    Blocked { free_in: Duration },
}

/// How many requests were sent to one endpoint of a host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// Requests of the last minute.
    pub last_minute: u64,
    /// Requests of the last 24 hours.
    pub last_day: u64,
    /// Time until the oldest request of the last 24 hours no longer counts.
    pub oldest_frees_in: Option<Duration>,
}

/// A moment.
#[derive(Clone, Copy, Debug)]
struct Now {
    /// The time of day, in seconds since 1970.
    second: i64,
    /// How much time has certainly passed since the ledger was made.
    elapsed_ms: i64,
}

impl Ledger {
    /// The host of a URL as a ledger names it: with its scheme, and with the port where that is not the default of the
    /// scheme. What answers under another scheme or port is another service.
    pub fn host_of(url: &Url) -> String {
        url.origin().ascii_serialization()
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger").finish_non_exhaustive()
    }
}

fn seconds_of(seconds: i64) -> Duration {
    Duration::from_secs(seconds.max(0).unsigned_abs())
}

fn milliseconds(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
