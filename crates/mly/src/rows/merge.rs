//! Repeated rows dropped: a feature may be published by several tiles.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{BooleanArray, RecordBatch};
use arrow_schema::ArrowError;
use arrow_select::filter::filter_record_batch;

use super::ids::{IdBatch, IdSet};

/// Takes batches in the order of the plan and gives each id out once. A clone knows the same ids.
#[derive(Clone, Debug, Default)]
pub(crate) struct Merge {
    seen: Arc<Mutex<IdSet>>,
}

impl Merge {
    /// Notes ids that have been given out.
    pub(crate) fn add(&mut self, ids: IdBatch) {
        self.seen().extend(ids);
    }

    fn seen(&self) -> MutexGuard<'_, IdSet> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The rows whose id has not come before.
    pub(crate) fn unseen(&mut self, batch: RecordBatch) -> Result<RecordBatch, ArrowError> {
        let ids = batch.column(0).as_primitive::<Int64Type>();
        let fresh = self.seen().insert_all(ids.values());
        if fresh.count_set_bits() == ids.len() {
            return Ok(batch);
        }
        filter_record_batch(&batch, &BooleanArray::new(fresh, None))
    }
}
