//! `SQLite` files that several processes use at once.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, Transaction};

use super::private::make_private;
use crate::error::Error;
use crate::file::database_path;

/// How long a process waits for another one to finish writing.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Opens a database file, or creates it. Nobody else can read it: what somebody looks at is private.
///
/// A file without tables, or with those of another version, is handed to `make`, with the version that it has (0 for
/// none).
pub(super) fn open(
    path: &Path,
    version: i32,
    make: impl FnOnce(&Transaction<'_>, i32) -> rusqlite::Result<()>,
) -> rusqlite::Result<Connection> {
    make_private(path);
    let mut connection = connect(path)?;
    let found: i32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found == version {
        return Ok(connection);
    }
    let change = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    // Another process may have created the tables since the first look.
    let found: i32 = change.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found != version {
        make(&change, found)?;
        change.pragma_update(None, "user_version", version)?;
    }
    change.commit()?;
    Ok(connection)
}

/// Drops all tables and creates those of `schema`.
pub(super) fn begin_anew(change: &Transaction<'_>, schema: &str) -> rusqlite::Result<()> {
    let names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let tables: Vec<String> =
        change.prepare(names)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for table in tables {
        change.execute_batch(&format!("DROP TABLE \"{table}\""))?;
    }
    change.execute_batch(schema)
}

/// A database in memory, for this process only.
pub(super) fn open_in_memory(schema: &str) -> rusqlite::Result<Connection> {
    let connection = Connection::open_in_memory()?;
    connection.execute_batch(schema)?;
    Ok(connection)
}

/// The error that a file cannot be opened, read or written.
pub(super) fn unusable(path: &Path, cause: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::input("cannot be used").with_path(path).with_source(cause)
}

/// Whether a file is no database, or one whose content contradicts itself.
pub(super) fn is_damaged(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
}

/// The names that a database has on disk: the file, and those that `SQLite` keeps beside it while it is in use.
pub(super) const SUFFIXES: [&str; 3] = ["", "-wal", "-shm"];

/// A further connection to a database that was opened before.
pub(super) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(database_path(path).unwrap_or_else(|_| path.to_owned()))?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // Lets `incremental_vacuum` shrink the file later. It has an effect only while the file has no tables.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    // With a write-ahead log, readers and a writer do not wait for each other; a power cut may lose the last commits.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    Ok(connection)
}
