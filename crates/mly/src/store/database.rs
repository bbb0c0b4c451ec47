//! `SQLite` files that several processes use at once.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;

/// How long a process waits for another one to finish its writing.
const PATIENCE: Duration = Duration::from_secs(10);

/// Opens a database file, makes it when it is not there, and brings it to `schema`.
///
/// A file of another version is made anew: nothing that is kept here is lost for good.
pub(super) fn open(path: &Path, version: i32, schema: &str) -> rusqlite::Result<Connection> {
    let connection = connect(path)?;
    let found: i32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found == version {
        return Ok(connection);
    }
    let mut connection = connection;
    let change = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    // Another process may have been faster.
    let found: i32 = change.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found != version {
        let names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
        let tables: Vec<String> =
            change.prepare(names)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        for table in tables {
            change.execute_batch(&format!("DROP TABLE \"{table}\""))?;
        }
        change.execute_batch(schema)?;
        change.pragma_update(None, "user_version", version)?;
    }
    change.commit()?;
    Ok(connection)
}

/// A further connection to a database that was opened before.
pub(super) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(PATIENCE)?;
    // Has an effect on a new file only: it can give space back later on.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    // Readers and a writer do not wait for each other, and a crash loses nothing but the last moments.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    Ok(connection)
}
