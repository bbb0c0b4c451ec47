//! Runs a lookup: requests its ids, and makes their rows in the order of the ids.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use arrow_select::concat::concat_batches;
use futures_util::future::{FutureExt, TryFutureExt, ready};
use futures_util::stream::{BoxStream, StreamExt, TryStreamExt, iter};

use super::doubt::{Doubt, Witness};
use super::entities::{EntityFields, is_unknown_id};
use super::gaps::Gaps;
use super::repeat::{Repeats, RowsOfIds};
use super::run::Run;
use super::saved::{AnswerName, SavedAnswers, with_saved};
use super::step::{Done, Note, NoteKind, Start, Step, Steps, limited};
use crate::error::{Result, internal};
use crate::plan::{GraphRequest, LookupPlan};
use crate::query::{Lookup, Subject};
use crate::rows::{DetectionColumns, data};

/// Makes the rows of a lookup.
pub(super) struct LookupCrawl {
    plan: LookupPlan,
    kind: Arc<LookupKind>,
}

/// How the rows of one kind of lookup are made.
enum LookupKind {
    Entities(Arc<EntityFields>),
    Sequences(Arc<EntityFields>),
    Detections(Arc<DetectionColumns>),
}

impl LookupKind {
    fn of(lookup: &Lookup) -> Self {
        let fields =
            |entity| Arc::new(EntityFields::new(entity, lookup.attributes(), lookup.fields().is_some()));
        match (lookup.subject(), lookup.subject().entity()) {
            (Subject::Sequence, Some(entity)) => Self::Sequences(fields(entity)),
            (_, Some(entity)) => Self::Entities(fields(entity)),
            (subject, None) => {
                let columns = DetectionColumns::new(subject, lookup.outlines(), lookup.is_with_empty());
                Self::Detections(Arc::new(columns))
            }
        }
    }
}

impl LookupCrawl {
    pub(super) fn new(plan: LookupPlan) -> Self {
        let kind = Arc::new(LookupKind::of(plan.lookup()));
        Self { plan, kind }
    }

    pub(super) fn schema(&self) -> SchemaRef {
        Arc::clone(match &*self.kind {
            LookupKind::Entities(fields) | LookupKind::Sequences(fields) => fields.table().schema(),
            LookupKind::Detections(detections) => detections.schema(),
        })
    }

    /// The steps that are left after an earlier run; all of them for a new one.
    pub(super) fn steps(&self, run: &Run, mut start: Start) -> Steps {
        let limit = self.plan.lookup().limit().unwrap_or(u64::MAX).saturating_sub(start.rows);
        let schema = self.schema();
        let done = usize::try_from(start.done.steps).unwrap_or(usize::MAX);
        let mut repeats = Repeats::new(self.plan.ids_in_order());
        let answered = self.plan.ids_by_request().take(done).map(|ids| ids.len()).sum();
        let known = repeats.resume(answered, &start.take_notes(NoteKind::Repeated)).map_err(internal);
        let (saved, receiver) = SavedAnswers::new(std::mem::take(&mut start.answers), start.keeps_notes);
        let run = run.doubting(self.doubt(&start)).saving(saved);
        let keeps_notes = start.keeps_notes;
        let mut steps = start.done.steps;
        let of_rows = Arc::clone(&schema);
        let in_order = self.answers(&run, start.done.steps).map(move |answer| {
            let (rows, requests) = answer?;
            steps += requests;
            let (batch, note) = repeats.push(rows.batch, &rows.of_ids, &of_rows).map_err(internal)?;
            let note = note.filter(|_| keeps_notes).map(|bytes| Note::lasting(NoteKind::Repeated, bytes));
            Ok(Step { rows: batch, done: Done::steps(steps), note, gaps: rows.gaps })
        });
        let in_order = ready(known).map_ok(|()| in_order).try_flatten_stream().boxed();
        limited(with_saved(in_order, receiver, schema, start.done), limit)
    }

    /// The ids by which the run finds out whether the service answers at all.
    fn doubt(&self, start: &Start) -> Doubt {
        let about = |id: String| match &*self.kind {
            LookupKind::Entities(fields) => fields.request(vec![id]),
            LookupKind::Sequences(_) => GraphRequest::ImageIds { sequence: id },
            LookupKind::Detections(_) => GraphRequest::detections(id, None),
        };
        Doubt::new(self.plan.ids_in_order(), about, start.rows > 0)
    }

    /// The rows of the ids after the first `done` requests, and how many requests of the plan they take.
    fn answers(&self, run: &Run, done: u64) -> BoxStream<'static, Result<(RowsOfIds, u64)>> {
        let skipped = usize::try_from(done).unwrap_or(usize::MAX);
        let requests = self.plan.ids_by_request().skip(skipped);
        match &*self.kind {
            LookupKind::Entities(fields) => {
                let fields = Arc::clone(fields);
                let answers = run.each(iter(requests), move |run, ids| {
                    let fields = Arc::clone(&fields);
                    async move {
                        let rows = run.rows_of(&fields, &ids).await?;
                        run.counters.answered();
                        Ok((rows, 1))
                    }
                });
                answers.boxed()
            }
            LookupKind::Sequences(fields) => {
                let fields = Arc::clone(fields);
                let sequences = (done..).zip(requests.flatten());
                let answers = run.each(iter(sequences), move |run, (step, sequence)| {
                    let fields = Arc::clone(&fields);
                    async move {
                        let rows = run.images_of_sequence(&fields, step, &sequence).await?;
                        run.counters.answered();
                        Ok((rows, 1))
                    }
                });
                answers.boxed()
            }
            LookupKind::Detections(columns) => {
                (0..run.saved.count()).for_each(|_| run.counters.answered());
                let answers = run.detections(columns, (done..).zip(requests.flatten()));
                let counted = answers.map_ok(|rows| {
                    let ids = rows.of_ids.len() as u64;
                    (rows, ids)
                });
                counted.boxed()
            }
        }
    }
}

impl Run {
    /// Looks up entities: one row for each id that was found.
    async fn rows_of(&self, fields: &Arc<EntityFields>, ids: &[String]) -> Result<RowsOfIds> {
        let found = self.entities(fields, ids).await?;
        let mut end = 0;
        let mut of_ids = Vec::with_capacity(ids.len());
        for is_found in found.presence() {
            of_ids.push(end..end + usize::from(is_found));
            end += usize::from(is_found);
        }
        Ok(RowsOfIds { batch: found.rows(fields.table().schema())?, of_ids, gaps: found.gaps(ids) })
    }

    /// Looks up a sequence: one row for each of its images.
    async fn images_of_sequence(
        &self,
        fields: &Arc<EntityFields>,
        step: u64,
        sequence: &str,
    ) -> Result<RowsOfIds> {
        let mut gaps = Gaps::default();
        let ids = match self.images_of(step, sequence).await? {
            Ok(ids) => ids,
            Err(why) => {
                gaps.failed.push((sequence.to_owned(), why));
                let batch = RecordBatch::new_empty(Arc::clone(fields.table().schema()));
                return Ok(RowsOfIds { batch, of_ids: std::iter::once(0..0).collect(), gaps });
            }
        };
        if ids.is_empty() {
            gaps.not_found.push(sequence.to_owned());
        }
        let (batch, of_images) = self.images(fields, step, &ids).await?;
        gaps.add(of_images);
        let of_ids = std::iter::once(0..batch.num_rows()).collect();
        Ok(RowsOfIds { batch, of_ids, gaps })
    }

    /// The ids of the images of a sequence in order of capture; none if the sequence is unknown. The inner error says
    /// why the service cannot answer.
    pub(super) async fn images_of(&self, step: u64, sequence: &str) -> Result<Result<Vec<String>, String>> {
        let name = AnswerName::new(step, "ids");
        if let Some((ids, _)) = self.saved.take(&name)? {
            return Ok(Ok(ids));
        }
        let request = GraphRequest::ImageIds { sequence: sequence.to_owned() };
        let read = |body: Vec<u8>| {
            let (objects, _) = data(&body)?;
            let id = |object: &crate::rows::Object| object.get("id").and_then(crate::rows::id);
            Ok(objects.iter().filter_map(id).map(|id| id.to_string()).collect())
        };
        let ask = || self.ask_about_ids(&request, read).boxed();
        let witness = Witness { id: sequence.to_owned(), request: request.clone() };
        let ids: Vec<String> = match self.about_one(witness, &ask).await {
            Err(error) if is_unknown_id(&error) => Vec::new(),
            Ok(Err(why)) => return Ok(Err(why)),
            other => other?.unwrap_or_default(),
        };
        let mut known = std::collections::HashSet::new();
        let ids: Vec<String> = ids.into_iter().filter(|id| known.insert(id.clone())).collect();
        self.saved.save(&name, &ids, None)?;
        Ok(Ok(ids))
    }

    /// The rows of the images of one sequence, and those that have none: deleted images and those that the service
    /// cannot answer.
    pub(super) async fn images(
        &self,
        fields: &Arc<EntityFields>,
        step: u64,
        ids: &[String],
    ) -> Result<(RecordBatch, Gaps)> {
        let chunks: Vec<Vec<String>> = ids.chunks(fields.at_once()).map(<[_]>::to_vec).collect();
        let parts = self.each(iter(chunks.into_iter().enumerate()), move |run, (number, ids)| {
            let (fields, name) = (Arc::clone(fields), AnswerName::new(step, number.to_string()));
            async move {
                if let Some((gaps, Some(rows))) = run.saved.take::<Gaps>(&name)? {
                    return Ok((rows, gaps));
                }
                let found = run.entities(&fields, &ids).await?;
                let (rows, gaps) = (found.rows(fields.table().schema())?, found.gaps(&ids));
                run.saved.save(&name, &gaps, Some(&rows))?;
                Ok((rows, gaps))
            }
        });
        let parts: Vec<(RecordBatch, Gaps)> = parts.try_collect().await?;
        let mut gaps = Gaps::default();
        let rows: Vec<RecordBatch> = parts
            .into_iter()
            .map(|(rows, more)| {
                gaps.add(more);
                rows
            })
            .collect();
        Ok((concat_batches(fields.table().schema(), &rows).map_err(internal)?, gaps))
    }
}
