//! Repeated rows dropped: a feature may be published by several tiles.

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{BooleanArray, RecordBatch};
use arrow_buffer::BooleanBuffer;
use arrow_schema::ArrowError;
use arrow_select::filter::filter_record_batch;

use super::seen::Seen;

/// Takes batches in the order of the plan and gives each id out once.
#[derive(Debug, Default)]
pub(crate) struct Merge {
    seen: Seen,
}

impl Merge {
    /// Notes ids that have been given out.
    pub(crate) fn add(&mut self, ids: Vec<i64>) {
        self.seen.extend(ids);
    }

    /// The rows whose id has not come before.
    pub(crate) fn unseen(&mut self, batch: RecordBatch) -> Result<RecordBatch, ArrowError> {
        let ids = batch.column(0).as_primitive::<Int64Type>();
        let fresh = BooleanBuffer::collect_bool(ids.len(), |row| self.seen.insert(ids.value(row)));
        if fresh.count_set_bits() == ids.len() {
            return Ok(batch);
        }
        filter_record_batch(&batch, &BooleanArray::new(fresh, None))
    }
}
