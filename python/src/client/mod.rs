//! `mly.Client` and `mly.aio.Client`: the same methods, written once. One waits, the other gives futures.

mod downloads;
mod lookups;
mod raw;

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::arguments::{Unknown, refuse, value};
use crate::ask::Ask;
use crate::batches::{AsyncBatches, Batches};
use crate::runnable::Runnable;
use crate::session::{Session, Settings};

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
/// shared_by: how many processes keep to the limits together, this being one of them; or (processes, machines), where the
///     processes of one machine count what they ask in the same cache_dir
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
    ($class:ident, $batches:ident) => {
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
                    max_age: "float | timedelta | None" = None, cache_bytes: "int | None" = None,
                    shared_by: "int | tuple[int, int] | None" = None, **unknown
                ),
                text_signature = "(token=None, *, graph_url=None, tiles_url=None, concurrency=None, retries=None, timeout=None, backoff=None, patience=None, tiles_per_minute=None, tiles_per_day=None, cache_dir=None, max_age=None, cache_bytes=None, shared_by=None)"
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
                shared_by: Option<&Bound<'_, PyAny>>,
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
                    shared_by,
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

            /// Closes the connections. A later question opens new ones.
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
    "backoff",
    "patience",
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
