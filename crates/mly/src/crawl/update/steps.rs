//! The steps of an update: first those of the crawl, then the earlier rows whose ids the crawl did not find.

use std::collections::HashSet;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_schema::ArrowError;
use arrow_select::filter::filter_record_batch;
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::Update;
use crate::crawl::area_crawl::AreaCrawl;
use crate::crawl::run::{Run, blocking};
use crate::crawl::step::{Done, Merged, Note, NoteKind, Start, Step, Steps};
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
    /// The next step, if the step that records its ids was handed on just before.
    held: Option<Step>,
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
        let (done, keeps_notes) = (start.done.clone(), start.keeps_notes);
        run.counters.merged(done.merged);
        let is_crawled = done.merged.batches > 0;
        let phase =
            if is_crawled { UpdatePhase::Earlier(None) } else { UpdatePhase::NotBegun(Box::new(start)) };
        Ok(Self { update, run: run.clone(), phase, given, done, held: None, keeps_notes })
    }

    async fn next(&mut self) -> Result<Option<Step>> {
        if let Some(step) = self.held.take() {
            return Ok(Some(step));
        }
        if let UpdatePhase::Crawl(steps) = &mut self.phase {
            if let Some(step) = steps.try_next().await? {
                return Ok(Some(self.after_crawl_step(step)?));
            }
            self.phase = UpdatePhase::Earlier(None);
        }
        let UpdatePhase::Earlier(rows) = &mut self.phase else { return Ok(None) };
        let (update, rows, skipped) = (Arc::clone(&self.update), rows.take(), self.done.merged.batches);
        let read = move || {
            let mut rows = match rows {
                Some(rows) => rows,
                None => update.after(skipped)?,
            };
            let batch = rows.next().transpose()?;
            let batch = batch.map(|batch| update.fit.rows(&batch).map_err(internal)).transpose()?;
            Ok((batch, rows))
        };
        let (batch, rows) = blocking(read).await?;
        self.phase = UpdatePhase::Earlier(Some(rows));
        batch.map(|batch| self.merged(batch).map_err(internal)).transpose()
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
        let note = Note { kind: NoteKind::Written, bytes };
        let ahead = Step::without_rows(&step.rows.schema(), before, Some(note));
        self.held = Some(step);
        Ok(ahead)
    }

    /// The step with those rows of an earlier batch that the crawl has not replaced.
    fn merged(&mut self, batch: RecordBatch) -> Result<Step, ArrowError> {
        let count = batch.num_rows() as u64;
        let rows = self.given.unseen(batch)?;
        let kept = rows.num_rows() as u64;
        let Merged { batches, kept: kept_before, replaced, unchanged } = self.done.merged;
        let (kept, replaced) = (kept_before + kept, replaced + (count - kept));
        self.done.merged = Merged { batches: batches + 1, kept, replaced, unchanged };
        self.run.counters.merged(self.done.merged);
        Ok(Step { rows, done: self.done.clone(), note: None })
    }
}

impl Update {
    /// Opens the earlier result and skips batches, which have to be read for that.
    fn after(&self, batches: u64) -> Result<Rows> {
        let mut rows = self.earlier.read()?;
        for _ in 0..batches {
            rows.next().transpose()?;
        }
        Ok(rows)
    }
}

impl NewIds {
    fn unseen(&mut self, batch: RecordBatch) -> Result<RecordBatch, ArrowError> {
        match self {
            Self::Numbers(merge) => merge.unseen(batch),
            Self::Texts(given) => {
                let ids = batch.column(0).as_string::<i32>().iter();
                let fresh = ids.map(|id| id.map(|id| given.insert(id.into()))).collect();
                filter_record_batch(&batch, &fresh)
            }
        }
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
