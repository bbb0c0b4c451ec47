//! Checks an unfinished database before it is continued. `SQLite` has checksums of its journal only, so a sum over all
//! rows is kept beside them.

use std::ops::ControlFlow;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode};
use serde::{Deserialize, Serialize};

use super::statements::{APPLICATION_ID, STYLE_TABLE, USER_VERSION};

/// A sum of the checksums of rows, which does not depend on their order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ContentSum(u64);

/// The values of a row, as the bytes that its checksum is of.
#[derive(Default)]
pub(super) struct RowBytes(Vec<u8>);

impl RowBytes {
    pub(super) fn add(&mut self, value: ValueRef<'_>) {
        let (tag, number, bytes) = match value {
            ValueRef::Null => (0, 0, &[][..]),
            ValueRef::Integer(value) => (1, value.cast_unsigned(), &[][..]),
            // As SQLite stores them: what is no number as NULL, and zero without a sign.
            ValueRef::Real(value) if value.is_nan() => (0, 0, &[][..]),
            ValueRef::Real(value) => (2, if value == 0.0 { 0 } else { value.to_bits() }, &[][..]),
            ValueRef::Text(text) => (3, text.len() as u64, text),
            ValueRef::Blob(blob) => (4, blob.len() as u64, blob),
        };
        self.0.push(tag);
        self.0.extend_from_slice(&number.to_le_bytes());
        self.0.extend_from_slice(bytes);
    }

    /// Ends the row and adds it to a sum.
    pub(super) fn end(&mut self, sum: &mut ContentSum) {
        sum.0 = sum.0.wrapping_add(crc32fast::hash(&self.0).into());
        self.0.clear();
    }
}

impl ContentSum {
    /// The sum of all rows, except those whose meaning is the progress itself.
    pub(super) fn of(database: &Connection) -> rusqlite::Result<Self> {
        Self::of_tables(database, "%")
    }

    /// The part of the sum that describes the table of the rows: it changes at the end.
    pub(super) fn of_description(database: &Connection) -> rusqlite::Result<Self> {
        Self::of_tables(database, "gpkg_%")
    }

    /// The sum after one part of it has changed.
    pub(super) fn with(&self, before: &Self, after: &Self) -> Self {
        Self(self.0.wrapping_sub(before.0).wrapping_add(after.0))
    }

    fn of_tables(database: &Connection, like: &str) -> rusqlite::Result<Self> {
        let mut sum = Self::default();
        sum.add_all(database, "SELECT type, name, tbl_name, sql FROM sqlite_schema")?;
        // Virtual tables have no root page. What they consist of are tables too.
        let names = "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 \
                     AND (name LIKE ?1 OR name = ?2) AND name NOT IN ('gpkg_unfinished', 'sqlite_sequence')";
        let mut names = database.prepare(names)?;
        for name in names.query_map([like, STYLE_TABLE], |row| row.get::<_, String>(0))? {
            sum.add_all(database, &format!("SELECT * FROM \"{}\"", name?.replace('"', "\"\"")))?;
        }
        Ok(sum)
    }

    fn add_all(&mut self, database: &Connection, query: &str) -> rusqlite::Result<()> {
        let mut query = database.prepare(query)?;
        let count = query.column_count();
        let (mut rows, mut bytes) = (query.query([])?, RowBytes::default());
        while let Some(row) = rows.next()? {
            for at in 0..count {
                bytes.add(row.get_ref(at)?);
            }
            bytes.end(self);
        }
        Ok(())
    }
}

/// Whether a database is sound, and holds what it held when its sum was taken.
pub(super) fn is_sound(database: &Connection, sum: &ContentSum, fid: i64) -> rusqlite::Result<bool> {
    Ok(is_well_formed(database)?
        && database.query_row(
            "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name <> ?",
            [STYLE_TABLE],
            |row| row.get::<_, i64>(0),
        )? == fid
        && ContentSum::of(database)? == *sum)
}

/// Whether the pages of a database fit together. The spatial index does not count: its root is written last.
pub(super) fn is_well_formed(database: &Connection) -> rusqlite::Result<bool> {
    let number = |pragma: &str| database.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let is_ours = number("application_id")? == APPLICATION_ID
        && number("user_version")? == USER_VERSION
        && number("auto_vacuum")? == 0;
    let mut found = database.prepare("PRAGMA integrity_check")?;
    let lines = found.query_map([], |row| row.get::<_, String>(0))?;
    let is_known = |line: &str| line == "ok" || line.starts_with("In RTree ");
    let checked = lines.into_iter().try_for_each(|line| match line {
        Ok(line) if is_known(&line) => ControlFlow::Continue(()),
        other => ControlFlow::Break(other.map(drop)),
    });
    match checked {
        ControlFlow::Break(Err(error)) => Err(error),
        ControlFlow::Break(Ok(())) => Ok(false),
        ControlFlow::Continue(()) => Ok(is_ours),
    }
}

/// Whether an error of an unfinished database means that it is damaged, and not that the system fails.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    let of_system = [
        ErrorCode::SystemIoFailure,
        ErrorCode::DiskFull,
        ErrorCode::OutOfMemory,
        ErrorCode::PermissionDenied,
        ErrorCode::OperationInterrupted,
    ];
    error.sqlite_error_code().is_none_or(|code| !of_system.contains(&code))
}
