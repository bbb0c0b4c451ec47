//! Runs a lookup: requests its ids, and makes their rows in the order of the ids.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use arrow_select::concat::concat_batches;
use futures_util::future::{TryFutureExt, ready};
use futures_util::stream::{StreamExt, TryStreamExt, iter};

use super::entities::{EntityFields, is_unknown_id};
use super::repeat::{Repeats, RowsOfIds};
use super::run::Run;
use super::step::{Done, Note, NoteKind, Start, Step, Steps, limited};
use crate::error::{Result, internal};
use crate::plan::{GraphRequest, LookupPlan};
use crate::query::{Lookup, Subject};
use crate::rows::{DetectionColumns, data};

/// Ids whose detections are handled together. They share a request for the kinds of ids or sizes of images, so there
/// are as many as such a request may have.
const DETECTIONS_AT_ONCE: usize = crate::api::limits::IDS_PER_REQUEST;

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
            (subject, None) => Self::Detections(Arc::new(DetectionColumns::new(subject, lookup.outlines()))),
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
        let mut steps = start.done.steps;
        let done = usize::try_from(steps).unwrap_or(usize::MAX);
        let mut repeats = Repeats::new(self.plan.ids_in_order());
        let answered = self.plan.ids_by_request().take(done).map(|ids| ids.len()).sum();
        let known = repeats.resume(answered, &start.take_notes(NoteKind::Repeated)).map_err(internal);
        // Detections cost one request per id; the others have batches of ids already.
        let at_once = if matches!(*self.kind, LookupKind::Detections(_)) { DETECTIONS_AT_ONCE } else { 1 };
        let kind = Arc::clone(&self.kind);
        let requests = iter(self.plan.ids_by_request().skip(done)).chunks(at_once);
        let answers = run.each(requests, move |run, requests| {
            let kind = Arc::clone(&kind);
            async move {
                let rows = run.answer(&kind, &requests.concat()).await?;
                for _ in &requests {
                    run.counters.answered();
                }
                Ok((rows, requests.len() as u64))
            }
        });
        let keeps_notes = start.keeps_notes;
        let in_order = answers.map(move |answer| {
            let (rows, requests) = answer?;
            steps += requests;
            let (rows, note) = repeats.push(rows.batch, &rows.of_ids, &schema).map_err(internal)?;
            let note = note.filter(|_| keeps_notes).map(|bytes| Note { kind: NoteKind::Repeated, bytes });
            Ok(Step { rows, done: Done::steps(steps), note })
        });
        limited(ready(known).map_ok(|()| in_order).try_flatten_stream().boxed(), limit)
    }
}

impl Run {
    async fn answer(&self, kind: &LookupKind, ids: &[String]) -> Result<RowsOfIds> {
        match kind {
            LookupKind::Entities(fields) => self.rows_of(fields, ids).await,
            LookupKind::Sequences(fields) => self.images_of_sequences(fields, ids).await,
            LookupKind::Detections(detections) => self.detections(detections, ids).await,
        }
    }

    /// Looks up entities: one row for each id that was found.
    async fn rows_of(&self, fields: &Arc<EntityFields>, ids: &[String]) -> Result<RowsOfIds> {
        let found = self.entities(fields, ids).await?;
        let mut end = 0;
        let mut of_ids = Vec::with_capacity(ids.len());
        for (id, is_found) in ids.iter().zip(found.presence()) {
            of_ids.push(end..end + usize::from(is_found));
            end += usize::from(is_found);
            if !is_found {
                self.counters.not_found(id);
            }
        }
        Ok(RowsOfIds { batch: found.rows(fields)?, of_ids })
    }

    /// Looks up sequences: one row for each image of each.
    async fn images_of_sequences(
        &self,
        fields: &Arc<EntityFields>,
        sequences: &[String],
    ) -> Result<RowsOfIds> {
        let (mut parts, mut of_ids, mut end) = (Vec::new(), Vec::new(), 0);
        for sequence in sequences {
            let ids = self.images_of(sequence).await?;
            if ids.is_empty() {
                self.counters.not_found(sequence);
            }
            let part = self.images(fields, &ids).await?;
            of_ids.push(end..end + part.num_rows());
            end += part.num_rows();
            parts.push(part);
        }
        let batch = concat_batches(fields.table().schema(), &parts).map_err(internal)?;
        Ok(RowsOfIds { batch, of_ids })
    }

    /// The ids of the images of a sequence in order of capture; none if the sequence is unknown.
    pub(super) async fn images_of(&self, sequence: &str) -> Result<Vec<String>> {
        let read = |body: Vec<u8>| {
            let (objects, _) = data(&body)?;
            let id = |object: &crate::rows::Object| object.get("id").and_then(crate::rows::id);
            Ok(objects.iter().filter_map(id).map(|id| id.to_string()).collect())
        };
        let ids: Vec<String> =
            match self.ask(&GraphRequest::ImageIds { sequence: sequence.to_owned() }, read).await {
                Err(error) if is_unknown_id(&error) => Vec::new(),
                other => other?,
            };
        let mut known = std::collections::HashSet::new();
        Ok(ids.into_iter().filter(|id| known.insert(id.clone())).collect())
    }

    /// The rows of the images of one sequence. Deleted images are left out and listed as not found.
    pub(super) async fn images(&self, fields: &Arc<EntityFields>, ids: &[String]) -> Result<RecordBatch> {
        let chunks: Vec<Vec<String>> = ids.chunks(fields.at_once()).map(<[_]>::to_vec).collect();
        let parts = self.each(iter(chunks), |run, ids| {
            let fields = Arc::clone(fields);
            async move {
                let found = run.entities(&fields, &ids).await?;
                for (id, _) in ids.iter().zip(found.presence()).filter(|(_, is_found)| !is_found) {
                    run.counters.not_found(id);
                }
                found.rows(&fields)
            }
        });
        let parts: Vec<RecordBatch> = parts.try_collect().await?;
        concat_batches(fields.table().schema(), &parts).map_err(internal)
    }
}
