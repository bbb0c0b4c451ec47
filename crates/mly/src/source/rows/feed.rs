//! A channel of rows, from the thread that reads a file to its caller.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use crate::error::{Error, Result};

/// Most rows of a batch.
pub(super) const ROWS: usize = 8192;

/// What is sent: first the columns, then rows.
enum Message {
    Columns(SchemaRef),
    Rows(RecordBatch),
    Failure(Error),
}

/// The sending end: where a reader puts the rows.
pub(super) struct Feed(SyncSender<Message>);

impl Feed {
    /// Sends the schema, before the first rows.
    ///
    /// # Errors
    /// When the receiver is gone.
    pub(super) fn begin(&mut self, schema: &SchemaRef) -> Result<()> {
        self.send(Message::Columns(SchemaRef::clone(schema)))
    }

    /// Sends rows, in batches of at most [`ROWS`].
    ///
    /// # Errors
    /// When the receiver is gone.
    pub(super) fn rows(&mut self, rows: &RecordBatch) -> Result<()> {
        let begins = (0..rows.num_rows()).step_by(ROWS);
        begins
            .map(|begin| rows.slice(begin, ROWS.min(rows.num_rows() - begin)))
            .try_for_each(|rows| self.send(Message::Rows(rows)))
    }

    fn send(&self, message: Message) -> Result<()> {
        self.0.send(message).map_err(|_gone| Error::Cancelled)
    }
}

/// The receiving end.
pub(super) struct Arrivals {
    receiver: Receiver<Message>,
    reader: Option<JoinHandle<()>>,
}

/// Name of the threads that read files. Programs that print panics can leave out those of such a thread: they are
/// reported as a damaged file.
pub const READER_THREAD: &str = "mly-reader";

impl Arrivals {
    /// Starts a reader and waits for its columns.
    ///
    /// The reader runs on its own thread, so that reading and writing overlap. Also, if a decoder panics at a hostile
    /// file, only that thread ends, and the caller gets an error.
    ///
    /// # Errors
    /// Those of the reader before its first rows.
    pub(super) fn of(
        read: impl FnOnce(&mut Feed) -> Result<()> + Send + 'static,
    ) -> Result<(SchemaRef, Self)> {
        let (sender, receiver) = sync_channel(1);
        let work = move || {
            let mut feed = Feed(sender);
            if let Err(error) = read(&mut feed) {
                // Sending fails only if the receiver is gone, and then the error is not needed.
                let _ = feed.send(Message::Failure(error));
            }
        };
        let reader = thread::Builder::new().name(READER_THREAD.to_owned()).spawn(work);
        // This counts as an error of input, because no other kind fits: query and library are right, no output has been
        // touched, and it is the file that this machine cannot read now.
        let reader = reader.map_err(|e| {
            Error::input("no thread can be started that reads it")
                .with_hint("let this machine do less at once")
                .with_source(e)
        })?;
        let mut arrivals = Self { receiver, reader: Some(reader) };
        match arrivals.receive()? {
            Some(Message::Columns(schema)) => Ok((schema, arrivals)),
            Some(_) | None => Err(Error::internal("a reader of rows did not tell their columns")),
        }
    }

    fn receive(&mut self) -> Result<Option<Message>> {
        match self.receiver.recv() {
            Ok(Message::Failure(error)) => {
                self.reader = None;
                Err(error)
            }
            Ok(message) => Ok(Some(message)),
            Err(_ended) => match self.reader.take().map(JoinHandle::join) {
                Some(Err(_panic)) => Err(Error::input("the file is damaged")),
                Some(Ok(())) | None => Ok(None),
            },
        }
    }
}

impl Iterator for Arrivals {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        self.reader.as_ref()?;
        match self.receive() {
            Ok(Some(Message::Rows(rows))) => Some(Ok(rows)),
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        }
    }
}
