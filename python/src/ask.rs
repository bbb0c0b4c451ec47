//! Work for both clients: the synchronous one waits for it, the asynchronous one returns a future of the event loop.

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::errors::{internal, to_py};
use crate::progress::Watch;
use crate::runtime;

/// Makes the value for Python from the result of the work.
type Convert = Box<dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send>;

/// Called when the caller has received the value.
type OnReceived = Box<dyn FnOnce() + Send>;

/// How often the function of progress= is called on an event loop.
const TOLD_EVERY: Duration = Duration::from_millis(100);

/// Work that has not started.
#[must_use = "nothing is sent before `wait` or `begin`"]
pub(crate) struct Ask {
    work: BoxFuture<'static, mly::Result<Convert>>,
    watch: Option<Arc<Watch>>,
    taken: Option<OnReceived>,
}

impl Ask {
    /// Work, and how to make a value for Python from its result.
    pub(crate) fn new<T: Send + 'static>(
        work: impl Future<Output = mly::Result<T>> + Send + 'static,
        give: impl FnOnce(Python<'_>, T) -> PyResult<Py<PyAny>> + Send + 'static,
    ) -> Self {
        let given = work.map(|done| done.map(|value| -> Convert { Box::new(move |py| give(py, value)) }));
        Self { work: given.boxed(), watch: None, taken: None }
    }

    /// Calls a function with the progress while it runs.
    pub(crate) fn watched(self, watch: Option<Arc<Watch>>) -> Self {
        Self { watch, ..self }
    }

    /// Calls a function when the caller has received the value, which a cancelled future never does.
    pub(crate) fn when_taken(self, taken: impl FnOnce() + Send + 'static) -> Self {
        Self { taken: Some(Box::new(taken)), ..self }
    }

    /// Does the work now.
    pub(crate) fn wait(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let watch = self.watch;
        let tell = |py: Python<'_>| watch.as_ref().map_or(Ok(()), |watch| watch.tell(py));
        let give = runtime::wait(py, self.work, tell)?;
        tell(py)?;
        let value = give(py)?;
        if let Some(taken) = self.taken {
            taken();
        }
        Ok(value)
    }

    /// Starts the work and returns a future of the running event loop. Cancelling the future stops the work.
    pub(crate) fn begin(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        static RUNNING: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let running = RUNNING.import(py, "asyncio", "get_running_loop")?;
        let events = running.call0()?;
        let future = events.call_method0("create_future")?;
        let settle = PendingFuture { events: events.unbind(), future: future.clone().unbind() };
        let Self { work, watch, taken } = self;
        let task = runtime::spawn(py, async move {
            // A panic ends only the inner task, so the future gets a result or an error in any case.
            let mut inner = AbortOnDrop(tokio::spawn(work));
            let mut ticks = tokio::time::interval(TOLD_EVERY);
            let done = loop {
                tokio::select! {
                    done = &mut inner.0 => break done,
                    _ = ticks.tick(), if watch.is_some() => settle.tell(watch.as_ref()),
                }
            };
            settle.tell(watch.as_ref());
            settle.settle(done, taken);
        })?;
        future.call_method1("add_done_callback", (Cancel { task },))?;
        Ok(future.unbind())
    }
}

/// A task that is stopped when its handle is dropped.
struct AbortOnDrop<T>(tokio::task::JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A future of Python and its event loop, for use on another thread.
struct PendingFuture {
    events: Py<PyAny>,
    future: Py<PyAny>,
}

impl PendingFuture {
    /// Calls the function of progress= on the thread of the event loop.
    fn tell(&self, watch: Option<&Arc<Watch>>) {
        let Some(watch) = watch else { return };
        Python::try_attach(|py| {
            let told = watch
                .later(py)
                .and_then(|call| self.events.call_method1(py, "call_soon_threadsafe", (call,)));
            // It fails if the loop is closed, and then nobody waits for it.
            drop(told);
        });
    }

    fn settle(self, done: Result<mly::Result<Convert>, tokio::task::JoinError>, taken: Option<OnReceived>) {
        Python::try_attach(|py| {
            let outcome = match done {
                Ok(Ok(give)) => give(py),
                Ok(Err(error)) => Err(to_py(error)),
                Err(failure) if failure.is_cancelled() => return,
                Err(failure) => Err(internal(failure)),
            };
            let (value, error) = match outcome {
                Ok(value) => (Some(value), None),
                Err(error) => (None, Some(error.into_value(py))),
            };
            let outcome = Outcome { future: self.future, value, error, taken: Mutex::new(taken) };
            // It fails if the loop is closed, and then nobody waits for it.
            drop(
                Py::new(py, outcome)
                    .and_then(|outcome| self.events.call_method1(py, "call_soon_threadsafe", (outcome,))),
            );
        });
    }
}

/// Called by the event loop: gives a future its result.
#[pyclass(frozen)]
struct Outcome {
    future: Py<PyAny>,
    value: Option<Py<PyAny>>,
    error: Option<Py<pyo3::exceptions::PyBaseException>>,
    taken: Mutex<Option<OnReceived>>,
}

#[pymethods]
impl Outcome {
    fn __call__(&self, py: Python<'_>) -> PyResult<()> {
        let future = self.future.bind(py);
        if future.call_method0("done")?.is_truthy()? {
            return Ok(());
        }
        match &self.error {
            Some(error) => future.call_method1("set_exception", (error,))?,
            None => future.call_method1("set_result", (self.value.as_ref(),))?,
        };
        if self.error.is_none() {
            let taken = self.taken.lock().ok().and_then(|mut taken| taken.take());
            if let Some(taken) = taken {
                taken();
            }
        }
        Ok(())
    }
}

/// Called when a future is done: stops the work if the future was cancelled.
#[pyclass(frozen)]
struct Cancel {
    task: tokio::task::JoinHandle<()>,
}

#[pymethods]
impl Cancel {
    fn __call__(&self, future: &Bound<'_, PyAny>) -> PyResult<()> {
        if future.call_method0("cancelled")?.is_truthy()? {
            self.task.abort();
        }
        Ok(())
    }
}
