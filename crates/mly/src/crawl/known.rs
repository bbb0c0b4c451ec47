//! The rows of an earlier result that are old enough to be taken over without a lookup.

use std::collections::HashSet;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMillisecondType};
use arrow_array::{Array, BooleanArray, RecordBatch};
use arrow_schema::ArrowError;
use arrow_select::filter::filter_record_batch;

use crate::error::Result;
use crate::rows::{IdSet, Track};
use crate::source::Rows;

/// The ids of the rows of an earlier result from before some time.
#[derive(Debug)]
pub(super) struct KnownRows {
    ids: KnownIds,
    /// Name of the column with the time of a row.
    moment: &'static str,
    /// Rows of this time and later ones are looked up again; in milliseconds since 1970.
    since_ms: i64,
}

#[derive(Debug)]
enum KnownIds {
    Numbers(IdSet),
    Texts(HashSet<Box<str>>),
}

impl KnownRows {
    /// Reads the ids of rows whose `moment` is before some time.
    pub(super) fn read(rows: Rows, moment: &'static str, since_ms: i64) -> Result<Self> {
        let is_text = rows.schema().field_with_name("id").is_ok_and(|id| id.data_type().is_string());
        let ids = if is_text { KnownIds::Texts(HashSet::new()) } else { KnownIds::Numbers(IdSet::default()) };
        let mut known = Self { ids, moment, since_ms };
        for batch in rows {
            known.add(&batch?);
        }
        Ok(known)
    }

    fn add(&mut self, batch: &RecordBatch) {
        let Some(ids) = batch.column_by_name("id") else { return };
        let old = self.old(batch);
        let old = (0..batch.num_rows()).filter(|row| old.value(*row) && ids.is_valid(*row));
        match &mut self.ids {
            KnownIds::Numbers(known) => {
                let Some(ids) = ids.as_primitive_opt::<Int64Type>() else { return };
                let ids: Vec<i64> = old.map(|row| ids.value(row)).collect();
                known.insert_all(&ids);
            }
            KnownIds::Texts(known) => {
                let Some(ids) = ids.as_string_opt::<i32>() else { return };
                known.extend(old.map(|row| ids.value(row).into()));
            }
        }
    }

    /// Which rows are from before `since_ms`. Rows without a time do not count as old.
    fn old(&self, batch: &RecordBatch) -> BooleanArray {
        let moments = batch
            .column_by_name(self.moment)
            .and_then(|column| column.as_primitive_opt::<TimestampMillisecondType>());
        match moments {
            Some(moments) => moments.iter().map(|ms| Some(ms.is_some_and(|ms| ms < self.since_ms))).collect(),
            None => BooleanArray::from(vec![false; batch.num_rows()]),
        }
    }

    /// Which rows of the service are old and in the earlier result. Their first column is the id.
    fn knows(&self, batch: &RecordBatch) -> BooleanArray {
        let (ids, old) = (batch.column(0), self.old(batch));
        let is_known = |row: usize| match &self.ids {
            KnownIds::Numbers(known) => {
                ids.as_primitive_opt::<Int64Type>().is_some_and(|ids| known.contains(ids.value(row)))
            }
            KnownIds::Texts(known) => {
                ids.as_string_opt::<i32>().is_some_and(|ids| known.contains(ids.value(row)))
            }
        };
        (0..ids.len()).map(|row| Some(old.value(row) && is_known(row))).collect()
    }

    /// The rows that are not known.
    pub(super) fn without(&self, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let known = self.knows(batch);
        filter_record_batch(batch, &known.iter().map(|known| known.map(|known| !known)).collect())
    }

    /// The sequences without those that are known and would cost lookups to complete.
    pub(super) fn without_cut(
        &self,
        (attributes, tracks): (RecordBatch, Vec<Track>),
    ) -> Result<(RecordBatch, Vec<Track>), ArrowError> {
        let known = self.knows(&attributes);
        let wanted: BooleanArray = tracks
            .iter()
            .zip(&known)
            .map(|(track, known)| Some(!(track.is_cut && known == Some(true))))
            .collect();
        let attributes = filter_record_batch(&attributes, &wanted)?;
        let kept = tracks.into_iter().zip(&wanted).filter(|(_, is_wanted)| *is_wanted == Some(true));
        Ok((attributes, kept.map(|(track, _)| track).collect()))
    }
}
