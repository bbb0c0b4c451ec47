//! How much time has passed, whatever the clock of the day shows.

use rusqlite::{Connection, OptionalExtension, params};

use crate::store::clock::Clock;

/// The table with the last reading of the clocks, one row.
pub(super) const SCHEMA: &str = "
    CREATE TABLE clock (
        id INTEGER PRIMARY KEY CHECK (id = 0),
        elapsed_ms INTEGER NOT NULL,
        boot TEXT,
        uptime_ms INTEGER,
        wall_ms INTEGER NOT NULL,
        latest_wall_ms INTEGER NOT NULL,
        elapsed_at_latest_ms INTEGER NOT NULL
    );
";

/// A reading of the clocks.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Reading {
    /// Milliseconds since the ledger was made, as far as they are certain.
    elapsed_ms: i64,
    /// Which start of the machine, and how long ago it was, where the system tells.
    boot: Option<String>,
    uptime_ms: Option<i64>,
    wall_ms: i64,
    /// The latest time of day that any process has seen, and how much time had passed then.
    latest_wall_ms: i64,
    elapsed_at_latest_ms: i64,
}

/// Milliseconds since the ledger was made, and keeps the reading for the next process.
///
/// It never runs backwards, and never faster than time does. The uptime of the machine tells how much has passed since
/// the last reading, unless the machine was started anew. Then, and where the system does not tell it, the time of day
/// does: as long as it is behind the latest time that was seen, it was set back, and what it is set forward until it
/// gets there is not counted.
pub(super) fn elapsed_ms(connection: &Connection, clock: &Clock) -> rusqlite::Result<i64> {
    let (boot, uptime_ms) = clock.uptime().map(|up| (up.boot, up.ms)).unzip();
    let wall_ms = clock.now_ms();
    let next = match last(connection)? {
        None => Reading {
            elapsed_ms: 0,
            boot,
            uptime_ms,
            wall_ms,
            latest_wall_ms: wall_ms,
            elapsed_at_latest_ms: 0,
        },
        Some(last) => last.followed_by(boot, uptime_ms, wall_ms),
    };
    connection.prepare_cached("INSERT OR REPLACE INTO clock VALUES (0, ?1, ?2, ?3, ?4, ?5, ?6)")?.execute(
        params![
            next.elapsed_ms,
            next.boot,
            next.uptime_ms,
            next.wall_ms,
            next.latest_wall_ms,
            next.elapsed_at_latest_ms
        ],
    )?;
    Ok(next.elapsed_ms)
}

fn last(connection: &Connection) -> rusqlite::Result<Option<Reading>> {
    let read = "SELECT elapsed_ms, boot, uptime_ms, wall_ms, latest_wall_ms, elapsed_at_latest_ms FROM clock";
    connection
        .prepare_cached(read)?
        .query_row([], |row| {
            Ok(Reading {
                elapsed_ms: row.get(0)?,
                boot: row.get(1)?,
                uptime_ms: row.get(2)?,
                wall_ms: row.get(3)?,
                latest_wall_ms: row.get(4)?,
                elapsed_at_latest_ms: row.get(5)?,
            })
        })
        .optional()
}

impl Reading {
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
