//! Requests in flight, rows in order.

use std::future::poll_fn;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use futures_util::stream::{Stream, StreamExt};

use super::area::{self, Area};
use super::ask::{Run, joined};
use super::journal::Journal;
use super::lookup;
use super::progress::Progress;
use super::step::{NoteKind, Start, Step, Steps};
use super::summary::Summary;
use super::update::{Earlier, Update};
use crate::error::{Error, Result};
use crate::http::Client;
use crate::plan::{Plan, Question};
use crate::sink::{Format, Sink};

/// Steps that may wait to be written while the next ones are made.
const WAITING_STEPS: usize = 2;

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
    plan: Plan,
    run: Run,
    way: Way,
    schema: SchemaRef,
    progress: Progress,
    update: Option<Arc<Update>>,
    /// What is under way, once it has begun.
    steps: Option<Steps>,
}

/// How rows are made.
enum Way {
    Area(Box<Area>),
    Lookup(Arc<lookup::Way>),
}

impl Batches {
    fn new(client: Client, plan: &Plan) -> Self {
        let progress = Progress::new(plan.cost().requests());
        let run = Run::new(client, progress.tally());
        let (way, schema) = match plan.question() {
            Question::Query(query) => {
                let area = Area::new(query);
                let schema = Arc::clone(area.schema());
                (Way::Area(Box::new(area)), schema)
            }
            Question::Lookup(lookup) => {
                let way = lookup::Way::of(lookup);
                let schema = way.schema();
                (Way::Lookup(Arc::new(way)), schema)
            }
        };
        Self { plan: plan.clone(), run, way, schema, progress, update: None, steps: None }
    }

    /// The schema of every batch.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// The client that runs it.
    pub fn client(&self) -> Client {
        self.run.client.clone()
    }

    /// A handle that tells how far the run is, from any thread.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Brings an earlier result up to date: after the rows of this run come those of `earlier` whose ids have not come, in
    /// their order.
    ///
    /// Each id comes once, and a new row replaces an old one. Rows that the service no longer shows stay, and so do those
    /// outside the area; columns that `earlier` does not have are null in its rows. The tiles are all asked for, as
    /// without an earlier result. What further costs look-ups (fields that tiles lack, sequences that go on elsewhere)
    /// is asked for only where `earlier` does not have the row, or where the row was captured or last seen in the 90
    /// days before the newest of `earlier`, or later. A row from before is taken over as it is.
    ///
    /// ```
    /// use mly::sink::Format;
    /// use mly::{Area, Client, Earlier, Options, Query, Token};
    ///
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let service = mly_emulator::Emulator::start(mly_emulator::World::demo()).expect("a free port");
    /// # let token = Token::new(service.token()).expect("a token");
    /// # let client = Client::new(Options::default().token(token).base_url(service.url())?)?;
    /// # let folder = tempfile::tempdir().expect("a folder");
    /// # let (path, next) = (folder.path().join("2024.csv"), folder.path().join("2025.parquet"));
    /// let plan = Query::images(Area::near(9.005, 51.998, 200.0)?).plan()?;
    /// client.run(&plan).write_file(&path, Format::Csv, false).await?;
    /// // A year later:
    /// let mut batches = client.run(&plan).updating(Earlier::open(&path)?)?;
    /// let summary = batches.write_file(&next, Format::Parquet, false).await?;
    /// # assert_eq!((summary.kept, summary.replaced), (0, summary.rows));
    /// # Ok::<(), mly::Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the plan is of look-ups or has a limit, and when `earlier` holds rows of another layer,
    /// columns that this result does not have or has with another type, or rows without an id or a geometry.
    pub fn updating(mut self, earlier: Earlier) -> Result<Self> {
        let Question::Query(query) = self.plan.question() else {
            return Err(
                Error::query("look-ups cannot be brought up to date").with_hint("ask for the ids again")
            );
        };
        self.update = Some(Arc::new(Update::new(earlier, query, &self.schema)?));
        Ok(self)
    }

    /// Why all rows of an earlier result are looked up again, if they are: what it "does not have" or "does not tell".
    pub fn full_refresh_reason(&self) -> Option<&str> {
        self.update.as_ref()?.why_all()
    }

    /// Begins where an earlier run was left.
    fn begin(&mut self, start: Start) {
        let scouts = start.notes.iter().filter(|note| note.kind == NoteKind::Touched).count() as u64;
        self.run.tally.resume((start.done.steps + scouts).min(self.progress.total()), start.rows);
        self.steps = Some(match (&self.way, self.plan.question()) {
            (Way::Lookup(way), Question::Lookup(lookup)) => {
                let limit = lookup.limit().unwrap_or(u64::MAX).saturating_sub(start.rows);
                area::limited(lookup::steps(&self.run, &self.plan, Arc::clone(way), start), limit)
            }
            (Way::Area(area), _) => match &self.update {
                Some(update) => update.steps(Area::clone(area), &self.run, &self.plan, start),
                None => area.steps(&self.run, &self.plan, start),
            },
            // A plan has the way of its question.
            (Way::Lookup(_), Question::Query(_)) => futures_util::stream::empty().boxed(),
        });
    }

    /// The next step.
    fn poll_step(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Step>>> {
        if self.steps.is_none() {
            self.begin(Start::default());
        }
        let Some(steps) = &mut self.steps else { return Poll::Ready(None) };
        let step = ready!(steps.poll_next_unpin(context));
        Poll::Ready(step.map(|step| match step {
            Ok(step) => {
                self.run.tally.rows(step.rows.num_rows() as u64);
                Ok(step)
            }
            Err(error) => Err(self.run.stop.reason(error)),
        }))
    }

    /// Writes every batch and finishes the sink. Making and writing of batches go on side by side.
    ///
    /// # Errors
    /// What stopped the run, or [`Error::Output`] when the sink failed. The sink is not finished then.
    pub async fn write_to(mut self, sink: Box<dyn Sink>) -> Result<Summary> {
        let write = |sink: &mut Box<dyn Sink>, step: &Step| match step.rows.num_rows() {
            0 => Ok(()),
            _ => sink.write(&step.rows),
        };
        let sink = self.written(sink, write).await?;
        joined(tokio::task::spawn_blocking(move || sink.finish()).await)?;
        Ok(self.progress.summary())
    }

    /// Writes a file, or goes on with what an earlier run of the same plan has left of it.
    ///
    /// The file appears under its name when it is complete. Until then all there is of it is in the folder `NAME.unfinished`
    /// beside it, which outlives errors, interruptions and the end of the process; the file is the same in the end, byte for
    /// byte. Devices and pipes are written to directly, and anew. Batches that were read before are written too.
    ///
    /// # Errors
    /// What stopped the run; [`Error::InvalidQuery`] when the file exists and `overwrite` is not set, when it cannot be
    /// created or another process is writing it; [`Error::Journal`] when the folder holds the work of another plan or in another
    /// format, which `overwrite` gives up; [`Error::Output`] when the file cannot be written. After all but the second what
    /// is done is kept.
    pub async fn write_file(&mut self, path: &Path, format: Format, overwrite: bool) -> Result<Summary> {
        let (plan, schema, tally) = (self.plan.clone(), self.schema(), self.progress.tally());
        let update = self.update.as_ref().map(|update| update.to_json());
        let path = path.to_owned();
        let open = move || Journal::open(&path, format, overwrite, &plan, update, &schema, &tally);
        let (journal, start) = joined(tokio::task::spawn_blocking(open).await)?;
        self.begin(start);
        let tally = self.progress.tally();
        let write = move |journal: &mut Journal, step: &Step| journal.write(step, &tally);
        let journal = self.written(journal, write).await?;
        joined(tokio::task::spawn_blocking(move || journal.finish()).await)?;
        Ok(self.progress.summary())
    }

    /// Hands every step to an output on another thread.
    async fn written<T: Send + 'static>(
        &mut self,
        mut output: T,
        write: impl Fn(&mut T, &Step) -> Result<()> + Send + 'static,
    ) -> Result<T> {
        let (sender, mut receiver) = tokio::sync::mpsc::channel::<Step>(WAITING_STEPS);
        let writer = tokio::task::spawn_blocking(move || {
            while let Some(step) = receiver.blocking_recv() {
                write(&mut output, &step)?;
            }
            Ok(output)
        });
        let mut stopped = Ok(());
        loop {
            // An output that has failed is noticed at once: what is still on its way is of no use then.
            let step = tokio::select! {
                step = poll_fn(|context| self.poll_step(context)) => step,
                () = sender.closed() => break,
            };
            match step {
                // The receiver goes away only with the output, and then the writer says why.
                Some(Ok(step)) => drop(sender.send(step).await),
                Some(Err(error)) => {
                    stopped = Err(error);
                    break;
                }
                None => break,
            }
        }
        drop(sender);
        let written = joined(writer.await);
        stopped?;
        written
    }
}

impl Stream for Batches {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match ready!(self.poll_step(context)) {
                Some(Ok(step)) if step.rows.num_rows() == 0 => {}
                step => return Poll::Ready(step.map(|step| step.map(|step| step.rows))),
            }
        }
    }
}

impl std::fmt::Debug for Batches {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batches").field("schema", &self.schema).finish_non_exhaustive()
    }
}
