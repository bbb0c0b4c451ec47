//! The state that both clients have: settings, connections, and the requests that they send.

use std::path::{Path, PathBuf};
use std::process;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use mly::env::Environment;
use mly::env::parse_base_url;
use mly::{Clouds, Download, Options, PhotoSize, Subject, Token};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyDelta;
use url::Url;

use crate::arguments::{Id, Names, expected, of_argument, optional, parsed, value};
use crate::ask::Ask;
use crate::errors::{internal, invalid, to_py};
use crate::ids::{IdOwner, of_any};
use crate::lookup::Lookup;
use crate::progress::{Watch, unit};
use crate::running::Running;
use crate::sharing::Sharing;
use crate::summary::Downloaded;
use crate::{logging, values};

/// Settings, and the client of this process.
pub(crate) struct Session {
    options: Options,
    /// The client, and the id of the process that owns its connections.
    client: Mutex<(u32, Option<mly::Client>)>,
}

/// The settings as arguments; `None` for those of the environment, or the default.
pub(crate) struct Settings<'a, 'py> {
    pub(crate) token: Option<&'a Bound<'py, PyAny>>,
    pub(crate) graph_url: Option<&'a Bound<'py, PyAny>>,
    pub(crate) tiles_url: Option<&'a Bound<'py, PyAny>>,
    pub(crate) concurrency: Option<&'a Bound<'py, PyAny>>,
    pub(crate) retries: Option<&'a Bound<'py, PyAny>>,
    pub(crate) timeout: Option<&'a Bound<'py, PyAny>>,
    pub(crate) init_backoff: Option<&'a Bound<'py, PyAny>>,
    pub(crate) retry_timeout: Option<&'a Bound<'py, PyAny>>,
    pub(crate) tiles_per_minute: Option<&'a Bound<'py, PyAny>>,
    pub(crate) tiles_per_day: Option<&'a Bound<'py, PyAny>>,
    pub(crate) cache_dir: Option<&'a Bound<'py, PyAny>>,
    pub(crate) max_age: Option<&'a Bound<'py, PyAny>>,
    pub(crate) cache_bytes: Option<&'a Bound<'py, PyAny>>,
    pub(crate) shared_by: Option<&'a Bound<'py, PyAny>>,
}

impl Settings<'_, '_> {
    fn options(self, py: Python<'_>) -> PyResult<Options> {
        let named = |name: &'static str| move |error: PyErr| of_argument(py, name, error);
        let time = |name, given| Ok::<_, PyErr>(optional::<Seconds>(name, given)?.map(Seconds::time));
        let token: Option<String> = optional("token", self.token)?;
        let token = token.map(|text| parse_token(&text)).transpose()?;
        let (cache_dir, no_cache) = folder(self.cache_dir).map_err(named("cache_dir"))?;
        let concurrency = optional("concurrency", self.concurrency)?.map(at_least_one).transpose()?;
        let per_minute = optional("tiles_per_minute", self.tiles_per_minute)?;

        let options = Options::default().with_ledger_dir(cache_dir.clone()).with_cache_dir(cache_dir);
        let options = set(options, token, Options::with_token);
        let options = set(options, url("graph_url", self.graph_url)?, Options::with_graph_url);
        let options = set(options, url("tiles_url", self.tiles_url)?, Options::with_tiles_url);
        let options = set(options, concurrency, Options::with_concurrency);
        let options = set(options, optional("retries", self.retries)?, Options::with_retries);
        let options = set(options, time("timeout", self.timeout)?, Options::with_timeout);
        let options = set(options, time("init_backoff", self.init_backoff)?, Options::with_init_backoff);
        let options = set(options, time("retry_timeout", self.retry_timeout)?, Options::with_retry_timeout);
        let options = set(options, per_minute, Options::with_tiles_per_minute);
        let per_day = optional("tiles_per_day", self.tiles_per_day)?;
        let options = set(options, per_day, Options::with_tiles_per_day);
        let options = set(options, time("max_age", self.max_age)?, Options::with_max_age);
        let options = set(options, optional("cache_bytes", self.cache_bytes)?, Options::with_cache_bytes);
        // A missing token is no error here; the first request fails because of it.
        let mut options = options.with_environment(&Environment::of_process()).map_err(to_py)?;
        if no_cache {
            options = options.with_cache_dir(None);
        }
        Ok(match self.shared_by.map(Sharing::extract).transpose().map_err(named("shared_by"))? {
            Some(sharing) => sharing.apply(options),
            None => options,
        })
    }
}

/// Sets what was given; the rest stays at its default.
fn set<T>(options: Options, given: Option<T>, with: fn(Options, T) -> Options) -> Options {
    match given {
        Some(value) => with(options, value),
        None => options,
    }
}

fn parse_token(text: &str) -> PyResult<Token> {
    Token::new(text).ok_or_else(|| invalid("this cannot be a token", "copy it whole, without spaces"))
}

fn url(name: &str, given: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Url>> {
    let text: Option<String> = optional(name, given)?;
    text.map(|text| parse_base_url(&text).map_err(to_py)).transpose()
}

fn at_least_one(requests: usize) -> PyResult<usize> {
    match requests {
        0 => Err(invalid("concurrency is at least 1", "leave it out for 8")),
        requests => Ok(requests),
    }
}

fn folder(given: Option<&Bound<'_, PyAny>>) -> PyResult<(Option<PathBuf>, bool)> {
    match given {
        None => Ok((None, false)),
        Some(flag) if flag.extract::<bool>().is_ok_and(|is_kept| !is_kept) => Ok((None, true)),
        Some(path) => {
            path.extract().map(|path| (Some(path), false)).map_err(|_| expected("a folder or False", path))
        }
    }
}

/// A time above 0: seconds as a number, or a `timedelta`.
struct Seconds(Duration);

impl Seconds {
    fn time(self) -> Duration {
        self.0
    }
}

impl<'py> FromPyObject<'_, 'py> for Seconds {
    type Error = PyErr;

    fn extract(given: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let time = match given.extract::<f64>() {
            Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
            Err(_) if given.is_instance_of::<PyDelta>() => given.extract().ok(),
            Err(_) => return Err(expected("seconds or a timedelta", &given)),
        };
        let time = time.filter(|time| !time.is_zero());
        time.map(Self).ok_or_else(|| invalid(&format!("{} is no time above 0", &*given), "give seconds"))
    }
}

impl Session {
    pub(crate) fn new(py: Python<'_>, settings: Settings<'_, '_>) -> PyResult<Self> {
        let options = settings.options(py)?;
        let session = Self { options, client: Mutex::new((process::id(), None)) };
        session.client(py)?;
        Ok(session)
    }

    /// The client of this process; a process that was forked makes one of its own.
    pub(crate) fn client(&self, py: Python<'_>) -> PyResult<mly::Client> {
        logging::listen(py)?;
        if let Some(client) = &self.kept()?.1 {
            return Ok(client.clone());
        }
        // Not locked here: while a message is logged, Python may switch to another thread, which may need the lock.
        let client = mly::Client::new(self.options.clone()).map_err(to_py)?;
        for notice in client.warnings() {
            tracing::warn!(target: "mly", "{notice}");
        }
        Ok(self.kept()?.1.get_or_insert(client).clone())
    }

    /// A client that uses no tiles which were cached before a file was written: they have nothing newer than the file.
    pub(crate) fn client_since(&self, py: Python<'_>, file: &Path) -> PyResult<mly::Client> {
        let client = self.client(py)?;
        let written_at = file.metadata().and_then(|found| found.modified()).ok();
        let age = written_at.and_then(|at| SystemTime::now().duration_since(at).ok()).unwrap_or_default();
        if age >= self.options.max_age() {
            return Ok(client);
        }
        mly::Client::new(self.options.clone().with_max_age(age)).map_err(to_py)
    }

    /// The client of this process, if there is one.
    fn kept(&self) -> PyResult<MutexGuard<'_, (u32, Option<mly::Client>)>> {
        let mut kept = self.client.lock().map_err(internal)?;
        if kept.0 != process::id() {
            // In a forked process the old client is leaked: dropping it would close connections that the parent uses.
            std::mem::forget(std::mem::replace(&mut *kept, (process::id(), None)));
        }
        Ok(kept)
    }

    /// Closes the connections. The next request opens new ones.
    pub(crate) fn close(&self) {
        if let Ok(mut kept) = self.client.lock()
            && kept.0 == process::id()
        {
            kept.1 = None;
        }
    }

    /// The base URLs, without a token.
    pub(crate) fn describe(&self) -> String {
        let shown = |url| mly::RedactedUrl::new(url);
        let (graph, tiles) =
            (shown(self.options.graph_url().clone()), shown(self.options.tiles_url().clone()));
        format!("graph_url={graph} tiles_url={tiles}")
    }

    /// The result of a plan, and the function that is called with its progress.
    pub(crate) fn run(
        &self,
        plan: &mly::Plan,
        progress: Option<&Bound<'_, PyAny>>,
        py: Python<'_>,
    ) -> PyResult<(Arc<Running>, Option<Arc<Watch>>)> {
        let running = Running::new(self.client(py)?.run(plan), plan);
        let watch = Watch::of(progress, running.progress.clone(), unit(plan))?;
        Ok((running, watch.map(Arc::new)))
    }

    /// The result of a lookup.
    pub(crate) fn look_up(
        &self,
        lookup: &Lookup,
        progress: Option<&Bound<'_, PyAny>>,
        py: Python<'_>,
    ) -> PyResult<(Arc<Running>, Option<Arc<Watch>>)> {
        self.run(&lookup.0.plan().map_err(to_py)?, progress, py)
    }

    /// One image, map feature or organization as a dictionary.
    pub(crate) fn one(
        &self,
        py: Python<'_>,
        subject: Subject,
        id: &Bound<'_, PyAny>,
        fields: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Ask> {
        let Id(id) = value("id", id)?;
        let fields = optional("fields", fields)?;
        let client = self.client(py)?;
        let mut lookup = match subject {
            Subject::MapFeature => client.map_features([&id]),
            Subject::Organization => client.organizations([&id]),
            _ => client.images([&id]),
        };
        if let Some(Names(names)) = fields {
            lookup = lookup.with_fields(names);
        }
        let work = async move { lookup.rows().await };
        Ok(Ask::new(work, |py, rows| Ok(values::dict(py, &rows, 0)?.into_any().unbind())))
    }

    /// A new URL of a photo.
    pub(crate) fn thumbnail(&self, py: Python<'_>, id: &Bound<'_, PyAny>, size: PhotoSize) -> PyResult<Ask> {
        let Id(id) = value("id", id)?;
        let client = self.client(py)?;
        let number = id.parse::<i64>().ok().filter(|number| number.to_string() == id);
        let number = number.ok_or_else(|| {
            let hint = "ids are whole numbers, such as 1933525276802129";
            invalid(&format!("`{id}` is not an id of an image"), hint)
        })?;
        let work = async move { client.thumbnail(number, size).await };
        Ok(Ask::new(work, |py, address| Ok(address.into_pyobject(py)?.into_any().unbind())))
    }

    /// Downloads photos into a folder.
    pub(crate) fn download(
        &self,
        ids: &Bound<'_, PyAny>,
        download: &Download,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Ask> {
        let list = of_any(ids, "ids_or_batches", IdOwner::Images)?;
        downloads(self.client(ids.py())?.download(list, download), progress)
    }

    /// Downloads point clouds into a folder.
    pub(crate) fn download_clouds(
        &self,
        ids: &Bound<'_, PyAny>,
        clouds: &Clouds,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Ask> {
        let list = of_any(ids, "ids_or_batches", IdOwner::Images)?;
        downloads(self.client(ids.py())?.download_clouds(list, clouds), progress)
    }
}

fn downloads(prepared: mly::Result<mly::Downloads>, progress: Option<&Bound<'_, PyAny>>) -> PyResult<Ask> {
    let downloads = prepared.map_err(to_py)?;
    let watch = Watch::of(progress, downloads.progress(), "images")?;
    let give = |py: Python<'_>, done| Ok(Py::new(py, Downloaded(done))?.into_any());
    Ok(Ask::new(downloads.finish(), give).watched(watch.map(Arc::new)))
}

/// A size of photos: a number, or text; 1,024 pixels unless given.
pub(crate) fn photo_size(given: Option<&Bound<'_, PyAny>>) -> PyResult<PhotoSize> {
    let Some(given) = given else { return Ok(PhotoSize::default()) };
    if let Ok(width) = given.extract::<u32>() {
        return parsed(&width.to_string());
    }
    let size: Result<String, _> = given.extract();
    let size =
        size.map_err(|_| PyTypeError::new_err("argument 'size': expected 256, 1024, 2048 or \"original\""))?;
    parsed(&size)
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Ok(kept) = self.client.get_mut()
            && kept.0 != process::id()
        {
            std::mem::forget(kept.1.take());
        }
    }
}
