//! Lookups that know their client, so that a few ids take one line of code.

use arrow_array::RecordBatch;
use arrow_select::concat::concat_batches;
use futures_util::stream::TryStreamExt;

use crate::crawl::Batches;
use crate::error::{Error, Result, internal};
use crate::http::Connection;
use crate::query::{Lookup, Outlines, Subject};

/// A [`Lookup`] and the client that runs it. Set what you need, then call [`rows`](Self::rows) or another of the
/// methods that return rows.
///
/// ```
/// use mly::Client;
///
/// async fn image(client: &Client) -> mly::Result<()> {
///     let images = client.images([7038203092802113_i64]).with_fields(["captured_at", "make", "creator"]).rows().await?;
///     assert_eq!(images.num_rows(), 1);
///     Ok(())
/// }
/// # mly_emulator::example!(image);
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before `rows`, `found_rows` or `batches` is called"]
pub struct ClientLookup {
    connection: Connection,
    lookup: Lookup,
}

impl ClientLookup {
    pub(super) fn new<S: ToString>(
        connection: Connection,
        subject: Subject,
        ids: impl IntoIterator<Item = S>,
    ) -> Self {
        Self { connection, lookup: Lookup::new(subject, ids) }
    }

    /// Only these fields, besides `id` and `geometry`; see [`Lookup::fields`].
    pub fn with_fields<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.lookup = self.lookup.with_fields(names);
        self
    }

    /// The form of outlines in the result (detections only).
    pub fn with_outlines(mut self, outlines: Outlines) -> Self {
        self.lookup = self.lookup.with_outlines(outlines);
        self
    }

    /// At most this many rows.
    pub fn with_limit(mut self, rows: u64) -> Self {
        self.lookup = self.lookup.with_limit(rows);
        self
    }

    /// The result as a stream of batches. Ids that are not found are listed in its summary, and so are those that the
    /// service cannot answer while it answers others.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when a text cannot be an id, or the subject does not have these fields or outlines.
    pub fn batches(&self) -> Result<Batches> {
        Ok(Batches::new(self.connection.clone(), &self.lookup.plan()?))
    }

    /// The whole result as one batch, in the order of the ids.
    ///
    /// # Errors
    /// Those of [`ClientLookup::batches`] and of its batches, and [`Error::NotFound`] when an id is not found.
    pub async fn rows(&self) -> Result<RecordBatch> {
        let (rows, missing) = self.found_rows().await?;
        if missing.is_empty() { Ok(rows) } else { Err(Error::NotFound { ids: missing }) }
    }

    /// The rows of the ids that are found, and the ids that are not.
    ///
    /// # Errors
    /// Those of [`ClientLookup::batches`] and of its batches, and the error of an id that the service cannot answer.
    pub async fn found_rows(&self) -> Result<(RecordBatch, Vec<String>)> {
        let batches = self.batches()?;
        let (schema, progress) = (batches.schema(), batches.progress());
        let parts: Vec<RecordBatch> = batches.try_collect().await?;
        if let Some(failure) = progress.take_failure() {
            return Err(failure);
        }
        Ok((concat_batches(&schema, &parts).map_err(internal)?, progress.summary().not_found))
    }
}
