//! The connection, the counters and the cancellation that all requests of a run share.

use std::sync::Arc;

use futures_util::stream::{Stream, StreamExt};
use tokio::task::JoinHandle;

use super::cancel::Cancel;
use super::doubt::Doubt;
use super::progress::RunCounters;
use super::saved::SavedAnswers;
use crate::error::{Error, Result, Unreadable};
use crate::http::{Connection, HttpRequest};

/// Sends the requests of one run. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) connection: Connection,
    pub(super) counters: Arc<RunCounters>,
    pub(super) cancel: Arc<Cancel>,
    pub(super) doubt: Arc<Doubt>,
    pub(super) saved: Arc<SavedAnswers>,
}

impl Run {
    pub(super) fn new(connection: Connection, counters: Arc<RunCounters>) -> Self {
        let cancel = Arc::new(Cancel::new());
        Self { connection, counters, cancel, doubt: Arc::default(), saved: Arc::default() }
    }

    /// The same run, with what is known of the ids that it asks about.
    pub(super) fn doubting(&self, doubt: Doubt) -> Self {
        Self { doubt: Arc::new(doubt), ..self.clone() }
    }

    /// The same run, with a place for answers.
    pub(super) fn saving(&self, saved: Arc<SavedAnswers>) -> Self {
        Self { saved, ..self.clone() }
    }

    /// Sends a request, with retries, and reads the answer with `read`. Fails early when the run is cancelled.
    pub(super) async fn ask<T, F>(&self, request: impl Into<HttpRequest>, read: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(Vec<u8>) -> Result<T, Unreadable> + Clone + Send + 'static,
    {
        let request = self.connection.fetch(request, &self.counters.meter, read);
        self.cancel.unless_cancelled(request, |_| true).await
    }

    /// Does `work` for each item, several at a time, each in a task; results come in the order of the items.
    pub(super) fn each<I, T, W, S, F>(
        &self,
        items: S,
        work: F,
    ) -> impl Stream<Item = Result<T>> + Send + use<I, T, W, S, F>
    where
        S: Stream<Item = I> + Send,
        F: Fn(Self, I) -> W + Send,
        T: Send + 'static,
        W: Future<Output = Result<T>> + Send + 'static,
    {
        let (run, concurrency) = (self.clone(), self.connection.concurrency());
        items.map(move |item| spawn(work(run.clone(), item))).buffered(concurrency)
    }
}

/// A task that is aborted when its handle is dropped.
struct OwnedTask<T>(JoinHandle<T>);

impl<T> Drop for OwnedTask<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Runs work in a task, so that it continues while nobody polls for rows. The task starts when this is first polled.
pub(super) async fn spawn<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    let mut task = OwnedTask(tokio::spawn(work));
    joined((&mut task.0).await)
}

/// Runs work that may block, and waits for it.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    joined(tokio::task::spawn_blocking(work).await)
}

/// The result of a task. A panic in the task is resumed here.
pub(super) fn joined<T>(result: Result<Result<T>, tokio::task::JoinError>) -> Result<T> {
    match result.map_err(tokio::task::JoinError::try_into_panic) {
        Ok(value) => value,
        Err(Ok(panic)) => std::panic::resume_unwind(panic),
        Err(Err(_)) => Err(Error::Cancelled),
    }
}
