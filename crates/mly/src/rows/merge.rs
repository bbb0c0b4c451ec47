//! Drops repeated rows, since several tiles may publish the same feature.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{BooleanArray, RecordBatch};
use arrow_buffer::BooleanBuffer;
use arrow_schema::ArrowError;
use arrow_select::filter::filter_record_batch;

use super::ids::{IdBatch, IdSet};

/// Keeps the first row of each id; batches come in the order of the plan. Clones share the same set of ids.
#[derive(Clone, Debug, Default)]
pub(crate) struct Merge {
    seen: Arc<Mutex<IdSet>>,
}

impl Merge {
    /// Makes room for ids that will be added.
    pub(crate) fn reserve(&mut self, more: usize) {
        self.seen().reserve(more);
    }

    /// Adds ids whose rows are in the result already, and empties the batch.
    pub(crate) fn add(&mut self, ids: &mut IdBatch) {
        self.seen().extend(ids);
    }

    fn seen(&self) -> MutexGuard<'_, IdSet> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The rows whose id has not come before.
    pub(crate) fn unseen(&mut self, batch: RecordBatch) -> Result<RecordBatch, ArrowError> {
        let fresh = self.fresh(batch.column(0).as_primitive::<Int64Type>().values());
        if fresh.count_set_bits() == batch.num_rows() {
            return Ok(batch);
        }
        filter_record_batch(&batch, &BooleanArray::new(fresh, None))
    }

    /// Adds ids, and returns for each whether it has not come before.
    pub(crate) fn fresh(&mut self, ids: &[i64]) -> BooleanBuffer {
        self.seen().insert_all(ids)
    }

    /// Whether an id has come before.
    pub(crate) fn contains(&self, id: i64) -> bool {
        self.seen().contains(id)
    }
}
