//! Waits for asynchronous work, and is the only place that does: it releases the interpreter, checks for signals, and
//! detects forks.

use std::future::Future;
use std::pin::pin;
use std::process;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use tokio::runtime::{Handle, Runtime};

use crate::errors::{internal, to_py};

/// Ctrl-C is noticed after this time at the latest.
const TICK: Duration = Duration::from_millis(50);

/// The runtime and the id of the process that made it. A forked process has a copy of the runtime's memory but none of
/// its threads, so it must not use that runtime.
static RUNTIME: Mutex<Option<(u32, Arc<Runtime>)>> = Mutex::new(None);

/// The runtime of this process; a process that was forked gets one of its own.
///
/// Only threads that are attached to the interpreter lock the mutex, and `os.fork` needs the interpreter too. So a
/// process is never forked while the mutex is locked.
fn of_process(_: Python<'_>) -> PyResult<Arc<Runtime>> {
    let pid = process::id();
    let mut kept = RUNTIME.lock().map_err(internal)?;
    if let Some((owner, runtime)) = &*kept
        && *owner == pid
    {
        return Ok(Arc::clone(runtime));
    }
    let runtime =
        Arc::new(tokio::runtime::Builder::new_multi_thread().thread_name("mly").enable_all().build()?);
    // The runtime of the parent process is leaked: dropping it would wait for threads that this process does not have.
    std::mem::forget(kept.replace((pid, Arc::clone(&runtime))));
    Ok(runtime)
}

/// Waits for work. Other threads of Python run meanwhile, and `tick` is called now and then.
///
/// # Errors
/// What the work ends with, what a signal raises (`KeyboardInterrupt`), and what `tick` raises. In the last two cases
/// the work is dropped.
pub(crate) fn wait<T: Send>(
    py: Python<'_>,
    work: impl Future<Output = mly::Result<T>> + Send,
    mut tick: impl FnMut(Python<'_>) -> PyResult<()>,
) -> PyResult<T> {
    if Handle::try_current().is_ok() {
        return Err(PyRuntimeError::new_err("mly cannot be used inside a handler of its own log messages"));
    }
    let runtime = of_process(py)?;
    let mut work = pin!(work);
    loop {
        let ended = py.detach(|| runtime.block_on(async { tokio::time::timeout(TICK, work.as_mut()).await }));
        if let Ok(done) = ended {
            return done.map_err(to_py);
        }
        py.check_signals()?;
        tick(py)?;
    }
}

/// Waits for work on a thread that may not be one of Python's, without the interpreter.
pub(crate) fn wait_detached<T>(runtime: &Runtime, work: impl Future<Output = T>) -> T {
    runtime.block_on(work)
}

/// A runtime for [`wait_detached`].
pub(crate) fn shared(py: Python<'_>) -> PyResult<Arc<Runtime>> {
    of_process(py)
}

/// Starts work that runs in the background.
pub(crate) fn spawn<T: Send + 'static>(
    py: Python<'_>,
    work: impl Future<Output = T> + Send + 'static,
) -> PyResult<tokio::task::JoinHandle<T>> {
    Ok(of_process(py)?.spawn(work))
}
