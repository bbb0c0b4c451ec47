//! A piece of work for both clients: one waits for it, the other gives it to the event loop.

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

/// Makes the value that Python gets, once the work is done.
type Give = Box<dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send>;

/// Told when the value has arrived where it was asked for.
type Taken = Box<dyn FnOnce() + Send>;

/// How often progress is told on an event loop.
const TOLD_EVERY: Duration = Duration::from_millis(100);

/// Work that has not begun.
#[must_use = "nothing is asked before it is waited for or begun"]
pub(crate) struct Ask {
    work: BoxFuture<'static, mly::Result<Give>>,
    watch: Option<Arc<Watch>>,
    taken: Option<Taken>,
}

impl Ask {
    /// Work, and how its result becomes a value of Python.
    pub(crate) fn new<T: Send + 'static>(
        work: impl Future<Output = mly::Result<T>> + Send + 'static,
        give: impl FnOnce(Python<'_>, T) -> PyResult<Py<PyAny>> + Send + 'static,
    ) -> Self {
        let given = work.map(|done| done.map(|value| -> Give { Box::new(move |py| give(py, value)) }));
        Self { work: given.boxed(), watch: None, taken: None }
    }

    /// Tells how far it is.
    pub(crate) fn watched(self, watch: Option<Arc<Watch>>) -> Self {
        Self { watch, ..self }
    }

    /// Calls a function when the value has arrived. An event loop may cancel what is on its way already.
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

    /// Begins the work and gives a future of the running event loop. Cancelling the future stops the work.
    pub(crate) fn begin(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        static RUNNING: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let running = RUNNING.import(py, "asyncio", "get_running_loop")?;
        let events = running.call0()?;
        let future = events.call_method0("create_future")?;
        let settle = Settle { events: events.unbind(), future: future.clone().unbind() };
        let Self { work, watch, taken } = self;
        let task = runtime::spawn(py, async move {
            // A panic ends the inner task alone, so that the future is settled in any case.
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

/// A task that ends with whoever waits for it.
struct AbortOnDrop<T>(tokio::task::JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A future of Python and its event loop, from another thread.
struct Settle {
    events: Py<PyAny>,
    future: Py<PyAny>,
}

impl Settle {
    /// Has progress told on the thread of the event loop.
    fn tell(&self, watch: Option<&Arc<Watch>>) {
        let Some(watch) = watch else { return };
        Python::try_attach(|py| {
            let told = watch
                .later(py)
                .and_then(|call| self.events.call_method1(py, "call_soon_threadsafe", (call,)));
            // A loop that is closed has nobody left to be told.
            drop(told);
        });
    }

    fn settle(self, done: Result<mly::Result<Give>, tokio::task::JoinError>, taken: Option<Taken>) {
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
            // A loop that is closed has nobody left who waits.
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
    taken: Mutex<Option<Taken>>,
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

/// Called when a future is done: stops the work if nobody wants its result any more.
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
