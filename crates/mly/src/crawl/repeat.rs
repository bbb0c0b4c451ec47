//! Repeats rows in lookups where an id is listed more than once. Each id is requested once, and its rows come at each
//! place of the list where it stands.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, SchemaRef};
use arrow_select::concat::concat_batches;

use super::gaps::Gaps;
use crate::rows::{pack, unpack};

/// The rows of some distinct ids.
#[derive(Debug)]
pub(super) struct RowsOfIds {
    pub(super) batch: RecordBatch,
    /// For each id, the range of its rows; empty if it was not found.
    pub(super) of_ids: Vec<Range<usize>>,
    pub(super) gaps: Gaps,
}

/// Turns the rows of distinct ids into the rows of the list, which may repeat ids. Distinct ids are numbered in the
/// order of their first place.
#[derive(Debug)]
pub(super) struct Repeats {
    /// The number of the id at each place of the list that is still to come.
    places: std::iter::Peekable<std::vec::IntoIter<usize>>,
    /// How often each distinct id is still to come.
    uses_left: Vec<u32>,
    /// Rows that a later place repeats, by the number of their id.
    kept: HashMap<usize, RecordBatch>,
    /// How many distinct ids have been answered.
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

    /// Resumes after `answered` distinct ids, with the notes that [`Repeats::push`] has made of their rows.
    pub(super) fn resume(&mut self, answered: usize, kept: &[Vec<u8>]) -> Result<(), ArrowError> {
        for note in kept {
            let rows = unpack(note)?;
            let counts = rows.schema().metadata().get(COUNTS).cloned().unwrap_or_default();
            let plain = rows.schema().as_ref().clone().with_metadata(HashMap::new());
            // `RecordBatch::with_schema` refuses a schema that has less metadata.
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

    /// Counts a place of an id, and drops its rows after the last one.
    fn pass(&mut self, number: usize) {
        self.uses_left[number] -= 1;
        if self.uses_left[number] == 0 {
            self.kept.remove(&number);
        }
    }

    /// Takes the rows of the next distinct ids. Returns the rows of all places that can be filled now, and a note with
    /// the rows that later places repeat, from which a later process can [resume](Self::resume).
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

/// Metadata key of a note. Its value says which ids the rows belong to: `NUMBER:ROWS` for each, separated by commas.
const COUNTS: &str = "counts";

/// Packs the rows of some ids into a note.
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
