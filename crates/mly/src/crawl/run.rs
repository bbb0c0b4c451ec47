//! Requests in flight, rows in order.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, SchemaRef};
use futures_util::stream::{BoxStream, Stream, StreamExt, iter, try_unfold};
use tokio::task::JoinHandle;

use super::progress::{Progress, Tally};
use super::stop::Stop;
use super::summary::Summary;
use crate::error::{Error, Result};
use crate::http::{Client, Unreadable};
use crate::plan::{Plan, Request};
use crate::rows::{Merge, Part, Select, decode};
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
        let select = Arc::new(Select::new(plan.query()));
        let schema = Arc::clone(select.schema());
        let progress = Progress::new(plan.cost().tiles);
        let tally = progress.tally();
        let concurrency = client.concurrency();
        let stop = Arc::new(Stop::new());
        let requests = plan.requests();
        let parts = iter(requests)
            .map({
                let (tally, stop) = (Arc::clone(&tally), Arc::clone(&stop));
                move |request| {
                    let part = part(client.clone(), request, Arc::clone(&select), Arc::clone(&tally));
                    let stop = Arc::clone(&stop);
                    spawn(async move { stop.unless_stopped(part).await })
                }
            })
            .buffered(concurrency);
        let order = Order {
            parts: Some(parts),
            merge: Some(Merge::new()),
            ready: Vec::new(),
            schema: Arc::clone(&schema),
            left: plan.query().row_limit().unwrap_or(u64::MAX),
            tally,
            stop,
        };
        let stream =
            try_unfold(order, |mut order| async { Ok(order.next().await?.map(|batch| (batch, order))) });
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

/// The wanted rows of one request; `None` when the tile has nothing of the layer.
async fn part(
    client: Client,
    request: Request,
    select: Arc<Select>,
    tally: Arc<Tally>,
) -> Result<Option<Part>> {
    let read = {
        let tally = Arc::clone(&tally);
        move |body: Vec<u8>| {
            let Some(rows) = decode(select.layer(), request.tile(), &body)? else { return Ok(None) };
            tally.misfits(rows.misfits());
            select.apply(request.tile(), rows).map(Some).map_err(|e| unfit(&e))
        }
    };
    client.fetch(request, &tally.meter, read).await
}

fn unfit(error: &ArrowError) -> Unreadable {
    Unreadable { what: format!("its rows cannot be used: {error}"), offset: None, passing: false }
}

/// Parts in the order of the plan, merged into batches.
struct Order<S> {
    /// `None` after the last part.
    parts: Option<S>,
    merge: Option<Merge>,
    /// Batches to give out next, the first one last.
    ready: Vec<RecordBatch>,
    schema: SchemaRef,
    left: u64,
    tally: Arc<Tally>,
    stop: Arc<Stop>,
}

impl<S: Stream<Item = Result<Option<Part>>> + Unpin> Order<S> {
    /// The next batch that has rows.
    async fn next(&mut self) -> Result<Option<RecordBatch>> {
        while self.left > 0 {
            if let Some(batch) = self.ready.pop() {
                return Ok(Some(self.count(&batch)));
            }
            let Some(parts) = &mut self.parts else { return Ok(None) };
            match parts.next().await {
                Some(part) => {
                    let part = part.map_err(|error| self.stop.reason(error))?;
                    self.tally.answered();
                    self.push(part)?;
                }
                None => self.finish()?,
            }
        }
        // Enough rows: dropping the stream stops the requests in flight.
        self.parts = None;
        Ok(None)
    }

    fn push(&mut self, part: Option<Part>) -> Result<()> {
        if let (Some(merge), Some(part)) = (&mut self.merge, part) {
            let batch = merge.push(part).map_err(internal)?;
            self.ready.extend(batch.filter(|b| b.num_rows() > 0));
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        self.parts = None;
        if let Some(merge) = self.merge.take() {
            self.ready = merge.finish(&self.schema).map_err(internal)?;
            self.ready.reverse();
        }
        Ok(())
    }

    fn count(&mut self, batch: &RecordBatch) -> RecordBatch {
        let rows = usize::try_from(self.left).unwrap_or(usize::MAX).min(batch.num_rows());
        self.left -= rows as u64;
        self.tally.rows(rows as u64);
        batch.slice(0, rows)
    }
}

/// Batches of one schema that do not fit together would be a mistake of this crate.
fn internal(error: ArrowError) -> Error {
    Error::Output { path: None, format: "record batches", source: Box::new(error) }
}

/// A task that ends when its handle is dropped.
struct Task<T>(JoinHandle<T>);

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Runs a request on its own task, so that it goes on while rows are being written. It begins when first polled.
async fn spawn<T: Send + 'static>(request: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    let mut task = Task(tokio::spawn(request));
    joined((&mut task.0).await)
}

/// The result of a task; a panic in it goes on here.
fn joined<T>(result: Result<Result<T>, tokio::task::JoinError>) -> Result<T> {
    match result.map_err(tokio::task::JoinError::try_into_panic) {
        Ok(value) => value,
        Err(Ok(panic)) => std::panic::resume_unwind(panic),
        Err(Err(_)) => Err(Error::Cancelled),
    }
}
