//! Ids that are listed more than once: asked once, answered each time.

use std::collections::HashMap;
use std::ops::Range;

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, SchemaRef};
use arrow_select::concat::concat_batches;

/// Puts the answers for different ids into the order in which the ids were listed.
#[derive(Debug)]
pub(super) struct Repeats {
    /// Which of the different ids is wanted at each place that is left.
    places: std::iter::Peekable<std::vec::IntoIter<usize>>,
    /// How often each of the different ids is still wanted.
    wanted: Vec<u32>,
    /// Rows that are wanted again.
    kept: HashMap<usize, RecordBatch>,
    /// Different ids that were answered.
    answered: usize,
    is_needed: bool,
}

impl Repeats {
    pub(super) fn new(ids: &[String]) -> Self {
        let mut number_of_id = HashMap::new();
        let mut wanted: Vec<u32> = Vec::new();
        let places: Vec<usize> = ids
            .iter()
            .map(|id| {
                let number = *number_of_id.entry(id).or_insert(wanted.len());
                if number == wanted.len() {
                    wanted.push(0);
                }
                wanted[number] += 1;
                number
            })
            .collect();
        let is_needed = wanted.len() < places.len();
        Self { places: places.into_iter().peekable(), wanted, kept: HashMap::new(), answered: 0, is_needed }
    }

    /// Takes the answer for the next different ids, with the rows of each, and gives the rows that come next.
    pub(super) fn push(
        &mut self,
        batch: RecordBatch,
        rows: &[Range<usize>],
        schema: &SchemaRef,
    ) -> Result<RecordBatch, ArrowError> {
        if !self.is_needed {
            return Ok(batch);
        }
        let slice = |rows: &Range<usize>| batch.slice(rows.start, rows.len());
        let first = self.answered;
        self.answered += rows.len();
        for (number, rows) in (first..).zip(rows).filter(|(number, _)| self.wanted[*number] > 1) {
            self.kept.insert(number, slice(rows));
        }
        let mut pieces = Vec::new();
        while let Some(number) = self.places.next_if(|number| *number < self.answered) {
            let piece = match number.checked_sub(first) {
                Some(place) => Some(slice(&rows[place])),
                None => self.kept.get(&number).cloned(),
            };
            pieces.extend(piece);
            self.wanted[number] -= 1;
            if self.wanted[number] == 0 {
                self.kept.remove(&number);
            }
        }
        concat_batches(schema, &pieces)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::Int64Array;
    use arrow_array::cast::AsArray;
    use arrow_array::types::Int64Type;
    use arrow_schema::{DataType, Field, Schema};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_id_is_answered_where_it_is_listed(ids in proptest::collection::vec(0..12_usize, 0..40), at_once in 1..6_usize) {
            let schema: SchemaRef = Arc::new(Schema::new(vec![Field::new("id", DataType::Int64, false)]));
            let names: Vec<_> = ids.iter().map(ToString::to_string).collect();
            let mut different = Vec::new();
            for id in &ids {
                if !different.contains(id) {
                    different.push(*id);
                }
            }
            let mut repeats = Repeats::new(&names);
            let mut got = Vec::new();
            // An id has as many rows as it is large: 0 stands for one that is not found.
            for some in different.chunks(at_once) {
                let mut end = 0;
                let rows: Vec<_> = some.iter().map(|id| { let start = end; end += *id; start..end }).collect();
                let values: Vec<i64> = some.iter().flat_map(|id| std::iter::repeat_n(i64::try_from(*id).unwrap(), *id)).collect();
                let batch = RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(Int64Array::from(values))]).unwrap();
                let next = repeats.push(batch, &rows, &schema).unwrap();
                got.extend_from_slice(next.column(0).as_primitive::<Int64Type>().values());
            }
            let expected: Vec<_> = ids.iter().flat_map(|id| std::iter::repeat_n(i64::try_from(*id).unwrap(), *id)).collect();
            prop_assert_eq!(got, expected);
            prop_assert!(repeats.kept.is_empty());
        }
    }
}
