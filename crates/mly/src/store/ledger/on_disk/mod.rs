//! A ledger that is a `SQLite` database: a file, which the processes of a machine share, or in memory.

mod day;
mod elapsed;
mod pace;
mod repair;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use self::day::Day;
use self::pace::Pace;
use super::gap::Gaps;
use super::{Limits, Now, Reservation, Usage, milliseconds, seconds_of};
use crate::api::Endpoint;
use crate::api::hosts::{GRAPH_URL, TILES_URL};
use crate::api::limits::BLOCK_LASTS;
use crate::error::{Error, Result};
use crate::store::clock::Clock;
use crate::store::database::{self, unusable};

/// Raised when the tables change.
const VERSION: i32 = 2;

const FILE_NAME: &str = "budget.sqlite";

const BLOCKS: &str = "CREATE TABLE blocked (host TEXT PRIMARY KEY, until_ms INTEGER NOT NULL) WITHOUT ROWID;";

fn schema() -> String {
    [day::SCHEMA, pace::SCHEMA, elapsed::SCHEMA, BLOCKS].concat()
}

/// The requests of the last 24 hours by host and endpoint, and the hosts that have blocked this address.
///
/// On disk it is shared by the processes of a machine; in memory it is that of one client. All tokens count together,
/// since the service limits what comes from one address. No window of a minute or of 24 hours ever has more requests
/// than allowed, over all processes; when a clock is set back or forth, requests count longer, never shorter.
pub struct Ledger {
    /// The file, unless it is in memory.
    path: Option<PathBuf>,
    connection: Mutex<Connection>,
    clock: Clock,
    pub(super) gaps: Gaps,
    /// How many requests were counted when each lane was last used: where to go on if the file is lost.
    known: Mutex<HashMap<(String, Endpoint), Usage>>,
    /// What a user should know of this file.
    notice: Option<String>,
    /// Whether counts of an earlier file were lost.
    is_anew: bool,
}

/// The requests to one endpoint of a host.
#[derive(Clone, Copy, Debug)]
struct Lane<'a> {
    host: &'a str,
    endpoint: Endpoint,
}

impl Ledger {
    /// Opens the ledger in a folder, which is made when it is not there. A damaged file is set aside.
    ///
    /// # Errors
    /// [`Error::Input`] when the folder or its file cannot be used.
    pub fn open(dir: &Path, clock: Clock) -> Result<Self> {
        std::fs::create_dir_all(dir).map_err(|e| unusable(dir, e))?;
        let path = dir.join(FILE_NAME);
        let opened = open_file(&path, &clock);
        let (connection, notice) = match opened {
            Err(e) if database::is_damaged(&e) => {
                let (connection, notice) = repair::begin_anew(&path, &clock)?;
                (connection, Some(notice))
            }
            other => (other.map_err(|e| unusable(&path, e))?, None),
        };
        Ok(Self::of(connection, clock, Some(path), notice))
    }

    /// A new ledger that only this process sees, and that ends with it.
    ///
    /// # Errors
    /// [`Error::Internal`] when `SQLite` has no memory for it.
    pub fn in_memory(clock: Clock) -> Result<Self> {
        let connection = database::open_in_memory(&schema())
            .map_err(|e| Error::internal("no ledger in memory").with_source(e))?;
        Ok(Self::of(connection, clock, None, None))
    }

    fn of(connection: Connection, clock: Clock, path: Option<PathBuf>, notice: Option<String>) -> Self {
        let is_anew = notice.is_some();
        let connection = Mutex::new(connection);
        Self { path, connection, clock, gaps: Gaps::default(), known: Mutex::default(), notice, is_anew }
    }

    /// Whether it ends with this process.
    pub(crate) fn is_in_memory(&self) -> bool {
        self.path.is_none()
    }

    /// What a user should know: that a damaged file was set aside, for example.
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    /// Whether counts of an earlier file were lost, so that a run that resumes has to count what it knows to have sent.
    pub(crate) fn is_anew(&self) -> bool {
        self.is_anew
    }

    /// Counts a request to a host if it may be sent now.
    pub(crate) fn reserve(&self, endpoint: Endpoint, host: &str, limits: Limits) -> Result<Reservation> {
        if let Some(free_in) = self.blocked(host)? {
            return Ok(Reservation::Blocked { free_in });
        }
        let lane = Lane { host, endpoint };
        self.change(|change, now| self.try_reserve(change, lane, now, limits))
    }

    fn try_reserve(
        &self,
        change: &Connection,
        lane: Lane<'_>,
        now: Now,
        limits: Limits,
    ) -> rusqlite::Result<Reservation> {
        let day = Day { change, lane, now };
        let pace = Pace { change, lane, elapsed_ms: now.elapsed_ms };
        // Without a limit nobody needs to know the count, and counting takes longer than the rest.
        let mut last_day = if limits.per_day.is_some() { day.count()? } else { 0 };
        let mut last_minute = if limits.per_minute.is_some() { pace.count()? } else { 0 };
        let outcome = if let Some(limit) = limits.per_day
            && let Some(seconds) = day.full_for_s(last_day, limit)?
        {
            Reservation::DayUsedUp { limit, free_in: seconds_of(seconds) }
        } else if let Some(limit) = limits.per_minute
            && let Some(pause) = pace.wait(last_minute, limit)?
        {
            Reservation::Wait(pause)
        } else {
            day.add(1)?;
            pace.add(limits.per_minute, &self.gaps)?;
            last_day += 1;
            last_minute += 1;
            Reservation::Granted
        };
        let usage = Usage { last_minute, last_day, oldest_frees_in: None };
        self.known().insert((lane.host.to_owned(), lane.endpoint), usage);
        Ok(outcome)
    }

    /// Counts requests that were sent before, as those of an earlier part of a run.
    pub(crate) fn count(&self, endpoint: Endpoint, host: &str, requests: u64) -> Result<()> {
        let lane = Lane { host, endpoint };
        self.change(|change, now| if requests > 0 { Day { change, lane, now }.add(requests) } else { Ok(()) })
    }

    /// Counts requests that were sent within the last second.
    pub(crate) fn count_now(&self, endpoint: Endpoint, host: &str, requests: u64) -> Result<()> {
        let lane = Lane { host, endpoint };
        self.change(|change, now| {
            Day { change, lane, now }.add(requests)?;
            Pace { change, lane, elapsed_ms: now.elapsed_ms }.count_now(requests)
        })
    }

    /// How many requests were sent to an endpoint of a host.
    ///
    /// # Errors
    /// [`Error::Input`] when the file cannot be read or written.
    pub fn usage(&self, endpoint: Endpoint, host: &str) -> Result<Usage> {
        let lane = Lane { host, endpoint };
        self.change(|change, now| {
            let day = Day { change, lane, now };
            Ok(Usage {
                last_minute: Pace { change, lane, elapsed_ms: now.elapsed_ms }.count()?,
                last_day: day.count()?,
                oldest_frees_in: day.oldest_frees_in_s()?.map(seconds_of),
            })
        })
    }

    /// Notes that a host has blocked this machine's address for some time. A shorter block than one that is noted changes
    /// nothing: several answers may be on their way, and not all of them are the login page.
    pub(crate) fn block(&self, host: &str, lasts: Duration) -> Result<()> {
        let until_ms = self.clock.now_ms().saturating_add(milliseconds(lasts.min(BLOCK_LASTS)));
        let note = "INSERT INTO blocked VALUES (?1, ?2)
            ON CONFLICT DO UPDATE SET until_ms = max(until_ms, excluded.until_ms)";
        self.with(|connection| connection.execute(note, params![host, until_ms]).map(drop))
            .map_err(|e| self.not_written(e))
    }

    /// How much longer a host is expected to block this machine's address, if it is known to do so.
    ///
    /// A block that seems to last longer than any block does was noted while the clock was ahead, and is cut.
    ///
    /// # Errors
    /// [`Error::Input`] when the file cannot be read.
    pub fn blocked(&self, host: &str) -> Result<Option<Duration>> {
        let now_ms = self.clock.now_ms();
        let latest_ms = now_ms.saturating_add(milliseconds(BLOCK_LASTS));
        let find = "SELECT until_ms FROM blocked WHERE host = ?1 AND until_ms > ?2";
        let until: rusqlite::Result<Option<i64>> = self.with(|connection| {
            let until = connection.prepare_cached(find)?.query_row(params![host, now_ms], |row| row.get(0));
            if let Ok(until_ms) = until
                && until_ms > latest_ms
            {
                let cut = "UPDATE blocked SET until_ms = ?2 WHERE host = ?1";
                connection.execute(cut, params![host, latest_ms])?;
                return Ok(Some(latest_ms));
            }
            until.optional()
        });
        let until = until.map_err(|e| self.not_read(e))?;
        Ok(until.map(|until_ms| Duration::from_millis(until_ms.abs_diff(now_ms))))
    }

    /// Forgets that a host has blocked this machine's address, for an address that is new.
    ///
    /// # Errors
    /// [`Error::Output`] when the file cannot be written.
    pub fn forget_block(&self, host: &str) -> Result<()> {
        self.with(|connection| connection.execute("DELETE FROM blocked WHERE host = ?1", [host]).map(drop))
            .map_err(|e| self.not_written(e))
    }

    /// Does work in one transaction.
    fn change<T>(&self, work: impl FnOnce(&Connection, Now) -> rusqlite::Result<T>) -> Result<T> {
        let done = self.with(|connection| {
            let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let now = now(&change, &self.clock)?;
            let done = work(&change, now)?;
            change.commit()?;
            Ok(done)
        });
        done.map_err(|e| self.not_written(e))
    }

    fn known(&self) -> MutexGuard<'_, HashMap<(String, Endpoint), Usage>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn not_read(&self, cause: rusqlite::Error) -> Error {
        match &self.path {
            Some(path) => unusable(path, cause),
            None => Error::internal("a ledger in memory cannot be read").with_source(cause),
        }
    }

    fn not_written(&self, cause: rusqlite::Error) -> Error {
        match self.path.clone() {
            Some(path) => Error::Output { path: Some(path), format: "the budget", source: cause.into() },
            None => Error::internal("a ledger in memory cannot be written").with_source(cause),
        }
    }

    fn with<T>(&self, work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        // A poisoned lock is safe to take: the transaction of the thread that panicked was rolled back.
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut connection)
    }
}

impl Lane<'_> {
    /// The number that stands for the endpoint in the file.
    fn number(self) -> i64 {
        match self.endpoint {
            Endpoint::Tiles => 0,
            Endpoint::Entities => 1,
            Endpoint::Searches => 2,
        }
    }
}

/// Opens the file of a ledger and reads all of it, so that damage is found now and not in the middle of a run.
fn open_file(path: &Path, clock: &Clock) -> rusqlite::Result<Connection> {
    let connection = database::open(path, VERSION, |change, found| make(change, found, clock))?;
    let whole: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if whole != "ok" {
        let damaged = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
        return Err(rusqlite::Error::SqliteFailure(damaged, Some(whole)));
    }
    // A file that may not be written opens without an error, so write once.
    connection.execute("DELETE FROM blocked WHERE until_ms < ?1", [clock.now_ms()])?;
    Ok(connection)
}

/// Makes the tables. What version 1 counted, which was by token, is taken as sent to the official service.
fn make(change: &Transaction<'_>, found: i32, clock: &Clock) -> rusqlite::Result<()> {
    let mut sent: Vec<(i64, i64, i64)> = Vec::new();
    let mut blocked: Vec<(String, i64)> = Vec::new();
    if found == 1 {
        let sums = "SELECT endpoint, second, sum(count) FROM spent GROUP BY endpoint, second";
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        sent = change.prepare(sums)?.query_map([], row)?.collect::<rusqlite::Result<_>>()?;
        let blocks = "SELECT host, until_ms FROM blocked";
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        blocked = change.prepare(blocks)?.query_map([], row)?.collect::<rusqlite::Result<_>>()?;
    }
    database::begin_anew(change, &schema())?;
    let now = now(change, clock)?;
    for (endpoint, second, count) in sent {
        let url = if endpoint == 0 { &TILES_URL } else { &GRAPH_URL };
        let values = params![Ledger::host_of(url), endpoint, second, now.elapsed_ms, count];
        change.execute("INSERT INTO sent VALUES (?1, ?2, ?3, ?4, ?5)", values)?;
    }
    for url in [&*TILES_URL, &*GRAPH_URL] {
        if let Some((_, until_ms)) = blocked.iter().find(|(host, _)| Some(&**host) == url.host_str()) {
            change.execute("INSERT INTO blocked VALUES (?1, ?2)", params![Ledger::host_of(url), until_ms])?;
        }
    }
    Ok(())
}

fn now(connection: &Connection, clock: &Clock) -> rusqlite::Result<Now> {
    let elapsed_ms = elapsed::elapsed_ms(connection, clock)?;
    Ok(Now { second: clock.now_ms().div_euclid(1000), elapsed_ms })
}
