//! The second reading of an input: the rows that are in the result.

use arrow_array::{RecordBatch, UInt64Array};
use arrow_schema::SchemaRef;
use arrow_select::take::take_record_batch;
use mly::plan::Scope;
use mly::{Error, Result};

use crate::input::Input;

/// Rows of an input, by their numbers.
pub(super) struct Picked {
    pub(super) schema: SchemaRef,
    /// Numbers of the rows, ascending.
    numbers: Vec<u64>,
    pub(super) batches: Vec<RecordBatch>,
    /// Number of the first row in each batch, among those that were picked.
    starts: Vec<usize>,
    /// For each row, whether the question of the other result asked for it.
    is_asked: Vec<bool>,
}

impl Picked {
    /// Reads the rows with these numbers, counted from 0 in the input.
    ///
    /// `own` is what the question of the input asked for, and `other` that of the other result, where they are known.
    ///
    /// # Errors
    /// [`Error::Input`] when the input cannot be read any more, or has become shorter.
    pub(super) fn read(
        input: &Input,
        mut numbers: Vec<u64>,
        own: Option<&Scope>,
        other: Option<&Scope>,
    ) -> Result<Self> {
        numbers.sort_unstable();
        let rows = input.rows()?;
        let mut picked = Self {
            schema: rows.schema,
            numbers,
            batches: Vec::new(),
            starts: Vec::new(),
            is_asked: Vec::new(),
        };
        let (mut before, mut taken) = (0_u64, 0);
        for batch in rows.batches {
            if taken == picked.numbers.len() {
                break;
            }
            let batch = batch?;
            let end = before + batch.num_rows() as u64;
            let ahead = picked.numbers.get(taken..).unwrap_or_default();
            let within: Vec<u64> =
                ahead.iter().take_while(|number| **number < end).map(|number| number - before).collect();
            before = end;
            if within.is_empty() {
                continue;
            }
            picked.starts.push(taken);
            taken += within.len();
            let rows = take_record_batch(&batch, &UInt64Array::from(within))
                .map_err(|e| Error::internal("rows cannot be taken from a batch").with_source(e))?;
            picked.is_asked.extend(match other {
                Some(other) => other.asks_for(&rows, own),
                None => vec![true; rows.num_rows()],
            });
            picked.batches.push(rows);
        }
        if taken < picked.numbers.len() {
            return Err(
                Error::input("it has become shorter while it was read").with_hint(mly::Hint::RunAgain)
            );
        }
        Ok(picked)
    }

    /// The batch, and the row in it, of a row of the input.
    pub(super) fn place(&self, number: u64) -> Option<(usize, usize)> {
        let at = self.numbers.binary_search(&number).ok()?;
        let batch = self.starts.partition_point(|start| *start <= at) - 1;
        Some((batch, at - self.starts.get(batch)?))
    }

    /// Whether the other result asked for a row of the input.
    pub(super) fn is_asked(&self, number: u64) -> bool {
        self.numbers.binary_search(&number).ok().and_then(|at| self.is_asked.get(at)).copied().unwrap_or(true)
    }
}
