//! A ledger without `SQLite`, for builds of the crate without the feature `sqlite`: this process counts for itself.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::gap::Gaps;
use super::reading::Reading;
use super::rules::{DAY_S, KEPT_MS, MINUTE_S, Rhythm};
use super::{Limits, Now, Reservation, Usage, milliseconds, seconds_of};
use crate::api::Endpoint;
use crate::api::limits::BLOCK_LASTS;
use crate::error::{Error, Result};
use crate::store::clock::Clock;
use crate::store::without_sqlite::without_sqlite;

/// The requests of the last 24 hours by host and endpoint, and the hosts that have blocked this address.
///
/// It is that of one client, since this build of the crate has no `SQLite`. All tokens count together, since the service
/// limits what comes from one address. No window of a minute or of 24 hours ever has more requests than allowed; when the
/// clock is set back or forth, requests count longer, never shorter.
pub struct Ledger {
    books: Mutex<Books>,
    clock: Clock,
    pub(super) gaps: Gaps,
}

/// All that is counted.
#[derive(Debug, Default)]
struct Books {
    clocks: Option<Reading>,
    lanes: HashMap<(String, Endpoint), LaneCounts>,
    /// Until when hosts block this address, in milliseconds since 1970.
    blocked: HashMap<String, i64>,
}

/// The requests to one endpoint of a host.
#[derive(Debug, Default)]
struct LaneCounts {
    /// By the time of day at which they were sent, in seconds.
    sent: BTreeMap<i64, SentRequests>,
    /// Those of the last minute, by the seconds of the time that has passed.
    paced: BTreeMap<i64, u64>,
    rhythm: Option<Rhythm>,
}

/// Requests of one second.
#[derive(Clone, Copy, Debug, Default)]
struct SentRequests {
    /// When they were sent, by the time that had passed.
    elapsed_ms: i64,
    count: u64,
}

impl Ledger {
    /// A ledger in a folder, which this build of the crate cannot have.
    ///
    /// # Errors
    /// [`Error::Input`] always.
    pub fn open(dir: &Path, _: Clock) -> Result<Self> {
        Err(without_sqlite(dir))
    }

    /// A new ledger that only this process sees, and that ends with it.
    ///
    /// # Errors
    /// None in this build of the crate.
    #[expect(clippy::unnecessary_wraps, reason = "with SQLite it can fail")]
    pub fn in_memory(clock: Clock) -> Result<Self> {
        Ok(Self { books: Mutex::default(), clock, gaps: Gaps::default() })
    }

    /// Whether it ends with this process.
    #[expect(clippy::unused_self, reason = "with SQLite it depends")]
    pub(crate) fn is_in_memory(&self) -> bool {
        true
    }

    /// What a user should know: nothing in this build of the crate.
    pub fn notice(&self) -> Option<&str> {
        None
    }

    /// Whether counts of an earlier file were lost.
    #[expect(clippy::unused_self, reason = "with SQLite it depends")]
    pub(crate) fn is_anew(&self) -> bool {
        false
    }

    /// A ledger that goes on where this one failed, which one in memory does not.
    #[expect(clippy::unused_self, reason = "with SQLite it depends")]
    pub(crate) fn successor(&self, _: &Error) -> Option<Self> {
        None
    }

    /// Counts a request to a host if it may be sent now.
    pub(crate) fn reserve(&self, endpoint: Endpoint, host: &str, limits: Limits) -> Result<Reservation> {
        if let Some(free_in) = self.blocked(host)? {
            return Ok(Reservation::Blocked { free_in });
        }
        self.change(endpoint, host, |lane, now| {
            if let Some(limit) = limits.per_day
                && let Some(seconds) = lane.day_full_for_s(now, limit)
            {
                return Reservation::DayUsedUp { limit, free_in: seconds_of(seconds) };
            }
            if let Some(limit) = limits.per_minute
                && let Some(pause) = lane.pause(now.elapsed_ms, limit)
            {
                return Reservation::Wait(pause);
            }
            lane.count_day(now, 1);
            lane.count_minute(now.elapsed_ms, 1);
            if let Some(limit) = limits.per_minute {
                lane.rhythm = Some(Rhythm::after_request(lane.rhythm, now.elapsed_ms, limit, &self.gaps));
            }
            Reservation::Granted
        })
    }

    /// Counts requests that were sent before, as those of an earlier part of a run.
    pub(crate) fn count(&self, endpoint: Endpoint, host: &str, requests: u64) -> Result<()> {
        self.change(endpoint, host, |lane, now| lane.count_day(now, requests))
    }

    /// Counts requests that were sent within the last second.
    pub(crate) fn count_now(&self, endpoint: Endpoint, host: &str, requests: u64) -> Result<()> {
        self.change(endpoint, host, |lane, now| {
            lane.count_day(now, requests);
            lane.count_minute(now.elapsed_ms, requests);
        })
    }

    /// How many requests were sent to an endpoint of a host.
    ///
    /// # Errors
    /// None in this build of the crate.
    pub fn usage(&self, endpoint: Endpoint, host: &str) -> Result<Usage> {
        self.change(endpoint, host, |lane, now| Usage {
            last_minute: lane.minute(now.elapsed_ms).map(|(_, count)| count).sum(),
            last_day: lane.day(now).iter().map(|(_, count)| count).sum(),
            oldest_frees_in: lane.day(now).first().map(|(frees_in_s, _)| seconds_of(*frees_in_s)),
        })
    }

    /// Notes that a host has blocked this machine's address for some time. A shorter block than one that is noted changes
    /// nothing: several answers may be on their way, and not all of them are the login page.
    #[expect(clippy::unnecessary_wraps, reason = "with SQLite it can fail")]
    pub(crate) fn block(&self, host: &str, lasts: Duration) -> Result<()> {
        let until_ms = self.clock.now_ms().saturating_add(milliseconds(lasts.min(BLOCK_LASTS)));
        let mut books = self.books();
        let noted = books.blocked.entry(host.to_owned()).or_default();
        *noted = until_ms.max(*noted);
        Ok(())
    }

    /// How much longer a host is expected to block this machine's address, if it is known to do so.
    ///
    /// A block that seems to last longer than any block does was noted while the clock was ahead, and is cut.
    ///
    /// # Errors
    /// None in this build of the crate.
    pub fn blocked(&self, host: &str) -> Result<Option<Duration>> {
        let now_ms = self.clock.now_ms();
        let mut books = self.books();
        let Some(until_ms) = books.blocked.get_mut(host).filter(|until_ms| **until_ms > now_ms) else {
            return Ok(None);
        };
        *until_ms = (*until_ms).min(now_ms.saturating_add(milliseconds(BLOCK_LASTS)));
        Ok(Some(Duration::from_millis(until_ms.abs_diff(now_ms))))
    }

    /// Forgets that a host has blocked this machine's address, for an address that is new.
    ///
    /// # Errors
    /// None in this build of the crate.
    pub fn forget_block(&self, host: &str) -> Result<()> {
        self.books().blocked.remove(host);
        Ok(())
    }

    #[expect(clippy::unnecessary_wraps, reason = "with SQLite it can fail")]
    fn change<T>(
        &self,
        endpoint: Endpoint,
        host: &str,
        work: impl FnOnce(&mut LaneCounts, Now) -> T,
    ) -> Result<T> {
        let mut books = self.books();
        let clocks = Reading::next(books.clocks.take(), &self.clock);
        let now = Now { second: self.clock.now_ms().div_euclid(1000), elapsed_ms: clocks.elapsed_ms };
        books.clocks = Some(clocks);
        Ok(work(books.lanes.entry((host.to_owned(), endpoint)).or_default(), now))
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LaneCounts {
    /// The requests that count in the limit of a day: in how many seconds they no longer do, and how many they are; those
    /// that free first come first.
    ///
    /// One that was sent in the future, as after the clock was set back, counts until a day has certainly passed.
    fn day(&self, now: Now) -> Vec<(i64, u64)> {
        let past = self.sent.range(now.second - DAY_S..=now.second);
        let past = past.map(|(second, sent)| (second - now.second + DAY_S + 1, sent.count));
        let future = self.sent.range(now.second + 1..).map(|(_, sent)| sent);
        let future = future.filter(|sent| sent.elapsed_ms >= now.elapsed_ms - DAY_S * 1000);
        let future = future.map(|sent| ((sent.elapsed_ms - now.elapsed_ms) / 1000 + DAY_S + 1, sent.count));
        let mut counting: Vec<_> = past.chain(future).collect();
        counting.sort_unstable();
        counting
    }

    /// In how many seconds fewer than `limit` requests count; `None` if fewer do now.
    fn day_full_for_s(&self, now: Now, limit: u32) -> Option<i64> {
        free_at(&self.day(now), limit)
    }

    fn count_day(&mut self, now: Now, requests: u64) {
        if requests == 0 {
            return;
        }
        let sent = self.sent.entry(now.second).or_default();
        let is_first = sent.count == 0;
        *sent = SentRequests { elapsed_ms: now.elapsed_ms, count: sent.count + requests };
        // Once a second is enough, since old requests do not count anyway.
        if is_first {
            let counts = now.second - DAY_S..=now.second;
            self.sent.retain(|second, sent| {
                sent.elapsed_ms >= now.elapsed_ms - KEPT_MS || counts.contains(second)
            });
        }
    }

    /// The requests of the last minute by second. A request counts until the end of its second.
    fn minute(&self, elapsed_ms: i64) -> impl Iterator<Item = (i64, u64)> {
        let first_s = elapsed_ms.div_euclid(1000) - MINUTE_S;
        self.paced.range(first_s..).map(|(second, count)| (*second, *count))
    }

    /// How long the next request has to wait; `None` if it may be sent now.
    fn pause(&self, elapsed_ms: i64, per_minute: u32) -> Option<Duration> {
        let minute: Vec<_> = self.minute(elapsed_ms).collect();
        let window_ms = free_at(&minute, per_minute).map_or(0, |second| (second + MINUTE_S + 1) * 1000);
        let next_ms = self.rhythm.map_or(0, |rhythm| rhythm.next_ms);
        let wait_ms = next_ms.max(window_ms) - elapsed_ms;
        (wait_ms > 0).then(|| Duration::from_millis(wait_ms.unsigned_abs()))
    }

    fn count_minute(&mut self, elapsed_ms: i64, requests: u64) {
        let second = elapsed_ms.div_euclid(1000);
        *self.paced.entry(second).or_default() += requests;
        self.paced.retain(|sent, _| *sent >= second - MINUTE_S);
    }
}

/// The first of these times from which on fewer than `limit` requests count; `None` if fewer do already.
fn free_at(counting: &[(i64, u64)], limit: u32) -> Option<i64> {
    let excess = counting.iter().map(|(_, count)| count).sum::<u64>().checked_sub(limit.into())?;
    let mut gone = 0;
    let freeing = counting.iter().find(|(_, count)| {
        gone += count;
        gone > excess
    });
    freeing.map(|(at, _)| *at)
}
