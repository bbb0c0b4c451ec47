//! What was asked of the service, so that its limits hold over processes and restarts.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use url::Url;

use super::clock::Clock;
use super::database;
use crate::api::Endpoint;
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

/// Parts that the requests of a minute are spread over: a spike blocks an address sooner than a steady rate (API v4,
/// "Rate limits"), and a few tiles at once make small areas quick.
const BURSTS: u32 = 5;

/// How much may be asked of an endpoint; `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) per_minute: Option<u32>,
    pub(crate) per_day: Option<u32>,
}

/// Whether a request may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reserve {
    /// It may, and is counted.
    Granted,
    /// Not yet.
    Wait(Duration),
    /// The requests of the day are used up.
    Exhausted { limit: u32, free_in: Duration },
    /// The host was found to refuse this address.
    Blocked { free_in: Duration },
}

/// What has been used of one endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// Which one.
    pub endpoint: Endpoint,
    /// Requests of the last 60 seconds.
    pub last_minute: u64,
    /// Requests of the last 24 hours.
    pub last_day: u64,
    /// When the oldest request of the last 24 hours no longer counts.
    pub oldest_frees_in: Option<Duration>,
}

/// Requests of the last day by token and endpoint, on disk, shared by the processes of a machine.
///
/// Tokens are stored as hashes. A clock that is set back makes requests count longer, never shorter.
pub struct Ledger {
    connection: Mutex<Connection>,
    who: String,
    clock: Clock,
}

impl Ledger {
    /// The ledger in a folder, which is made when it is not there, of a token.
    ///
    /// # Errors
    /// What the system says when the folder or its file cannot be used.
    pub fn open(dir: &Path, token: &Token, clock: Clock) -> io::Result<Self> {
        std::fs::create_dir_all(dir)?;
        let connection =
            database::open(&dir.join("budget.sqlite"), VERSION, SCHEMA).map_err(io::Error::other)?;
        // A file that may not be written to opens without a complaint.
        connection
            .execute("DELETE FROM blocked WHERE until_ms < ?1", [clock.now_ms()])
            .map_err(io::Error::other)?;
        Ok(Self { connection: Mutex::new(connection), who: fingerprint(token), clock })
    }

    /// Counts a request to a host if it may be sent now.
    pub(crate) fn reserve(&self, endpoint: Endpoint, host: &str, limits: Limits) -> io::Result<Reserve> {
        if let Some(free_in) = self.blocked(host)? {
            return Ok(Reserve::Blocked { free_in });
        }
        self.with(|connection| self.try_reserve(connection, endpoint, limits))
    }

    fn try_reserve(
        &self,
        connection: &mut Connection,
        endpoint: Endpoint,
        limits: Limits,
    ) -> rusqlite::Result<Reserve> {
        let now_ms = self.clock.now_ms();
        let now_s = now_ms.div_euclid(1000);
        let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let account = Account { change: &change, who: &self.who, endpoint, now_s };
        account.tidy()?;
        let outcome = account.reserve(limits, now_ms)?;
        // What was tidied up stays so, whatever came of the request.
        change.commit()?;
        Ok(outcome)
    }

    /// What has been used of every endpoint.
    ///
    /// # Errors
    /// What the system says when the file cannot be read.
    pub fn usage(&self) -> io::Result<Vec<Usage>> {
        let now_s = self.clock.now_ms().div_euclid(1000);
        let of = |connection: &Connection, endpoint: Endpoint| {
            let account = Account { change: connection, who: &self.who, endpoint, now_s };
            let oldest: Option<i64> = account.first_second(DAY_S)?;
            let left = |second: i64| Duration::from_secs((second + DAY_S + 1 - now_s).max(0).unsigned_abs());
            Ok(Usage {
                endpoint,
                last_minute: account.count(MINUTE_S)?,
                last_day: account.count(DAY_S)?,
                oldest_frees_in: oldest.map(left),
            })
        };
        self.with(|connection| Endpoint::ALL.into_iter().map(|endpoint| of(connection, endpoint)).collect())
    }

    /// Remembers that a host refuses this address for some time.
    pub(crate) fn block(&self, host: &str, lasts: Duration) -> io::Result<()> {
        let until_ms =
            self.clock.now_ms().saturating_add(i64::try_from(lasts.as_millis()).unwrap_or(i64::MAX));
        let note =
            "INSERT INTO blocked VALUES (?1, ?2) ON CONFLICT DO UPDATE SET until_ms = excluded.until_ms";
        self.with(|connection| connection.execute(note, params![host, until_ms]).map(drop))
    }

    /// What a ledger calls the host of an address: its name, with the port where that is not the usual one.
    pub fn host_of(url: &Url) -> String {
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}{port}", url.host_str().unwrap_or_default())
    }

    /// How long a host is known to refuse this address.
    ///
    /// # Errors
    /// What the system says when the file cannot be read.
    pub fn blocked(&self, host: &str) -> io::Result<Option<Duration>> {
        let now_ms = self.clock.now_ms();
        let find = "SELECT until_ms FROM blocked WHERE host = ?1 AND until_ms > ?2";
        let until: Option<i64> = self.with(|connection| {
            connection.query_row(find, params![host, now_ms], |row| row.get(0)).optional()
        })?;
        Ok(until.map(|until_ms| Duration::from_millis(until_ms.abs_diff(now_ms))))
    }

    /// Forgets that a host refuses this address.
    ///
    /// # Errors
    /// What the system says when the file cannot be written.
    pub fn forget_block(&self, host: &str) -> io::Result<()> {
        self.with(|connection| connection.execute("DELETE FROM blocked WHERE host = ?1", [host]).map(drop))
    }

    fn with<T>(&self, work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> io::Result<T> {
        // What another thread left behind when it panicked was rolled back.
        let mut connection = self.connection.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        work(&mut connection).map_err(io::Error::other)
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger").finish_non_exhaustive()
    }
}

/// The requests of one token to one endpoint, at one moment.
struct Account<'a> {
    change: &'a Connection,
    who: &'a str,
    endpoint: Endpoint,
    now_s: i64,
}

impl Account<'_> {
    /// Forgets what is older than a day, and brings what seems to come from the future to now.
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

    /// Counts a request if the limits allow for one more.
    fn reserve(&self, limits: Limits, now_ms: i64) -> rusqlite::Result<Reserve> {
        let wait = |until_s: i64| Duration::from_millis((until_s * 1000 - now_ms).max(1).unsigned_abs());
        if let Some(limit) = limits.per_day
            && let Some(free_s) = self.full_until(DAY_S, limit)?
        {
            return Ok(Reserve::Exhausted { limit, free_in: wait(free_s) });
        }
        if let Some(limit) = limits.per_minute {
            let burst = (limit / BURSTS).max(1);
            // As long as the share of a minute that a burst is, and at least one second.
            let length_s = (MINUTE_S * i64::from(burst)).div_euclid(i64::from(limit)).max(1);
            if let Some(free_s) = self.full_until(length_s, burst)? {
                return Ok(Reserve::Wait(wait(free_s)));
            }
        }
        self.add(1)?;
        Ok(Reserve::Granted)
    }

    fn add(&self, count: i64) -> rusqlite::Result<()> {
        let add = "INSERT INTO spent VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT DO UPDATE SET count = count + excluded.count";
        let values = params![self.who, number(self.endpoint), self.now_s, count];
        self.change.prepare_cached(add)?.execute(values).map(drop)
    }

    /// Requests of the last seconds.
    fn count(&self, length_s: i64) -> rusqlite::Result<u64> {
        let count =
            "SELECT coalesce(sum(count), 0) FROM spent WHERE who = ?1 AND endpoint = ?2 AND second >= ?3";
        let values = params![self.who, number(self.endpoint), self.now_s - length_s];
        self.change.prepare_cached(count)?.query_row(values, |row| row.get(0))
    }

    /// The first second of the last ones that has requests.
    fn first_second(&self, length_s: i64) -> rusqlite::Result<Option<i64>> {
        let first = "SELECT min(second) FROM spent WHERE who = ?1 AND endpoint = ?2 AND second >= ?3";
        let values = params![self.who, number(self.endpoint), self.now_s - length_s];
        self.change.prepare_cached(first)?.query_row(values, |row| row.get(0))
    }

    /// The second in which the last ones have fewer than `limit` requests again, if they have as many now.
    ///
    /// A request counts to the end of its second, so that no window of this length ever holds more.
    fn full_until(&self, length_s: i64, limit: u32) -> rusqlite::Result<Option<i64>> {
        if self.count(length_s)? < u64::from(limit) {
            return Ok(None);
        }
        Ok(self.first_second(length_s)?.map(|second| second + length_s + 1))
    }
}

/// An endpoint as it is stored.
fn number(endpoint: Endpoint) -> i64 {
    match endpoint {
        Endpoint::Tiles => 0,
        Endpoint::Entities => 1,
        Endpoint::Searches => 2,
    }
}

/// A token as it is stored.
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

    /// A ledger in a new folder and the clock that it goes by, in milliseconds.
    fn ledger(dir: &Path) -> (Ledger, Arc<AtomicI64>) {
        let now = Arc::new(AtomicI64::new(1_800_000_000_500));
        let clock = {
            let now = Arc::clone(&now);
            Clock::new(move || now.load(Ordering::Relaxed))
        };
        (Ledger::open(dir, &Token::new("MLY|1|secret").unwrap(), clock).unwrap(), now)
    }

    const HOST: &str = "tiles.example";

    fn take(ledger: &Ledger, limits: Limits) -> Reserve {
        ledger.reserve(Endpoint::Tiles, HOST, limits).unwrap()
    }

    #[test]
    fn no_minute_has_more_requests_than_allowed_and_they_come_in_small_bursts() {
        for (limit, burst) in [(1, 1), (3, 1), (7, 1), (50, 10), (6000, 1200)] {
            let dir = tempfile::tempdir().unwrap();
            let (ledger, now) = ledger(dir.path());
            let limits = Limits { per_minute: Some(limit), per_day: None };
            let mut sent = Vec::new();
            while sent.len() < 2 * limit as usize + 1 {
                match take(&ledger, limits) {
                    Reserve::Granted => sent.push(now.load(Ordering::Relaxed)),
                    Reserve::Wait(time) => {
                        now.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::Relaxed);
                    }
                    Reserve::Exhausted { .. } | Reserve::Blocked { .. } => {
                        panic!("there is no limit for the day, and no block")
                    }
                }
            }
            let limit = limit as usize;
            assert!(sent.windows(limit + 1).all(|w| w[limit] - w[0] >= 60_000), "{limit}");
            assert_eq!(sent.iter().filter(|at| **at == sent[0]).count(), burst);
        }
    }

    #[test]
    fn a_used_up_day_says_when_it_frees_and_another_process_sees_it() {
        let dir = tempfile::tempdir().unwrap();
        let (first, now) = ledger(dir.path());
        let limits = Limits { per_minute: None, per_day: Some(2) };
        assert_eq!(take(&first, limits), Reserve::Granted);
        now.fetch_add(3_600_000, Ordering::Relaxed);
        let clock = Clock::new(move || now.load(Ordering::Relaxed));
        let second = Ledger::open(dir.path(), &Token::new("MLY|1|secret").unwrap(), clock).unwrap();
        assert_eq!(take(&second, limits), Reserve::Granted);
        let Reserve::Exhausted { limit: 2, free_in } = take(&second, limits) else {
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
        assert_eq!(take(&ledger, limits), Reserve::Granted);
        assert_eq!(ledger.reserve(Endpoint::Searches, HOST, limits).unwrap(), Reserve::Granted);
        let other = Ledger::open(dir.path(), &Token::new("MLY|2|other").unwrap(), Clock::default()).unwrap();
        assert_eq!(take(&other, limits), Reserve::Granted);
        drop((ledger, other));
        for entry in std::fs::read_dir(dir.path()).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            assert!(!bytes.windows(6).any(|w| w == b"secret"));
        }
    }

    #[test]
    fn a_clock_that_is_set_back_frees_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let (ledger, now) = ledger(dir.path());
        let limits = Limits { per_minute: None, per_day: Some(1) };
        assert_eq!(take(&ledger, limits), Reserve::Granted);
        now.fetch_sub(10 * 86_400_000, Ordering::Relaxed);
        assert!(matches!(take(&ledger, limits), Reserve::Exhausted { .. }));
        now.fetch_add(86_402_000, Ordering::Relaxed);
        assert_eq!(take(&ledger, limits), Reserve::Granted, "a day after the set clock");
    }

    #[test]
    fn a_block_is_remembered_until_it_ends() {
        let dir = tempfile::tempdir().unwrap();
        let (ledger, now) = ledger(dir.path());
        ledger.block(HOST, Duration::from_secs(60)).unwrap();
        let free_in = Duration::from_secs(60);
        assert_eq!(ledger.blocked(HOST).unwrap(), Some(free_in));
        assert_eq!(take(&ledger, Limits::default()), Reserve::Blocked { free_in });
        assert_eq!(ledger.blocked("graph.example").unwrap(), None);
        now.fetch_add(60_000, Ordering::Relaxed);
        assert_eq!(ledger.blocked("tiles.example").unwrap(), None);
        ledger.block("tiles.example", Duration::from_secs(60)).unwrap();
        ledger.forget_block("tiles.example").unwrap();
        assert_eq!(ledger.blocked("tiles.example").unwrap(), None);
    }
}
