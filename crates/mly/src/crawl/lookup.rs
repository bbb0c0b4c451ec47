//! Lookups: rows of ids, in the order of the ids.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use arrow_select::concat::concat_batches;
use futures_util::future::{TryFutureExt, ready};
use futures_util::stream::{StreamExt, TryStreamExt, iter};

use super::ask::Run;
use super::entities::{Asked, is_unknown_id};
use super::repeat::Repeats;
use super::step::{Done, Note, NoteKind, Start, Step, Steps};
use crate::error::Result;
use crate::error::internal;
use crate::plan::{Plan, Request};
use crate::query::{Lookup, Subject};
use crate::rows::{DetectionColumns, data};

/// The rows of some different ids, and which rows belong to which.
type Answer = (RecordBatch, Vec<Range<usize>>);

/// Ids whose detections are asked for together: as many as one look-up of their images takes.
const DETECTIONS_AT_ONCE: usize = 50;

/// The ids that requests of a lookup are about.
fn ids_of(requests: Vec<Request>) -> Vec<String> {
    let of = |request| match request {
        Request::Entities { ids, .. } => ids,
        Request::ImageIds { sequence: id } | Request::Detections { of: id, .. } => vec![id],
        // A plan makes the requests of its lookup and no others.
        Request::Tile { .. } | Request::Search { .. } | Request::Other { .. } => Vec::new(),
    };
    requests.into_iter().flat_map(of).collect()
}

/// How the rows of one kind of lookup are made.
#[derive(Debug)]
pub(super) enum Way {
    Entities(Arc<Asked>),
    Sequences(Arc<Asked>),
    Detections(Arc<DetectionColumns>),
}

impl Way {
    pub(super) fn of(lookup: &Lookup) -> Self {
        let asked = |entity| Arc::new(Asked::new(entity, lookup.attributes(), lookup.fields().is_some()));
        match (lookup.subject(), lookup.subject().entity()) {
            (Subject::Sequence, Some(entity)) => Self::Sequences(asked(entity)),
            (_, Some(entity)) => Self::Entities(asked(entity)),
            (subject, None) => Self::Detections(Arc::new(DetectionColumns::new(subject, lookup.outlines()))),
        }
    }

    pub(super) fn schema(&self) -> SchemaRef {
        Arc::clone(match self {
            Self::Entities(asked) | Self::Sequences(asked) => asked.table().schema(),
            Self::Detections(detections) => detections.schema(),
        })
    }
}

/// The rows of a lookup, from where an earlier run was left.
pub(super) fn steps(run: &Run, plan: &Plan, way: Arc<Way>, mut start: Start) -> Steps {
    let schema = way.schema();
    let done = start.done.steps;
    let requests = plan.requests().skip(usize::try_from(done).unwrap_or(usize::MAX));
    let mut repeats = Repeats::new(plan.ids_in_order());
    let answered = ids_of(plan.requests().take(usize::try_from(done).unwrap_or(usize::MAX)).collect()).len();
    let known = repeats.resume(answered, &start.take_notes(NoteKind::Repeated)).map_err(internal);
    // Detections share what more there is to know, so many ids make one piece of work.
    let at_once = if matches!(*way, Way::Detections(_)) { DETECTIONS_AT_ONCE } else { 1 };
    let answers = run.each(iter(requests).chunks(at_once), move |run, requests| {
        let way = Arc::clone(&way);
        async move {
            let count = requests.len() as u64;
            Ok((run.answer(&way, requests).await?, count))
        }
    });
    let keeps_notes = start.keeps_notes;
    let mut steps = done;
    let in_order = answers.map(move |answer| {
        let ((batch, rows), count) = answer?;
        steps += count;
        let (rows, note) = repeats.push(batch, &rows, &schema).map_err(internal)?;
        let note = note.filter(|_| keeps_notes).map(|bytes| Note { kind: NoteKind::Repeated, bytes });
        Ok(Step { rows, done: Done::steps(steps), note })
    });
    ready(known).map_ok(|()| in_order).try_flatten_stream().boxed()
}

impl Run {
    /// The answer to one request, or to many for detections.
    async fn answer(&self, way: &Way, requests: Vec<Request>) -> Result<Answer> {
        let count = requests.len();
        let answer = match way {
            Way::Entities(asked) => self.rows_of(asked, &ids_of(requests)).await,
            Way::Sequences(asked) => self.drive(asked, &ids_of(requests)).await,
            Way::Detections(detections) => {
                let fields = requests.iter().find_map(Request::fields).unwrap_or_default();
                self.detections(detections, &ids_of(requests), &fields).await
            }
        };
        if answer.is_ok() {
            (0..count).for_each(|_| self.tally.answered());
        }
        answer
    }

    /// A row for each id that was found.
    async fn rows_of(&self, asked: &Arc<Asked>, ids: &[String]) -> Result<Answer> {
        let found = self.entities(asked, ids).await?;
        let mut end = 0;
        let mut rows = Vec::with_capacity(ids.len());
        for (id, is_found) in ids.iter().zip(found.presence()) {
            rows.push(end..end + usize::from(is_found));
            end += usize::from(is_found);
            if !is_found {
                self.tally.not_found(id);
            }
        }
        Ok((found.rows(asked)?, rows))
    }

    /// The images of each sequence.
    async fn drive(&self, asked: &Arc<Asked>, sequences: &[String]) -> Result<Answer> {
        let (mut parts, mut rows, mut end) = (Vec::new(), Vec::new(), 0);
        for sequence in sequences {
            let ids = self.images_of(sequence).await?;
            if ids.is_empty() {
                self.tally.not_found(sequence);
            }
            let part = self.images(asked, &ids).await?;
            rows.push(end..end + part.num_rows());
            end += part.num_rows();
            parts.push(part);
        }
        Ok((concat_batches(asked.table().schema(), &parts).map_err(internal)?, rows))
    }

    /// The images of a sequence in order of capture, as far as they are there.
    pub(super) async fn images_of(&self, sequence: &str) -> Result<Vec<String>> {
        let read = |body: Vec<u8>| {
            let (objects, _) = data(&body)?;
            let id = |object: &crate::rows::Object| object.get("id").and_then(crate::rows::id);
            Ok(objects.iter().filter_map(id).map(|id| id.to_string()).collect())
        };
        let ids: Vec<String> =
            match self.ask(&Request::ImageIds { sequence: sequence.to_owned() }, read).await {
                Err(error) if is_unknown_id(&error) => Vec::new(),
                other => other?,
            };
        let mut known = std::collections::HashSet::new();
        Ok(ids.into_iter().filter(|id| known.insert(id.clone())).collect())
    }

    /// Rows of images of one sequence; those that are gone are left out and told.
    pub(super) async fn images(&self, asked: &Arc<Asked>, ids: &[String]) -> Result<RecordBatch> {
        let chunks: Vec<Vec<String>> = ids.chunks(asked.at_once()).map(<[_]>::to_vec).collect();
        let parts = self.each(iter(chunks), |run, ids| {
            let asked = Arc::clone(asked);
            async move {
                let found = run.entities(&asked, &ids).await?;
                for (id, _) in ids.iter().zip(found.presence()).filter(|(_, is_found)| !is_found) {
                    run.tally.not_found(id);
                }
                found.rows(&asked)
            }
        });
        let parts: Vec<RecordBatch> = parts.try_collect().await?;
        concat_batches(asked.table().schema(), &parts).map_err(internal)
    }
}
