//! Columns that tiles do not have, looked up by id for the rows of the result.

use std::collections::VecDeque;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_schema::{ArrowError, Schema, SchemaRef};
use arrow_select::concat::concat_batches;
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::entities::EntityFields;
use super::run::Run;
use super::step::{Done, Step, Steps};
use crate::error::{Result, internal};
use crate::query::{Entity, Query};

/// Adds columns to the rows of a query.
pub(super) struct Enricher {
    fetched_fields: Arc<EntityFields>,
    /// Which of the fetched columns are added.
    added: Vec<usize>,
    schema: SchemaRef,
}

impl Enricher {
    /// `None` when the query has no such columns. The added ones go before the geometry, which stays last.
    pub(super) fn new(query: &Query, rows: &SchemaRef) -> Option<Arc<Self>> {
        let attributes = query.fetched_attributes();
        let entity = Entity::of_layer(query.layer()).filter(|_| !attributes.is_empty())?;
        let names: Vec<String> = attributes.iter().map(|a| a.name.clone().into_owned()).collect();
        let mut fetched_fields = vec![crate::query::Attribute::id()];
        fetched_fields.extend(attributes);
        let fetched_fields = Arc::new(EntityFields::new(entity, fetched_fields, true));
        let fetched = fetched_fields.table().schema();
        let added: Vec<usize> = names.iter().filter_map(|name| fetched.index_of(name).ok()).collect();
        let (geometry, before) = rows.fields().split_last()?;
        let more = added.iter().map(|i| Arc::clone(&fetched.fields()[*i]));
        let fields: Vec<_> =
            before.iter().map(Arc::clone).chain(more).chain([Arc::clone(geometry)]).collect();
        Some(Arc::new(Self { fetched_fields, added, schema: Arc::new(Schema::new(fields)) }))
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Adds the columns to every row, in order.
    pub(super) fn steps(self: Arc<Self>, run: &Run, steps: Steps) -> Steps {
        let chunks = rechunk(steps, self.fetched_fields.at_once());
        let done = run.each(chunks, move |run, chunk| {
            let enrich = Arc::clone(&self);
            async move {
                let step = chunk?;
                Ok(Step { rows: enrich.fill(&run, step.rows).await?, ..step })
            }
        });
        done.boxed()
    }

    async fn fill(&self, run: &Run, rows: RecordBatch) -> Result<RecordBatch> {
        if rows.num_rows() == 0 {
            return Ok(RecordBatch::new_empty(Arc::clone(&self.schema)));
        }
        let ids = rows.column(0).as_primitive::<Int64Type>();
        let ids: Vec<String> = ids.values().iter().map(ToString::to_string).collect();
        let found = run.entities(&self.fetched_fields, &ids).await?;
        for (id, _) in ids.iter().zip(found.presence()).filter(|(_, is_found)| !is_found) {
            run.counters.not_found(id);
        }
        self.with_columns(&rows, found.columns(&self.fetched_fields, &self.added)).map_err(internal)
    }

    fn with_columns(
        &self,
        rows: &RecordBatch,
        added: Result<Vec<arrow_array::ArrayRef>, ArrowError>,
    ) -> Result<RecordBatch, ArrowError> {
        let mut columns = rows.columns().to_vec();
        let geometry = columns.pop();
        columns.extend(added?);
        columns.extend(geometry);
        RecordBatch::try_new(Arc::clone(&self.schema), columns)
    }
}

/// The same rows in batches of `size`, but for the last one, so that every look-up asks for as many ids as it may.
fn rechunk(steps: Steps, size: usize) -> Steps {
    let state =
        Rechunker { steps, size, rows: None, done: Done::default(), left: VecDeque::new(), is_over: false };
    stream::try_unfold(
        state,
        |mut waiting| async move { Ok(waiting.next().await?.map(|step| (step, waiting))) },
    )
    .boxed()
}

/// Makes batches of one size out of the rows of steps, and keeps account of which steps are done with them.
struct Rechunker {
    steps: Steps,
    size: usize,
    rows: Option<RecordBatch>,
    /// How far the run is when all rows before those that wait are written.
    done: Done,
    /// For each step with rows that wait: how many of them it has brought, and how far the run is after them.
    left: VecDeque<(usize, Done)>,
    is_over: bool,
}

impl Rechunker {
    async fn next(&mut self) -> Result<Option<Step>> {
        while !self.is_over && self.count() < self.size {
            match self.steps.try_next().await? {
                // With rows waiting, a step without rows has to wait too: it says that the rows before it are written. Notes
                // are never in such a step, since they come before the first rows.
                Some(step) if self.count() == 0 && step.rows.num_rows() == 0 => {
                    self.done = step.done.clone();
                    return Ok(Some(step));
                }
                Some(step) => self.add(step)?,
                None => self.is_over = true,
            }
        }
        let count = self.count().min(self.size);
        let Some(rows) = self.rows.take().filter(|_| count > 0) else { return Ok(None) };
        self.rows = (count < rows.num_rows()).then(|| rows.slice(count, rows.num_rows() - count));
        self.give_out(count);
        Ok(Some(Step { rows: rows.slice(0, count), done: self.done.clone(), note: None }))
    }

    fn count(&self) -> usize {
        self.rows.as_ref().map_or(0, RecordBatch::num_rows)
    }

    fn add(&mut self, step: Step) -> Result<()> {
        self.left.push_back((step.rows.num_rows(), step.done));
        self.rows = Some(match self.rows.take() {
            None => step.rows,
            Some(rows) => concat_batches(&rows.schema(), [&rows, &step.rows]).map_err(internal)?,
        });
        Ok(())
    }

    /// Takes account of rows that were given out: how far the run is after the last step of which none waits any more.
    fn give_out(&mut self, mut count: usize) {
        while let Some((rows, done)) = self.left.front_mut() {
            if *rows > count {
                *rows -= count;
                return;
            }
            count -= *rows;
            self.done = std::mem::take(done);
            self.left.pop_front();
        }
    }
}
