//! What a sink is, and what one is that a later process can resume.

use arrow_array::RecordBatch;

use crate::error::Result;
use crate::file::SinkState;

/// Takes the batches of a run, one after the other.
///
/// A sink that is dropped before [`Sink::finish`] leaves nothing under its final name.
pub trait Sink: Send {
    /// Writes a batch.
    ///
    /// # Errors
    /// [`Error::Output`](crate::Error::Output) when it cannot be written.
    fn write(&mut self, batch: &RecordBatch) -> Result<()>;

    /// Writes what is left and puts the result in its place.
    ///
    /// # Errors
    /// [`Error::Output`](crate::Error::Output) when it cannot be written.
    fn finish(self: Box<Self>) -> Result<()>;
}

/// A sink that another process can go on with, in a [`work`](crate::file::Destination::work) destination.
///
/// Rows that are not settled have to be written again to the one that goes on.
pub(crate) trait ResumableSink: Sink {
    /// Hands to the system all that does not wait for further rows.
    ///
    /// # Errors
    /// [`Error::Output`](crate::Error::Output) when it cannot be written.
    fn flush(&mut self) -> Result<SinkState>;
}
