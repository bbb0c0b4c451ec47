//! What all requests of a run share.

use std::sync::Arc;

use futures_util::stream::{Stream, StreamExt};
use tokio::task::JoinHandle;

use super::progress::Tally;
use super::stop::Stop;
use crate::error::Unreadable;
use crate::error::{Error, Result};
use crate::http::Connection;
use crate::plan::Request;

/// A run's connection, counters and stop. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) connection: Connection,
    pub(super) tally: Arc<Tally>,
    pub(super) stop: Arc<Stop>,
}

impl Run {
    pub(super) fn new(connection: Connection, tally: Arc<Tally>) -> Self {
        Self { connection, tally, stop: Arc::new(Stop::new()) }
    }

    /// Sends a request until its answer can be read, or until all requests of the run are stopped.
    pub(super) async fn ask<T, F>(&self, request: &Request, read: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(Vec<u8>) -> Result<T, Unreadable> + Clone + Send + 'static,
    {
        self.stop.unless_stopped(self.connection.fetch(request, &self.tally.meter, read)).await
    }

    /// Does a piece of work for each item, some at once, on tasks of their own; results come in the order of the items.
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

/// A task that ends when its handle is dropped.
struct Task<T>(JoinHandle<T>);

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Runs work on its own task, so that it goes on while rows are being written. It begins when first polled.
pub(super) async fn spawn<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    let mut task = Task(tokio::spawn(work));
    joined((&mut task.0).await)
}

/// The result of a task; a panic in it goes on here.
pub(super) fn joined<T>(result: Result<Result<T>, tokio::task::JoinError>) -> Result<T> {
    match result.map_err(tokio::task::JoinError::try_into_panic) {
        Ok(value) => value,
        Err(Ok(panic)) => std::panic::resume_unwind(panic),
        Err(Err(_)) => Err(Error::Cancelled),
    }
}
