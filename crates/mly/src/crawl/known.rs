//! The rows of an earlier result that are old enough to be taken over without a lookup.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch};
use arrow_schema::ArrowError;
use arrow_select::filter::{filter, filter_record_batch};

use crate::error::{Result, internal};
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
    /// The ids of rows that were left out, in columns, until somebody takes them.
    left_out: Mutex<Vec<ArrayRef>>,
}

/// Ids of one type.
#[derive(Debug)]
pub(super) enum KnownIds {
    Numbers(IdSet),
    Texts(HashSet<Box<str>>),
}

impl KnownIds {
    pub(super) fn new(is_text: bool) -> Self {
        if is_text { Self::Texts(HashSet::new()) } else { Self::Numbers(IdSet::default()) }
    }

    /// Adds the ids of a column.
    pub(super) fn add(&mut self, ids: &ArrayRef) {
        match self {
            Self::Numbers(known) => {
                let Some(ids) = ids.as_primitive_opt::<Int64Type>() else { return };
                let ids: Vec<i64> = ids.iter().flatten().collect();
                known.insert_all(&ids);
            }
            Self::Texts(known) => {
                let Some(ids) = ids.as_string_opt::<i32>() else { return };
                known.extend(ids.iter().flatten().map(Box::from));
            }
        }
    }

    /// Whether the id in a row of a column is there.
    pub(super) fn contains(&self, ids: &ArrayRef, row: usize) -> bool {
        match self {
            Self::Numbers(known) => {
                ids.as_primitive_opt::<Int64Type>().is_some_and(|ids| known.contains(ids.value(row)))
            }
            Self::Texts(known) => {
                ids.as_string_opt::<i32>().is_some_and(|ids| known.contains(ids.value(row)))
            }
        }
    }
}

impl KnownRows {
    /// Reads the ids of rows whose `moment` is before some time.
    pub(super) fn read(rows: Rows, moment: &'static str, since_ms: i64) -> Result<Self> {
        let is_text = rows.schema().field_with_name("id").is_ok_and(|id| id.data_type().is_string());
        let ids = KnownIds::new(is_text);
        let mut known = Self { ids, moment, since_ms, left_out: Mutex::default() };
        for batch in rows {
            known.add(&batch?).map_err(internal)?;
        }
        Ok(known)
    }

    fn add(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        if let Some(ids) = batch.column_by_name("id") {
            self.ids.add(&filter(ids, &self.old(batch))?);
        }
        Ok(())
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
        (0..ids.len()).map(|row| Some(old.value(row) && self.ids.contains(ids, row))).collect()
    }

    /// The rows that are not known. The ids of the others are remembered.
    pub(super) fn without(&self, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let known = self.knows(batch);
        self.leave_out(batch, &known)?;
        filter_record_batch(batch, &known.iter().map(|known| known.map(|known| !known)).collect())
    }

    /// The sequences without those that are known and would cost lookups to complete. The ids of those are remembered.
    pub(super) fn without_cut(
        &self,
        (attributes, tracks): (RecordBatch, Vec<Track>),
    ) -> Result<(RecordBatch, Vec<Track>), ArrowError> {
        let known = self.knows(&attributes);
        let cut = tracks.iter().zip(&known).map(|(track, known)| Some(track.is_cut && known == Some(true)));
        let cut: BooleanArray = cut.collect();
        self.leave_out(&attributes, &cut)?;
        let wanted: BooleanArray = cut.iter().map(|is_cut| is_cut.map(|is_cut| !is_cut)).collect();
        let attributes = filter_record_batch(&attributes, &wanted)?;
        let kept = tracks.into_iter().zip(&wanted).filter(|(_, is_wanted)| *is_wanted == Some(true));
        Ok((attributes, kept.map(|(track, _)| track).collect()))
    }

    fn leave_out(&self, batch: &RecordBatch, is_left_out: &BooleanArray) -> Result<(), ArrowError> {
        if is_left_out.has_true() {
            let ids = filter(batch.column(0), is_left_out)?;
            self.left_out.lock().unwrap_or_else(PoisonError::into_inner).push(ids);
        }
        Ok(())
    }

    /// The ids of the rows that were left out since the last call, in columns. The service shows these rows.
    pub(super) fn take_left_out(&self) -> Vec<ArrayRef> {
        std::mem::take(&mut *self.left_out.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
