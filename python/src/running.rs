//! The state of a result while its rows are given out, shared by all that can give them out.

use std::collections::VecDeque;
use std::path::Path;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use futures_util::StreamExt;
use mly::sink::Format;
use mly::{Error, Summary};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::errors::{internal, used_up};

/// A run, which may be read once.
pub(crate) struct Running {
    /// A fork has the memory of a run, and nobody who goes on with it.
    pid: u32,
    pub(crate) title: String,
    pub(crate) schema: SchemaRef,
    pub(crate) progress: mly::Progress,
    is_claimed: AtomicBool,
    state: Mutex<State>,
}

enum State {
    Ready(Box<Rest>),
    /// Somebody waits for the next batch.
    Busy,
    /// It ended with an error, or was stopped. That must not be taken for its end.
    Broken,
}

/// What has not been given out.
struct Rest {
    batches: mly::Batches,
    /// Whether they have come to their end.
    is_over: bool,
    /// Read ahead, to be shown.
    ahead: VecDeque<RecordBatch>,
}

impl Running {
    /// Nothing is sent yet.
    pub(crate) fn new(batches: mly::Batches, plan: &mly::Plan) -> Arc<Self> {
        let question = plan.to_string();
        Arc::new(Self {
            pid: process::id(),
            title: question.lines().next().unwrap_or_default().to_owned(),
            schema: batches.schema(),
            progress: batches.progress(),
            is_claimed: AtomicBool::new(false),
            state: Mutex::new(State::Ready(Box::new(Rest {
                batches,
                is_over: false,
                ahead: VecDeque::new(),
            }))),
        })
    }

    /// Whether nobody has begun to read it.
    pub(crate) fn is_fresh(&self) -> bool {
        !self.is_claimed.load(Ordering::Relaxed)
    }

    /// Begins to read it, which can be done once.
    pub(crate) fn claim(&self) -> PyResult<()> {
        self.check_process()?;
        if self.is_claimed.swap(true, Ordering::Relaxed) {
            return Err(used_up(
                "this result was read already, and its rows are not kept: run the query again, or keep to_arrow()",
            ));
        }
        Ok(())
    }

    /// Lets somebody else begin: it was not read after all.
    pub(crate) fn unclaim(&self) {
        self.is_claimed.store(false, Ordering::Relaxed);
    }

    /// Forgets the first batch that was read ahead: it was given out.
    pub(crate) fn pass_first(&self) {
        if let Ok(mut state) = self.state.lock()
            && let State::Ready(rest) = &mut *state
        {
            rest.ahead.pop_front();
        }
    }

    /// Takes what has not been given out, until it is dropped.
    pub(crate) fn hold(self: &Arc<Self>) -> PyResult<Held> {
        self.check_process()?;
        let mut kept = self.state.lock().map_err(internal)?;
        let (rest, state) = match std::mem::replace(&mut *kept, State::Busy) {
            State::Ready(rest) => (Ok(rest), State::Busy),
            State::Busy => (Err("another thread waits for this result"), State::Busy),
            State::Broken => (Err("this result ended with an error: run the query again"), State::Broken),
        };
        *kept = state;
        // What makes an exception may let others run, who must not find it locked.
        drop(kept);
        let rest = rest.map_err(PyRuntimeError::new_err)?;
        Ok(Held { running: Arc::clone(self), rest: Some(rest), is_given_back: true })
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
            // Its connections and tasks are those of another process.
            std::mem::forget(std::mem::replace(&mut self.state, Mutex::new(State::Broken)));
        }
    }
}

/// What has not been given out, in the hands of one reader.
pub(crate) struct Held {
    running: Arc<Running>,
    rest: Option<Box<Rest>>,
    /// Whether somebody else can go on with it later.
    is_given_back: bool,
}

impl Held {
    /// The next batch, or `None` at the end.
    ///
    /// May be dropped while it waits; nothing is lost then.
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

    /// Everything that is left. If it is dropped while it waits, the run ends.
    pub(crate) async fn all(mut self) -> mly::Result<Vec<RecordBatch>> {
        self.is_given_back = false;
        let mut all = Vec::new();
        while let Some(batch) = self.next().await? {
            all.push(batch);
        }
        self.is_given_back = true;
        Ok(all)
    }

    /// The first batch, which stays to be given out.
    pub(crate) async fn peek(&mut self) -> mly::Result<Option<RecordBatch>> {
        let first = self.next().await?;
        if let (Some(rest), Some(batch)) = (&mut self.rest, &first) {
            rest.ahead.push_front(batch.clone());
        }
        Ok(first)
    }

    /// Writes everything into a file. If it cannot be begun, somebody else can go on with the result.
    pub(crate) async fn write_file(
        &mut self,
        path: &Path,
        format: Format,
        overwrite: bool,
    ) -> mly::Result<Summary> {
        self.is_given_back = false;
        let Some(rest) = &mut self.rest else { return Err(Error::Cancelled) };
        let written = rest.batches.write_file(path, format, overwrite).await;
        self.is_given_back = matches!(written, Err(Error::InvalidQuery { .. } | Error::Journal { .. }));
        if written.is_ok() {
            (rest.is_over, self.is_given_back) = (true, true);
            rest.ahead.clear();
        }
        written
    }
}

impl Held {
    /// What was read ahead, and the run itself unless it has come to its end.
    pub(crate) fn into_parts(mut self) -> (VecDeque<RecordBatch>, Option<mly::Batches>) {
        let Some(rest) = self.rest.take() else { return Default::default() };
        let Rest { batches, is_over, ahead } = *rest;
        (ahead, (!is_over).then_some(batches))
    }
}

impl Drop for Held {
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
