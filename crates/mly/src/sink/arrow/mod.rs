//! Arrow IPC (Arrow, "Serialization and Interprocess Communication"): a file under a name, and a stream elsewhere.
//!
//! A file is a stream between two marks, with a footer that says where each message stands. So both are written alike,
//! and the footer is made at the end, from what then stands in the file. A resumed run needs nothing for it.

mod footer;

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use arrow_array::RecordBatch;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, SchemaRef};

use super::finish::{failed, finish};
use super::format::Format;
use super::geo::{GEO, Geo};
use super::traits::{ResumableSink, Sink};
use crate::error::{Cause, Error, Result};
use crate::file::{Destination, Gate, SinkState};
use crate::table::with_pairs;

/// Bytes collected before they are handed to the system.
const BUFFER: usize = 1 << 20;

/// The first bytes of a file: its mark, and zeros so that the messages are aligned.
const BEGIN: [u8; 8] = *b"ARROW1\0\0";

/// Writes batches as an Arrow IPC file or stream.
pub(super) struct Arrow {
    path: Option<PathBuf>,
    /// In a file, with the metadata `geo`.
    schema: SchemaRef,
    writer: Tape<Destination>,
    /// Rows so far.
    rows: u64,
}

impl Arrow {
    pub(super) fn new(destination: Destination, schema: &SchemaRef) -> Result<Self> {
        let path = destination.path();
        let rows = destination.saved_state().map_or(0, |settled| settled.rows);
        let is_file = destination.is_file();
        // By this, geopandas reads a file as a table with geometries.
        let geo = Geo::new(schema).filter(|_| is_file).map(|geo| (GEO.to_owned(), geo.metadata(None)));
        let schema = with_pairs(schema, geo);
        let begin: &[u8] = if is_file { &BEGIN } else { &[] };
        let writer = tape_after(begin, destination, &schema, rows == 0);
        let writer = writer.map_err(|e| arrow_failed(path.as_ref(), e))?;
        Ok(Self { path, schema, writer, rows })
    }

    fn complete(self) -> Result<Destination, Cause> {
        let buffer = self.writer.into_inner()?;
        let mut destination = buffer.into_inner().map_err(std::io::IntoInnerError::into_error)?.out;
        destination.flush()?;
        let footer = destination.reread(|file| footer::of(file, BEGIN.len() as u64, &self.schema))?;
        destination.write_all(&footer.unwrap_or_default())?;
        Ok(destination)
    }
}

impl Sink for Arrow {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.rows += batch.num_rows() as u64;
        self.writer.write(batch).map_err(|e| arrow_failed(self.path.as_ref(), e))
    }

    fn finish(self: Box<Self>) -> Result<()> {
        let path = self.path.clone();
        let destination = self.complete().map_err(|e| match e.downcast::<ArrowError>() {
            Ok(error) => arrow_failed(path.as_ref(), *error),
            Err(other) => failed(path.as_ref(), Format::Arrow, other),
        })?;
        finish(destination, Format::Arrow)
    }
}

impl ResumableSink for Arrow {
    fn flush(&mut self) -> Result<SinkState> {
        self.writer.flush().map_err(|e| arrow_failed(self.path.as_ref(), e))?;
        Ok(SinkState::rows(self.rows))
    }
}

/// Writes a stream, from its beginning or from where it was left.
pub(crate) type Tape<W> = StreamWriter<BufWriter<Gate<W>>>;

/// Begins a stream, or goes on with one that has its schema already.
pub(crate) fn tape<W: Write>(out: W, schema: &SchemaRef, is_new: bool) -> Result<Tape<W>, ArrowError> {
    tape_after(&[], out, schema, is_new)
}

/// As [`tape`], with bytes before the stream.
fn tape_after<W: Write>(
    begin: &[u8],
    out: W,
    schema: &SchemaRef,
    is_new: bool,
) -> Result<Tape<W>, ArrowError> {
    let mut buffer = BufWriter::with_capacity(BUFFER, Gate { out, is_open: is_new });
    buffer.write_all(begin)?;
    let mut writer = StreamWriter::try_new(buffer, schema)?;
    if !is_new {
        writer.flush()?;
        writer.get_mut().get_mut().is_open = true;
    }
    Ok(writer)
}

fn arrow_failed(path: Option<&PathBuf>, error: ArrowError) -> Error {
    match error {
        ArrowError::IoError(_, source) => failed(path, Format::Arrow, source),
        source => failed(path, Format::Arrow, source),
    }
}
