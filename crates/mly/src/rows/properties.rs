//! Properties of features as columns.
//!
//! A tile keeps each different value once in a table, and features refer to it by index. One pass over the features
//! collects these indexes per column and row; then each column is built from its indexes at once. Text is never copied
//! per feature.

use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int32Array, Int64Array, StringArray,
    TimestampMillisecondArray,
};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use mly_mvt::{Feature, Layer as TileLayer, Value};

use crate::error::Unreadable;
use crate::table::UTC;
use crate::table::{Column, ColumnKind};

/// Marks a row without a value. No table is this long.
const ABSENT: u32 = u32::MAX;

/// Which value of the table each row has in each column.
pub(super) struct PropertyColumns {
    columns: &'static [Column],
    /// Where the column of each key of the layer begins in `values`. All keys without a column share one more at the
    /// end.
    base_of_key: Vec<usize>,
    /// Value indexes, one column after the other, each as long as the layer has features.
    values: Vec<u32>,
    features: usize,
    rows: usize,
}

impl PropertyColumns {
    pub(super) fn new(columns: &'static [Column], layer: &TileLayer<'_>) -> Self {
        let features = layer.feature_count();
        let column = |key: &&str| columns.iter().position(|c| c.name == *key).unwrap_or(columns.len());
        Self {
            columns,
            base_of_key: layer.keys().iter().map(|key| column(key) * features).collect(),
            values: vec![ABSENT; (columns.len() + 1) * features],
            features,
            rows: 0,
        }
    }

    /// Adds a row with the properties of a feature.
    #[expect(
        clippy::inline_always,
        reason = "saves a third of the time, because the feature is never stored in memory"
    )]
    #[inline(always)]
    pub(super) fn push(&mut self, feature: &Feature<'_>) -> Result<(), mly_mvt::Error> {
        let Self { base_of_key, values, rows, .. } = self;
        feature.each_tag(|key, value| values[base_of_key[key as usize] + *rows] = value)?;
        *rows += 1;
        Ok(())
    }

    /// The columns but for geometry, in the order of the layer; text as dictionaries.
    pub(super) fn finish(self, table: &[Value<'_>]) -> Vec<ArrayRef> {
        let attributes =
            self.columns.iter().filter(|c| !matches!(c.kind, ColumnKind::Point | ColumnKind::Lines));
        let starts = (0..).map(|column| column * self.features);
        attributes.zip(starts).map(|(c, at)| array(c.kind, &self.values[at..at + self.rows], table)).collect()
    }
}

pub(super) fn unreadable(error: mly_mvt::Error) -> Unreadable {
    let over_a_limit = matches!(error.kind(), mly_mvt::ErrorKind::Limit { .. });
    Unreadable { what: error.kind().to_string(), offset: Some(error.offset()), passing: !over_a_limit }
}

fn array(kind: ColumnKind, rows: &[u32], table: &[Value<'_>]) -> ArrayRef {
    match kind {
        ColumnKind::Int | ColumnKind::Id => {
            let (values, nulls) = gather(rows, table, int);
            Arc::new(Int64Array::new(values.into(), nulls))
        }
        ColumnKind::Time => {
            let (values, nulls) = gather(rows, table, int);
            Arc::new(TimestampMillisecondArray::new(values.into(), nulls).with_timezone(UTC))
        }
        ColumnKind::Float => {
            let (values, nulls) = gather(rows, table, float);
            Arc::new(Float64Array::new(values.into(), nulls))
        }
        ColumnKind::Bool => {
            let (values, nulls) = gather(rows, table, Value::as_bool);
            Arc::new(BooleanArray::new(BooleanBuffer::from(values), nulls))
        }
        _ => Arc::new(texts(rows, table)),
    }
}

/// The value of each row, and which rows have none.
fn gather<'a, T: Copy + Default>(
    rows: &[u32],
    table: &[Value<'a>],
    read: impl Fn(Value<'a>) -> Option<T> + Copy,
) -> (Vec<T>, Option<NullBuffer>) {
    let value = |row: u32| table.get(row as usize).copied().and_then(read);
    let mut complete = true;
    let values = rows
        .iter()
        .map(|&row| {
            value(row).unwrap_or_else(|| {
                complete = false;
                T::default()
            })
        })
        .collect();
    let valid = || BooleanBuffer::collect_bool(rows.len(), |i| value(rows[i]).is_some());
    (values, (!complete).then(|| NullBuffer::new(valid())))
}

/// Whole numbers are usually stored as integers, but some ids have been seen as text.
#[inline]
fn int(value: Value<'_>) -> Option<i64> {
    if let Value::Int(n) = value { Some(n) } else { unusual_int(value) }
}

#[cold]
fn unusual_int(value: Value<'_>) -> Option<i64> {
    value.as_str().map_or_else(|| value.as_i64(), |text| text.parse().ok())
}

/// A number that can be written in JSON.
fn float(value: Value<'_>) -> Option<f64> {
    value.as_f64().filter(|n| n.is_finite())
}

/// A dictionary of the texts in use, made from the indexes of the value table alone.
fn texts(rows: &[u32], table: &[Value<'_>]) -> DictionaryArray<Int32Type> {
    const UNSEEN: i32 = -1;
    let mut key_of_value = vec![UNSEEN; table.len()];
    let mut words = Vec::new();
    let mut complete = true;
    let mut key_of_row = |row: u32| {
        let text = table.get(row as usize).and_then(|v| v.as_str());
        let (Some(text), Some(key)) = (text, key_of_value.get_mut(row as usize)) else {
            complete = false;
            return UNSEEN;
        };
        if *key == UNSEEN {
            // Tables are limited to fewer than 2^31 values.
            *key = i32::try_from(words.len()).unwrap_or(UNSEEN);
            words.push(text);
        }
        *key
    };
    let keys: Vec<i32> = rows.iter().map(|&row| key_of_row(row)).collect();
    let nulls = (!complete).then(|| NullBuffer::new(keys.iter().map(|k| *k != UNSEEN).collect()));
    let keys = Int32Array::new(keys.into_iter().map(|k| k.max(0)).collect(), nulls);
    // Rows without a value have key 0, which must be a word even if there are none.
    if words.is_empty() {
        words.push("");
    }
    DictionaryArray::new(keys, Arc::new(StringArray::from(words)))
}
