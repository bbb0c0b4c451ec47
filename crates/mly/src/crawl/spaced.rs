//! Runs a query for images that are a distance apart.

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_schema::SchemaRef;
use futures_util::stream::{self, StreamExt, TryStreamExt, iter};

use super::gaps::Gaps;
use super::step::{Done, Note, NoteKind, Start, Step, Steps};
use crate::error::{Result, internal};
use crate::query::Query;
use crate::rows::{IdBatch, ORDER_COLUMNS, RowSelector, SpacedImages, pack, unpack};

/// Keeps images of a sequence that are a distance apart.
///
/// Which ones these are is known when all requests are answered. Until then the images are held in memory, and as notes
/// in the journal.
pub(super) struct Spacing {
    metres: f64,
    /// Of the rows that are kept.
    schema: SchemaRef,
}

impl Spacing {
    /// The spacing of a query, and the query with the columns that it needs. `None` if the query has no spacing.
    pub(super) fn of(query: &Query) -> Option<(Self, Query)> {
        let metres = query.filters().spacing_m()?;
        let schema = RowSelector::schema_of(query);
        let with_order = match query.fields() {
            None => query.clone(),
            Some(fields) => {
                let order = ORDER_COLUMNS.map(str::to_owned);
                query.clone().with_fields(fields.iter().cloned().chain(order))
            }
        };
        Some((Self { metres, schema }, with_order))
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Images that an earlier run has held. Their ids count as seen.
    pub(super) fn held(start: &mut Start) -> Result<Vec<RecordBatch>> {
        let notes = start.take_notes(NoteKind::Held);
        let held = notes.iter().map(|bytes| unpack(bytes)).collect::<std::result::Result<Vec<_>, _>>();
        let held = held.map_err(internal)?;
        for batch in &held {
            let mut ids = IdBatch::with_capacity(batch.num_rows());
            ids.extend(batch.column(0).as_primitive::<Int64Type>().values().iter().copied());
            start.merge.add(&mut ids);
        }
        Ok(held)
    }

    /// The steps of the requests without their rows, and then the rows that are kept.
    pub(super) fn steps(&self, held: Vec<RecordBatch>, start: &Start, steps: Steps) -> Steps {
        let (schema, keeps_notes) = (SchemaRef::clone(&self.schema), start.keeps_notes);
        let written = Written { batches: start.done.spaced, rows: start.rows };
        let mut images = SpacedImages::new(self.metres, &schema);
        for batch in held {
            images.add(batch);
        }
        let state = (steps, images, start.done.clone());
        let requests = stream::try_unfold(Some(state), move |state| {
            let schema = SchemaRef::clone(&schema);
            async move {
                let Some((mut steps, mut images, done)) = state else { return Ok(None) };
                let Some(step) = steps.try_next().await? else {
                    return Ok(Some((spaced(images, &done, written)?, None)));
                };
                let (done, gaps) = (step.done.clone(), step.gaps);
                let mut note = step.note;
                if step.rows.num_rows() > 0 {
                    if keeps_notes {
                        note = Some(Note::lasting(NoteKind::Held, pack(&step.rows).map_err(internal)?));
                    }
                    images.add(step.rows);
                }
                let step = Step { gaps, ..Step::without_rows(&schema, step.done, note) };
                Ok(Some((iter(vec![Ok(step)]), Some((steps, images, done)))))
            }
        });
        requests.try_flatten().boxed()
    }
}

/// What an earlier run has written: some batches, and perhaps a part of the next one.
#[derive(Clone, Copy)]
struct Written {
    batches: u64,
    rows: u64,
}

/// The steps with the rows that are kept and not yet written.
fn spaced(
    images: SpacedImages,
    done: &Done,
    written: Written,
) -> Result<stream::Iter<std::vec::IntoIter<Result<Step>>>> {
    let batches = images.kept().map_err(internal)?;
    let mut left = usize::try_from(written.rows).unwrap_or(usize::MAX);
    let mut steps = Vec::new();
    for (number, rows) in (1..).zip(batches) {
        let skipped = rows.num_rows().min(left);
        left -= skipped;
        if number > written.batches {
            let done = Done { spaced: number, ..done.clone() };
            let rows = rows.slice(skipped, rows.num_rows() - skipped);
            steps.push(Ok(Step { rows, done, note: None, gaps: Gaps::default() }));
        }
    }
    Ok(iter(steps))
}
