//! Requests of the last 24 hours, by the time of day at which they were sent.

use rusqlite::{Connection, params};

use super::{Lane, Now};
use crate::store::ledger::rules::KEPT_MS;

/// The table of requests, by second. `elapsed_ms` is the time that had passed since the ledger was made.
pub(super) const SCHEMA: &str = "
    CREATE TABLE sent (
        host TEXT NOT NULL,
        endpoint INTEGER NOT NULL,
        second INTEGER NOT NULL,
        elapsed_ms INTEGER NOT NULL,
        count INTEGER NOT NULL,
        PRIMARY KEY (host, endpoint, second)
    ) WITHOUT ROWID;
";

/// The requests of a lane in 24 hours, seen at one moment.
///
/// A clock that is wrong for a while makes them count longer, never shorter: each keeps the time of day at which it was
/// sent. One that was sent in the future, as after the clock was set back, counts until a day has certainly passed.
pub(super) struct Day<'a> {
    pub(super) change: &'a Connection,
    pub(super) lane: Lane<'a>,
    pub(super) now: Now,
}

/// The condition for requests that count; parameters are host, endpoint, now in seconds, and the time that has passed.
const COUNTS: &str = "host = ?1 AND endpoint = ?2
    AND (second BETWEEN ?3 - 86400 AND ?3 OR (second > ?3 AND elapsed_ms >= ?4 - 86400000))";

/// In how many seconds such a request no longer counts. It counts until the end of its second.
const FREES_IN: &str = "CASE WHEN second <= ?3 THEN second - ?3 ELSE (elapsed_ms - ?4) / 1000 END + 86401";

impl Day<'_> {
    /// Removes requests that can never count again.
    fn tidy(&self) -> rusqlite::Result<()> {
        let remove = format!(
            "DELETE FROM sent WHERE elapsed_ms < ?4 - {KEPT_MS} AND NOT ({COUNTS})
            AND host = ?1 AND endpoint = ?2"
        );
        self.change.prepare_cached(&remove)?.execute(self.values()).map(drop)
    }

    /// Counts requests as sent now.
    pub(super) fn add(&self, count: u64) -> rusqlite::Result<()> {
        let add = "INSERT INTO sent VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT DO UPDATE SET count = count + excluded.count, elapsed_ms = excluded.elapsed_ms
            RETURNING count";
        let Self { change, lane, now } = self;
        let values = params![lane.host, lane.number(), now.second, now.elapsed_ms, count];
        let counted: u64 = change.prepare_cached(add)?.query_row(values, |row| row.get(0))?;
        // Once a second is enough, since old requests do not count anyway.
        if counted == count { self.tidy() } else { Ok(()) }
    }

    /// How many requests count.
    pub(super) fn count(&self) -> rusqlite::Result<u64> {
        let sum = format!("SELECT coalesce(sum(count), 0) FROM sent WHERE {COUNTS}");
        self.change.prepare_cached(&sum)?.query_row(self.values(), |row| row.get(0))
    }

    /// In how many seconds fewer than `limit` of the `counted` requests count; `None` if fewer do now.
    pub(super) fn full_for_s(&self, counted: u64, limit: u32) -> rusqlite::Result<Option<i64>> {
        let Some(excess) = counted.checked_sub(limit.into()) else { return Ok(None) };
        let list = format!("SELECT {FREES_IN} AS frees_in, count FROM sent WHERE {COUNTS} ORDER BY frees_in");
        let mut list = self.change.prepare_cached(&list)?;
        let mut rows = list.query(self.values())?;
        let mut gone = 0;
        while let Some(row) = rows.next()? {
            gone += row.get::<_, u64>(1)?;
            if gone > excess {
                return row.get(0).map(Some);
            }
        }
        Ok(None)
    }

    /// In how many seconds the oldest request that counts will no longer count.
    pub(super) fn oldest_frees_in_s(&self) -> rusqlite::Result<Option<i64>> {
        let first = format!("SELECT min({FREES_IN}) FROM sent WHERE {COUNTS}");
        self.change.prepare_cached(&first)?.query_row(self.values(), |row| row.get(0))
    }

    fn values(&self) -> impl rusqlite::Params + '_ {
        (self.lane.host, self.lane.number(), self.now.second, self.now.elapsed_ms)
    }
}
