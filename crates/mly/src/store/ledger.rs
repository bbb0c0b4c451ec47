//! The times of requests to the service. They are kept so that its limits are obeyed by several processes together and
//! after a restart.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use url::Url;

use super::clock::Clock;
use super::database::{self, unusable};
use crate::api::Endpoint;
use crate::api::limits::BURSTS_PER_MINUTE;
use crate::error::{Error, Result};
use crate::redact::Token;

/// Raised when the tables change.
const VERSION: i32 = 1;

const SCHEMA: &str = "
    CREATE TABLE spent (
        who TEXT NOT NULL,
        endpoint INTEGER NOT NULL,
        second INTEGER NOT NULL,
        count INTEGER NOT NULL,
        PRIMARY KEY (who, endpoint, second)
    ) WITHOUT ROWID;
    CREATE TABLE blocked (host TEXT PRIMARY KEY, until_ms INTEGER NOT NULL) WITHOUT ROWID;
";

const MINUTE_S: i64 = 60;
const DAY_S: i64 = 24 * 60 * 60;

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

/// How many requests were sent to one endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// Which one.
    pub endpoint: Endpoint,
    /// Requests of the last 60 seconds.
    pub last_minute: u64,
    /// Requests of the last 24 hours.
    pub last_day: u64,
    /// Time until the oldest request of the last 24 hours no longer counts.
    pub oldest_frees_in: Option<Duration>,
}

/// The times of the requests of the last 24 hours by token and endpoint, and the hosts that have blocked this address.
///
/// On disk it is shared by the processes of a machine; in memory it is that of one client. Tokens are stored as hashes.
/// When the clock is set back, requests count longer, never shorter.
pub struct Ledger {
    /// The file, unless it is in memory.
    path: Option<PathBuf>,
    connection: Mutex<Connection>,
    who: String,
    clock: Clock,
}

impl Ledger {
    /// Opens the ledger of a token in a folder, which is made when it is not there.
    ///
    /// # Errors
    /// [`Error::Input`] when the folder or its file cannot be used.
    pub fn open(dir: &Path, token: &Token, clock: Clock) -> Result<Self> {
        std::fs::create_dir_all(dir).map_err(|e| unusable(dir, e))?;
        let path = dir.join("budget.sqlite");
        let written = database::open(&path, VERSION, SCHEMA).and_then(|connection| {
            // A file that may not be written opens without an error, so write once.
            connection.execute("DELETE FROM blocked WHERE until_ms < ?1", [clock.now_ms()])?;
            Ok(connection)
        });
        let connection = Mutex::new(written.map_err(|e| unusable(&path, e))?);
        Ok(Self { path: Some(path), connection, who: fingerprint(token), clock })
    }

    /// A new ledger that only this process sees, and that ends with it.
    ///
    /// # Errors
    /// [`Error::Internal`] when `SQLite` has no memory for it.
    pub fn in_memory(token: &Token, clock: Clock) -> Result<Self> {
        let connection = database::open_in_memory(SCHEMA)
            .map_err(|e| Error::internal("no ledger in memory").with_source(e))?;
        Ok(Self { path: None, connection: Mutex::new(connection), who: fingerprint(token), clock })
    }

    /// Whether it ends with this process.
    pub(crate) fn is_in_memory(&self) -> bool {
        self.path.is_none()
    }

    /// Counts a request to a host if it may be sent now.
    pub(crate) fn reserve(&self, endpoint: Endpoint, host: &str, limits: Limits) -> Result<Reservation> {
        if let Some(free_in) = self.blocked(host)? {
            return Ok(Reservation::Blocked { free_in });
        }
        self.with(|connection| self.try_reserve(connection, endpoint, limits))
            .map_err(|e| self.not_written(e))
    }

    fn try_reserve(
        &self,
        connection: &mut Connection,
        endpoint: Endpoint,
        limits: Limits,
    ) -> rusqlite::Result<Reservation> {
        let now_ms = self.clock.now_ms();
        let now_s = now_ms.div_euclid(1000);
        let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let log = RequestLog { change: &change, who: &self.who, endpoint, now_s };
        log.tidy()?;
        let outcome = log.reserve(limits, now_ms)?;
        change.commit()?;
        Ok(outcome)
    }

    /// How many requests were sent to each endpoint.
    ///
    /// # Errors
    /// [`Error::Input`] when the file cannot be read.
    pub fn usage(&self) -> Result<Vec<Usage>> {
        let now_s = self.clock.now_ms().div_euclid(1000);
        let of = |connection: &Connection, endpoint: Endpoint| {
            let log = RequestLog { change: connection, who: &self.who, endpoint, now_s };
            let oldest: Option<i64> = log.first_second(DAY_S)?;
            let left = |second: i64| Duration::from_secs((second + DAY_S + 1 - now_s).max(0).unsigned_abs());
            Ok(Usage {
                endpoint,
                last_minute: log.count(MINUTE_S)?,
                last_day: log.count(DAY_S)?,
                oldest_frees_in: oldest.map(left),
            })
        };
        self.with(|connection| Endpoint::ALL.into_iter().map(|endpoint| of(connection, endpoint)).collect())
            .map_err(|e| self.not_read(e))
    }

    /// Notes that a host has blocked this machine's address for some time.
    pub(crate) fn block(&self, host: &str, lasts: Duration) -> Result<()> {
        let until_ms =
            self.clock.now_ms().saturating_add(i64::try_from(lasts.as_millis()).unwrap_or(i64::MAX));
        let note =
            "INSERT INTO blocked VALUES (?1, ?2) ON CONFLICT DO UPDATE SET until_ms = excluded.until_ms";
        self.with(|connection| connection.execute(note, params![host, until_ms]).map(drop))
            .map_err(|e| self.not_written(e))
    }

    /// The host of a URL as a ledger names it: with the port where that is not the default of the scheme.
    pub fn host_of(url: &Url) -> String {
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}{port}", url.host_str().unwrap_or_default())
    }

    /// How much longer a host is expected to block this machine's address, if it is known to do so.
    ///
    /// # Errors
    /// [`Error::Input`] when the file cannot be read.
    pub fn blocked(&self, host: &str) -> Result<Option<Duration>> {
        let now_ms = self.clock.now_ms();
        let find = "SELECT until_ms FROM blocked WHERE host = ?1 AND until_ms > ?2";
        let until: rusqlite::Result<Option<i64>> = self.with(|connection| {
            connection.prepare_cached(find)?.query_row(params![host, now_ms], |row| row.get(0)).optional()
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
        let mut connection = self.connection.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        work(&mut connection)
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger").finish_non_exhaustive()
    }
}

/// The requests of one token to one endpoint, seen at one moment.
struct RequestLog<'a> {
    change: &'a Connection,
    who: &'a str,
    endpoint: Endpoint,
    now_s: i64,
}

impl RequestLog<'_> {
    /// Removes requests older than a day. Requests with a time in the future, as after the clock was set back, are
    /// counted as sent now, so that none counts for less than a day.
    fn tidy(&self) -> rusqlite::Result<()> {
        let Self { change, who, endpoint, now_s } = self;
        change
            .prepare_cached("DELETE FROM spent WHERE who = ?1 AND endpoint = ?2 AND second < ?3")?
            .execute(params![who, number(*endpoint), now_s - DAY_S])?;
        let ahead: i64 = change
            .prepare_cached(
                "SELECT coalesce(sum(count), 0) FROM spent WHERE who = ?1 AND endpoint = ?2 AND second > ?3",
            )?
            .query_row(params![who, number(*endpoint), now_s], |row| row.get(0))?;
        if ahead > 0 {
            let gone = "DELETE FROM spent WHERE who = ?1 AND endpoint = ?2 AND second > ?3";
            change.execute(gone, params![who, number(*endpoint), now_s])?;
            self.add(ahead)?;
        }
        Ok(())
    }

    /// Counts a request if the limits allow one more.
    fn reserve(&self, limits: Limits, now_ms: i64) -> rusqlite::Result<Reservation> {
        let wait = |until_s: i64| Duration::from_millis((until_s * 1000 - now_ms).max(1).unsigned_abs());
        if let Some(limit) = limits.per_day
            && let Some(free_s) = self.full_until(DAY_S, limit)?
        {
            return Ok(Reservation::DayUsedUp { limit, free_in: wait(free_s) });
        }
        if let Some(limit) = limits.per_minute {
            let burst = (limit / BURSTS_PER_MINUTE).max(1);
            // A burst is a fraction of the requests of a minute, and lasts the same fraction of the minute, at least 1
            // s.
            let length_s = (MINUTE_S * i64::from(burst)).div_euclid(i64::from(limit)).max(1);
            if let Some(free_s) = self.full_until(length_s, burst)? {
                return Ok(Reservation::Wait(wait(free_s)));
            }
        }
        self.add(1)?;
        Ok(Reservation::Granted)
    }

    fn add(&self, count: i64) -> rusqlite::Result<()> {
        let add = "INSERT INTO spent VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT DO UPDATE SET count = count + excluded.count";
        let values = params![self.who, number(self.endpoint), self.now_s, count];
        self.change.prepare_cached(add)?.execute(values).map(drop)
    }

    /// Requests of the last `length_s` seconds.
    fn count(&self, length_s: i64) -> rusqlite::Result<u64> {
        let count =
            "SELECT coalesce(sum(count), 0) FROM spent WHERE who = ?1 AND endpoint = ?2 AND second >= ?3";
        let values = params![self.who, number(self.endpoint), self.now_s - length_s];
        self.change.prepare_cached(count)?.query_row(values, |row| row.get(0))
    }

    /// The earliest second of the last `length_s` that has requests.
    fn first_second(&self, length_s: i64) -> rusqlite::Result<Option<i64>> {
        let first = "SELECT min(second) FROM spent WHERE who = ?1 AND endpoint = ?2 AND second >= ?3";
        let values = params![self.who, number(self.endpoint), self.now_s - length_s];
        self.change.prepare_cached(first)?.query_row(values, |row| row.get(0))
    }

    /// When the last `length_s` seconds have as many requests as `limit` allows: the second at which the first of them
    /// no longer counts.
    ///
    /// A request counts until the end of its second, so that no window of this length ever holds more than `limit`.
    fn full_until(&self, length_s: i64, limit: u32) -> rusqlite::Result<Option<i64>> {
        if self.count(length_s)? < u64::from(limit) {
            return Ok(None);
        }
        Ok(self.first_second(length_s)?.map(|second| second + length_s + 1))
    }
}

/// The number that stands for an endpoint in the file.
fn number(endpoint: Endpoint) -> i64 {
    match endpoint {
        Endpoint::Tiles => 0,
        Endpoint::Entities => 1,
        Endpoint::Searches => 2,
    }
}

/// The token's name in the file: half of its SHA-256, so that the token itself is not stored.
fn fingerprint(token: &Token) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, token.reveal().as_bytes());
    let (head, _) = digest.as_ref().split_at(16);
    head.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    fn token() -> Token {
        Token::new("MLY|1|secret").unwrap()
    }

    /// A clock, and the time that it shows, in milliseconds.
    fn clock() -> (Clock, Arc<AtomicI64>) {
        let now = Arc::new(AtomicI64::new(1_800_000_000_500));
        let shown = Arc::clone(&now);
        (Clock::new(move || shown.load(Ordering::Relaxed)), now)
    }

    /// A ledger in a folder and the time of its clock.
    fn ledger(dir: &Path) -> (Ledger, Arc<AtomicI64>) {
        let (clock, now) = clock();
        (Ledger::open(dir, &token(), clock).unwrap(), now)
    }

    /// A ledger in memory and the time of its clock.
    fn in_memory() -> (Ledger, Arc<AtomicI64>) {
        let (clock, now) = clock();
        (Ledger::in_memory(&token(), clock).unwrap(), now)
    }

    const HOST: &str = "tiles.example";

    fn take(ledger: &Ledger, limits: Limits) -> Reservation {
        ledger.reserve(Endpoint::Tiles, HOST, limits).unwrap()
    }

    #[test]
    fn no_minute_has_more_requests_than_allowed_and_they_come_in_bursts() {
        let dir = tempfile::tempdir().unwrap();
        for (limit, burst) in [(1, 1), (3, 1), (7, 1), (50, 10), (6000, 1200)] {
            for (ledger, now) in [ledger(&dir.path().join(limit.to_string())), in_memory()] {
                let limits = Limits { per_minute: Some(limit), per_day: None };
                let mut sent = Vec::new();
                while sent.len() < 2 * limit as usize + 1 {
                    match take(&ledger, limits) {
                        Reservation::Granted => sent.push(now.load(Ordering::Relaxed)),
                        Reservation::Wait(time) => {
                            now.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::Relaxed);
                        }
                        other => panic!("there is no limit for the day, and no block: {other:?}"),
                    }
                }
                let limit = limit as usize;
                assert!(sent.windows(limit + 1).all(|w| w[limit] - w[0] >= 60_000), "{limit}");
                assert_eq!(sent.iter().filter(|at| **at == sent[0]).count(), burst);
            }
        }
    }

    #[test]
    fn a_used_up_day_says_when_it_frees_and_another_process_sees_it() {
        let dir = tempfile::tempdir().unwrap();
        let (first, now) = ledger(dir.path());
        let limits = Limits { per_minute: None, per_day: Some(2) };
        assert_eq!(take(&first, limits), Reservation::Granted);
        now.fetch_add(3_600_000, Ordering::Relaxed);
        let clock = Clock::new(move || now.load(Ordering::Relaxed));
        let second = Ledger::open(dir.path(), &token(), clock).unwrap();
        assert_eq!(take(&second, limits), Reservation::Granted);
        let Reservation::DayUsedUp { limit: 2, free_in } = take(&second, limits) else {
            panic!("a third request")
        };
        assert!((82_800..=82_801).contains(&free_in.as_secs()), "{free_in:?}");
        assert_eq!(first.usage().unwrap(), second.usage().unwrap());
        assert_eq!(second.usage().unwrap()[0].last_day, 2);
    }

    #[test]
    fn tokens_and_endpoints_have_accounts_of_their_own_and_tokens_are_not_stored() {
        let dir = tempfile::tempdir().unwrap();
        let (ledger, _) = ledger(dir.path());
        let limits = Limits { per_minute: None, per_day: Some(1) };
        assert_eq!(take(&ledger, limits), Reservation::Granted);
        assert_eq!(ledger.reserve(Endpoint::Searches, HOST, limits).unwrap(), Reservation::Granted);
        let other = Ledger::open(dir.path(), &Token::new("MLY|2|other").unwrap(), Clock::default()).unwrap();
        assert_eq!(take(&other, limits), Reservation::Granted);
        drop((ledger, other));
        for entry in std::fs::read_dir(dir.path()).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            assert!(!bytes.windows(6).any(|w| w == b"secret"));
        }
    }

    #[test]
    fn a_clock_that_is_set_back_frees_nothing() {
        let (ledger, now) = in_memory();
        let limits = Limits { per_minute: None, per_day: Some(1) };
        assert_eq!(take(&ledger, limits), Reservation::Granted);
        now.fetch_sub(10 * 86_400_000, Ordering::Relaxed);
        assert!(matches!(take(&ledger, limits), Reservation::DayUsedUp { .. }));
        now.fetch_add(86_402_000, Ordering::Relaxed);
        assert_eq!(take(&ledger, limits), Reservation::Granted, "a day after the set clock");
    }

    #[test]
    fn a_block_is_remembered_until_it_ends() {
        let (ledger, now) = in_memory();
        ledger.block(HOST, Duration::from_secs(60)).unwrap();
        let free_in = Duration::from_secs(60);
        assert_eq!(ledger.blocked(HOST).unwrap(), Some(free_in));
        assert_eq!(take(&ledger, Limits::default()), Reservation::Blocked { free_in });
        assert_eq!(ledger.blocked("graph.example").unwrap(), None);
        now.fetch_add(60_000, Ordering::Relaxed);
        assert_eq!(ledger.blocked("tiles.example").unwrap(), None);
        ledger.block("tiles.example", Duration::from_secs(60)).unwrap();
        ledger.forget_block("tiles.example").unwrap();
        assert_eq!(ledger.blocked("tiles.example").unwrap(), None);
    }
}
