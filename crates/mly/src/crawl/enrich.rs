//! Columns that tiles do not carry, fetched by id for the rows that are wanted.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_schema::{ArrowError, Schema, SchemaRef};
use arrow_select::concat::concat_batches;
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};

use super::ask::Run;
use super::entities::Asked;
use super::run::internal;
use crate::error::Result;
use crate::query::{Entity, Query};

/// More columns for the rows of a query.
pub(super) struct Enrich {
    asked: Arc<Asked>,
    /// Which of the fetched columns are added.
    added: Vec<usize>,
    schema: SchemaRef,
}

impl Enrich {
    /// `None` when the query has no such columns. They go before the geometry, which stays last.
    pub(super) fn new(query: &Query, rows: &SchemaRef) -> Option<Arc<Self>> {
        let attributes = query.fetched_attributes();
        let entity = Entity::of_layer(query.layer()).filter(|_| !attributes.is_empty())?;
        let names: Vec<String> = attributes.iter().map(|a| a.name.clone().into_owned()).collect();
        let mut asked = vec![crate::query::Attribute::id()];
        asked.extend(attributes);
        let asked = Arc::new(Asked::new(entity, asked, true));
        let fetched = asked.table().schema();
        let added: Vec<usize> = names.iter().filter_map(|name| fetched.index_of(name).ok()).collect();
        let (geometry, before) = rows.fields().split_last()?;
        let more = added.iter().map(|i| Arc::clone(&fetched.fields()[*i]));
        let fields: Vec<_> =
            before.iter().map(Arc::clone).chain(more).chain([Arc::clone(geometry)]).collect();
        Some(Arc::new(Self { asked, added, schema: Arc::new(Schema::new(fields)) }))
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Adds the columns to every row, in order.
    pub(super) fn rows(
        self: Arc<Self>,
        run: &Run,
        rows: BoxStream<'static, Result<RecordBatch>>,
    ) -> BoxStream<'static, Result<RecordBatch>> {
        let chunks = rechunk(rows, self.asked.at_once());
        let done = run.each(chunks, move |run, chunk| {
            let enrich = Arc::clone(&self);
            async move { enrich.fill(&run, chunk?).await }
        });
        done.boxed()
    }

    async fn fill(&self, run: &Run, rows: RecordBatch) -> Result<RecordBatch> {
        let ids = rows.column(0).as_primitive::<Int64Type>();
        let ids: Vec<String> = ids.values().iter().map(ToString::to_string).collect();
        let found = run.entities(&self.asked, &ids).await?;
        for (id, _) in ids.iter().zip(found.presence()).filter(|(_, is_found)| !is_found) {
            run.tally.not_found(id);
        }
        self.joined(&rows, found.columns(&self.asked, &self.added)).map_err(internal)
    }

    fn joined(
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

/// The same rows in batches of `size`, but for the last one: no look-up goes out half empty.
fn rechunk(
    rows: BoxStream<'static, Result<RecordBatch>>,
    size: usize,
) -> BoxStream<'static, Result<RecordBatch>> {
    struct State {
        rows: BoxStream<'static, Result<RecordBatch>>,
        waiting: Vec<RecordBatch>,
        is_over: bool,
    }
    let state = State { rows, waiting: Vec::new(), is_over: false };
    let chunks = stream::try_unfold(state, move |mut state| async move {
        let count = |batches: &[RecordBatch]| batches.iter().map(RecordBatch::num_rows).sum::<usize>();
        while !state.is_over && count(&state.waiting) < size {
            match state.rows.try_next().await? {
                Some(batch) => state.waiting.push(batch),
                None => state.is_over = true,
            }
        }
        let Some(first) = state.waiting.first() else { return Ok(None) };
        let all = match state.waiting.as_slice() {
            [only] => only.clone(),
            many => concat_batches(&first.schema(), many).map_err(internal)?,
        };
        let now = all.num_rows().min(size);
        state.waiting =
            (now < all.num_rows()).then(|| all.slice(now, all.num_rows() - now)).into_iter().collect();
        Ok((now > 0).then(|| (all.slice(0, now), state)))
    });
    chunks.boxed()
}
