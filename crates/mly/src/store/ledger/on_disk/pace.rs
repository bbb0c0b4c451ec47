//! When the next request may be sent, by the time that has passed.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};

use super::Lane;
use crate::store::ledger::gap::Gaps;
use crate::store::ledger::rules::{MINUTE_S, Rhythm};

/// The tables: requests by second of the time that has passed, and what the next request of a lane depends on.
pub(super) const SCHEMA: &str = "
    CREATE TABLE paced (
        host TEXT NOT NULL,
        endpoint INTEGER NOT NULL,
        second INTEGER NOT NULL,
        count INTEGER NOT NULL,
        PRIMARY KEY (host, endpoint, second)
    ) WITHOUT ROWID;
    CREATE TABLE lanes (
        host TEXT NOT NULL,
        endpoint INTEGER NOT NULL,
        last_ms INTEGER NOT NULL,
        next_ms INTEGER NOT NULL,
        at_once INTEGER NOT NULL,
        PRIMARY KEY (host, endpoint)
    ) WITHOUT ROWID;
";

/// The pace of a lane, seen at one moment.
pub(super) struct Pace<'a> {
    pub(super) change: &'a Connection,
    pub(super) lane: Lane<'a>,
    /// How much time has passed since the ledger was made.
    pub(super) elapsed_ms: i64,
}

impl Pace<'_> {
    /// How long the next request has to wait after the `counted` ones of the last minute; `None` if it may be sent now.
    pub(super) fn wait(&self, counted: u64, per_minute: u32) -> rusqlite::Result<Option<Duration>> {
        let next_ms = self.rhythm()?.map_or(0, |rhythm| rhythm.next_ms);
        let window_ms = self.full_until_s(counted, per_minute)?.map_or(0, |second| second * 1000);
        let wait_ms = next_ms.max(window_ms) - self.elapsed_ms;
        Ok((wait_ms > 0).then(|| Duration::from_millis(wait_ms.unsigned_abs())))
    }

    /// Counts a request as sent now, and draws the gap to the next one.
    pub(super) fn add(&self, per_minute: Option<u32>, gaps: &Gaps) -> rusqlite::Result<()> {
        self.count_now(1)?;
        let Self { change, lane, elapsed_ms } = self;
        let Some(per_minute) = per_minute else { return Ok(()) };
        let Rhythm { last_ms, next_ms, at_once } =
            Rhythm::after_request(self.rhythm()?, *elapsed_ms, per_minute, gaps);
        change
            .prepare_cached("INSERT OR REPLACE INTO lanes VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![lane.host, lane.number(), last_ms, next_ms, at_once])?;
        Ok(())
    }

    /// Counts requests as sent now.
    pub(super) fn count_now(&self, requests: u64) -> rusqlite::Result<()> {
        let Self { change, lane, elapsed_ms } = self;
        let add = "INSERT INTO paced VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET count = count + excluded.count
            RETURNING count";
        let values = params![lane.host, lane.number(), elapsed_ms.div_euclid(1000), requests];
        let in_second: u64 = change.prepare_cached(add)?.query_row(values, |row| row.get(0))?;
        // Once a second is enough, since old requests do not count anyway.
        if in_second == requests {
            change
                .prepare_cached("DELETE FROM paced WHERE host = ?1 AND endpoint = ?2 AND second < ?3")?
                .execute(params![lane.host, lane.number(), self.first_s()])?;
        }
        Ok(())
    }

    fn rhythm(&self) -> rusqlite::Result<Option<Rhythm>> {
        let read = "SELECT last_ms, next_ms, at_once FROM lanes WHERE host = ?1 AND endpoint = ?2";
        self.change
            .prepare_cached(read)?
            .query_row(params![self.lane.host, self.lane.number()], |row| {
                Ok(Rhythm { last_ms: row.get(0)?, next_ms: row.get(1)?, at_once: row.get(2)? })
            })
            .optional()
    }

    /// Requests of the last minute.
    pub(super) fn count(&self) -> rusqlite::Result<u64> {
        let sum =
            "SELECT coalesce(sum(count), 0) FROM paced WHERE host = ?1 AND endpoint = ?2 AND second >= ?3";
        let values = params![self.lane.host, self.lane.number(), self.first_s()];
        self.change.prepare_cached(sum)?.query_row(values, |row| row.get(0))
    }

    /// The first second whose requests belong to the last minute. A request counts until the end of its second.
    fn first_s(&self) -> i64 {
        self.elapsed_ms.div_euclid(1000) - MINUTE_S
    }

    /// If the last minute has as many requests as allowed: the second at which it has fewer.
    fn full_until_s(&self, counted: u64, per_minute: u32) -> rusqlite::Result<Option<i64>> {
        let Some(excess) = counted.checked_sub(per_minute.into()) else { return Ok(None) };
        let list = "SELECT second, count FROM paced WHERE host = ?1 AND endpoint = ?2 AND second >= ?3
            ORDER BY second";
        let mut list = self.change.prepare_cached(list)?;
        let mut rows = list.query(params![self.lane.host, self.lane.number(), self.first_s()])?;
        let mut gone = 0;
        while let Some(row) = rows.next()? {
            gone += row.get::<_, u64>(1)?;
            if gone > excess {
                return Ok(Some(row.get::<_, i64>(0)? + MINUTE_S + 1));
            }
        }
        Ok(None)
    }
}
