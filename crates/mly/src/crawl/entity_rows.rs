//! The rows of a lookup of many ids, which come in several answers.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, RecordBatch, new_null_array};
use arrow_schema::{ArrowError, SchemaRef};
use arrow_select::interleave::{interleave, interleave_record_batch};

use super::gaps::Gaps;
use crate::error::{Result, internal};
use crate::rows::Misfits;

/// What became of an id.
#[derive(Clone, Debug)]
enum Place {
    /// It was not found.
    Nowhere,
    /// Its row: the index of the part, and of the row in the part.
    At(usize, usize),
    /// The service cannot answer it, and why.
    Failed(String),
}

/// The rows of some ids.
#[derive(Debug)]
pub(super) struct EntityRows {
    parts: Vec<RecordBatch>,
    /// For each id, where its row is.
    places: Vec<Place>,
    misfits: Misfits,
}

impl EntityRows {
    /// No rows yet for this many ids.
    pub(super) fn new(ids: usize) -> Self {
        Self { parts: Vec::new(), places: vec![Place::Nowhere; ids], misfits: Misfits::default() }
    }

    /// Notes why the service cannot answer the id at a position.
    pub(super) fn fail(&mut self, position: usize, why: String) {
        self.places[position] = Place::Failed(why);
    }

    /// Whether each id was found.
    pub(super) fn presence(&self) -> impl Iterator<Item = bool> + '_ {
        self.places.iter().map(|place| matches!(place, Place::At(..)))
    }

    /// For each id, why the service cannot answer it, if it cannot.
    pub(super) fn failures(&self) -> impl Iterator<Item = Option<&str>> {
        self.places.iter().map(|place| match place {
            Place::Failed(why) => Some(why.as_str()),
            Place::Nowhere | Place::At(..) => None,
        })
    }

    /// What is missing from the rows of these ids.
    pub(super) fn gaps(&self, ids: &[String]) -> Gaps {
        let mut gaps = Gaps::from(self.misfits.clone());
        for (id, place) in ids.iter().zip(&self.places) {
            match place {
                Place::At(..) => {}
                Place::Nowhere => gaps.not_found.push(id.clone()),
                Place::Failed(why) => gaps.failed.push((id.clone(), why.clone())),
            }
        }
        gaps
    }

    /// Part and row of each id; `None` for ids without a row.
    fn of_rows(&self) -> impl Iterator<Item = Option<(usize, usize)>> + '_ {
        self.places.iter().map(|place| match place {
            Place::At(part, row) => Some((*part, *row)),
            Place::Nowhere | Place::Failed(_) => None,
        })
    }

    /// The rows of the ids that were found, in the order of the ids.
    pub(super) fn rows(&self, schema: &SchemaRef) -> Result<RecordBatch> {
        let places: Vec<_> = self.of_rows().flatten().collect();
        match self.parts.as_slice() {
            [] => Ok(RecordBatch::new_empty(Arc::clone(schema))),
            [only] if in_order(only, &places) => Ok(only.clone()),
            parts => interleave_record_batch(&parts.iter().collect::<Vec<_>>(), &places).map_err(internal),
        }
    }

    /// The columns with these indices, with a row for each id; the rows of ids that were not found are null.
    pub(super) fn columns(&self, schema: &SchemaRef, indices: &[usize]) -> Result<Vec<ArrayRef>, ArrowError> {
        let nowhere = (self.parts.len(), 0);
        let places: Vec<_> = self.of_rows().map(|place| place.unwrap_or(nowhere)).collect();
        let column = |&index: &usize| {
            let nothing = new_null_array(schema.field(index).data_type(), 1);
            let arrays = self.parts.iter().map(|part| &**part.column(index)).chain([&*nothing]);
            interleave(&arrays.collect::<Vec<_>>(), &places)
        };
        indices.iter().map(column).collect()
    }

    /// Adds the answer to a request for the ids at the positions `asked`. Returns the first of them that has a row.
    pub(super) fn add(
        &mut self,
        (batch, misfits): (RecordBatch, Misfits),
        ids: &[String],
        asked: &[usize],
    ) -> Option<usize> {
        let position: HashMap<i64, usize> =
            asked.iter().filter_map(|i| Some((ids[*i].parse().ok()?, *i))).collect();
        let mut first = None;
        for (row, id) in batch.column(0).as_primitive::<Int64Type>().values().iter().enumerate() {
            if let Some(i) = position.get(id) {
                self.places[*i] = Place::At(self.parts.len(), row);
                first = first.or(Some(*i));
            }
        }
        self.parts.push(batch);
        self.misfits.add(&misfits);
        first
    }
}

fn in_order(batch: &RecordBatch, places: &[(usize, usize)]) -> bool {
    places.len() == batch.num_rows() && places.iter().enumerate().all(|(i, place)| *place == (0, i))
}
