//! The traits of sinks: any sink, and one that a later process can resume.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use super::losses::Losses;
use crate::error::{Error, Result};
use crate::file::SinkState;

/// Takes the batches of a run, one after the other.
///
/// A sink that is dropped before [`Sink::finish`] leaves nothing under its final name.
pub trait Sink: Send {
    /// Writes a batch.
    ///
    /// # Errors
    /// [`Error::Output`] when it cannot be written.
    fn write(&mut self, batch: &RecordBatch) -> Result<()>;

    /// Hands over what its format could not hold of the batches since the last call.
    fn take_losses(&mut self) -> Losses {
        Losses::default()
    }

    /// Completes the table of the rows so far. The batches that follow are rows of another schema, and go into a table of
    /// its [layer](super::layer_of).
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the format has [one table](super::Format::has_tables) only, or a table of this name;
    /// [`Error::Output`] when it cannot be written.
    fn next_table(&mut self, schema: &SchemaRef) -> Result<()> {
        let _ = schema;
        Err(Error::query("this format holds one table only"))
    }

    /// Writes what is left and puts the result in its place.
    ///
    /// # Errors
    /// [`Error::Output`] when it cannot be written.
    fn finish(self: Box<Self>) -> Result<()>;
}

/// A sink that a later process can resume, if its destination is a [`work`](crate::file::Destination::work) folder.
///
/// The rows after those that [`flush`](ResumableSink::flush) reports have to be written again to the resumed sink.
pub(crate) trait ResumableSink: Sink {
    /// Writes out everything that does not depend on further rows, and reports how many rows that is.
    ///
    /// # Errors
    /// [`Error::Output`] when it cannot be written.
    fn flush(&mut self) -> Result<SinkState>;
}
