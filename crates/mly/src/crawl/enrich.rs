//! Adds columns that tiles do not have to the rows of a query, by looking up their ids.

use std::collections::VecDeque;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_schema::{ArrowError, Schema, SchemaRef};
use arrow_select::concat::concat_batches;
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::entities::EntityFields;
use super::gaps::Gaps;
use super::run::Run;
use super::step::{Done, Step, Steps};
use crate::error::{Result, internal};
use crate::query::{Entity, Query};

/// Adds the columns that a query names and tiles do not have.
pub(super) struct Enricher {
    fetched_fields: Arc<EntityFields>,
    /// Indices of the fetched columns that are added; the others, such as the id, are in the rows already.
    added: Vec<usize>,
    schema: SchemaRef,
}

impl Enricher {
    /// `None` when the query needs no such columns. New columns are put before the geometry, which stays last.
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
                let (rows, gaps) = enrich.fill(&run, step.rows).await?;
                let mut step = Step { rows, ..step };
                step.gaps.add(gaps);
                Ok(step)
            }
        });
        done.boxed()
    }

    /// The rows with the columns added, and what is missing from those.
    async fn fill(&self, run: &Run, rows: RecordBatch) -> Result<(RecordBatch, Gaps)> {
        if rows.num_rows() == 0 {
            return Ok((RecordBatch::new_empty(Arc::clone(&self.schema)), Gaps::default()));
        }
        let ids = rows.column(0).as_primitive::<Int64Type>();
        let ids: Vec<String> = ids.values().iter().map(ToString::to_string).collect();
        let found = run.entities(&self.fetched_fields, &ids).await?;
        let added = found.columns(self.fetched_fields.table().schema(), &self.added);
        Ok((self.with_columns(&rows, added).map_err(internal)?, found.gaps(&ids)))
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

/// The same rows in batches of `size` (the last may be smaller), so that every lookup has as many ids as a request may.
fn rechunk(steps: Steps, size: usize) -> Steps {
    let state = Rechunker {
        steps,
        size,
        rows: None,
        done: Done::default(),
        left: VecDeque::new(),
        gaps: Gaps::default(),
        is_over: false,
    };
    stream::try_unfold(
        state,
        |mut waiting| async move { Ok(waiting.next().await?.map(|step| (step, waiting))) },
    )
    .boxed()
}

/// Cuts the rows of steps into batches of one size, and remembers after which batch each step is done.
struct Rechunker {
    steps: Steps,
    size: usize,
    rows: Option<RecordBatch>,
    /// How far the run is once all rows before the waiting ones are written.
    done: Done,
    /// For each step with waiting rows: how many they are, how far the run is after them, and what is missing from the
    /// step.
    left: VecDeque<(usize, Done, Gaps)>,
    /// What is missing from the steps without waiting rows.
    gaps: Gaps,
    is_over: bool,
}

impl Rechunker {
    async fn next(&mut self) -> Result<Option<Step>> {
        while !self.is_over && self.count() < self.size {
            match self.steps.try_next().await? {
                // A step without rows is passed on at once, unless rows are waiting: its `done` implies that all rows
                // before it are written. No note is lost by waiting, since steps with notes come before the first rows.
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
        let gaps = std::mem::take(&mut self.gaps);
        Ok(Some(Step { rows: rows.slice(0, count), done: self.done.clone(), note: None, gaps }))
    }

    fn count(&self) -> usize {
        self.rows.as_ref().map_or(0, RecordBatch::num_rows)
    }

    fn add(&mut self, step: Step) -> Result<()> {
        self.left.push_back((step.rows.num_rows(), step.done, step.gaps));
        self.rows = Some(match self.rows.take() {
            None => step.rows,
            Some(rows) => concat_batches(&rows.schema(), [&rows, &step.rows]).map_err(internal)?,
        });
        Ok(())
    }

    /// Removes the first `count` rows from the account. `done` becomes that of the last step without waiting rows.
    fn give_out(&mut self, mut count: usize) {
        while let Some((rows, done, gaps)) = self.left.front_mut() {
            if *rows > count {
                *rows -= count;
                return;
            }
            count -= *rows;
            self.done = std::mem::take(done);
            self.gaps.add(std::mem::take(gaps));
            self.left.pop_front();
        }
    }
}
