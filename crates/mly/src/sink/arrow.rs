//! Arrow IPC streams.

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use arrow_array::RecordBatch;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, SchemaRef};

use super::finish::{failed, finish};
use super::format::Format;
use super::traits::{ResumableSink, Sink};
use crate::error::{Error, Result};
use crate::file::{Destination, Gate, SinkState};

/// Bytes collected before they are handed to the system.
const BUFFER: usize = 1 << 20;

/// Writes batches as an Arrow IPC stream.
pub(super) struct ArrowStream {
    path: Option<PathBuf>,
    writer: Tape<Destination>,
    /// Rows so far.
    rows: u64,
}

impl ArrowStream {
    pub(super) fn new(destination: Destination, schema: &SchemaRef) -> Result<Self> {
        let path = destination.path();
        let rows = destination.saved_state().map_or(0, |settled| settled.rows);
        let writer = tape(destination, schema, rows == 0).map_err(|e| arrow_failed(path.as_ref(), e))?;
        Ok(Self { path, writer, rows })
    }
}

impl Sink for ArrowStream {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.rows += batch.num_rows() as u64;
        self.writer.write(batch).map_err(|e| arrow_failed(self.path.as_ref(), e))
    }

    fn finish(self: Box<Self>) -> Result<()> {
        let path = self.path;
        let buffer = self.writer.into_inner().map_err(|e| arrow_failed(path.as_ref(), e))?;
        let written = buffer.into_inner().map_err(std::io::IntoInnerError::into_error);
        finish(written.map_err(|e| failed(path.as_ref(), Format::Arrow, e))?.out, Format::Arrow)
    }
}

impl ResumableSink for ArrowStream {
    fn flush(&mut self) -> Result<SinkState> {
        self.writer.flush().map_err(|e| arrow_failed(self.path.as_ref(), e))?;
        Ok(SinkState::rows(self.rows))
    }
}

/// Writes a stream, from its beginning or from where it was left.
pub(crate) type Tape<W> = StreamWriter<BufWriter<Gate<W>>>;

/// Begins a stream, or goes on with one that has its schema already.
pub(crate) fn tape<W: Write>(out: W, schema: &SchemaRef, is_new: bool) -> Result<Tape<W>, ArrowError> {
    let gate = Gate { out, is_open: is_new };
    let mut writer = StreamWriter::try_new(BufWriter::with_capacity(BUFFER, gate), schema)?;
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
