//! The ids of the rows that a crawl has given, which replace the earlier rows with these ids.

use std::collections::HashSet;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{BooleanArray, RecordBatch};
use arrow_schema::ArrowError;

use crate::rows::Merge;

/// The ids of all rows of the crawl. Earlier rows with these ids are left out.
pub(super) enum NewIds {
    /// Shared with the crawl, which uses it to drop repeated ids.
    Numbers(Merge),
    Texts(HashSet<Box<str>>),
}

impl NewIds {
    /// Whether the crawl has given a row with this id.
    pub(super) fn contains(&self, id: &str) -> bool {
        match self {
            Self::Numbers(merge) => id.parse().is_ok_and(|id| merge.contains(id)),
            Self::Texts(given) => given.contains(id),
        }
    }

    /// Which rows have an id that has not come before, or a new row that was held back.
    pub(super) fn unseen(&mut self, batch: &RecordBatch, was_held: &[bool]) -> BooleanArray {
        let fresh: Vec<bool> = match self {
            Self::Numbers(merge) => {
                merge.fresh(batch.column(0).as_primitive::<Int64Type>().values()).iter().collect()
            }
            Self::Texts(given) => {
                let ids = batch.column(0).as_string::<i32>().iter();
                ids.map(|id| id.is_some_and(|id| given.insert(id.into()))).collect()
            }
        };
        fresh.iter().zip(was_held).map(|(is_fresh, was_held)| Some(*is_fresh || *was_held)).collect()
    }
}

/// The text ids that an earlier run has recorded in notes.
pub(super) fn written(notes: Vec<Vec<u8>>) -> Result<HashSet<Box<str>>, ArrowError> {
    let mut all = HashSet::new();
    for note in notes {
        let ids: Vec<Box<str>> =
            serde_json::from_slice(&note).map_err(|e| ArrowError::from_external_error(e.into()))?;
        all.extend(ids);
    }
    Ok(all)
}
