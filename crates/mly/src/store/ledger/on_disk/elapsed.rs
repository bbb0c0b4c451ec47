//! The last reading of the clocks, as the file of a ledger keeps it.

use rusqlite::{Connection, OptionalExtension, params};

use crate::store::clock::Clock;
use crate::store::ledger::reading::Reading;

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

/// Milliseconds since the ledger was made, and keeps the reading for the next process.
pub(super) fn elapsed_ms(connection: &Connection, clock: &Clock) -> rusqlite::Result<i64> {
    let next = Reading::next(last(connection)?, clock);
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
