//! GeoPackage 1.4 (<https://www.geopackage.org/spec140/>): an `SQLite` database with a spatial index.
//!
//! A database is not written from its beginning to its end, so this format needs a file and cannot go to a stream. Rows
//! come along the Hilbert curve, window by window, so that the spatial index can be packed while they are written.

mod blob;
mod check;
mod index;
mod schema;
mod statements;
mod style;
mod symbol;
mod triggers;

use std::path::Path;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMillisecondType;
use arrow_schema::{DataType, SchemaRef};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use serde::{Deserialize, Serialize};

use self::check::{ContentSum, RowBytes, is_damage, is_sound, is_well_formed};
use self::index::RtreeLevels;
use self::schema::FeatureTable;
use super::bounds::Bounds;
use super::finish::{failed, finish};
use super::format::Format;
use super::text::Cells;
use super::traits::{ResumableSink, Sink};
use super::value::{Value, moment};
use super::window::{Sorted, Window};
use crate::error::{Cause, Error, Hint, Result};
use crate::file::{Destination, SinkState, database_path};

/// Writes rows into a database.
pub(super) struct GeoPackage {
    // Fields are dropped in this order: the database is closed before the destination removes its file.
    database: Connection,
    destination: Destination,
    window: Window,
    layer: FeatureTable,
    known: PackageState,
}

/// What is known of the rows so far. It is stored in the database, in the same transactions as the rows, until the
/// database is complete.
#[derive(Default, Serialize, Deserialize)]
struct PackageState {
    index: RtreeLevels,
    /// The box around everything.
    bounds: Option<[f64; 4]>,
    /// Number of the last row.
    fid: i64,
    /// The latest time in the rows. It becomes the date of the contents, because the time of writing would make the
    /// bytes differ from run to run.
    newest_ms: i64,
    /// Of everything in the database, by which a later process knows that it is undamaged.
    sum: ContentSum,
    /// Whether everything is written, so that the file only has to be renamed.
    is_complete: bool,
}

impl GeoPackage {
    /// # Errors
    /// [`Error::InvalidQuery`] when the destination is not a file.
    pub(super) fn new(destination: Destination, schema: &SchemaRef) -> Result<Self> {
        let unusable = |e: Cause| failed(destination.path().as_ref(), Format::GeoPackage, e);
        let Some(part) = destination.part().map_err(|e| unusable(e.into()))? else {
            let name = destination.path().map_or("a stream".to_owned(), |path| path.display().to_string());
            return Err(Error::query(format!("cannot write gpkg to {name}: it is a database"))
                .with_hint(Hint::NameFile));
        };
        let settled = destination.saved_state().map_or(0, |settled| settled.rows);
        let layer = table_of(schema)?;
        let begin = || -> Result<_, Cause> {
            let database = open(&part, destination.is_lasting())?;
            let known = PackageState::of(&database, &layer)?;
            Ok((database, known))
        };
        let (database, known) = begin().map_err(|e| match e.downcast_ref() {
            Some(e) if settled > 0 && is_damage(e) => damaged(&part),
            _ => unusable(e),
        })?;
        let known = known.filter(|known| u64::try_from(known.fid).unwrap_or_default() >= settled);
        let Some(known) = known else { return Err(damaged(&part)) };
        Ok(Self { database, destination, window: Window::new(schema), layer, known })
    }

    fn error(&self, source: impl Into<Cause>) -> Error {
        failed(self.destination.path().as_ref(), Format::GeoPackage, source)
    }

    /// Completes the table, and begins another one in the same database.
    fn begin_table(&mut self, layer: FeatureTable, schema: &SchemaRef) -> Result<(), Cause> {
        self.complete()?;
        self.database.execute_batch(&schema::table(&layer))?;
        let sum = ContentSum::of(&self.database)?;
        (self.layer, self.window) = (layer, Window::new(schema));
        self.known = PackageState { sum, ..PackageState::default() };
        Ok(())
    }

    /// Writes a window of rows and the new state in one transaction.
    fn write_window(&mut self, window: Window) -> Result<(), Cause> {
        let sorted = window.sorted()?;
        self.database.execute_batch("BEGIN")?;
        self.put(&sorted)?;
        self.keep()?;
        Ok(self.database.execute_batch("COMMIT")?)
    }

    /// Stores what is known, with a checksum before it.
    fn keep(&self) -> Result<(), Cause> {
        let known = serde_json::to_string(&self.known)?;
        let known = format!("{:08x}{known}", crc32fast::hash(known.as_bytes()));
        self.database.execute(statements::KEEP, [known])?;
        Ok(())
    }

    fn put(&mut self, sorted: &Sorted) -> Result<(), Cause> {
        let cells = Cells::of(&sorted.rows)?;
        let PackageState { index, bounds: around, fid, newest_ms, sum, .. } = &mut self.known;
        *newest_ms = (*newest_ms).max(newest(&sorted.rows));
        let mut all = Bounds::of_sides(*around);
        let mut insert = self.database.prepare(&self.layer.insert())?;
        let mut of_index = ContentSum::default();
        let mut nodes = match self.layer.geometry() {
            Some(_) => Some(index.nodes(&self.layer, &self.database, &mut of_index)?),
            None => None,
        };
        let (mut text, mut blob, mut bytes) = (Vec::new(), Vec::new(), RowBytes::default());
        for (row, bounds) in sorted.bounds.iter().enumerate() {
            *fid += 1;
            insert.raw_bind_parameter(1, *fid)?;
            bytes.add(ValueRef::Integer(*fid));
            for (at, cell) in cells.iter().enumerate() {
                let value;
                let stored = if Some(at) != self.layer.geometry() {
                    value = Value::of(cell, row, &mut text)?;
                    as_stored(value.as_ref())
                } else if let (Cells::Geometry(wkb), Some(bounds)) = (cell, bounds) {
                    blob::encode(wkb.value(row), bounds, &mut blob);
                    ValueRef::Blob(&blob)
                } else {
                    ValueRef::Null
                };
                bytes.add(stored);
                // The first parameter is the number of the row, and parameters are counted from 1.
                insert.raw_bind_parameter(at + 2, ToSqlOutput::Borrowed(stored))?;
            }
            insert.raw_execute()?;
            bytes.end(sum);
            if let Some(bounds) = bounds.filter(|bounds| !bounds.is_empty()) {
                all.join(&bounds);
                if let Some(nodes) = &mut nodes {
                    nodes.add(*fid, bounds.rounded_outward())?;
                }
            }
        }
        drop(nodes);
        *sum = sum.with(&ContentSum::default(), &of_index);
        *around = all.sides();
        Ok(())
    }

    /// Writes what is known only at the end: the last window, the open nodes of the index, and the extent and date.
    fn complete(&mut self) -> Result<(), Cause> {
        self.window.take().map_or(Ok(()), |window| self.write_window(window))?;
        self.database.execute_batch("BEGIN")?;
        let before = ContentSum::of_description(&self.database)?;
        let PackageState { index, sum, .. } = &mut self.known;
        if self.layer.geometry().is_some() {
            index.nodes(&self.layer, &self.database, sum)?.finish()?;
        }
        let PackageState { bounds, newest_ms, .. } = self.known;
        let end = schema::end(&self.layer, &Bounds::of_sides(bounds), &moment(newest_ms)?);
        self.database.execute_batch(&end)?;
        self.known.sum = self.known.sum.with(&before, &ContentSum::of_description(&self.database)?);
        self.known.is_complete = true;
        self.keep()?;
        Ok(self.database.execute_batch("COMMIT")?)
    }

    /// Makes a complete database one that is nothing but a GeoPackage. Returns its length in bytes.
    fn close(self) -> Result<(Destination, u64), Cause> {
        let Self { database, destination, .. } = self;
        // The sum by which a later process would check the database is lost with its state, so everything else that
        // can fail is looked at before.
        destination.check()?;
        database.execute_batch(statements::FORGET)?;
        let number = |pragma| database.pragma_query_value(None, pragma, |row| row.get::<_, u64>(0));
        let length = number("page_count")? * number("page_size")?;
        database.close().map_err(|(_, e)| e)?;
        Ok((destination, length))
    }
}

impl Sink for GeoPackage {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let mut windows = self.window.fill(batch).into_iter();
        windows.try_for_each(|window| self.write_window(window)).map_err(|e| self.error(e))
    }

    fn next_table(&mut self, schema: &SchemaRef) -> Result<()> {
        let layer = table_of(schema)?;
        let is_taken =
            |name| self.database.query_row(statements::HAS_TABLE, [name], |row| row.get::<_, bool>(0));
        if is_taken(layer.name()).map_err(|e| self.error(e))? {
            return Err(Error::query(format!(
                "cannot write gpkg: two tables have the name {}",
                layer.name()
            ))
            .with_hint("give them different names"));
        }
        self.begin_table(layer, schema).map_err(|e| self.error(e))
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        if !self.known.is_complete {
            self.complete().map_err(|e| self.error(e))?;
        }
        let path = self.destination.path();
        let closed = self.close().map_err(|e| failed(path.as_ref(), Format::GeoPackage, e));
        let (mut destination, length) = closed?;
        destination.expect_length(length);
        finish(destination, Format::GeoPackage)
    }
}

impl ResumableSink for GeoPackage {
    fn flush(&mut self) -> Result<SinkState> {
        Ok(SinkState::rows(u64::try_from(self.known.fid).unwrap_or_default()))
    }
}

/// The table for rows of a schema.
fn table_of(schema: &SchemaRef) -> Result<FeatureTable> {
    FeatureTable::new(schema).map_err(|what| {
        Error::query(format!("cannot write gpkg: {what}"))
            .with_hint("choose fewer columns, or another format")
    })
}

/// Opens a file as a database.
///
/// `SQLite` does not lock it: the destination holds a lock already, and no other process reads the file
/// before it is complete. A file that outlives this process has a journal, by which `SQLite` rolls back an interrupted
/// window.
fn open(part: &Path, is_lasting: bool) -> Result<Connection, Cause> {
    let without_locks = if cfg!(windows) { c"win32-longpath-none" } else { c"unix-none" };
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let database = Connection::open_with_flags_and_vfs(database_path(part)?, flags, without_locks)?;
    database.execute_batch(if is_lasting { statements::LASTING } else { statements::PASSING })?;
    Ok(database)
}

impl PackageState {
    /// What an earlier process knew, after a check of its database. If there was none, the tables are created. `None` if
    /// the database is damaged.
    fn of(database: &Connection, layer: &FeatureTable) -> Result<Option<Self>, Cause> {
        let has =
            |table: &str| database.query_row(statements::HAS_TABLE, [table], |row| row.get::<_, bool>(0));
        if has(statements::UNFINISHED)? {
            let kept = database.query_row(statements::KEPT, [], |row| row.get::<_, String>(0)).optional()?;
            let Some(kept) = kept else { return Ok(None) };
            let known = kept.split_at_checked(8).filter(|(sum, known)| {
                u32::from_str_radix(sum, 16).is_ok_and(|sum| sum == crc32fast::hash(known.as_bytes()))
            });
            let Some((_, known)) = known else { return Ok(None) };
            let known: Self = serde_json::from_str(known)?;
            return Ok(is_sound(database, &known.sum, known.fid)?.then_some(known));
        }
        if has(layer.name())? {
            // A process was stopped between removing its state and renaming the file.
            let fid = database.query_row(&layer.last_row(), [], |row| row.get(0))?;
            let known = Self { fid, is_complete: true, ..Self::default() };
            return Ok(is_well_formed(database)?.then_some(known));
        }
        database.execute_batch(&schema::beginning(layer))?;
        let known = Self { sum: ContentSum::of(database)?, ..Self::default() };
        Ok(Some(known))
    }
}

/// The error that an unfinished database is damaged and cannot be resumed.
fn damaged(part: &Path) -> Error {
    Error::damaged(part.parent().unwrap_or(part))
}

/// A value as the database stores it.
fn as_stored<'a>(value: Option<&'a Value<'a>>) -> ValueRef<'a> {
    match value {
        None => ValueRef::Null,
        Some(Value::Int(value)) => ValueRef::Integer(*value),
        Some(Value::Float(value)) => ValueRef::Real(*value),
        Some(Value::Bool(value)) => ValueRef::Integer((*value).into()),
        Some(Value::Text(text) | Value::Time(text) | Value::Json(text)) => ValueRef::Text(text.as_bytes()),
    }
}

/// The latest time in any column of the rows, 0 when there is none.
fn newest(rows: &RecordBatch) -> i64 {
    let times = rows.columns().iter().filter(|c| matches!(c.data_type(), DataType::Timestamp(..)));
    let times = times.filter_map(|column| column.as_primitive_opt::<TimestampMillisecondType>());
    times.flat_map(|times| times.iter().flatten()).max().unwrap_or(0).max(0)
}
