//! Properties of features as columns.
//!
//! A tile keeps each different value once in a table, and features refer to it by index. One pass over the features
//! collects these indexes per column and row; then each column is built from its indexes at once. Text is never copied
//! per feature.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    Array, ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int32Array, Int64Array, StringArray,
    TimestampMillisecondArray,
};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use mly_mvt::{Feature, Layer as TileLayer, Value};

use super::forms;
use super::misfits::Misfits;
use crate::error::Unreadable;
use crate::table::UTC;
use crate::table::{Column, ColumnKind};

/// Marks a row without a value. No table is this long.
const ABSENT: u32 = u32::MAX;

/// Properties as columns.
pub(super) struct TableColumns {
    /// All but the geometry, in the order of the layer; text as dictionaries.
    pub(super) columns: Vec<ArrayRef>,
    /// Values that are not what their column holds.
    pub(super) misfits: Misfits,
}

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
    pub(super) fn finish(self, table: &[Value<'_>]) -> TableColumns {
        let attributes =
            self.columns.iter().filter(|c| !matches!(c.kind, ColumnKind::Point | ColumnKind::Lines));
        let starts = (0..).map(|column| column * self.features);
        let mut done = TableColumns { columns: Vec::new(), misfits: Misfits::default() };
        for (number, (column, at)) in attributes.zip(starts).enumerate() {
            let (array, unread) = array(column.kind, &self.values[at..at + self.rows], table);
            // Features without an id are counted as features, since they are left out.
            done.misfits.add_values(column.name, if number == 0 { 0 } else { unread });
            done.columns.push(array);
        }
        done
    }
}

pub(super) fn unreadable(error: mly_mvt::Error) -> Unreadable {
    let over_a_limit = matches!(error.kind(), mly_mvt::ErrorKind::Limit { .. });
    Unreadable { what: error.kind().to_string(), offset: Some(error.offset()), passing: !over_a_limit }
}

/// A column, and how many of its values could not be read.
fn array(kind: ColumnKind, rows: &[u32], table: &[Value<'_>]) -> (ArrayRef, u64) {
    let (array, nulls): (ArrayRef, Option<NullBuffer>) = match kind {
        ColumnKind::Int | ColumnKind::Id => {
            let (values, nulls) = gather(rows, table, int);
            (Arc::new(Int64Array::new(values.into(), nulls.clone())), nulls)
        }
        ColumnKind::Time => {
            let (values, nulls) = gather(rows, table, time);
            let times = TimestampMillisecondArray::new(values.into(), nulls.clone()).with_timezone(UTC);
            (Arc::new(times), nulls)
        }
        ColumnKind::Float => {
            let (values, nulls) = gather(rows, table, float);
            (Arc::new(Float64Array::new(values.into(), nulls.clone())), nulls)
        }
        ColumnKind::Bool => {
            let (values, nulls) = gather(rows, table, flag);
            (Arc::new(BooleanArray::new(BooleanBuffer::from(values), nulls.clone())), nulls)
        }
        _ => {
            let words = texts(rows, table);
            let nulls = words.keys().nulls().cloned();
            (Arc::new(words), nulls)
        }
    };
    (array, nulls.map_or(0, |nulls| unread(rows, &nulls)))
}

/// How many rows have a value that could not be read. All other nulls are rows without a value.
fn unread(rows: &[u32], nulls: &NullBuffer) -> u64 {
    let present = rows.iter().filter(|row| **row != ABSENT).count();
    let read = rows.len() - nulls.null_count();
    (present - read) as u64
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
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Float(n) => forms::whole(f64::from(n)),
        Value::Double(n) => forms::whole(n),
        other => other.as_i64(),
    }
}

/// Milliseconds, usually as an integer.
#[inline]
fn time(value: Value<'_>) -> Option<i64> {
    if let Value::Int(n) = value { Some(n) } else { unusual_time(value) }
}

#[cold]
fn unusual_time(value: Value<'_>) -> Option<i64> {
    unusual_int(value).or_else(|| forms::date_ms(value.as_str()?))
}

/// A number that can be written in JSON.
fn float(value: Value<'_>) -> Option<f64> {
    match value {
        Value::String(text) => forms::float(text),
        number => number.as_f64().filter(|n| n.is_finite()),
    }
}

#[inline]
fn flag(value: Value<'_>) -> Option<bool> {
    if let Value::Bool(flag) = value { Some(flag) } else { unusual_flag(value) }
}

#[cold]
fn unusual_flag(value: Value<'_>) -> Option<bool> {
    match value {
        Value::String(text) => forms::flag_of_text(text),
        number => number.as_f64().and_then(forms::flag_of_number),
    }
}

/// Text, and whole numbers as text.
fn text(value: Value<'_>) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        other => unusual_int(other).map(|number| Cow::Owned(number.to_string())),
    }
}

/// A dictionary of the texts in use, made from the indexes of the value table alone.
fn texts(rows: &[u32], table: &[Value<'_>]) -> DictionaryArray<Int32Type> {
    const UNSEEN: i32 = -1;
    /// A value that is no text.
    const MISFIT: i32 = -2;
    let mut key_of_value = vec![UNSEEN; table.len()];
    let mut words: Vec<Cow<'_, str>> = Vec::new();
    let mut complete = true;
    let mut key_of_row = |row: u32| {
        let Some(key) = key_of_value.get_mut(row as usize) else {
            complete = false;
            return UNSEEN;
        };
        if *key == UNSEEN {
            *key = match table.get(row as usize).copied().and_then(text) {
                Some(word) => {
                    words.push(word);
                    // Tables are limited to fewer than 2^31 values.
                    i32::try_from(words.len() - 1).unwrap_or(MISFIT)
                }
                None => MISFIT,
            };
        }
        complete &= *key >= 0;
        *key
    };
    let keys: Vec<i32> = rows.iter().map(|&row| key_of_row(row)).collect();
    let nulls = (!complete).then(|| NullBuffer::new(keys.iter().map(|k| *k >= 0).collect()));
    let keys = Int32Array::new(keys.into_iter().map(|k| k.max(0)).collect(), nulls);
    // Rows without a value have key 0, which must be a word even if there are none.
    if words.is_empty() {
        words.push(Cow::Borrowed(""));
    }
    DictionaryArray::new(keys, Arc::new(words.iter().map(Some).collect::<StringArray>()))
}
