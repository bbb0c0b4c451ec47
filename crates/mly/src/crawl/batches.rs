//! The result of a plan, which is polled as a stream of record batches or written to a file.

use std::future::poll_fn;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use futures_util::stream::{Stream, StreamExt};
use tokio::runtime::{Handle, RuntimeFlavor};

use super::area_crawl::AreaCrawl;
use super::journal::Journal;
use super::lookup::LookupCrawl;
use super::progress::Progress;
use super::run::{Run, blocking, joined};
use super::step::{NoteKind, Start, Step, Steps};
use super::summary::Summary;
use super::update::{Earlier, Update, with_marks};
use crate::error::{Error, Result, internal};
use crate::http::Connection;
use crate::plan::{Plan, PlanKind};
use crate::rows::LeftOutTally;
use crate::sink::{self, Dialect, Sink};
use crate::table::with_pairs;

/// Steps that may wait for the writer. Requests pause while it is behind, so memory stays bounded.
const WAITING_STEPS: usize = 2;

/// The result of a plan: record batches of one schema, in an order that depends on the plan alone.
///
/// Memory is bounded by the requests in flight, with two exceptions: the ids of all rows are remembered (9 to 12 bytes
/// each), and sequences wait for the last tile (about 16 bytes per vertex).
#[must_use = "nothing is sent before batches are polled"]
pub struct Batches {
    plan: Plan,
    run: Run,
    job: RowMaker,
    schema: SchemaRef,
    progress: Progress,
    update: Option<Arc<Update>>,
    /// The stream of steps, once the run has begun.
    steps: Option<Steps>,
}

/// What makes the rows, by the kind of plan.
enum RowMaker {
    Area(Box<AreaCrawl>),
    Lookup(LookupCrawl),
}

impl RowMaker {
    fn of(plan: &Plan) -> Self {
        match plan.kind() {
            PlanKind::Area(plan) => Self::Area(Box::new(AreaCrawl::new(*plan))),
            PlanKind::Lookup(plan) => Self::Lookup(LookupCrawl::new(plan)),
        }
    }

    fn schema(&self) -> SchemaRef {
        match self {
            Self::Area(area) => Arc::clone(area.schema()),
            Self::Lookup(lookup) => lookup.schema(),
        }
    }

    fn left_out(&self) -> Option<Arc<LeftOutTally>> {
        match self {
            Self::Area(area) => Some(Arc::clone(area.left_out())),
            Self::Lookup(_) => None,
        }
    }
}

impl Batches {
    pub(crate) fn new(connection: Connection, plan: &Plan) -> Self {
        let job = RowMaker::of(plan);
        let progress = Progress::new(plan.cost().requests());
        progress.set_left_out(job.left_out());
        let run = Run::new(connection, progress.counters());
        let schema = with_pairs(&job.schema(), plan.about());
        Self { plan: plan.clone(), run, job, schema, progress, update: None, steps: None }
    }

    /// The schema of every batch.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// Gives the layer of the result another name than that of its rows.
    ///
    /// It is the name of the table of a GeoPackage, of the layer of a FlatGeobuf file, and in the metadata of other files.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when databases do not accept the name.
    pub fn set_layer(&mut self, name: &str) -> Result<()> {
        self.schema = sink::with_layer(&self.schema, name)?;
        Ok(())
    }

    /// A handle that shows from any thread how far the run is.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Brings an earlier result up to date: after the rows of this run come the rows of `earlier` with other ids, in
    /// their order.
    ///
    /// Each id comes once, and a new row replaces an old one. Rows that the service no longer shows stay, and so do
    /// those outside the area; columns that `earlier` does not have are null in its rows.
    ///
    /// The result has one more column, `last_crawled_at`. It marks the rows that the service no longer shows: those that
    /// the query asks for and its tiles do not hold any more. Its value is the time at which they were last known to be
    /// shown: when `earlier` was written, or the mark that the row has there. It is null in all other rows. A row that is
    /// shown again loses its mark. Rows that this run cannot judge keep what they have: those outside the area, those that
    /// the filters leave out, those in a tile that is missing, and all rows where tiles are pruned.
    ///
    /// All tiles are requested, as without an earlier result. Lookups (for fields that tiles lack, and for sequences
    /// that leave the area) are saved: a row is looked up only if `earlier` lacks it, or if it was captured or last
    /// seen less than 90 days before the newest row of `earlier`, or later. Older rows are taken from `earlier`
    /// unchanged.
    ///
    /// ```
    /// use std::path::Path;
    ///
    /// use mly::sink::Format;
    /// use mly::{Area, Client, Earlier, Query};
    ///
    /// async fn update(client: &Client, path: &Path, next: &Path) -> mly::Result<()> {
    ///     let plan = Query::images(Area::near(9.005, 51.998, 200.0)?).plan()?;
    ///     client.run(&plan).write_file(path, Format::Csv, false).await?;
    ///     // A year later:
    ///     let mut batches = client.run(&plan).updating(Earlier::open(path)?)?;
    ///     let summary = batches.write_file(next, Format::Parquet, false).await?;
    ///     assert_eq!((summary.kept, summary.replaced), (0, summary.rows));
    ///     Ok(())
    /// }
    /// # mly_emulator::example!(update, "2024.csv", "2025.parquet");
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the plan is one of a lookup or has a limit, and when `earlier` holds rows of
    /// another layer, or columns that this result does not have or has with another type; [`Error::Input`] when
    /// `earlier` has a row without an id or a geometry.
    pub fn updating(mut self, earlier: Earlier) -> Result<Self> {
        let RowMaker::Area(area) = &self.job else {
            return Err(Error::query("look-ups cannot be updated").with_hint("look up the ids again"));
        };
        self.schema = with_marks(&self.schema);
        self.update = Some(Arc::new(Update::new(earlier, area.query(), &self.schema)?));
        Ok(self)
    }

    /// Why no lookups can be saved by an update, if so: the end of a sentence about the earlier result, such as "does
    /// not have `creator_id`".
    pub fn full_refresh_reason(&self) -> Option<&str> {
        self.update.as_ref()?.full_refresh_reason()
    }

    /// Takes the dates with which unfinished work at a path began, if it is the work of the same words.
    fn take_dates_of(&mut self, path: &Path) -> Result<()> {
        let Some(plan) = Journal::begun(path).filter(|begun| *begun != self.plan) else { return Ok(()) };
        if !self.plan.has_words_of(&plan) {
            return Ok(());
        }
        let job = RowMaker::of(&plan);
        self.progress.set_left_out(job.left_out());
        let schema = with_pairs(&job.schema(), plan.about());
        let schema = if self.update.is_some() { with_marks(&schema) } else { schema };
        if let (Some(update), RowMaker::Area(area)) = (self.update.as_mut().and_then(Arc::get_mut), &job) {
            update.ask(area.query());
        }
        self.schema = match sink::layer_of(&self.schema) {
            Some(layer) => sink::with_layer(&schema, layer)?,
            None => schema,
        };
        (self.plan, self.job) = (plan, job);
        Ok(())
    }

    /// Starts the run at `start`.
    fn begin(&mut self, start: Start) {
        let scouts = start.notes.iter().filter(|note| note.kind == NoteKind::Touched).count() as u64;
        let steps = (start.done.steps + scouts).min(self.progress.total());
        self.run.counters.resume(steps, start.rows);
        if let RowMaker::Area(area) = &self.job {
            // Some may have come from the cache; to count too many is safe.
            self.run.connection.count_earlier_tiles(steps.min(area.tiles()));
        }
        self.steps = Some(match (&self.job, &self.update) {
            (RowMaker::Lookup(lookup), _) => lookup.steps(&self.run, start),
            (RowMaker::Area(area), None) => area.steps(&self.run, start),
            (RowMaker::Area(area), Some(update)) => update.steps(AreaCrawl::clone(area), &self.run, start),
        });
    }

    /// Polls the next step. The run begins with the first call.
    fn poll_step(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Step>>> {
        if self.steps.is_none() {
            self.begin(Start::default());
        }
        let Some(steps) = &mut self.steps else { return Poll::Ready(None) };
        let step = ready!(steps.poll_next_unpin(context));
        Poll::Ready(step.map(|step| match step {
            Ok(step) => {
                self.run.counters.rows(step.rows.num_rows() as u64);
                self.run.counters.add_gaps(step.gaps.clone());
                let rows = step.rows.with_schema(Arc::clone(&self.schema)).map_err(internal)?;
                Ok(Step { rows, ..step })
            }
            Err(error) => Err(self.run.cancel.reason(error)),
        }))
    }

    /// Writes every batch and finishes the sink. Requests continue while a batch is written.
    ///
    /// # Errors
    /// The error that stopped the run, or [`Error::Output`] when the sink failed. The sink is not finished then.
    pub async fn write_to(mut self, sink: Box<dyn Sink>) -> Result<Summary> {
        let counters = self.progress.counters();
        let write = move |sink: &mut Box<dyn Sink>, step: &Step| {
            if step.rows.num_rows() > 0 {
                sink.write(&step.rows)?;
                counters.losses(sink.take_losses());
            }
            Ok(())
        };
        let sink = self.written(sink, write).await?;
        blocking(move || sink.finish()).await?;
        Ok(self.progress.summary())
    }

    /// Writes a file, or resumes it where an earlier run of the same plan stopped.
    ///
    /// The file appears under its name when it is complete. Until then its rows are in the folder `NAME.unfinished`
    /// beside it, which stays there after an error, an interruption or a crash. The file is the same, byte for byte,
    /// however often the run was interrupted. Devices and pipes are written to directly, and cannot be resumed.
    ///
    /// Dates that count back from now, such as `30d`, are those of the run that began the file.
    ///
    /// The file holds all rows of the plan, even if some have been polled from these batches before.
    ///
    /// # Errors
    /// The error that stopped the run; [`Error::InvalidQuery`] when the file exists and `overwrite` is not set, when it
    /// cannot be created, or when another process is writing it; [`Error::Journal`] when the folder holds unfinished
    /// work of another plan or in another format, which `overwrite` discards; [`Error::Output`] when the file cannot be
    /// written. After all of them except [`Error::InvalidQuery`], the rows written so far are kept.
    pub async fn write_file(
        &mut self,
        path: &Path,
        dialect: impl Into<Dialect>,
        overwrite: bool,
    ) -> Result<Summary> {
        let dialect = dialect.into();
        if !overwrite {
            self.take_dates_of(path)?;
        }
        let (plan, schema, counters) = (self.plan.clone(), self.schema(), self.progress.counters());
        let update = self.update.as_ref().map(|update| update.to_json());
        let path = path.to_owned();
        let open = move || Journal::open(&path, dialect, overwrite, &plan, update, &schema, &counters);
        // On a runtime of several threads this one opens the journal itself, about a second for 20 million rows. The set of
        // ids that the journal makes grows on this thread later on, and most allocators keep the memory that it outgrows for
        // the thread that took it: 100 MB more at 20 million rows, if another thread opens. Other tasks of the runtime go on
        // at its other threads. `block_in_place` would panic within a `LocalSet`.
        let may_block = Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread;
        let (journal, start) = if may_block { open()? } else { blocking(open).await? };
        self.begin(start);
        let counters = self.progress.counters();
        let write = move |journal: &mut Journal, step: &Step| journal.write(step, &counters);
        let journal = self.written(journal, write).await?;
        blocking(move || journal.finish()).await?;
        Ok(self.progress.summary())
    }

    /// Writes every step to an output on another thread, and returns the output.
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
            // An output that has failed is noticed at once, so that no more requests are sent for it.
            let step = tokio::select! {
                step = poll_fn(|context| self.poll_step(context)) => step,
                () = sender.closed() => break,
            };
            match step {
                // Sending fails only when the output has failed, and then the writer returns the error.
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
