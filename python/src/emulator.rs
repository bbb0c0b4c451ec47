//! `mly.Emulator`: the API of the service on localhost.

use std::path::PathBuf;
use std::process;
use std::sync::Mutex;

use mly::without_tokens;
use mly_emulator::{Choice, Fault, World};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::{Names, UnknownKeywords, optional, refuse};
use crate::errors::internal;

/// The exception of a world or a fault that is not known. Its message repeats the argument.
fn unfit(error: &mly_emulator::Error) -> PyErr {
    PyValueError::new_err(without_tokens(&error.to_string()))
}

/// The Mapillary API on a port of this machine, for tests and demos.
///
/// It stops at the end of `with`, by close(), or with the last reference.
///
/// Args:
///     world: "demo" for a small invented town near 9.0 east, 52.0 north; "empty"; "random:SEED:IMAGES"; a folder or file of
///         tiles; or a folder with images.geojson, signs.geojson or points.geojson.
///     port: The port; 0 takes a free one.
///     token: The only token that is accepted; one is made up unless given.
///     answers: Answers to play to questions about the service whose answers are not known, such as
///         `["bbox-rule=side"]`; the message about an unknown one lists them.
///
/// Raises:
///     ValueError: The world cannot be read, or an answer is not known.
///     OSError: The port is taken.
#[pyclass(module = "mly", name = "Emulator", frozen)]
pub(crate) struct Emulator {
    /// Its threads are those of this process.
    pid: u32,
    running: Mutex<Option<mly_emulator::Emulator>>,
    url: String,
    token: String,
}

#[pymethods]
impl Emulator {
    #[new]
    #[pyo3(
        signature = (
            world: "str | PathLike[str]" = None,
            port: "int" = None,
            *,
            token: "str | None" = None,
            answers: "str | Iterable[str]" = None,
            **unknown
        ),
        text_signature = "(world='demo', port=0, *, token=None, answers=())"
    )]
    fn new(
        py: Python<'_>,
        world: Option<&Bound<'_, PyAny>>,
        port: Option<&Bound<'_, PyAny>>,
        token: Option<&Bound<'_, PyAny>>,
        answers: Option<&Bound<'_, PyAny>>,
        unknown: Option<UnknownKeywords<'_, '_>>,
    ) -> PyResult<Self> {
        refuse(unknown, "Emulator", &["world", "port", "token", "answers"])?;
        let world: Option<PathBuf> = optional("world", world)?;
        let world = world.map_or_else(|| "demo".into(), |path| path.to_string_lossy().into_owned());
        let port = optional("port", port)?.unwrap_or_default();
        let token: Option<String> = optional("token", token)?;
        let choices = choices(answers)?;
        let emulator = py.detach(|| {
            let world = World::parse(&world).map_err(|e| unfit(&e))?;
            let mut builder = mly_emulator::Emulator::builder(world).with_port(port);
            for choice in choices {
                builder = builder.with_answer(choice);
            }
            if let Some(token) = token {
                builder = builder.with_token(token).with_known_tokens_only(true);
            }
            builder.start().map_err(PyErr::from)
        })?;
        let (url, token) = (emulator.url().to_owned(), emulator.token().to_owned());
        Ok(Self { pid: process::id(), running: Mutex::new(Some(emulator)), url, token })
    }

    /// Base URL of both the graph and the tiles.
    #[getter]
    fn url(&self) -> &str {
        &self.url
    }

    /// A token that it accepts.
    #[getter]
    fn token(&self) -> &str {
        &self.token
    }

    /// Every request so far: dicts of kind, method, path, query (without the token), status.
    #[getter]
    fn requests<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        self.with(mly_emulator::Emulator::requests)?
            .into_iter()
            .map(|seen| {
                let request = PyDict::new(py);
                request.set_item("kind", seen.kind.name())?;
                request.set_item("method", seen.method)?;
                request.set_item("path", seen.path)?;
                request.set_item("query", seen.query)?;
                request.set_item("status", seen.status)?;
                Ok(request)
            })
            .collect()
    }

    /// Makes requests fail from now on.
    ///
    /// Args:
    ///     fault: The fault, such as "status=503,every=10"; `mly emulate --help` names them all.
    ///
    /// Raises:
    ///     ValueError: The fault is not known.
    #[pyo3(signature = (fault: "str") -> "None")]
    fn fail(&self, fault: &str) -> PyResult<()> {
        let fault: Fault = fault.parse().map_err(|e| unfit(&e))?;
        self.with(|emulator| emulator.fail(fault))
    }

    /// Removes all faults.
    fn clear_faults(&self) -> PyResult<()> {
        self.with(mly_emulator::Emulator::clear_faults)
    }

    /// Stops the emulator.
    fn close(&self, py: Python<'_>) {
        let running = self.running.lock().ok().and_then(|mut running| running.take());
        if self.pid == process::id() {
            py.detach(|| drop(running));
        } else {
            std::mem::forget(running);
        }
    }

    #[pyo3(signature = () -> "Emulator")]
    fn __enter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    #[pyo3(signature = (*_error: "object") -> "None")]
    fn __exit__(&self, py: Python<'_>, _error: &Bound<'_, pyo3::types::PyTuple>) {
        self.close(py);
    }

    fn __repr__(&self) -> String {
        format!("<mly.Emulator at {}>", self.url)
    }
}

/// The answers to play.
fn choices(answers: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<Choice>> {
    let Some(Names(texts)) = optional("answers", answers)? else { return Ok(Vec::new()) };
    let choice =
        |text: &String| text.parse().map_err(|e: mly_emulator::Error| PyValueError::new_err(e.to_string()));
    texts.iter().map(choice).collect()
}

impl Emulator {
    fn with<T>(&self, work: impl FnOnce(&mly_emulator::Emulator) -> T) -> PyResult<T> {
        if self.pid != process::id() {
            return Err(PyRuntimeError::new_err("this emulator belongs to the process that started it"));
        }
        let running = self.running.lock().map_err(internal)?;
        running.as_ref().map(work).ok_or_else(|| PyRuntimeError::new_err("this emulator was closed"))
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        if self.pid != process::id()
            && let Ok(running) = self.running.get_mut()
        {
            // Leaked in a forked process: dropping it would wait for a thread that this process does not have.
            std::mem::forget(running.take());
        }
    }
}
