//! `mly.Client` and `mly.aio.Client`: the same methods, written once. One waits, the other returns awaitables.

mod datasets;
mod downloads;
mod lookups;
mod raw;
mod updates;

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::arguments::{UnknownKeywords, refuse, renamed, value};
use crate::ask::Ask;
use crate::batches::{AsyncBatches, Batches};
use crate::runnable::Runnable;
use crate::session::{Session, Settings};

/// A client of the service, with its settings and connections.
///
/// It can be used by many threads at once, and after a fork. As a context manager it closes its connections at the end.
///
/// Args:
///     token: Access token; MAPILLARY_TOKEN or MAPILLARY_ACCESS_TOKEN of the environment unless given.
///     graph_url: Base URL of look-ups and searches; MAPILLARY_GRAPH_URL or the official one unless given.
///     tiles_url: Base URL of tiles; MAPILLARY_TILES_URL or the official one unless given.
///     concurrency: Requests in flight at once, 8 unless given.
///     retries: How often a failed request is sent again, 5 unless given.
///     timeout: Seconds to wait for an answer, 120 unless given.
///     init_backoff: Seconds before the first retry, 0.5 unless given; they double with each retry.
///     retry_timeout: Seconds for one request with all its retries, 600 unless given.
///     tiles_per_minute: Most tiles requested in a minute, 0 for no limit; 40 for the official hosts unless given.
///     tiles_per_day: Most tiles requested in a day, 0 for no limit; 10,000 for the official hosts unless given.
///     cache_dir: Folder of cached tiles and of the budget; False caches no tiles. MLY_CACHE_DIR unless given, else for
///         the official hosts the folder that the command uses.
///     max_age: How long a cached tile is used, in seconds or as a timedelta; 7 days unless given.
///     cache_bytes: Most bytes of cached tiles.
///     shared_by: Number of processes that keep to the limits together, this one included; or (processes, machines), where
///         the processes of one machine have the same cache_dir and count in it.
///
/// Raises:
///     AuthError: No token is given, and there is none in the environment.
///     InvalidQueryError: A setting makes no sense, such as a timeout of 0.
///     TypeError: A setting is of another type, or not known.
#[pyclass(module = "mly", name = "Client", frozen)]
pub(crate) struct Client(Session);

/// A client for event loops of asyncio: the methods of mly.Client, to be awaited.
///
/// The arguments are those of mly.Client. `async with` closes the connections at its end.
#[pyclass(module = "mly.aio", name = "AsyncClient", frozen)]
pub(crate) struct AsyncClient(Session);

macro_rules! client {
    ($class:ident, $batches:ident) => {
        #[pymethods]
        impl $class {
            #[new]
            #[expect(clippy::too_many_arguments, reason = "keywords of Python, each of which may be left out")]
            #[pyo3(
                signature = (
                    token: "str | None" = None, *, graph_url: "str | None" = None, tiles_url: "str | None" = None,
                    concurrency: "int | None" = None, retries: "int | None" = None, timeout: "float | None" = None,
                    init_backoff: "float | None" = None, retry_timeout: "float | None" = None,
                    tiles_per_minute: "int | None" = None, tiles_per_day: "int | None" = None,
                    cache_dir: "str | PathLike[str] | Literal[False] | None" = None,
                    max_age: "float | timedelta | None" = None, cache_bytes: "int | None" = None,
                    shared_by: "int | tuple[int, int] | None" = None, **unknown
                ),
                text_signature = "(token=None, *, graph_url=None, tiles_url=None, concurrency=None, retries=None, timeout=None, init_backoff=None, retry_timeout=None, tiles_per_minute=None, tiles_per_day=None, cache_dir=None, max_age=None, cache_bytes=None, shared_by=None)"
            )]
            fn new(
                py: Python<'_>,
                token: Option<&Bound<'_, PyAny>>,
                graph_url: Option<&Bound<'_, PyAny>>,
                tiles_url: Option<&Bound<'_, PyAny>>,
                concurrency: Option<&Bound<'_, PyAny>>,
                retries: Option<&Bound<'_, PyAny>>,
                timeout: Option<&Bound<'_, PyAny>>,
                init_backoff: Option<&Bound<'_, PyAny>>,
                retry_timeout: Option<&Bound<'_, PyAny>>,
                tiles_per_minute: Option<&Bound<'_, PyAny>>,
                tiles_per_day: Option<&Bound<'_, PyAny>>,
                cache_dir: Option<&Bound<'_, PyAny>>,
                max_age: Option<&Bound<'_, PyAny>>,
                cache_bytes: Option<&Bound<'_, PyAny>>,
                shared_by: Option<&Bound<'_, PyAny>>,
                unknown: Option<UnknownKeywords<'_, '_>>,
            ) -> PyResult<Self> {
                let backoff = renamed(py, unknown, "backoff", "init_backoff")?;
                let patience = renamed(py, unknown, "patience", "retry_timeout")?;
                refuse(unknown, "Client", &SETTINGS)?;
                let settings = Settings {
                    token,
                    graph_url,
                    tiles_url,
                    concurrency,
                    retries,
                    timeout,
                    init_backoff: init_backoff.or(backoff.as_ref()),
                    retry_timeout: retry_timeout.or(patience.as_ref()),
                    tiles_per_minute,
                    tiles_per_day,
                    cache_dir,
                    max_age,
                    cache_bytes,
                    shared_by,
                };
                Session::new(py, settings).map(Self)
            }

            /// Runs a query, a lookup or a plan. Nothing is sent before the result is read.
            ///
            /// Args:
            ///     what: The query, the lookup or the plan.
            ///     progress: True for a progress bar, or a function that is called with a mly.Progress now and then.
            ///
            /// Returns:
            ///     The rows, as record batches. Reading them raises what goes wrong: AuthError, RateLimitedError, ApiError,
            ///     TransportError or DecodeError.
            ///
            /// Raises:
            ///     InvalidQueryError: The query makes no sense.
            ///     TypeError: An argument is of another type, or not known.
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
                unknown: Option<UnknownKeywords<'_, '_>>,
            ) -> PyResult<$batches> {
                refuse(unknown, "Client.run", &["what", "progress"])?;
                let (running, watch) = self.0.run(&value::<Runnable>("what", what)?.0, progress, py)?;
                Ok($batches::new(running, watch))
            }

            /// Closes the connections. A later request opens new ones.
            fn close(&self) {
                self.0.close();
            }
        }
    };
}

const SETTINGS: [&str; 14] = [
    "token",
    "graph_url",
    "tiles_url",
    "concurrency",
    "retries",
    "timeout",
    "init_backoff",
    "retry_timeout",
    "tiles_per_minute",
    "tiles_per_day",
    "cache_dir",
    "max_age",
    "cache_bytes",
    "shared_by",
];

client!(Client, Batches);
client!(AsyncClient, AsyncBatches);

#[pymethods]
impl Client {
    #[pyo3(signature = () -> "Client")]
    fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (*_error: "object") -> "None")]
    fn __exit__(&self, _error: &Bound<'_, PyTuple>) {
        self.0.close();
    }

    fn __repr__(&self) -> String {
        format!("<mly.Client {}>", self.0.describe())
    }
}

#[pymethods]
impl AsyncClient {
    #[pyo3(signature = () -> "Given[AsyncClient]")]
    fn __aenter__(slf: Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        let client = slf.unbind();
        Ask::new(async { Ok(()) }, move |_, ()| Ok(client.into_any())).begin(py)
    }

    #[pyo3(signature = (*_error: "object") -> "Given[None]")]
    fn __aexit__(&self, py: Python<'_>, _error: &Bound<'_, PyTuple>) -> PyResult<Py<PyAny>> {
        self.0.close();
        Ask::new(async { Ok(()) }, |py, ()| Ok(py.None())).begin(py)
    }

    fn __repr__(&self) -> String {
        format!("<mly.aio.Client {}>", self.0.describe())
    }
}
