//! What both clients do: settings, connections, and each question as work.

use std::path::PathBuf;
use std::process;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mly::{Clouds, Download, Options, PhotoSize, Subject, Token, parse_base_url};
use mly_cli::{Environment, Given};
use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;

use crate::arguments::{Id, Names, expected, of_argument, parsed};
use crate::ask::Ask;
use crate::errors::to_py;
use crate::ids::{Wanted, of_any};
use crate::lookup::Lookup;
use crate::progress::{Watch, unit};
use crate::running::Running;
use crate::summary::Downloaded;
use crate::{logging, values};

/// Settings, and the client of this process.
pub(crate) struct Session {
    options: Options,
    /// With the id of the process whose connections they are.
    client: Mutex<(u32, Option<mly::Client>)>,
}

/// The settings as they are given; `None` is what the environment says, or the default.
pub(crate) struct Settings<'a> {
    pub(crate) token: Option<&'a str>,
    pub(crate) graph_url: Option<&'a str>,
    pub(crate) tiles_url: Option<&'a str>,
    pub(crate) concurrency: Option<usize>,
    pub(crate) retries: Option<u32>,
    pub(crate) timeout: Option<f64>,
    pub(crate) backoff: Option<f64>,
    pub(crate) patience: Option<f64>,
    pub(crate) tiles_per_minute: Option<u32>,
    pub(crate) tiles_per_day: Option<u32>,
    /// A folder, or `False` for none.
    pub(crate) cache_dir: Option<Bound<'a, PyAny>>,
    pub(crate) max_age: Option<Bound<'a, PyAny>>,
    pub(crate) cache_bytes: Option<u64>,
}

impl Settings<'_> {
    fn options(self, py: Python<'_>) -> PyResult<Options> {
        let named = |name: &'static str| move |error: PyErr| of_argument(py, name, error);
        let url = |text: Option<&str>| text.map(parse_base_url).transpose().map_err(to_py);
        let invalid = |what: &str, hint: &str| {
            to_py(mly::Error::InvalidQuery { what: what.to_owned(), hint: Some(hint.to_owned()) })
        };
        let token = self.token.map(|text| {
            Token::new(text).ok_or_else(|| invalid("this cannot be a token", "copy it whole, without spaces"))
        });
        if self.concurrency == Some(0) {
            return Err(invalid("concurrency is at least 1", "leave it out for 8"));
        }
        let (cache_dir, no_cache) = folder(self.cache_dir.as_ref()).map_err(named("cache_dir"))?;
        let given = Given {
            token: token.transpose()?,
            graph_url: url(self.graph_url)?,
            tiles_url: url(self.tiles_url)?,
            concurrency: self.concurrency,
            retries: self.retries,
            timeout: seconds(self.timeout, "timeout")?,
            tiles_per_minute: self.tiles_per_minute,
            tiles_per_day: self.tiles_per_day,
            cache_dir,
            no_cache,
            max_age: self.max_age.map(|age| duration(&age)).transpose().map_err(named("max_age"))?,
        };
        let mut options = mly_cli::options(given, &Environment::of_process()).map_err(to_py)?;
        options.backoff = seconds(self.backoff, "backoff")?.unwrap_or(options.backoff);
        options.patience = seconds(self.patience, "patience")?.unwrap_or(options.patience);
        options.cache_bytes = self.cache_bytes.unwrap_or(options.cache_bytes);
        Ok(options)
    }
}

fn folder(given: Option<&Bound<'_, PyAny>>) -> PyResult<(Option<PathBuf>, bool)> {
    match given {
        None => Ok((None, false)),
        Some(flag) if flag.extract::<bool>().is_ok_and(|is_kept| !is_kept) => Ok((None, true)),
        Some(path) => path.extract().map(|path| (Some(path), false)).map_err(|_| expected("a folder or False", path)),
    }
}

fn seconds(given: Option<f64>, name: &str) -> PyResult<Option<Duration>> {
    let of = |s: f64| {
        let time = Duration::try_from_secs_f64(s).ok().filter(|time| !time.is_zero());
        time.ok_or_else(|| PyValueError::new_err(format!("argument '{name}': {s} is no number of seconds above 0")))
    };
    given.map(of).transpose()
}

/// Seconds as a number, or a `timedelta`.
fn duration(given: &Bound<'_, PyAny>) -> PyResult<Duration> {
    let wrong = |_| expected("seconds or a timedelta", given);
    match given.extract::<f64>() {
        Ok(s) => Duration::try_from_secs_f64(s).map_err(|e| PyValueError::new_err(e.to_string())),
        Err(_) => given.extract().map_err(wrong),
    }
}

impl Session {
    pub(crate) fn new(py: Python<'_>, settings: Settings<'_>) -> PyResult<Self> {
        let options = settings.options(py)?;
        let session = Self { options, client: Mutex::new((process::id(), None)) };
        session.client(py)?;
        Ok(session)
    }

    /// The client of this process; a process that was forked makes one of its own.
    fn client(&self, py: Python<'_>) -> PyResult<mly::Client> {
        logging::listen(py)?;
        let mut kept = self.client.lock().map_err(|e| PyRuntimeError::new_err(e.to_string()))?;
        if kept.0 != process::id() {
            // Its connections belong to the other process and would be closed for both.
            std::mem::forget(std::mem::replace(&mut *kept, (process::id(), None)));
        }
        if let Some(client) = &kept.1 {
            return Ok(client.clone());
        }
        let client = mly::Client::new(self.options.clone()).map_err(to_py)?;
        for notice in client.notices() {
            tracing::warn!(target: "mly", "{notice}");
        }
        kept.1 = Some(client.clone());
        Ok(client)
    }

    /// Closes the connections. The next question opens new ones.
    pub(crate) fn close(&self) {
        if let Ok(mut kept) = self.client.lock()
            && kept.0 == process::id()
        {
            kept.1 = None;
        }
    }

    /// Where it asks, without any token.
    pub(crate) fn describe(&self) -> String {
        let shown = |url| mly::RedactedUrl::new(url);
        let (graph, tiles) = (shown(self.options.graph_url.clone()), shown(self.options.tiles_url.clone()));
        format!("graph_url={graph} tiles_url={tiles}")
    }

    /// The result of a plan, and who is told of its progress.
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

    /// One thing as a dictionary.
    pub(crate) fn one(
        &self,
        py: Python<'_>,
        subject: Subject,
        Id(id): Id,
        fields: Option<Names>,
    ) -> PyResult<Ask> {
        let client = self.client(py)?;
        let mut lookup = match subject {
            Subject::MapFeature => client.map_features([&id]),
            Subject::Organization => client.organizations([&id]),
            _ => client.images([&id]),
        };
        if let Some(Names(names)) = fields {
            lookup = lookup.fields(names);
        }
        let work = async move { lookup.rows().await };
        Ok(Ask::new(work, |py, rows| Ok(values::dict(py, &rows, 0)?.into_any().unbind())))
    }

    /// A fresh address of a photo.
    pub(crate) fn thumbnail(&self, py: Python<'_>, Id(id): Id, size: PhotoSize) -> PyResult<Ask> {
        let client = self.client(py)?;
        let number = id.parse::<i64>().ok().filter(|number| number.to_string() == id);
        let number = number.ok_or_else(|| {
            let what = format!("`{id}` is not an id of an image");
            let hint = "ids are whole numbers, such as 1933525276802129".to_owned();
            to_py(mly::Error::InvalidQuery { what, hint: Some(hint) })
        })?;
        let work = async move { client.thumbnail(number, size).await };
        Ok(Ask::new(work, |py, address| Ok(address.into_pyobject(py)?.into_any().unbind())))
    }

    /// Photos into a folder.
    pub(crate) fn download(
        &self,
        ids: &Bound<'_, PyAny>,
        download: &Download,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Ask> {
        let list = of_any(ids, "ids_or_batches", Wanted::Images)?;
        downloads(self.client(ids.py())?.download(list, download), progress)
    }

    /// Point clouds into a folder.
    pub(crate) fn download_clouds(
        &self,
        ids: &Bound<'_, PyAny>,
        clouds: &Clouds,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Ask> {
        let list = of_any(ids, "ids_or_batches", Wanted::Images)?;
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
    let size = size.map_err(|_| {
        PyTypeError::new_err("argument 'size': expected 256, 1024, 2048 or \"original\"")
    })?;
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
