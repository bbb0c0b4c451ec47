//! `mly.Client` and `mly.aio.Client`: the same methods, written once. One waits, the other gives futures.

use std::path::PathBuf;

use mly::{Clouds, Download, Subject};
use pyo3::prelude::*;

use crate::arguments::{Unknown, optional, refuse, value, word};
use crate::batches::{AsyncBatches, Batches};
use crate::ids::{Wanted, of_any};
use crate::lookup::Lookup;
use crate::plan::Runnable;
use crate::session::{Session, Settings, photo_size};

/// Asks the service.
///
/// token: an access token; else MAPILLARY_TOKEN or MAPILLARY_ACCESS_TOKEN of the environment
/// graph_url, tiles_url: base URLs of another service; else MAPILLARY_GRAPH_URL and MAPILLARY_TILES_URL
/// concurrency: requests under way at once, 8 unless given
/// retries: how often a failed request is sent again, 5 unless given
/// timeout: seconds to wait for an answer, 120 unless given
/// backoff: seconds before the first repetition, 0.5 unless given; they double each time
/// patience: seconds for one request with all its repetitions, 600 unless given
/// tiles_per_minute, tiles_per_day: 0 is no limit; 50 and 50,000 for the official hosts unless given
/// cache_dir: folder of kept tiles and of the budget, False keeps no tiles; else MLY_CACHE_DIR, else for the official
///     hosts the folder that the command uses
/// max_age: seconds or a timedelta for which kept tiles are used, 7 days unless given
/// cache_bytes: the most bytes of kept tiles
///
/// It can be used by many threads at once, and after a fork.
#[pyclass(module = "mly", name = "Client", frozen)]
pub(crate) struct Client(Session);

/// Asks the service from an event loop: the methods of mly.Client, to be awaited.
///
/// The arguments are those of mly.Client. `async with` closes the connections at its end.
#[pyclass(module = "mly.aio", name = "AsyncClient", frozen)]
pub(crate) struct AsyncClient(Session);

macro_rules! client {
    ($class:ident, $batches:ident, $end:ident ; $($more:tt)*) => {
        #[pymethods]
        impl $class {
            #[new]
            #[expect(clippy::too_many_arguments, reason = "keywords of Python, each of which may be left out")]
            #[pyo3(
                signature = (
                    token: "str | None" = None, *, graph_url: "str | None" = None, tiles_url: "str | None" = None,
                    concurrency: "int | None" = None, retries: "int | None" = None, timeout: "float | None" = None,
                    backoff: "float | None" = None, patience: "float | None" = None,
                    tiles_per_minute: "int | None" = None, tiles_per_day: "int | None" = None,
                    cache_dir: "str | PathLike[str] | Literal[False] | None" = None,
                    max_age: "float | timedelta | None" = None, cache_bytes: "int | None" = None, **unknown
                ),
                text_signature = "(token=None, *, graph_url=None, tiles_url=None, concurrency=None, retries=None, timeout=None, backoff=None, patience=None, tiles_per_minute=None, tiles_per_day=None, cache_dir=None, max_age=None, cache_bytes=None)"
            )]
            fn new(
                py: Python<'_>,
                token: Option<&Bound<'_, PyAny>>,
                graph_url: Option<&Bound<'_, PyAny>>,
                tiles_url: Option<&Bound<'_, PyAny>>,
                concurrency: Option<&Bound<'_, PyAny>>,
                retries: Option<&Bound<'_, PyAny>>,
                timeout: Option<&Bound<'_, PyAny>>,
                backoff: Option<&Bound<'_, PyAny>>,
                patience: Option<&Bound<'_, PyAny>>,
                tiles_per_minute: Option<&Bound<'_, PyAny>>,
                tiles_per_day: Option<&Bound<'_, PyAny>>,
                cache_dir: Option<&Bound<'_, PyAny>>,
                max_age: Option<&Bound<'_, PyAny>>,
                cache_bytes: Option<&Bound<'_, PyAny>>,
                unknown: Option<Unknown<'_, '_>>,
            ) -> PyResult<Self> {
                refuse(unknown, "Client", &SETTINGS)?;
                let settings = Settings {
                    token,
                    graph_url,
                    tiles_url,
                    concurrency,
                    retries,
                    timeout,
                    backoff,
                    patience,
                    tiles_per_minute,
                    tiles_per_day,
                    cache_dir,
                    max_age,
                    cache_bytes,
                };
                Session::new(py, settings).map(Self)
            }

            /// Runs a query, a lookup or a plan. Nothing is sent before the result is read.
            ///
            /// progress: True for a bar, or a function that is called with a mly.Progress now and then
            #[pyo3(
                signature = (
                    what: "Query | Lookup | Plan", *, progress: "Watch" = None, **unknown
                ) -> "Result",
                text_signature = "($self, what, *, progress=None)"
            )]
            fn run(
                &self,
                py: Python<'_>,
                what: &Bound<'_, PyAny>,
                progress: Option<&Bound<'_, PyAny>>,
                unknown: Option<Unknown<'_, '_>>,
            ) -> PyResult<$batches> {
                refuse(unknown, "Client.run", &["what", "progress"])?;
                let (running, watch) = self.0.run(&value::<Runnable>("what", what)?.0, progress, py)?;
                Ok($batches::new(running, watch))
            }

            /// One image as a dict: ids are numbers, times datetimes, geometries as GeoJSON has them.
            ///
            /// fields: only these, besides id and geometry; what the image does not have is not in the dict
            #[pyo3(
                signature = (
                    id: "int | str", *, fields: "str | Iterable[str] | None" = None, **unknown
                ) -> "Given[dict[str, Any]]",
                text_signature = "($self, id, *, fields=None)"
            )]
            fn image(
                &self,
                py: Python<'_>,
                id: &Bound<'_, PyAny>,
                fields: Option<&Bound<'_, PyAny>>,
                unknown: Option<Unknown<'_, '_>>,
            ) -> PyResult<Py<PyAny>> {
                refuse(unknown, "Client.image", &["id", "fields"])?;
                self.0.one(py, Subject::Image, id, fields)?.$end(py)
            }

            /// One map feature as a dict, an object or a traffic sign; see image.
            #[pyo3(
                signature = (
                    id: "int | str", *, fields: "str | Iterable[str] | None" = None, **unknown
                ) -> "Given[dict[str, Any]]",
                text_signature = "($self, id, *, fields=None)"
            )]
            fn feature(
                &self,
                py: Python<'_>,
                id: &Bound<'_, PyAny>,
                fields: Option<&Bound<'_, PyAny>>,
                unknown: Option<Unknown<'_, '_>>,
            ) -> PyResult<Py<PyAny>> {
                refuse(unknown, "Client.feature", &["id", "fields"])?;
                self.0.one(py, Subject::MapFeature, id, fields)?.$end(py)
            }

            /// One organization as a dict; see image.
            #[pyo3(
                signature = (
                    id: "int | str", *, fields: "str | Iterable[str] | None" = None, **unknown
                ) -> "Given[dict[str, Any]]",
                text_signature = "($self, id, *, fields=None)"
            )]
            fn organization(
                &self,
                py: Python<'_>,
                id: &Bound<'_, PyAny>,
                fields: Option<&Bound<'_, PyAny>>,
                unknown: Option<Unknown<'_, '_>>,
            ) -> PyResult<Py<PyAny>> {
                refuse(unknown, "Client.organization", &["id", "fields"])?;
                self.0.one(py, Subject::Organization, id, fields)?.$end(py)
            }

            /// The images of these ids, in their order; 50 are asked for at once.
            ///
            /// ids: numbers or text, one or many, or a table with a column id
            /// fields: only these, besides id and geometry
            ///
            /// Ids that nothing answers to are listed in the summary, as not_found.
            #[pyo3(
                signature = (
                    ids: "Ids", *, fields: "str | Iterable[str] | None" = None, limit: "int | None" = None,
                    progress: "Watch" = None, **unknown
                ) -> "Result",
                text_signature = "($self, ids, *, fields=None, limit=None, progress=None)"
            )]
            fn images_by_id(
                &self,
                ids: &Bound<'_, PyAny>,
                fields: Option<&Bound<'_, PyAny>>,
                limit: Option<&Bound<'_, PyAny>>,
                progress: Option<&Bound<'_, PyAny>>,
                unknown: Option<Unknown<'_, '_>>,
            ) -> PyResult<$batches> {
                refuse(unknown, "Client.images_by_id", &BY_ID)?;
                let lookup = Lookup::of(Subject::Image, of_any(ids, "ids", Wanted::Images)?, fields, limit)?;
                let (running, watch) = self.0.look_up(&lookup, progress, ids.py())?;
                Ok($batches::new(running, watch))
            }

            /// The map features of these ids, in their order; see images_by_id.
            #[pyo3(
                signature = (
                    ids: "Ids", *, fields: "str | Iterable[str] | None" = None, limit: "int | None" = None,
                    progress: "Watch" = None, **unknown
                ) -> "Result",
                text_signature = "($self, ids, *, fields=None, limit=None, progress=None)"
            )]
            fn features_by_id(
                &self,
                ids: &Bound<'_, PyAny>,
                fields: Option<&Bound<'_, PyAny>>,
                limit: Option<&Bound<'_, PyAny>>,
                progress: Option<&Bound<'_, PyAny>>,
                unknown: Option<Unknown<'_, '_>>,
            ) -> PyResult<$batches> {
                refuse(unknown, "Client.features_by_id", &BY_ID)?;
                let ids_of = of_any(ids, "ids", Wanted::MapFeatures)?;
                let lookup = Lookup::of(Subject::MapFeature, ids_of, fields, limit)?;
                let (running, watch) = self.0.look_up(&lookup, progress, ids.py())?;
                Ok($batches::new(running, watch))
            }

            /// The organizations of these ids, in their order; see images_by_id.
            #[pyo3(
                signature = (
                    ids: "Ids", *, fields: "str | Iterable[str] | None" = None, limit: "int | None" = None,
                    progress: "Watch" = None, **unknown
                ) -> "Result",
                text_signature = "($self, ids, *, fields=None, limit=None, progress=None)"
            )]
            fn organizations_by_id(
                &self,
                ids: &Bound<'_, PyAny>,
                fields: Option<&Bound<'_, PyAny>>,
                limit: Option<&Bound<'_, PyAny>>,
                progress: Option<&Bound<'_, PyAny>>,
                unknown: Option<Unknown<'_, '_>>,
            ) -> PyResult<$batches> {
                refuse(unknown, "Client.organizations_by_id", &BY_ID)?;
                let ids_of = of_any(ids, "ids", Wanted::Organizations)?;
                let lookup = Lookup::of(Subject::Organization, ids_of, fields, limit)?;
                let (running, watch) = self.0.look_up(&lookup, progress, ids.py())?;
                Ok($batches::new(running, watch))
            }

            /// The images of a sequence, or of many, in order of capture.
            ///
            /// fields: only these, besides id and geometry
            #[pyo3(
                signature = (
                    id: "str | Iterable[str]", *, fields: "str | Iterable[str] | None" = None,
                    limit: "int | None" = None, progress: "Watch" = None, **unknown
                ) -> "Result",
                text_signature = "($self, id, *, fields=None, limit=None, progress=None)"
            )]
            fn sequence(
                &self,
                id: &Bound<'_, PyAny>,
                fields: Option<&Bound<'_, PyAny>>,
                limit: Option<&Bound<'_, PyAny>>,
                progress: Option<&Bound<'_, PyAny>>,
                unknown: Option<Unknown<'_, '_>>,
            ) -> PyResult<$batches> {
                refuse(unknown, "Client.sequence", &["id", "fields", "limit", "progress"])?;
                let lookup = Lookup::of(Subject::Sequence, of_any(id, "id", Wanted::Sequences)?, fields, limit)?;
                let (running, watch) = self.0.look_up(&lookup, progress, id.py())?;
                Ok($batches::new(running, watch))
            }

            /// What was recognised in images, or what map features were derived from: one row a detection.
            ///
            /// image_id, map_feature_id: one id or many, of one of the two kinds
            /// pixels: outlines in pixels of the original image, with its width, height and sequence
            /// raw: outlines as the service sends them
            ///
            /// Otherwise outlines are rings of x and y in 0..1 of the image, y down from the top left corner.
            #[expect(clippy::too_many_arguments, reason = "keywords of Python, each of which may be left out")]
            #[pyo3(
                signature = (
                    *, image_id: "Ids | None" = None, map_feature_id: "Ids | None" = None, pixels: "bool" = None,
                    raw: "bool" = None, limit: "int | None" = None, progress: "Watch" = None, **unknown
                ) -> "Result",
                text_signature = "($self, *, image_id=None, map_feature_id=None, pixels=False, raw=False, limit=None, progress=None)"
            )]
            fn detections(
                &self,
                py: Python<'_>,
                image_id: Option<&Bound<'_, PyAny>>,
                map_feature_id: Option<&Bound<'_, PyAny>>,
                pixels: Option<&Bound<'_, PyAny>>,
                raw: Option<&Bound<'_, PyAny>>,
                limit: Option<&Bound<'_, PyAny>>,
                progress: Option<&Bound<'_, PyAny>>,
                unknown: Option<Unknown<'_, '_>>,
            ) -> PyResult<$batches> {
                let known = ["image_id", "map_feature_id", "pixels", "raw", "limit", "progress"];
                refuse(unknown, "Client.detections", &known)?;
                let lookup = Lookup::of_detections(image_id, map_feature_id, pixels, raw, limit)?;
                let (running, watch) = self.0.look_up(&lookup, progress, py)?;
                Ok($batches::new(running, watch))
            }

            /// A fresh address of a photo, good for about a month and for anybody.
            ///
            /// size: 256, 1024 or 2048 pixels wide, or "original"
            #[pyo3(
                signature = (
                    id: "int | str", size: "Size" = None, **unknown
                ) -> "Given[str]",
                text_signature = "($self, id, size=1024)"
            )]
            fn thumbnail(
                &self,
                py: Python<'_>,
                id: &Bound<'_, PyAny>,
                size: Option<&Bound<'_, PyAny>>,
                unknown: Option<Unknown<'_, '_>>,
            ) -> PyResult<Py<PyAny>> {
                refuse(unknown, "Client.thumbnail", &["id", "size"])?;
                self.0.thumbnail(py, id, photo_size(size)?)?.$end(py)
            }

            /// Downloads photos with their place, time and direction into a folder. Those that are there are kept.
            ///
            /// ids_or_batches: ids of images, or a table with them: a result, a file's table, a data frame
            /// to: the folder, which is made when it is not there
            /// size: 256, 1024 or 2048 pixels wide, or "original"
            /// layout: "files" for SEQUENCE/ID.jpg, "webdataset" for archives
            /// concurrency: photos under way at once, 64 unless given
            /// photos_a_shard: photos of each archive, 1000 unless given
            #[expect(clippy::too_many_arguments, reason = "keywords of Python, each of which may be left out")]
            #[pyo3(
                signature = (
                    ids_or_batches: "Ids", to: "str | PathLike[str]", *, size: "Size" = None,
                    layout: "Literal['files', 'webdataset']" = None, concurrency: "int | None" = None,
                    photos_a_shard: "int | None" = None, progress: "Watch" = None, **unknown
                ) -> "Given[Downloaded]",
                text_signature = "($self, ids_or_batches, to, *, size=1024, layout='files', concurrency=None, photos_a_shard=None, progress=None)"
            )]
            fn download(
                &self,
                ids_or_batches: &Bound<'_, PyAny>,
                to: &Bound<'_, PyAny>,
                size: Option<&Bound<'_, PyAny>>,
                layout: Option<&Bound<'_, PyAny>>,
                concurrency: Option<&Bound<'_, PyAny>>,
                photos_a_shard: Option<&Bound<'_, PyAny>>,
                progress: Option<&Bound<'_, PyAny>>,
                unknown: Option<Unknown<'_, '_>>,
            ) -> PyResult<Py<PyAny>> {
                let known = ["ids_or_batches", "to", "size", "layout", "concurrency", "photos_a_shard", "progress"];
                refuse(unknown, "Client.download", &known)?;
                let mut download = Download::into(value::<PathBuf>("to", to)?).size(photo_size(size)?).layout(word("layout", layout)?.unwrap_or_default());
                if let Some(photos) = optional("concurrency", concurrency)? {
                    download = download.concurrency(photos);
                }
                if let Some(photos) = optional("photos_a_shard", photos_a_shard)? {
                    download = download.photos_a_shard(photos);
                }
                self.0.download(ids_or_batches, &download, progress)?.$end(ids_or_batches.py())
            }

            /// Downloads the point clouds of the clusters that images belong to, each once. Those that are there are kept.
            ///
            /// format: "ply", "las" or "laz"
            /// frame: "enu" for metres around an origin, or "wgs84" and what else `mly cloud --help` names
            #[pyo3(
                signature = (
                    ids_or_batches: "Ids", to: "str | PathLike[str]", *, format: "Literal['ply', 'las', 'laz']" = None,
                    frame: "str" = None, progress: "Watch" = None, **unknown
                ) -> "Given[Downloaded]",
                text_signature = "($self, ids_or_batches, to, *, format='ply', frame='enu', progress=None)"
            )]
            fn download_clouds(
                &self,
                ids_or_batches: &Bound<'_, PyAny>,
                to: &Bound<'_, PyAny>,
                format: Option<&Bound<'_, PyAny>>,
                frame: Option<&Bound<'_, PyAny>>,
                progress: Option<&Bound<'_, PyAny>>,
                unknown: Option<Unknown<'_, '_>>,
            ) -> PyResult<Py<PyAny>> {
                let known = ["ids_or_batches", "to", "format", "frame", "progress"];
                refuse(unknown, "Client.download_clouds", &known)?;
                let mut clouds = Clouds::into(value::<PathBuf>("to", to)?);
                if let Some(format) = word("format", format)? {
                    clouds = clouds.format(format);
                }
                if let Some(frame) = word("frame", frame)? {
                    clouds = clouds.frame(frame);
                }
                self.0.download_clouds(ids_or_batches, &clouds, progress)?.$end(ids_or_batches.py())
            }

            /// Closes the connections. A later question opens new ones.
            fn close(&self) {
                self.0.close();
            }

            $($more)*
        }
    };
}

const SETTINGS: [&str; 13] = [
    "token",
    "graph_url",
    "tiles_url",
    "concurrency",
    "retries",
    "timeout",
    "backoff",
    "patience",
    "tiles_per_minute",
    "tiles_per_day",
    "cache_dir",
    "max_age",
    "cache_bytes",
];

const BY_ID: [&str; 4] = ["ids", "fields", "limit", "progress"];

client! { Client, Batches, wait ;
    #[pyo3(signature = () -> "Client")]
    fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (*_error: "object") -> "None")]
    fn __exit__(&self, _error: &Bound<'_, pyo3::types::PyTuple>) {
        self.0.close();
    }

    fn __repr__(&self) -> String {
        format!("<mly.Client {}>", self.0.describe())
    }
}

client! { AsyncClient, AsyncBatches, begin ;
    #[pyo3(signature = () -> "Given[AsyncClient]")]
    fn __aenter__(slf: Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        let client = slf.unbind();
        crate::ask::Ask::new(async { Ok(()) }, move |_, ()| Ok(client.into_any())).begin(py)
    }

    #[pyo3(signature = (*_error: "object") -> "Given[None]")]
    fn __aexit__(&self, py: Python<'_>, _error: &Bound<'_, pyo3::types::PyTuple>) -> PyResult<Py<PyAny>> {
        self.0.close();
        crate::ask::Ask::new(async { Ok(()) }, |py, ()| Ok(py.None())).begin(py)
    }

    fn __repr__(&self) -> String {
        format!("<mly.aio.Client {}>", self.0.describe())
    }
}
