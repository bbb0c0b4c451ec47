//! The steps of an update: first those of the crawl, then the earlier rows whose ids the crawl did not find.

use std::collections::VecDeque;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, BooleanArray, RecordBatch};
use arrow_schema::ArrowError;
use arrow_select::concat::concat;
use arrow_select::filter::filter;
use arrow_select::filter::filter_record_batch;
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::Update;
use super::held::HeldRows;
use super::new_ids::{NewIds, written};
use crate::crawl::area_crawl::AreaCrawl;
use crate::crawl::gaps::Gaps;
use crate::crawl::known::{KnownIds, KnownRows};
use crate::crawl::run::{Run, blocking};
use crate::crawl::step::{Done, Note, NoteKind, Start, Step, Steps};
use crate::error::{Result, internal};
use crate::query::Layer;
use crate::rows::{pack, unpack};
use crate::source::Rows;

impl Update {
    /// The steps that are left after an earlier run of this update; all of them for a new one.
    pub(in crate::crawl) fn steps(self: &Arc<Self>, area: AreaCrawl, run: &Run, start: Start) -> Steps {
        let (update, run) = (Arc::clone(self), run.clone());
        let update_run = async move {
            let mut update_run = UpdateRun::new(update, &run, start)?;
            if let UpdatePhase::NotBegun(start) = update_run.phase {
                let update = Arc::clone(&update_run.update);
                let known = blocking(move || update.known()).await?.map(Arc::new);
                update_run.known.clone_from(&known);
                update_run.phase = UpdatePhase::Crawl(area.knowing(known).steps(&run, *start));
            }
            let steps = stream::try_unfold(update_run, |mut update_run| async move {
                Ok(update_run.next().await?.map(|step| (step, update_run)))
            });
            Ok(steps)
        };
        stream::once(update_run).try_flatten().boxed()
    }
}

/// A running update.
struct UpdateRun {
    update: Arc<Update>,
    run: Run,
    phase: UpdatePhase,
    given: NewIds,
    done: Done,
    /// Rows whose look-up has failed.
    held: HeldRows,
    /// The rows that the crawl leaves to the earlier result, while it runs.
    known: Option<Arc<KnownRows>>,
    /// The ids of such rows that the crawl has found: the service shows them.
    left_out: KnownIds,
    /// Steps that come next. A step that records ids comes before that with their rows.
    next: VecDeque<Step>,
    keeps_notes: bool,
}

enum UpdatePhase {
    NotBegun(Box<Start>),
    Crawl(Steps),
    /// The crawl is done, and the earlier rows follow. `None` until the earlier result is open.
    Earlier(Option<Rows>),
}

impl UpdateRun {
    fn new(update: Arc<Update>, run: &Run, mut start: Start) -> Result<Self> {
        let given = match update.layer {
            Layer::Sequences => {
                NewIds::Texts(written(start.take_notes(NoteKind::Written)).map_err(internal)?)
            }
            Layer::Images | Layer::Points | Layer::Signs => NewIds::Numbers(start.merge.clone()),
        };
        let notes = start.take_notes(NoteKind::HeldBack);
        let mut held = if start.done.merged.is_complete {
            HeldRows::default()
        } else {
            HeldRows::read(&notes).map_err(internal)?
        };
        held.retain(|id| !given.contains(id));
        let mut left_out = KnownIds::new(update.layer == Layer::Sequences);
        for note in start.take_notes(NoteKind::LeftOut) {
            left_out.add(unpack(&note).map_err(internal)?.column(0));
        }
        let (done, keeps_notes) = (start.done.clone(), start.keeps_notes);
        run.counters.merged(done.merged);
        let is_crawled = done.merged.batches > 0 || done.merged.is_complete;
        let phase =
            if is_crawled { UpdatePhase::Earlier(None) } else { UpdatePhase::NotBegun(Box::new(start)) };
        let run = run.clone();
        let (known, next) = (None, VecDeque::new());
        Ok(Self { update, run, phase, given, done, held, known, left_out, next, keeps_notes })
    }

    async fn next(&mut self) -> Result<Option<Step>> {
        if let Some(step) = self.next.pop_front() {
            return Ok(Some(step));
        }
        if let UpdatePhase::Crawl(steps) = &mut self.phase {
            if let Some(step) = steps.try_next().await? {
                let step = self.without_failed(step)?;
                self.add_crawl_step(step)?;
                return Ok(self.next.pop_front());
            }
            self.phase = UpdatePhase::Earlier(None);
            if let Some(note) = self.note_left_out().map_err(internal)? {
                let schema = self.update.fit.schema();
                return Ok(Some(Step::without_rows(schema, self.done.clone(), Some(note))));
            }
        }
        let UpdatePhase::Earlier(rows) = &mut self.phase else { return Ok(None) };
        let (update, rows, skipped) = (Arc::clone(&self.update), rows.take(), self.done.merged.batches);
        let mut held = std::mem::take(&mut self.held);
        let read = move || {
            let mut rows = match rows {
                Some(rows) => rows,
                None => update.after(skipped, &mut held)?,
            };
            let batch = rows.next().transpose()?;
            let batch = batch.map(|batch| update.fit.rows(&batch).map_err(internal)).transpose()?;
            Ok((batch, rows, held))
        };
        let (batch, rows, held) = blocking(read).await?;
        self.phase = UpdatePhase::Earlier(Some(rows));
        self.held = held;
        match batch {
            Some(batch) => self.merge(&batch).map(Some).map_err(internal),
            None if self.held.is_empty() => Ok(None),
            None => {
                // The earlier result does not have these.
                let rows = self.held.take(self.update.fit.schema()).map_err(internal)?;
                self.done.merged.is_complete = true;
                Ok(Some(Step { rows, done: self.done.clone(), note: None, gaps: Gaps::default() }))
            }
        }
    }

    /// Holds back the rows of a step of the crawl whose look-up has failed.
    fn without_failed(&mut self, step: Step) -> Result<Step> {
        let Step { rows, done, note, gaps } = step;
        let rows = self.update.fit.unmarked(&rows).map_err(internal)?;
        let (rows, held) = self.held.hold_back(rows, &gaps.failed).map_err(internal)?;
        let held = held.filter(|_| self.keeps_notes).map(|bytes| Note::lasting(NoteKind::HeldBack, bytes));
        // Steps with rows have no notes of their own.
        Ok(Step { rows, done, note: note.or(held), gaps })
    }

    /// Adds a step of the crawl to those that come next, and before it the notes that a resumed run needs once its rows
    /// are written.
    fn add_crawl_step(&mut self, mut step: Step) -> Result<()> {
        let same = self.update.earlier.content.fingerprints.count_in(&step.rows);
        step.done.merged.unchanged = self.done.merged.unchanged + same;
        self.run.counters.merged(step.done.merged);
        let before = std::mem::replace(&mut self.done, step.done.clone());
        let ahead = |note| Step::without_rows(&step.rows.schema(), before.clone(), Some(note));
        // If the run stops between the two steps, the resumed run makes the rows of the second one again. In the other
        // order, rows could be written without their ids being recorded.
        let notes = [self.note_left_out().map_err(internal)?, self.note_texts(&step.rows).map_err(internal)?];
        self.next.extend(notes.into_iter().flatten().map(ahead));
        self.next.push_back(step);
        Ok(())
    }

    /// Remembers which rows the crawl has left to the earlier result. Gives a note of the new ones, if notes are kept.
    fn note_left_out(&mut self) -> Result<Option<Note>, ArrowError> {
        let ids = self.known.as_ref().map(|known| known.take_left_out()).unwrap_or_default();
        if ids.is_empty() {
            return Ok(None);
        }
        let ids: Vec<&dyn arrow_array::Array> = ids.iter().map(|ids| &**ids).collect();
        let ids: ArrayRef = concat(&ids)?;
        self.left_out.add(&ids);
        if !self.keeps_notes {
            return Ok(None);
        }
        let bytes = pack(&RecordBatch::try_from_iter([("id", ids)])?)?;
        Ok(Some(Note::lasting(NoteKind::LeftOut, bytes)))
    }

    /// Remembers the text ids of rows. Gives a note of them, if notes are kept: the journal itself records only numeric
    /// ids.
    fn note_texts(&mut self, rows: &RecordBatch) -> Result<Option<Note>, ArrowError> {
        let NewIds::Texts(given) = &mut self.given else { return Ok(None) };
        if rows.num_rows() == 0 {
            return Ok(None);
        }
        let ids: Vec<&str> = rows.column(0).as_string::<i32>().iter().flatten().collect();
        given.extend(ids.iter().map(|id| Box::from(*id)));
        if !self.keeps_notes {
            return Ok(None);
        }
        let bytes = serde_json::to_vec(&ids).map_err(|e| ArrowError::from_external_error(e.into()))?;
        Ok(Some(Note::lasting(NoteKind::Written, bytes)))
    }

    /// The step with those rows of an earlier batch that the crawl has not replaced.
    fn merge(&mut self, batch: &RecordBatch) -> Result<Step, ArrowError> {
        let count = batch.num_rows() as u64;
        let was_held = self.held.without(batch);
        let is_kept = self.given.unseen(batch, &was_held);
        let rows = filter_record_batch(batch, &is_kept)?;
        let was_held = filter(&BooleanArray::from(was_held), &is_kept)?;
        let ids = rows.column(0);
        let is_shown = was_held.as_boolean().values().iter().enumerate();
        let is_shown = is_shown.map(|(row, was_held)| was_held || self.left_out.contains(ids, row));
        let is_shown: Vec<bool> = is_shown.collect();
        let missing = self.run.counters.meter.missing();
        let rows = self.update.marks.mark(&rows, &is_shown, &missing)?;
        let kept = rows.num_rows() as u64;
        let merged = &mut self.done.merged;
        merged.batches += 1;
        merged.kept += kept;
        merged.replaced += count - kept;
        self.run.counters.merged(self.done.merged);
        Ok(Step { rows, done: self.done.clone(), note: None, gaps: Gaps::default() })
    }
}

impl Update {
    /// Opens the earlier result and skips batches, which have to be read for that. Their rows are in the result, so that
    /// none with their ids are held back.
    fn after(&self, batches: u64, held: &mut HeldRows) -> Result<Rows> {
        let mut rows = self.earlier.read()?;
        for _ in 0..batches {
            if let Some(batch) = rows.next().transpose()?
                && !held.is_empty()
            {
                held.without(&self.fit.rows(&batch).map_err(internal)?);
            }
        }
        Ok(rows)
    }
}
