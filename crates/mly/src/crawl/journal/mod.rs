//! The journal: what of a result is written, so that another process can go on with it.
//!
//! A folder beside the result holds its rows and a log. After each step of the run a mark in the log says how far the run
//! is, how long the files are and what the format has to know. What stands behind the last mark was in flight and is
//! cut off: the same requests bring it again. A sink that sorts rows has settled only some of them; the others are kept
//! as they came.

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
use super::gaps::{Gaps, LoggedGaps};
use super::progress::RunCounters;
use super::step::{Note, Start, Step};
use crate::error::{Error, Result};
use crate::file::{Destination, Place, Target};
use crate::plan::{Plan, Question};
use crate::query::Layer;
use crate::rows::IdBatch;
use crate::sink::{self, Format, Settle};

/// Bytes that a loss of power may take away.
const MOST_BYTES_AT_RISK: u64 = 64 << 20;

/// Steps that a loss of power may take away.
const MOST_STEPS_AT_RISK: u64 = 1000;

/// Writes the rows of a run, and how far it is.
pub(super) struct Journal {
    /// `None` for a device, which nothing can be kept of.
    folder: Option<WorkFolder>,
    spool: Option<Spool>,
    sink: Option<Box<dyn Settle>>,
    path: PathBuf,
    format: Format,
    /// Rows of steps so far.
    rows: u64,
    /// Whether a later process has to know the ids of rows.
    keeps_ids: bool,
    /// How many of them the sink has settled.
    settled: u64,
    /// How much of what lacks is in the log.
    told: LoggedGaps,
    steps_at_risk: u64,
    is_touched: bool,
}

impl Journal {
    /// Begins the file at a path, or goes on with it, and says where to begin.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the file may not be written, [`Error::Journal`] when there is unfinished work of
    /// another kind, [`Error::Output`] when what it has done cannot be read or written.
    pub(super) fn open(
        path: &Path,
        format: Format,
        overwrite: bool,
        plan: &Plan,
        update: Option<serde_json::Value>,
        schema: &SchemaRef,
        counters: &RunCounters,
    ) -> Result<(Self, Start)> {
        let keeps_ids =
            matches!(plan.question(), Question::Query(query) if query.layer() != Layer::Sequences);
        let target = match Target::find(path, overwrite)? {
            Place::File(target) => target,
            Place::Device(device) => {
                let sink = sink::resume(format, Destination::device(path, device), schema)?;
                return Ok((Self::new(path, format, keeps_ids, sink), Start::default()));
            }
        };
        let plan = serde_json::to_value(plan)
            .map_err(|e| Error::query(format!("this plan cannot be stored: {e}")))?;
        let work = WorkIdentity::new(format.name(), plan, update);
        let failed = |failure| match failure {
            OpenFailure::System(e) => output(target.path(), format, e.into()),
            OpenFailure::Refused(error) => error,
        };
        let go_on = |folder, left| Self::go_on(&target, format, keeps_ids, (folder, left), schema, counters);
        let (folder, left) = WorkFolder::open(&target, &work).map_err(failed)?;
        match go_on(folder, left) {
            Err(Error::Journal { .. }) if overwrite => {
                go_on(WorkFolder::begin_anew(&target, &work).map_err(failed)?, None)
            }
            other => other,
        }
    }

    fn new(path: &Path, format: Format, keeps_ids: bool, sink: Box<dyn Settle>) -> Self {
        Self {
            folder: None,
            spool: None,
            sink: Some(sink),
            path: path.to_owned(),
            format,
            rows: 0,
            keeps_ids,
            settled: 0,
            told: LoggedGaps::default(),
            steps_at_risk: 0,
            is_touched: false,
        }
    }

    /// Goes on with what is in a folder.
    fn go_on(
        target: &Target,
        format: Format,
        keeps_ids: bool,
        (mut folder, left): (WorkFolder, Option<Resumable>),
        schema: &SchemaRef,
        counters: &RunCounters,
    ) -> Result<(Self, Start)> {
        let path = target.path();
        let failed = |e: io::Error| output(path, format, e.into());
        let mut start = Start { keeps_notes: true, ..Start::default() };
        let mut gaps = Vec::new();
        if let Some(left) = &left {
            folder.restore(left).map_err(failed)?;
            gaps = load(&mut folder, left, &mut start, keeps_ids).map_err(failed)?;
        }
        let (is_new, is_touched) = (left.is_none(), left.as_ref().is_some_and(|left| left.is_begun));
        let mark = left.map(|left| left.mark).unwrap_or_default();
        let files = folder.files.clone();
        let spool = Spool::new(files.clone(), SchemaRef::clone(schema), mark.kept, mark.spooled);
        let destination = Destination::work(files, target.clone(), mark.settled);
        let sink = sink::resume(format, destination, schema).inspect_err(|_| {
            if is_new {
                folder.remove();
            }
        })?;
        let mut journal = Self::new(path, format, keeps_ids, sink);
        journal.folder = Some(folder);
        (journal.rows, journal.is_touched) = (mark.rows, is_touched);
        journal.write_again(spool)?;
        for gaps in &gaps {
            counters.add_gaps(gaps);
        }
        // Nothing of what is known already is new.
        counters.gaps_since(&mut journal.told);
        Ok((journal, start))
    }

    /// Gives the sink the rows that it had not settled.
    fn write_again(&mut self, spool: Spool) -> Result<()> {
        let Some(sink) = &mut self.sink else { return Ok(()) };
        let failed = |e: ArrowError| output(&self.path, self.format, Box::new(e));
        // A database may have more than its last mark says.
        self.settled = sink.settle()?.rows;
        for batch in spool.rows() {
            let (first, batch) = batch.map_err(failed)?;
            write_after(sink.as_mut(), &batch, first, self.settled)?;
        }
        self.spool = Some(spool);
        Ok(())
    }

    /// Writes what a step brings, and that it is done.
    pub(super) fn write(&mut self, step: &Step, counters: &RunCounters) -> Result<()> {
        let Some(sink) = &mut self.sink else { return Ok(()) };
        let first = self.rows;
        write_after(sink.as_mut(), &step.rows, first, self.settled)?;
        let Some((folder, spool)) = self.folder.as_mut().zip(self.spool.as_mut()) else { return Ok(()) };
        let failed = |e: ArrowError| output(&self.path, self.format, Box::new(e));
        let settled = sink.settle()?;
        self.settled = settled.rows;
        if step.rows.num_rows() > 0 {
            spool.add(&step.rows, first, settled.rows).map_err(failed)?;
        }
        self.rows += step.rows.num_rows() as u64;
        let gaps = counters.gaps_since(&mut self.told);
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
            if is_durable {
                folder.files.sync()?;
            }
            let mark = Checkpoint {
                done: step.done.clone(),
                rows: self.rows,
                settled,
                kept: spool.kept(),
                spooled: spool.next(),
                files: folder.files.extents(),
                is_durable,
                ids,
                note: step.note.as_ref().map(|note| note.kind),
                gaps,
            };
            folder.log.append(&LogRecord::Checkpoint(Box::new(mark)), &bytes)?;
            if is_durable { folder.log.sync() } else { Ok(()) }
        };
        record().map_err(|e| output(&self.path, self.format, Box::new(e)))?;
        self.is_touched = true;
        if is_durable {
            self.steps_at_risk = 0;
        }
        spool.clean(is_durable);
        Ok(())
    }

    /// Completes the file and takes the journal away.
    pub(super) fn finish(mut self) -> Result<()> {
        let Some(sink) = self.sink.take() else { return Ok(()) };
        // What is done stays, whatever goes wrong now.
        self.is_touched = true;
        sink.finish()?;
        self.folder.take().iter().for_each(WorkFolder::remove);
        Ok(())
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.sink = None;
        // Nothing is done that would be worth keeping.
        if !self.is_touched {
            self.folder.iter().for_each(WorkFolder::remove);
        }
    }
}

/// Writes those rows of a batch that are not settled; the first one has a number.
fn write_after(
    sink: &mut dyn Settle,
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

/// Reads what later steps have to know of those that are done, and gives what the result lacks.
fn load(
    folder: &mut WorkFolder,
    left: &Resumable,
    start: &mut Start,
    keeps_ids: bool,
) -> io::Result<Vec<Gaps>> {
    let count = if keeps_ids { usize::try_from(left.mark.rows).unwrap_or_default() } else { 0 };
    let (mut gaps, mut known) = (Vec::new(), IdBatch::with_capacity(count));
    let mut records = folder.log.records()?;
    while records.end() < left.end {
        let Some((record, bytes)) = records.next::<LogRecord>()? else { break };
        let LogRecord::Checkpoint(mark) = record else { continue };
        let (ids, note) = bytes.split_at(usize::try_from(mark.ids).unwrap_or(usize::MAX).min(bytes.len()));
        let (ids, _) = ids.as_chunks::<8>();
        known.extend(ids.iter().map(|id| i64::from_le_bytes(*id)));
        start.notes.extend(mark.note.map(|kind| Note { kind, bytes: note.to_vec() }));
        gaps.push(mark.gaps);
    }
    start.merge.add(known);
    start.done = left.mark.done.clone();
    start.rows = left.mark.rows;
    drop(records);
    folder.log.cut(left.end)?;
    Ok(gaps)
}

fn output(path: &Path, format: Format, source: Box<dyn std::error::Error + Send + Sync>) -> Error {
    Error::Output { path: Some(path.to_owned()), format: format.name(), source }
}
