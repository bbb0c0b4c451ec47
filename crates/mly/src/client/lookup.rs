//! Lookups bound to a client: the short way for a few ids.

use arrow_array::RecordBatch;
use arrow_select::concat::concat_batches;
use futures_util::stream::TryStreamExt;

use crate::crawl::Batches;
use crate::error::{Error, Result, internal};
use crate::http::Connection;
use crate::query::{Lookup, Outlines, Subject};

/// A [`Lookup`] and the client that answers it.
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
#[must_use = "nothing is sent before the rows or batches are asked for"]
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

    /// In which form outlines are given (detections only).
    pub fn with_outlines(mut self, outlines: Outlines) -> Self {
        self.lookup = self.lookup.with_outlines(outlines);
        self
    }

    /// At most this many rows.
    pub fn with_limit(mut self, rows: u64) -> Self {
        self.lookup = self.lookup.with_limit(rows);
        self
    }

    /// The result batch by batch. Ids that are not found are listed in its summary.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when an id cannot be one, or fields or outlines do not fit.
    pub fn batches(&self) -> Result<Batches> {
        Ok(Batches::new(self.connection.clone(), &self.lookup.plan()?))
    }

    /// The whole result as one batch, in the order of the ids.
    ///
    /// # Errors
    /// What [`ClientLookup::batches`] and the run give, and [`Error::NotFound`] when an id is not found.
    pub async fn rows(&self) -> Result<RecordBatch> {
        let (rows, missing) = self.found_rows().await?;
        if missing.is_empty() { Ok(rows) } else { Err(Error::NotFound { ids: missing }) }
    }

    /// The rows of the ids that are found, and the ids that are not.
    ///
    /// # Errors
    /// What [`ClientLookup::batches`] and the run give.
    pub async fn found_rows(&self) -> Result<(RecordBatch, Vec<String>)> {
        let batches = self.batches()?;
        let (schema, progress) = (batches.schema(), batches.progress());
        let parts: Vec<RecordBatch> = batches.try_collect().await?;
        Ok((concat_batches(&schema, &parts).map_err(internal)?, progress.summary().not_found))
    }
}
