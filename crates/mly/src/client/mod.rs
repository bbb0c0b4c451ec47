//! The client, which runs plans, lookups and downloads.

mod lookup;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use serde::de::IgnoredAny;

pub use lookup::ClientLookup;

use crate::api::Endpoint;
use crate::crawl::Batches;
#[cfg(feature = "clouds")]
use crate::crawl::Clouds;
#[cfg(feature = "photos")]
use crate::crawl::Download;
#[cfg(any(feature = "clouds", feature = "photos"))]
use crate::crawl::Downloads;
use crate::error::{Error, Result, Unreadable};
use crate::http::{Connection, HttpRequest, Meter, Observed, Options, Probe, TileBudget};
use crate::plan::Plan;
use crate::query::{PhotoSize, Subject};
use crate::rows::check_layers;

/// A client of the service. Cheap to clone; clones share sockets, budget and cache.
#[derive(Clone, Debug)]
pub struct Client {
    connection: Connection,
}

impl Client {
    /// A client with these settings. Nothing is sent yet.
    ///
    /// # Errors
    /// [`Error::Auth`] without a token, [`Error::InvalidQuery`] when a setting is out of range, [`Error::Input`] when a
    /// service with https is asked and the certificates that it needs cannot be read.
    pub fn new(options: Options) -> Result<Self> {
        Ok(Self { connection: Connection::new(options)? })
    }

    /// Why the cache or the ledger cannot be used although [`Options`] name a folder for it, one sentence each. The
    /// client works without them. Sentences are added when the ledger fails in the middle of a run.
    pub fn warnings(&self) -> Vec<String> {
        self.connection.warnings()
    }

    /// How many more tiles may be requested. Only requests that the ledger knows are counted, so none of other
    /// machines.
    pub fn tile_budget(&self) -> TileBudget {
        self.connection.tile_budget()
    }

    /// Runs a plan. Nothing is sent before the result is polled or written, which must happen inside a Tokio runtime.
    pub fn run(&self, plan: &Plan) -> Batches {
        Batches::new(self.connection.clone(), plan)
    }

    fn lookup<S: ToString>(&self, subject: Subject, ids: impl IntoIterator<Item = S>) -> ClientLookup {
        ClientLookup::new(self.connection.clone(), subject, ids)
    }

    /// Looks up images.
    pub fn images<S: ToString>(&self, ids: impl IntoIterator<Item = S>) -> ClientLookup {
        self.lookup(Subject::Image, ids)
    }

    /// Looks up map features, traffic signs among them.
    pub fn map_features<S: ToString>(&self, ids: impl IntoIterator<Item = S>) -> ClientLookup {
        self.lookup(Subject::MapFeature, ids)
    }

    /// Looks up the images of sequences, in order of capture.
    pub fn sequences<S: ToString>(&self, ids: impl IntoIterator<Item = S>) -> ClientLookup {
        self.lookup(Subject::Sequence, ids)
    }

    /// Looks up organizations.
    pub fn organizations<S: ToString>(&self, ids: impl IntoIterator<Item = S>) -> ClientLookup {
        self.lookup(Subject::Organization, ids)
    }

    /// Looks up the detections in images: the objects recognised in each.
    pub fn detections_in_images<S: ToString>(&self, ids: impl IntoIterator<Item = S>) -> ClientLookup {
        self.lookup(Subject::DetectionsOfImage, ids)
    }

    /// Looks up the detections that map features were derived from.
    pub fn detections_of_map_features<S: ToString>(&self, ids: impl IntoIterator<Item = S>) -> ClientLookup {
        self.lookup(Subject::DetectionsOfMapFeature, ids)
    }

    /// One image with all its fields except `detections`, as a batch of one row.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such image, and the errors of requests.
    pub async fn image(&self, id: i64) -> Result<RecordBatch> {
        self.images([id]).rows().await
    }

    /// As [`Client::image`], but `None` when there is no such image.
    ///
    /// # Errors
    /// Those of requests.
    pub async fn image_opt(&self, id: i64) -> Result<Option<RecordBatch>> {
        let (rows, missing) = self.images([id]).found_rows().await?;
        Ok(missing.is_empty().then_some(rows))
    }

    /// A new URL of a photo. It works for about a month, and without a token.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such image or it has no photo of this size, and the errors of requests.
    pub async fn thumbnail(&self, id: i64, size: PhotoSize) -> Result<String> {
        let rows = self.images([id]).with_fields([size.field()]).rows().await?;
        let column = rows.column_by_name(size.field()).map(AsArray::as_string::<i32>);
        let address = column.and_then(|texts| texts.iter().flatten().next());
        address.map(str::to_owned).ok_or_else(|| Error::NotFound { ids: vec![id.to_string()] })
    }

    /// Downloads the photos of images. An id that is listed twice is downloaded once.
    ///
    /// Photos that are in the folder already are not requested, so the same call resumes an interrupted download.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when a text cannot be an id.
    #[cfg(feature = "photos")]
    pub fn download<S: ToString>(
        &self,
        ids: impl IntoIterator<Item = S>,
        download: &Download,
    ) -> Result<Downloads> {
        Downloads::of_photos(self.connection.clone(), ids, download)
    }

    /// Downloads the point clouds of the clusters that images belong to, each cluster once.
    ///
    /// Clouds that are in the folder already are not requested.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when a text cannot be an id.
    #[cfg(feature = "clouds")]
    pub fn download_clouds<S: ToString>(
        &self,
        ids: impl IntoIterator<Item = S>,
        clouds: &Clouds,
    ) -> Result<Downloads> {
        Downloads::of_clouds(self.connection.clone(), ids, clouds)
    }

    /// The JSON that the graph sends for any path, unchanged. For the Python package `mapillary`, which replaces the
    /// official SDK.
    ///
    /// `query` is what follows the `?` of the URL, percent-encoded and without a token. The request is paced and
    /// retried like every other one.
    ///
    /// # Errors
    /// Those of requests; [`Error::Decode`] when the body is not JSON.
    #[doc(hidden)]
    pub async fn get_json(&self, path: &str, query: &str) -> Result<Vec<u8>> {
        self.get(HttpRequest::of_path(Endpoint::Entities, path, query), check_json).await
    }

    /// The vector tile that the tile host sends for any path, unchanged; see [`Client::get_json`].
    ///
    /// # Errors
    /// Those of requests; [`Error::Decode`] when the body is not a vector tile. An empty body is an empty tile.
    #[doc(hidden)]
    pub async fn get_tile(&self, path: &str, query: &str) -> Result<Vec<u8>> {
        self.get(HttpRequest::of_path(Endpoint::Tiles, path, query), check_tile).await
    }

    /// The answer to a request as it came, for `mly doctor --record`. It is paced and retried like every other one.
    ///
    /// # Errors
    /// A block, a limit, and a network that fails. All other errors are in the answer.
    #[doc(hidden)]
    pub async fn observe(&self, probe: &Probe) -> Result<Observed> {
        self.connection.observe(probe).await
    }

    /// A text without any trace of the token of this client.
    #[doc(hidden)]
    pub fn without_token(&self, text: &str) -> String {
        self.connection.without_token(text)
    }

    async fn get(&self, request: HttpRequest, check: fn(&[u8]) -> Result<(), Unreadable>) -> Result<Vec<u8>> {
        self.connection.fetch(request, &Meter::default(), move |body| check(&body).map(|()| body)).await
    }
}

fn broken(what: String) -> Unreadable {
    Unreadable { what, offset: None, passing: true }
}

fn check_json(body: &[u8]) -> Result<(), Unreadable> {
    serde_json::from_slice(body).map(|_: IgnoredAny| ()).map_err(|e| broken(format!("broken JSON: {e}")))
}

fn check_tile(body: &[u8]) -> Result<(), Unreadable> {
    let layers = mly_mvt::Tile::new(body).layers().try_for_each(|layer| layer.map(drop));
    layers.map_err(|e| broken(e.to_string()))?;
    check_layers(body)
}
