//! The state of a result while its rows are read. All objects that can read the rows share it.

use std::collections::VecDeque;
use std::ffi::CString;
use std::path::Path;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use futures_util::StreamExt;
use mly::sink::Dialect;
use mly::{Error, Summary};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::errors::{internal, used_up};

/// A run. Its rows can be read once.
pub(crate) struct Running {
    /// The process that started the run. A forked process cannot read it, since it lacks the threads that do the work.
    pid: u32,
    pub(crate) title: String,
    pub(crate) schema: SchemaRef,
    pub(crate) progress: mly::Progress,
    plan: mly::Plan,
    is_claimed: AtomicBool,
    /// Whether it was told that there are no rows.
    is_told_empty: AtomicBool,
    state: Mutex<State>,
}

enum State {
    Ready(Box<Unread>),
    /// A reader has taken the rows.
    Busy,
    /// The run ended with an error or was stopped. Reading fails, since an end without an error would look like a
    /// complete result.
    Broken,
}

/// The rows that were not read yet.
struct Unread {
    batches: mly::Batches,
    /// Whether the last batch was read.
    is_over: bool,
    /// Batches that were read for a preview. The reader of the result gets them first.
    ahead: VecDeque<RecordBatch>,
}

impl Running {
    /// A run that has not sent any request yet.
    pub(crate) fn new(batches: mly::Batches, plan: &mly::Plan) -> Arc<Self> {
        let question = plan.to_string();
        Arc::new(Self {
            pid: process::id(),
            title: question.lines().next().unwrap_or_default().to_owned(),
            schema: batches.schema(),
            progress: batches.progress(),
            plan: plan.clone(),
            is_claimed: AtomicBool::new(false),
            is_told_empty: AtomicBool::new(false),
            state: Mutex::new(State::Ready(Box::new(Unread {
                batches,
                is_over: false,
                ahead: VecDeque::new(),
            }))),
        })
    }

    /// Whether no reader has begun to read it.
    pub(crate) fn is_fresh(&self) -> bool {
        !self.is_claimed.load(Ordering::Relaxed)
    }

    /// Starts to read it, which can be done once.
    pub(crate) fn claim(&self) -> PyResult<()> {
        self.check_process()?;
        if self.is_claimed.swap(true, Ordering::Relaxed) {
            return Err(used_up(
                "this result was read already, and its rows are not kept: run the query again, or keep to_arrow()",
            ));
        }
        Ok(())
    }

    /// Takes a claim back when nothing was read, so that the result can still be read.
    pub(crate) fn unclaim(&self) {
        self.is_claimed.store(false, Ordering::Relaxed);
    }

    /// Removes the first batch of the preview, which the caller has received.
    pub(crate) fn pass_first(&self) {
        if let Ok(mut state) = self.state.lock()
            && let State::Ready(rest) = &mut *state
        {
            rest.ahead.pop_front();
        }
    }

    /// Takes the rows that were not read yet, until the lease is dropped.
    pub(crate) fn hold(self: &Arc<Self>) -> PyResult<Lease> {
        self.check_process()?;
        let mut kept = self.state.lock().map_err(internal)?;
        let (rest, state) = match std::mem::replace(&mut *kept, State::Busy) {
            State::Ready(rest) => (Ok(rest), State::Busy),
            State::Busy => (Err("another thread waits for this result"), State::Busy),
            State::Broken => (Err("this result ended with an error: run the query again"), State::Broken),
        };
        *kept = state;
        // Unlock first: while an exception is created, Python may switch to another thread, which may need the lock.
        drop(kept);
        let rest = rest.map_err(PyRuntimeError::new_err)?;
        Ok(Lease { running: Arc::clone(self), rest: Some(rest), is_given_back: true })
    }

    /// Warns with the likely reason if the result, which has been read to its end, has no rows. Once.
    pub(crate) fn warn_if_empty(&self, py: Python<'_>) -> PyResult<()> {
        let Some(reason) = self.progress.empty_reason(&self.plan) else { return Ok(()) };
        // Engines read parts, of which some are often empty.
        if reason.is_part || self.is_told_empty.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        let exchanged = match &reason.exchanged {
            Some(area) => format!("; or are latitude and longitude exchanged? then {area}"),
            None => String::new(),
        };
        let text = CString::new(format!("{}{exchanged}", reason.what)).map_err(internal)?;
        let class = py.import("mly.errors")?.getattr("EmptyResultWarning")?;
        PyErr::warn(py, &class, &text, 1)
    }

    fn check_process(&self) -> PyResult<()> {
        if self.pid == process::id() {
            return Ok(());
        }
        Err(PyRuntimeError::new_err(
            "this result belongs to the process that began it; run the query again here",
        ))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.pid != process::id() {
            // In a forked process the state is leaked, since the parent process still uses its connections and tasks.
            std::mem::forget(std::mem::replace(&mut self.state, Mutex::new(State::Broken)));
        }
    }
}

/// The right of one reader to the rows that were not read yet.
pub(crate) struct Lease {
    running: Arc<Running>,
    rest: Option<Box<Unread>>,
    /// Whether another reader can continue later.
    is_given_back: bool,
}

impl Lease {
    /// The next batch, or `None` at the end.
    ///
    /// Dropping it while it waits loses nothing.
    pub(crate) async fn next(&mut self) -> mly::Result<Option<RecordBatch>> {
        let Some(rest) = &mut self.rest else { return Ok(None) };
        if let Some(batch) = rest.ahead.pop_front() {
            return Ok(Some(batch));
        }
        if rest.is_over {
            return Ok(None);
        }
        let next = rest.batches.next().await;
        match &next {
            Some(Ok(_)) => {}
            Some(Err(_)) => self.rest = None,
            None => rest.is_over = true,
        }
        next.transpose()
    }

    /// All rows that were not read yet. Dropping it while it waits ends the run.
    pub(crate) async fn all(mut self) -> mly::Result<Vec<RecordBatch>> {
        self.is_given_back = false;
        let mut all = Vec::new();
        while let Some(batch) = self.next().await? {
            all.push(batch);
        }
        self.is_given_back = true;
        Ok(all)
    }

    /// The first batch, which the next reader gets too.
    pub(crate) async fn peek(&mut self) -> mly::Result<Option<RecordBatch>> {
        let first = self.next().await?;
        if let (Some(rest), Some(batch)) = (&mut self.rest, &first) {
            rest.ahead.push_front(batch.clone());
        }
        Ok(first)
    }

    /// Writes everything into a file. If the file cannot be started, another reader can still read the result.
    pub(crate) async fn write_file(
        &mut self,
        path: &Path,
        dialect: Dialect,
        overwrite: bool,
        layer: Option<&str>,
    ) -> mly::Result<Summary> {
        self.is_given_back = false;
        let Some(rest) = &mut self.rest else { return Err(Error::Cancelled) };
        if let Some(name) = layer {
            rest.batches.set_layer(name)?;
        }
        let written = rest.batches.write_file(path, dialect, overwrite).await;
        self.is_given_back = matches!(written, Err(Error::InvalidQuery { .. } | Error::Journal { .. }));
        if written.is_ok() {
            (rest.is_over, self.is_given_back) = (true, true);
            rest.ahead.clear();
        }
        written
    }
}

impl Lease {
    /// The batches that were read ahead, and the run unless its last batch was read.
    pub(crate) fn into_parts(mut self) -> (VecDeque<RecordBatch>, Option<mly::Batches>) {
        let Some(rest) = self.rest.take() else { return Default::default() };
        let Unread { batches, is_over, ahead } = *rest;
        (ahead, (!is_over).then_some(batches))
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let state = match self.rest.take() {
            Some(rest) if self.is_given_back => State::Ready(rest),
            _ => State::Broken,
        };
        if let Ok(mut kept) = self.running.state.lock() {
            *kept = state;
        }
    }
}
