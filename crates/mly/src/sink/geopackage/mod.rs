//! GeoPackage 1.4 (<https://www.geopackage.org/spec140/>): an `SQLite` database with a spatial index.
//!
//! A database is not written from its beginning to its end, so this format needs a file and cannot go to a stream. Rows
//! come along the Hilbert curve, window by window, so that the spatial index can be packed while they are written.

mod blob;
mod index;
mod schema;

use std::path::Path;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMillisecondType;
use arrow_schema::{DataType, SchemaRef};
use rusqlite::types::Null;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Statement};
use serde::{Deserialize, Serialize};

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
use crate::file::{Destination, SinkState};

/// Writes rows into a database.
pub(super) struct GeoPackage {
    // Fields are dropped in this order: the database is closed before the destination removes its file.
    database: Connection,
    destination: Destination,
    window: Window,
    layer: FeatureTable,
    known: PackageState,
    /// Whether an earlier process has written everything, so that the file only has to be renamed.
    is_complete: bool,
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
}

impl GeoPackage {
    /// # Errors
    /// [`Error::InvalidQuery`] when the destination is not a file.
    pub(super) fn new(destination: Destination, schema: &SchemaRef) -> Result<Self> {
        let Some(part) = destination.part() else {
            let name = destination.path().map_or("a stream".to_owned(), |path| path.display().to_string());
            return Err(Error::query(format!("cannot write gpkg to {name}: it is a database"))
                .with_hint(Hint::NameFile));
        };
        let begin = || -> Result<_, Cause> {
            let layer = FeatureTable::new(schema)?;
            let database = open(&part, destination.is_lasting())?;
            let stage = Stage::of(&database)?;
            if matches!(stage, Stage::Nothing) {
                database.execute_batch(&schema::beginning(&layer))?;
            }
            Ok((layer, database, stage))
        };
        let settled = destination.saved_state().map_or(0, |settled| settled.rows);
        let (layer, database, stage) = begin().map_err(|e| match e.downcast_ref() {
            Some(e) if settled > 0 && is_damage(e) => damaged(&part),
            _ => failed(destination.path().as_ref(), Format::GeoPackage, e),
        })?;
        let (known, is_complete) = match stage {
            Stage::Nothing => (PackageState::default(), false),
            Stage::Unfinished(known) => (known, false),
            Stage::Complete { fid } => (PackageState { fid, ..PackageState::default() }, true),
        };
        if u64::try_from(known.fid).unwrap_or_default() < settled {
            return Err(damaged(&part));
        }
        Ok(Self { database, destination, window: Window::new(schema), layer, known, is_complete })
    }

    fn error(&self, source: impl Into<Cause>) -> Error {
        failed(self.destination.path().as_ref(), Format::GeoPackage, source)
    }

    /// Writes a window of rows and the new state in one transaction.
    fn write_window(&mut self, window: Window) -> Result<(), Cause> {
        let sorted = window.sorted()?;
        self.database.execute_batch("BEGIN")?;
        self.put(&sorted)?;
        let known = serde_json::to_string(&self.known)?;
        self.database.execute(schema::KEEP, [known])?;
        Ok(self.database.execute_batch("COMMIT")?)
    }

    fn put(&mut self, sorted: &Sorted) -> Result<(), Cause> {
        let cells = Cells::of(&sorted.rows)?;
        let PackageState { index, bounds: around, fid, newest_ms } = &mut self.known;
        *newest_ms = (*newest_ms).max(newest(&sorted.rows));
        let mut all = Bounds::of_sides(*around);
        let mut insert = self.database.prepare(&self.layer.insert())?;
        let mut nodes = match self.layer.geometry() {
            Some(_) => Some(index.nodes(&self.database)?),
            None => None,
        };
        let (mut text, mut blob) = (Vec::new(), Vec::new());
        for (row, bounds) in sorted.bounds.iter().enumerate() {
            *fid += 1;
            insert.raw_bind_parameter(1, *fid)?;
            for (at, cell) in cells.iter().enumerate() {
                // The first parameter is the number of the row, and parameters are counted from 1.
                let parameter = at + 2;
                if Some(at) != self.layer.geometry() {
                    bind(&mut insert, parameter, Value::of(cell, row, &mut text)?.as_ref())?;
                } else if let (Cells::Geometry(wkb), Some(bounds)) = (cell, bounds) {
                    blob::encode(wkb.value(row), bounds, &mut blob);
                    insert.raw_bind_parameter(parameter, &blob)?;
                } else {
                    insert.raw_bind_parameter(parameter, Null)?;
                }
            }
            insert.raw_execute()?;
            if let Some(bounds) = bounds.filter(|bounds| !bounds.is_empty()) {
                all.join(&bounds);
                if let Some(nodes) = &mut nodes {
                    nodes.add(*fid, bounds.rounded_outward())?;
                }
            }
        }
        *around = all.sides();
        Ok(())
    }

    /// Writes what is known only at the end: the last window, the open nodes of the index, and the extent and date.
    fn complete(&mut self) -> Result<(), Cause> {
        if self.is_complete {
            return Ok(());
        }
        self.window.take().map_or(Ok(()), |window| self.write_window(window))?;
        self.database.execute_batch("BEGIN")?;
        if self.layer.geometry().is_some() {
            self.known.index.nodes(&self.database)?.finish()?;
        }
        let PackageState { bounds, newest_ms, .. } = self.known;
        let end = schema::end(&self.layer, &Bounds::of_sides(bounds), &moment(newest_ms)?);
        Ok(self.database.execute_batch(&end)?)
    }
}

impl Sink for GeoPackage {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let mut windows = self.window.fill(batch).into_iter();
        windows.try_for_each(|window| self.write_window(window)).map_err(|e| self.error(e))
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.complete().map_err(|e| self.error(e))?;
        let Self { database, destination, .. } = *self;
        database.close().map_err(|(_, e)| failed(destination.path().as_ref(), Format::GeoPackage, e))?;
        finish(destination, Format::GeoPackage)
    }
}

impl ResumableSink for GeoPackage {
    fn flush(&mut self) -> Result<SinkState> {
        Ok(SinkState::rows(u64::try_from(self.known.fid).unwrap_or_default()))
    }
}

/// Opens a file as a database.
///
/// `SQLite` does not lock it (`unix-none`): the destination holds a lock already, and no other process reads the file
/// before it is complete. A file that outlives this process has a journal, by which `SQLite` rolls back an interrupted
/// window.
fn open(part: &Path, is_lasting: bool) -> Result<Connection, Cause> {
    // SQLite reads a name that begins with `file:` as a URI. An absolute path never does.
    let part = std::path::absolute(part)?;
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    #[cfg(unix)]
    let database = Connection::open_with_flags_and_vfs(part, flags, c"unix-none")?;
    #[cfg(not(unix))]
    let database = Connection::open_with_flags(part, flags)?;
    database.execute_batch(if is_lasting { schema::LASTING } else { schema::PASSING })?;
    Ok(database)
}

/// How far an earlier process got.
enum Stage {
    Nothing,
    Unfinished(PackageState),
    /// Everything is written; the file was not renamed yet.
    Complete {
        /// Number of the last row.
        fid: i64,
    },
}

impl Stage {
    fn of(database: &Connection) -> Result<Self, Cause> {
        let says = |question| database.query_row(question, [], |row| row.get::<_, bool>(0));
        if says(schema::IS_BEGUN)? {
            let known = database.query_row(schema::KEPT, [], |row| row.get::<_, String>(0)).optional()?;
            let known = known.map(|known| serde_json::from_str(&known)).transpose()?;
            return Ok(Self::Unfinished(known.unwrap_or_default()));
        }
        if says(schema::IS_THERE)? {
            let fid = database.query_row(schema::LAST_ROW, [], |row| row.get(0))?;
            return Ok(Self::Complete { fid });
        }
        Ok(Self::Nothing)
    }
}

/// Whether an error means that the file is no intact database.
fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// The error that an unfinished database is damaged and cannot be resumed.
fn damaged(part: &Path) -> Error {
    Error::damaged(part.parent().unwrap_or(part))
}

fn bind(statement: &mut Statement<'_>, parameter: usize, value: Option<&Value<'_>>) -> rusqlite::Result<()> {
    match value {
        None => statement.raw_bind_parameter(parameter, Null),
        Some(Value::Int(value)) => statement.raw_bind_parameter(parameter, value),
        Some(Value::Float(value)) => statement.raw_bind_parameter(parameter, value),
        Some(Value::Bool(value)) => statement.raw_bind_parameter(parameter, value),
        Some(Value::Text(text) | Value::Time(text) | Value::Json(text)) => {
            statement.raw_bind_parameter(parameter, text)
        }
    }
}

/// The latest time in any column of the rows, 0 when there is none.
fn newest(rows: &RecordBatch) -> i64 {
    let times = rows.columns().iter().filter(|c| matches!(c.data_type(), DataType::Timestamp(..)));
    let times = times.filter_map(|column| column.as_primitive_opt::<TimestampMillisecondType>());
    times.flat_map(|times| times.iter().flatten()).max().unwrap_or(0).max(0)
}
