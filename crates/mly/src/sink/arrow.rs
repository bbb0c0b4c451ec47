//! Arrow IPC streams.

use std::io::BufWriter;
use std::path::PathBuf;

use arrow_array::RecordBatch;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, SchemaRef};

use super::destination::{Destination, failed, finish};
use super::{Format, Sink};
use crate::error::{Error, Result};

/// Bytes collected before they are handed to the system.
const BUFFER: usize = 1 << 20;

/// Writes batches as an Arrow IPC stream.
pub(super) struct ArrowStream {
    path: Option<PathBuf>,
    writer: StreamWriter<BufWriter<Destination>>,
}

impl ArrowStream {
    pub(super) fn new(destination: Destination, schema: &SchemaRef) -> Result<Self> {
        let path = destination.path();
        let buffer = BufWriter::with_capacity(BUFFER, destination);
        let writer = StreamWriter::try_new(buffer, schema).map_err(|e| arrow_failed(path.as_ref(), e))?;
        Ok(Self { path, writer })
    }
}

impl Sink for ArrowStream {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.writer.write(batch).map_err(|e| arrow_failed(self.path.as_ref(), e))
    }

    fn finish(self: Box<Self>) -> Result<()> {
        let path = self.path;
        let buffer = self.writer.into_inner().map_err(|e| arrow_failed(path.as_ref(), e))?;
        let written = buffer.into_inner().map_err(std::io::IntoInnerError::into_error);
        finish(written.map_err(|e| failed(path.as_ref(), Format::Arrow, e))?, Format::Arrow)
    }
}

fn arrow_failed(path: Option<&PathBuf>, error: ArrowError) -> Error {
    match error {
        ArrowError::IoError(_, source) => failed(path, Format::Arrow, source),
        source => failed(path, Format::Arrow, source),
    }
}
