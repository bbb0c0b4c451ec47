//! Lookups bound to a client: the short way for a few ids.

use arrow_array::RecordBatch;
use arrow_select::concat::concat_batches;
use futures_util::stream::TryStreamExt;

use super::run::Batches;
use crate::error::internal;
use crate::error::{Error, Result};
use crate::http::Client;
use crate::query::{Lookup, Outlines, PhotoSize, Subject};

/// A [`Lookup`] and the client that answers it.
///
/// ```
/// use mly::{Client, Options, Token};
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// # let service = mly_emulator::Emulator::start(mly_emulator::World::demo()).expect("a free port");
/// # let token = Token::new(service.token()).expect("a token");
/// # let client = Client::new(Options::default().token(token).base_url(service.url())?)?;
/// # let town = mly::Query::images(mly::Area::near(9.005, 51.998, 200.0)?).with_limit(2).plan()?;
/// # let mut some = client.run(&town);
/// # let first = futures_util::StreamExt::next(&mut some).await.expect("a batch")?;
/// # let ids = arrow_array::cast::AsArray::as_primitive::<arrow_array::types::Int64Type>(first.column(0)).values().to_vec();
/// let images = client.images(ids).with_fields(["captured_at", "make", "creator"]).rows().await?;
/// assert_eq!(images.num_rows(), 2);
/// # Ok::<(), mly::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is asked before rows or batches are"]
pub struct ClientLookup {
    client: Client,
    lookup: Lookup,
}

impl ClientLookup {
    /// Only these fields, besides `id` and `geometry`; see [`Lookup::with_fields`].
    pub fn with_fields<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.lookup = self.lookup.with_fields(names);
        self
    }

    /// How outlines are given (detections).
    pub fn with_outlines(mut self, outlines: Outlines) -> Self {
        self.lookup = self.lookup.with_outlines(outlines);
        self
    }

    /// At most this many rows.
    pub fn with_limit(mut self, rows: u64) -> Self {
        self.lookup = self.lookup.with_limit(rows);
        self
    }

    /// The result as it comes; ids that nothing answers to are listed in its summary.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when an id cannot be one, or fields or outlines do not fit.
    pub fn batches(&self) -> Result<Batches> {
        Ok(self.client.run(&self.lookup.plan()?))
    }

    /// The whole result.
    ///
    /// # Errors
    /// What [`ClientLookup::batches`] and the run give, and [`Error::NotFound`] when there is an id that nothing
    /// answers to.
    pub async fn rows(&self) -> Result<RecordBatch> {
        let (rows, missing) = self.found_rows().await?;
        if missing.is_empty() { Ok(rows) } else { Err(Error::NotFound { ids: missing }) }
    }

    /// The rows of what there is, and the ids that nothing answers to.
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

impl Client {
    fn lookup<S: ToString>(&self, subject: Subject, ids: impl IntoIterator<Item = S>) -> ClientLookup {
        ClientLookup { client: self.clone(), lookup: Lookup::new(subject, ids) }
    }

    /// The images of these ids.
    pub fn images<S: ToString>(&self, ids: impl IntoIterator<Item = S>) -> ClientLookup {
        self.lookup(Subject::Image, ids)
    }

    /// The map features of these ids.
    pub fn map_features<S: ToString>(&self, ids: impl IntoIterator<Item = S>) -> ClientLookup {
        self.lookup(Subject::MapFeature, ids)
    }

    /// The images of the sequences of these ids, in order of capture.
    pub fn sequences<S: ToString>(&self, ids: impl IntoIterator<Item = S>) -> ClientLookup {
        self.lookup(Subject::Sequence, ids)
    }

    /// The organizations of these ids.
    pub fn organizations<S: ToString>(&self, ids: impl IntoIterator<Item = S>) -> ClientLookup {
        self.lookup(Subject::Organization, ids)
    }

    /// What was seen in the images of these ids.
    pub fn detections_in_images<S: ToString>(&self, ids: impl IntoIterator<Item = S>) -> ClientLookup {
        self.lookup(Subject::DetectionsOfImage, ids)
    }

    /// What the map features of these ids were derived from.
    pub fn detections_of_map_features<S: ToString>(&self, ids: impl IntoIterator<Item = S>) -> ClientLookup {
        self.lookup(Subject::DetectionsOfMapFeature, ids)
    }

    /// One image with all its fields, as a batch of one row.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such image, and what else a run gives.
    pub async fn image(&self, id: i64) -> Result<RecordBatch> {
        self.images([id]).rows().await
    }

    /// One image with all its fields, as a batch of one row, or `None` when there is no such image.
    ///
    /// # Errors
    /// What a run gives.
    pub async fn image_opt(&self, id: i64) -> Result<Option<RecordBatch>> {
        let (rows, missing) = self.images([id]).found_rows().await?;
        Ok(missing.is_empty().then_some(rows))
    }

    /// A fresh address of a photo, good for about a month and for anybody.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such image or it has no photo, and what else a run gives.
    pub async fn thumbnail(&self, id: i64, size: PhotoSize) -> Result<String> {
        let rows = self.images([id]).with_fields([size.field()]).rows().await?;
        let column = rows.column_by_name(size.field()).map(arrow_array::cast::AsArray::as_string::<i32>);
        let address = column.and_then(|texts| texts.iter().flatten().next());
        address.map(str::to_owned).ok_or_else(|| Error::NotFound { ids: vec![id.to_string()] })
    }
}
