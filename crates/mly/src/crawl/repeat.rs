//! Ids that are listed more than once: requested once, with their rows in each place.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, SchemaRef};
use arrow_select::concat::concat_batches;

use crate::rows::{pack, unpack};

/// Rows that belong to some different ids.
#[derive(Debug)]
pub(super) struct RowsOfIds {
    pub(super) batch: RecordBatch,
    /// Which of the rows belong to each id; none where an id was not found.
    pub(super) of_ids: Vec<Range<usize>>,
}

/// Puts the answers for different ids into the order in which the ids were listed.
#[derive(Debug)]
pub(super) struct Repeats {
    /// For each place of the list that has no rows yet, which of the different ids stands there.
    places: std::iter::Peekable<std::vec::IntoIter<usize>>,
    /// How often each of the different ids still stands in such places.
    uses_left: Vec<u32>,
    /// Rows of ids that stand in a later place again.
    kept: HashMap<usize, RecordBatch>,
    /// How many of the different ids were answered.
    answered: usize,
    /// Whether any id is listed more than once.
    is_needed: bool,
}

impl Repeats {
    pub(super) fn new(ids: &[String]) -> Self {
        let mut number_of_id = HashMap::new();
        let mut uses_left: Vec<u32> = Vec::new();
        let places: Vec<usize> = ids
            .iter()
            .map(|id| {
                let number = *number_of_id.entry(id).or_insert(uses_left.len());
                if number == uses_left.len() {
                    uses_left.push(0);
                }
                uses_left[number] += 1;
                number
            })
            .collect();
        let is_needed = uses_left.len() < places.len();
        Self {
            places: places.into_iter().peekable(),
            uses_left,
            kept: HashMap::new(),
            answered: 0,
            is_needed,
        }
    }

    /// Resumes after so many different ids, with the notes that [`Repeats::push`] has made of them.
    pub(super) fn resume(&mut self, answered: usize, kept: &[Vec<u8>]) -> Result<(), ArrowError> {
        for note in kept {
            let rows = unpack(note)?;
            let counts = rows.schema().metadata().get(COUNTS).cloned().unwrap_or_default();
            let plain = rows.schema().as_ref().clone().with_metadata(HashMap::new());
            // Not `with_schema`, which takes nothing away.
            let rows = RecordBatch::try_new(Arc::new(plain), rows.columns().to_vec())?;
            let mut begin = 0;
            let numbers = counts.split(',').filter_map(|pair| pair.split_once(':'));
            for (number, count) in
                numbers.filter_map(|(a, b)| Some((a.parse().ok()?, b.parse::<usize>().ok()?)))
            {
                let count = count.min(rows.num_rows() - begin);
                self.kept.insert(number, rows.slice(begin, count));
                begin += count;
            }
        }
        self.answered = answered;
        while let Some(number) = self.places.next_if(|number| *number < answered) {
            self.pass(number);
        }
        Ok(())
    }

    /// Notes that an id was answered once more.
    fn pass(&mut self, number: usize) {
        self.uses_left[number] -= 1;
        if self.uses_left[number] == 0 {
            self.kept.remove(&number);
        }
    }

    /// Takes the rows of the next different ids, and gives the rows that come next in the list, and a note of the rows
    /// that a later place needs again.
    pub(super) fn push(
        &mut self,
        batch: RecordBatch,
        rows: &[Range<usize>],
        schema: &SchemaRef,
    ) -> Result<(RecordBatch, Option<Vec<u8>>), ArrowError> {
        if !self.is_needed {
            return Ok((batch, None));
        }
        let slice = |rows: &Range<usize>| batch.slice(rows.start, rows.len());
        let first = self.answered;
        self.answered += rows.len();
        let again: Vec<_> = (first..).zip(rows).filter(|(number, _)| self.uses_left[*number] > 1).collect();
        let note = (!again.is_empty()).then(|| note(&batch, &again, schema)).transpose()?;
        for (number, rows) in again {
            self.kept.insert(number, slice(rows));
        }
        let mut pieces = Vec::new();
        while let Some(number) = self.places.next_if(|number| *number < self.answered) {
            let piece = match number.checked_sub(first) {
                Some(place) => Some(slice(&rows[place])),
                None => self.kept.get(&number).cloned(),
            };
            pieces.extend(piece);
            self.pass(number);
        }
        Ok((concat_batches(schema, &pieces)?, note))
    }
}

/// Key of the metadata that says which ids the rows of a note belong to: `NUMBER:ROWS` for each, with commas.
const COUNTS: &str = "counts";

/// The rows of some ids, as bytes that a later process reads.
fn note(
    batch: &RecordBatch,
    again: &[(usize, &Range<usize>)],
    schema: &SchemaRef,
) -> Result<Vec<u8>, ArrowError> {
    let pieces: Vec<_> = again.iter().map(|(_, rows)| batch.slice(rows.start, rows.len())).collect();
    let counts: Vec<_> = again.iter().map(|(number, rows)| format!("{number}:{}", rows.len())).collect();
    let about = HashMap::from([(COUNTS.to_owned(), counts.join(","))]);
    let schema = Arc::new(schema.as_ref().clone().with_metadata(about));
    let pieces: Vec<_> =
        pieces.into_iter().map(|piece| piece.with_schema(Arc::clone(&schema))).collect::<Result<_, _>>()?;
    pack(&concat_batches(&schema, &pieces)?)
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
                let (next, _) = repeats.push(batch, &rows, &schema).unwrap();
                got.extend_from_slice(next.column(0).as_primitive::<Int64Type>().values());
            }
            let expected: Vec<_> = ids.iter().flat_map(|id| std::iter::repeat_n(i64::try_from(*id).unwrap(), *id)).collect();
            prop_assert_eq!(got, expected);
            prop_assert!(repeats.kept.is_empty());
        }
    }
}
