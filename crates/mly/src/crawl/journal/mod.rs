//! The journal records how much of a result is written, so that another process can resume the run.
//!
//! A folder beside the result holds the unfinished file and a log. After each step of the run, a checkpoint is appended
//! to the log: how far the run is, how long the files are, and what the sink needs to resume. To resume is to cut all
//! files to the lengths in the last checkpoint and to send the requests after it. So the finished file is the same,
//! byte for byte, however often the run was stopped.
//!
//! There are two ways to lose bytes:
//!
//! - The **process** ends. The bytes that it has written to files are safe, those in memory are lost. So for each step,
//!   files are written before the checkpoint that names their lengths, and rows that the sink still holds in memory are
//!   copied to a spool.
//! - The **power** fails. The end of any file may be lost, while the log that names its length is kept, since the
//!   system writes files to the disk in any order. So from time to time all files are synced, then a checkpoint is
//!   appended, then the log is synced: this checkpoint is durable. Syncing after each step would make small steps many
//!   times slower, so the work since the last durable checkpoint is at risk, within the limits below.
//!
//! A run resumes from the last checkpoint if the files match its lengths and checksums, and otherwise from the last
//! durable one. Checksums are of all bytes, so that damage is noticed wherever it is.

mod checkpoint;
mod folder;
mod log;
mod spool;

use std::io;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_schema::{ArrowError, SchemaRef};

use self::checkpoint::{Checkpoint, LogRecord, WorkIdentity};
use self::folder::{OpenFailure, Resumable, WorkFolder};
use self::spool::Spool;
use super::gaps::Gaps;
use super::progress::RunCounters;
use super::step::{Note, Start, Step};
use crate::error::{Cause, Error, Result, cause_of_output};
use crate::file::{Destination, Target, WriteTarget};
use crate::plan::{Plan, Question};
use crate::query::Layer;
use crate::rows::IdBatch;
use crate::sink::{self, Dialect, Fitted, Fitter, Format, ResumableSink};

/// A durable checkpoint is made when this many bytes have not been synced.
const MOST_BYTES_AT_RISK: u64 = 64 << 20;

/// A durable checkpoint is made after this many steps at the latest: even a step without rows has cost a request.
const MOST_STEPS_AT_RISK: u64 = 1000;

/// Ids that are read from the log before they are added to the set.
const IDS_AT_ONCE: usize = 1 << 20;

/// Writes the rows of a run into a file, and checkpoints into the log.
pub(super) struct Journal {
    /// `None` for a device or a pipe, which cannot be resumed.
    folder: Option<WorkFolder>,
    spool: Option<Spool>,
    sink: Option<Box<dyn ResumableSink>>,
    path: PathBuf,
    format: Format,
    /// Leaves out what the format cannot hold.
    fitter: Fitter,
    /// Rows of the result so far.
    rows: u64,
    /// Rows that were left out.
    left_out: u64,
    /// Whether checkpoints hold the ids of rows, so that a resumed run does not write an id twice.
    keeps_ids: bool,
    /// How many rows the sink has settled, so that they survive the process.
    settled: u64,
    /// How many missing tiles are in the log.
    logged_missing: usize,
    steps_at_risk: u64,
    /// Whether the folder holds work that is worth keeping when this process ends.
    is_worth_keeping: bool,
}

impl Journal {
    /// Begins or resumes the file at a path. Also returns where the run has to start.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the file may not be written, [`Error::Journal`] when there is unfinished work of
    /// another plan or format, [`Error::Output`] when the unfinished work cannot be read or written.
    pub(super) fn open(
        path: &Path,
        dialect: Dialect,
        overwrite: bool,
        plan: &Plan,
        update: Option<serde_json::Value>,
        schema: &SchemaRef,
        counters: &RunCounters,
    ) -> Result<(Self, Start)> {
        let format = dialect.format();
        let keeps_ids =
            matches!(plan.question(), Question::Query(query) if query.layer() != Layer::Sequences);
        let target = match Target::find(path, overwrite)? {
            WriteTarget::File(target) => target,
            WriteTarget::Device(device) => {
                let sink = sink::resume(dialect, Destination::device(path, device), schema)?;
                return Ok((Self::new(path, format, keeps_ids, sink), Start::default()));
            }
        };
        let plan = serde_json::to_value(plan)
            .map_err(|e| Error::internal("this plan cannot be stored").with_source(e))?;
        let work = WorkIdentity::new(&dialect.name(), plan, update, sink::layer_of(schema));
        let failed = |failure| match failure {
            OpenFailure::System(e) => output(target.path(), format, e.into()),
            OpenFailure::Refused(error) => error,
        };
        let resume =
            |folder, left| Self::resume(&target, dialect, keeps_ids, (folder, left), schema, counters);
        let (folder, left) = WorkFolder::open(&target, &work).map_err(failed)?;
        match resume(folder, left) {
            Err(Error::Journal { .. }) if overwrite => {
                resume(WorkFolder::begin_anew(&target, &work).map_err(failed)?, None)
            }
            other => other,
        }
    }

    /// The plan of the unfinished work at a path; `None` if there is none that can be read.
    ///
    /// Whether the work can be resumed is for [`Journal::open`] to say.
    pub(super) fn begun(path: &Path) -> Option<Plan> {
        // To look at a pipe is to open it, and whoever reads it would take that for its only writer.
        if path.metadata().is_ok_and(|found| !found.is_file()) {
            return None;
        }
        let Ok(WriteTarget::File(target)) = Target::find(path, true) else { return None };
        serde_json::from_value(WorkFolder::begun(&target)?.plan).ok()
    }

    fn new(path: &Path, format: Format, keeps_ids: bool, sink: Box<dyn ResumableSink>) -> Self {
        Self {
            folder: None,
            spool: None,
            sink: Some(sink),
            path: path.to_owned(),
            format,
            fitter: Fitter::new(format),
            rows: 0,
            left_out: 0,
            keeps_ids,
            settled: 0,
            logged_missing: 0,
            steps_at_risk: 0,
            is_worth_keeping: false,
        }
    }

    /// Resumes the work `left` in a folder, or begins if it is `None`.
    fn resume(
        target: &Target,
        dialect: Dialect,
        keeps_ids: bool,
        (mut folder, left): (WorkFolder, Option<Resumable>),
        schema: &SchemaRef,
        counters: &RunCounters,
    ) -> Result<(Self, Start)> {
        let (path, format) = (target.path(), dialect.format());
        let failed = |e: io::Error| output(path, format, e.into());
        let mut start = Start { keeps_notes: true, ..Start::default() };
        let mut gaps = Vec::new();
        if let Some(left) = &left {
            folder.restore(left).map_err(failed)?;
            gaps = load(&mut folder, left, &mut start, keeps_ids).map_err(failed)?;
        }
        let (is_new, is_worth_keeping) = (left.is_none(), left.as_ref().is_some_and(|left| left.is_begun));
        let checkpoint = left.map(|left| left.checkpoint).unwrap_or_default();
        let destination = Destination::work(folder.files.clone(), target.clone(), checkpoint.settled);
        let sink = match sink::resume(dialect, destination, schema) {
            Err(error) if is_new => {
                folder.remove();
                return Err(error);
            }
            other => other?,
        };
        let files = folder.files.clone();
        let spool = Spool::new(files, SchemaRef::clone(schema), checkpoint.kept, checkpoint.spooled);
        let mut journal = Self::new(path, format, keeps_ids, sink);
        journal.folder = Some(folder);
        (journal.rows, journal.is_worth_keeping) = (checkpoint.rows, is_worth_keeping);
        journal.left_out = checkpoint.left_out;
        journal.replay(spool)?;
        for gaps in gaps {
            counters.add_gaps(gaps);
        }
        // Marks these tiles as logged, since they were read from the log.
        counters.missing_since(&mut journal.logged_missing);
        Ok((journal, start))
    }

    /// Gives the sink the rows that it held in memory when the earlier run ended.
    fn replay(&mut self, spool: Spool) -> Result<()> {
        let Some(sink) = &mut self.sink else { return Ok(()) };
        let failed = |e: ArrowError| output(&self.path, self.format, Box::new(e));
        // A database may have committed rows after the last checkpoint; these must not be written again.
        self.settled = sink.flush()?.rows;
        for batch in spool.rows() {
            let (first, batch) = batch.map_err(failed)?;
            write_after(sink.as_mut(), &batch, first, self.settled)?;
        }
        self.spool = Some(spool);
        Ok(())
    }

    /// Writes the rows of a step, and the checkpoint after it.
    ///
    /// The order matters: first the rows go into the sink and the spool, then the checkpoint is appended, then spooled
    /// files are removed that no checkpoint needs any more. If the process ends in between, the files have at most too
    /// many bytes, which are cut off on resume.
    pub(super) fn write(&mut self, step: &Step, counters: &RunCounters) -> Result<()> {
        let Some(sink) = &mut self.sink else { return Ok(()) };
        let failed = |e: ArrowError| output(&self.path, self.format, Box::new(e));
        let first = self.rows;
        let Fitted { rows, losses, removed } = self.fitter.fit(&step.rows).map_err(failed)?;
        counters.losses(losses.clone());
        self.left_out += removed;
        write_after(sink.as_mut(), &rows, first, self.settled)?;
        let Some((folder, spool)) = self.folder.as_mut().zip(self.spool.as_mut()) else { return Ok(()) };
        let settled = sink.flush()?;
        self.settled = settled.rows;
        if rows.num_rows() > 0 {
            spool.add(&rows, first, settled.rows).map_err(failed)?;
        }
        self.rows += rows.num_rows() as u64;
        let mut gaps = step.gaps.clone();
        gaps.missing = counters.missing_since(&mut self.logged_missing);
        gaps.losses.extend(losses);
        let mut bytes = Vec::new();
        if self.keeps_ids && step.rows.num_rows() > 0 {
            let ids = step.rows.column(0).as_primitive::<Int64Type>();
            bytes.extend(ids.values().iter().flat_map(|id| id.to_le_bytes()));
        }
        let ids = bytes.len() as u64;
        bytes.extend(step.note.iter().flat_map(|note| &note.bytes));
        self.steps_at_risk += 1;
        let is_durable =
            self.steps_at_risk >= MOST_STEPS_AT_RISK || folder.files.at_risk() >= MOST_BYTES_AT_RISK;
        let record = || -> io::Result<()> {
            // What another program has changed or removed is not recorded as written.
            folder.files.check()?;
            // Sync before appending: a durable checkpoint must not reach the disk before the files that it names.
            if is_durable {
                folder.files.sync()?;
            }
            let checkpoint = Checkpoint {
                done: step.done.clone(),
                rows: self.rows,
                left_out: self.left_out,
                settled,
                kept: spool.kept(),
                spooled: spool.next(),
                files: folder.files.extents(),
                is_durable,
                ids,
                note: step.note.as_ref().map(|note| note.kind),
                note_of: step.note.as_ref().and_then(|note| note.of),
                gaps,
            };
            folder.log.append(&LogRecord::Checkpoint(Box::new(checkpoint)), &bytes)?;
            if is_durable { folder.log.sync() } else { Ok(()) }
        };
        record().map_err(|e| output(&self.path, self.format, Box::new(e)))?;
        self.is_worth_keeping = true;
        if is_durable {
            self.steps_at_risk = 0;
        }
        spool.clean(is_durable);
        Ok(())
    }

    /// Completes the file, gives it its name, and removes the folder.
    pub(super) fn finish(mut self) -> Result<()> {
        let Some(sink) = self.sink.take() else { return Ok(()) };
        // If the end of the file cannot be written, its rows are kept for another attempt.
        self.is_worth_keeping = true;
        sink.finish()?;
        self.remove_folder();
        Ok(())
    }

    fn remove_folder(&mut self) {
        self.spool = None;
        if let Some(folder) = self.folder.take() {
            folder.remove();
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.sink = None;
        if !self.is_worth_keeping {
            self.remove_folder();
        }
    }
}

/// Writes the rows of a batch that are not settled yet; `first` is the number of its first row in the result.
fn write_after(
    sink: &mut dyn ResumableSink,
    batch: &arrow_array::RecordBatch,
    first: u64,
    settled: u64,
) -> Result<()> {
    let skip = usize::try_from(settled.saturating_sub(first)).unwrap_or(usize::MAX);
    match batch.num_rows().checked_sub(skip) {
        None | Some(0) => Ok(()),
        Some(count) => sink.write(&batch.slice(skip, count)),
    }
}

/// Reads the log up to a checkpoint into `start`, cuts it there, and returns the gaps of the result so far.
fn load(
    folder: &mut WorkFolder,
    left: &Resumable,
    start: &mut Start,
    keeps_ids: bool,
) -> io::Result<Vec<Gaps>> {
    let count = if keeps_ids { usize::try_from(left.checkpoint.rows).unwrap_or(0) } else { 0 };
    // The set gets its final size at once, and ids are added in batches of a few megabytes. To gather all of them first
    // would take half as much memory again.
    start.merge.reserve(count);
    let (mut gaps, mut known) = (Vec::new(), IdBatch::with_capacity(count.min(IDS_AT_ONCE)));
    start.done = left.checkpoint.done.clone();
    let mut records = folder.log.records()?;
    while records.end() < left.end {
        let Some((record, bytes)) = records.next::<LogRecord>()? else { break };
        let LogRecord::Checkpoint(checkpoint) = record else { continue };
        let (ids, note) =
            bytes.split_at(usize::try_from(checkpoint.ids).unwrap_or(usize::MAX).min(bytes.len()));
        let (ids, _) = ids.as_chunks::<8>();
        known.extend(ids.iter().map(|id| i64::from_le_bytes(*id)));
        if known.len() >= IDS_AT_ONCE {
            start.merge.add(&mut known);
        }
        if let Some(kind) = checkpoint.note {
            start.add_note(Note { kind, of: checkpoint.note_of, bytes: note.to_vec() });
        }
        gaps.push(checkpoint.gaps);
    }
    start.merge.add(&mut known);
    start.rows = left.checkpoint.rows + left.checkpoint.left_out;
    drop(records);
    folder.log.cut(left.end)?;
    Ok(gaps)
}

fn output(path: &Path, format: Format, source: Cause) -> Error {
    Error::Output { path: Some(path.to_owned()), format: format.name(), source: cause_of_output(source) }
}
