//! The steps of an update: first those of the crawl, then the earlier rows whose ids the crawl did not find.

use std::collections::HashSet;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{BooleanArray, RecordBatch};
use arrow_schema::ArrowError;
use arrow_select::filter::filter_record_batch;
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::Update;
use super::held::HeldRows;
use crate::crawl::area_crawl::AreaCrawl;
use crate::crawl::gaps::Gaps;
use crate::crawl::run::{Run, blocking};
use crate::crawl::step::{Done, Note, NoteKind, Start, Step, Steps};
use crate::error::{Result, internal};
use crate::query::Layer;
use crate::rows::Merge;
use crate::source::Rows;

impl Update {
    /// The steps that are left after an earlier run of this update; all of them for a new one.
    pub(in crate::crawl) fn steps(self: &Arc<Self>, area: AreaCrawl, run: &Run, start: Start) -> Steps {
        let (update, run) = (Arc::clone(self), run.clone());
        let update_run = async move {
            let mut update_run = UpdateRun::new(update, &run, start)?;
            if let UpdatePhase::NotBegun(start) = update_run.phase {
                let update = Arc::clone(&update_run.update);
                let known = blocking(move || update.known()).await?;
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
    /// The next step, if the step that records its ids was handed on just before.
    next: Option<Step>,
    keeps_notes: bool,
}

enum UpdatePhase {
    NotBegun(Box<Start>),
    Crawl(Steps),
    /// The crawl is done, and the earlier rows follow. `None` until the earlier result is open.
    Earlier(Option<Rows>),
}

/// The ids of all rows of the crawl. Earlier rows with these ids are left out.
enum NewIds {
    /// Shared with the crawl, which uses it to drop repeated ids.
    Numbers(Merge),
    Texts(HashSet<Box<str>>),
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
        let (done, keeps_notes) = (start.done.clone(), start.keeps_notes);
        run.counters.merged(done.merged);
        let is_crawled = done.merged.batches > 0 || done.merged.is_complete;
        let phase =
            if is_crawled { UpdatePhase::Earlier(None) } else { UpdatePhase::NotBegun(Box::new(start)) };
        Ok(Self { update, run: run.clone(), phase, given, done, held, next: None, keeps_notes })
    }

    async fn next(&mut self) -> Result<Option<Step>> {
        if let Some(step) = self.next.take() {
            return Ok(Some(step));
        }
        if let UpdatePhase::Crawl(steps) = &mut self.phase {
            if let Some(step) = steps.try_next().await? {
                let step = self.without_failed(step)?;
                return Ok(Some(self.after_crawl_step(step)?));
            }
            self.phase = UpdatePhase::Earlier(None);
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
            Some(batch) => self.merged(&batch).map(Some).map_err(internal),
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
        let (rows, held) = self.held.hold_back(rows, &gaps.failed).map_err(internal)?;
        let held = held.filter(|_| self.keeps_notes).map(|bytes| Note::lasting(NoteKind::HeldBack, bytes));
        // Steps with rows have no notes of their own.
        Ok(Step { rows, done, note: note.or(held), gaps })
    }

    /// Remembers the ids of a step of the crawl. The journal itself records only numeric ids, so text ids are handed on
    /// first, in the note of a step without rows.
    fn after_crawl_step(&mut self, mut step: Step) -> Result<Step> {
        let same = self.update.earlier.content.fingerprints.count_in(&step.rows);
        step.done.merged.unchanged = self.done.merged.unchanged + same;
        self.run.counters.merged(step.done.merged);
        let before = std::mem::replace(&mut self.done, step.done.clone());
        let NewIds::Texts(given) = &mut self.given else { return Ok(step) };
        if step.rows.num_rows() == 0 {
            return Ok(step);
        }
        let ids: Vec<&str> = step.rows.column(0).as_string::<i32>().iter().flatten().collect();
        given.extend(ids.iter().map(|id| Box::from(*id)));
        if !self.keeps_notes {
            return Ok(step);
        }
        // If the run stops between the two steps, the resumed run makes the rows with these ids again. In the other
        // order, rows could be written without their ids being recorded, and the earlier rows with these ids would be
        // added too.
        let bytes =
            serde_json::to_vec(&ids).map_err(|e| internal(ArrowError::from_external_error(e.into())))?;
        let note = Note::lasting(NoteKind::Written, bytes);
        let ahead = Step::without_rows(&step.rows.schema(), before, Some(note));
        self.next = Some(step);
        Ok(ahead)
    }

    /// The step with those rows of an earlier batch that the crawl has not replaced.
    fn merged(&mut self, batch: &RecordBatch) -> Result<Step, ArrowError> {
        let count = batch.num_rows() as u64;
        let was_held = self.held.without(batch);
        let rows = self.given.unseen(batch, &was_held)?;
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

impl NewIds {
    fn contains(&self, id: &str) -> bool {
        match self {
            Self::Numbers(merge) => id.parse().is_ok_and(|id| merge.contains(id)),
            Self::Texts(given) => given.contains(id),
        }
    }

    /// The rows whose id has not come before, or whose new row was held back.
    fn unseen(&mut self, batch: &RecordBatch, was_held: &[bool]) -> Result<RecordBatch, ArrowError> {
        let fresh: Vec<bool> = match self {
            Self::Numbers(merge) => {
                merge.fresh(batch.column(0).as_primitive::<Int64Type>().values()).iter().collect()
            }
            Self::Texts(given) => {
                let ids = batch.column(0).as_string::<i32>().iter();
                ids.map(|id| id.is_some_and(|id| given.insert(id.into()))).collect()
            }
        };
        let kept = fresh.iter().zip(was_held).map(|(is_fresh, was_held)| Some(*is_fresh || *was_held));
        filter_record_batch(batch, &kept.collect::<BooleanArray>())
    }
}

/// The text ids that an earlier run has recorded in notes.
fn written(notes: Vec<Vec<u8>>) -> Result<HashSet<Box<str>>, ArrowError> {
    let mut all = HashSet::new();
    for note in notes {
        let ids: Vec<Box<str>> =
            serde_json::from_slice(&note).map_err(|e| ArrowError::from_external_error(e.into()))?;
        all.extend(ids);
    }
    Ok(all)
}
