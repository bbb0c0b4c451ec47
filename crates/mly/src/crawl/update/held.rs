//! Rows of an update whose look-up has failed. If the earlier result has them, its rows are better, since they are
//! complete; otherwise these rows come at the end.

use std::collections::{HashMap, HashSet};

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, BooleanArray, RecordBatch};
use arrow_schema::{ArrowError, SchemaRef};
use arrow_select::concat::concat_batches;
use arrow_select::filter::filter_record_batch;

use crate::rows::{pack, unpack};

/// The rows that are held back until the earlier result has been read.
#[derive(Debug, Default)]
pub(super) struct HeldRows {
    /// Each row by its id, and its place among all of them.
    rows: HashMap<String, (usize, RecordBatch)>,
    count: usize,
}

impl HeldRows {
    /// The rows in notes of an earlier run.
    pub(super) fn read(notes: &[Vec<u8>]) -> Result<Self, ArrowError> {
        let mut held = Self::default();
        for note in notes {
            held.add(&unpack(note)?);
        }
        Ok(held)
    }

    fn add(&mut self, rows: &RecordBatch) {
        for (row, id) in ids(rows).enumerate() {
            self.rows.insert(id, (self.count, rows.slice(row, 1)));
            self.count += 1;
        }
    }

    /// Takes the rows whose look-up has failed out of a batch. Returns the others, and a note with those taken out.
    pub(super) fn hold_back(
        &mut self,
        rows: RecordBatch,
        failed: &[(String, String)],
    ) -> Result<(RecordBatch, Option<Vec<u8>>), ArrowError> {
        let failed: HashSet<&str> = failed.iter().map(|(id, _)| id.as_str()).collect();
        let is_failed: Vec<bool> = if failed.is_empty() {
            vec![false; rows.num_rows()]
        } else {
            ids(&rows).map(|id| failed.contains(id.as_str())).collect()
        };
        if !is_failed.contains(&true) {
            self.without(&rows);
            return Ok((rows, None));
        }
        let held = filter_record_batch(&rows, &BooleanArray::from(is_failed.clone()))?;
        let others: BooleanArray = is_failed.into_iter().map(|is_failed| Some(!is_failed)).collect();
        let others = filter_record_batch(&rows, &others)?;
        self.without(&others);
        self.add(&held);
        Ok((others, Some(pack(&held)?)))
    }

    /// Drops the rows with the ids of rows that are in the result. Returns for each of these whether it was held back.
    pub(super) fn without(&mut self, others: &RecordBatch) -> Vec<bool> {
        if self.rows.is_empty() {
            return vec![false; others.num_rows()];
        }
        ids(others).map(|id| self.rows.remove(&id).is_some()).collect()
    }

    /// Keeps only the rows with wanted ids.
    pub(super) fn retain(&mut self, is_wanted: impl Fn(&str) -> bool) {
        self.rows.retain(|id, _| is_wanted(id));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// All rows that are left, in the order in which they came.
    pub(super) fn take(&mut self, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
        let mut rows: Vec<_> = std::mem::take(&mut self.rows).into_values().collect();
        rows.sort_unstable_by_key(|(place, _)| *place);
        concat_batches(schema, rows.iter().map(|(_, row)| row))
    }
}

/// The ids of rows as text.
fn ids(rows: &RecordBatch) -> impl Iterator<Item = String> + '_ {
    let column = rows.column(0);
    let (numbers, texts) = (column.as_primitive_opt::<Int64Type>(), column.as_string_opt::<i32>());
    (0..column.len()).map(move |row| match (numbers, texts) {
        (Some(numbers), _) => numbers.value(row).to_string(),
        (None, Some(texts)) => texts.value(row).to_owned(),
        (None, None) => String::new(),
    })
}
