//! Requests in flight, rows in order.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, SchemaRef};
use futures_util::stream::{BoxStream, Stream, StreamExt};

use super::ask::{Run, joined};
use super::progress::Progress;
use super::summary::Summary;
use super::{area, lookup};
use crate::error::{Error, Result};
use crate::http::Client;
use crate::plan::{Plan, Question};
use crate::sink::Sink;

/// Batches that may wait for the sink while the next ones are made.
const WAITING_BATCHES: usize = 2;

impl Client {
    /// Runs a plan. Nothing is sent before the first batch is asked for.
    ///
    /// Must be polled inside a Tokio runtime.
    pub fn run(&self, plan: &Plan) -> Batches {
        Batches::new(self.clone(), plan)
    }
}

/// The result of a plan: record batches of one schema, in an order that depends on the plan alone.
///
/// Memory is bounded by the requests in flight; only ids, and sequences until the last tile, are kept.
#[must_use = "nothing is sent before batches are asked for"]
pub struct Batches {
    schema: SchemaRef,
    progress: Progress,
    stream: BoxStream<'static, Result<RecordBatch>>,
}

impl Batches {
    fn new(client: Client, plan: &Plan) -> Self {
        let progress = Progress::new(plan.cost().requests());
        let run = Run::new(client, progress.tally());
        let (schema, rows) = match plan.question() {
            Question::Query(query) => area::rows(&run, plan, query),
            Question::Lookup(lookup) => {
                let (schema, rows) = lookup::rows(&run, plan, lookup);
                (schema, area::limited(rows, lookup.row_limit().unwrap_or(u64::MAX)))
            }
        };
        let stream = rows.map(move |batch| match batch {
            Ok(batch) => {
                run.tally.rows(batch.num_rows() as u64);
                Ok(batch)
            }
            Err(error) => Err(run.stop.reason(error)),
        });
        Self { schema, progress, stream: stream.boxed() }
    }

    /// The schema of every batch.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// A handle that tells how far the run is, from any thread.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Writes every batch and finishes the sink. Making and writing of batches go on side by side.
    ///
    /// # Errors
    /// What stopped the run, or [`Error::Output`] when the sink failed. The sink is not finished then.
    pub async fn write_to(mut self, mut sink: Box<dyn Sink>) -> Result<Summary> {
        let (sender, mut receiver) = tokio::sync::mpsc::channel::<RecordBatch>(WAITING_BATCHES);
        let writer = tokio::task::spawn_blocking(move || {
            while let Some(batch) = receiver.blocking_recv() {
                sink.write(&batch)?;
            }
            Ok(sink)
        });
        let mut stopped = Ok(());
        loop {
            // A sink that has failed is noticed at once: what is still on its way is of no use then.
            let batch = tokio::select! {
                batch = self.next() => batch,
                () = sender.closed() => break,
            };
            let Some(batch) = batch else { break };
            match batch {
                // The receiver goes away only with the sink, and then the writer says why.
                Ok(batch) => drop(sender.send(batch).await),
                Err(error) => {
                    stopped = Err(error);
                    break;
                }
            }
        }
        drop(sender);
        let written = joined(writer.await);
        stopped?;
        let sink = written?;
        joined(tokio::task::spawn_blocking(move || sink.finish()).await)?;
        Ok(self.progress.summary())
    }
}

impl Stream for Batches {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.stream.poll_next_unpin(context)
    }
}

impl std::fmt::Debug for Batches {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batches").field("schema", &self.schema).finish_non_exhaustive()
    }
}

/// Batches of one schema that do not fit together would be a mistake of this crate.
pub(super) fn internal(error: ArrowError) -> Error {
    Error::Output { path: None, format: "record batches", source: Box::new(error) }
}
