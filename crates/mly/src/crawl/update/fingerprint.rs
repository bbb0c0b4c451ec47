//! Fingerprints of rows, by which an update knows which rows are the same as before.

use std::hash::{DefaultHasher, Hash, Hasher};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;

use crate::rows::IdSet;
use crate::table::LAST_CRAWLED;

/// The fingerprints of rows.
#[derive(Debug, Default)]
pub(super) struct Fingerprints(IdSet);

impl Fingerprints {
    pub(super) fn add(&mut self, rows: &RecordBatch) {
        self.0.insert_all(&of_rows(rows));
    }

    /// How many of these rows are among those that were added, with all of their values.
    pub(super) fn count_in(&self, rows: &RecordBatch) -> u64 {
        of_rows(rows).iter().filter(|row| self.0.contains(**row)).count() as u64
    }
}

/// One number for each row, made of the names and values of its columns in any order. A value that is missing counts as
/// little as a column that is missing. Of 10 million different rows, two have the same number once in 300,000 times.
fn of_rows(rows: &RecordBatch) -> Vec<i64> {
    let mut all = vec![0_u64; rows.num_rows()];
    let columns = rows.schema_ref().fields().iter().zip(rows.columns());
    // A mark says nothing of the row itself.
    for (field, column) in columns.filter(|(field, _)| field.name() != LAST_CRAWLED) {
        let mut named = DefaultHasher::new();
        field.name().hash(&mut named);
        for (row, sum) in all.iter_mut().enumerate() {
            let mut hasher = named.clone();
            if hash_value(column, row, &mut hasher) {
                *sum = sum.wrapping_add(hasher.finish());
            }
        }
    }
    all.into_iter().map(u64::cast_signed).collect()
}

/// Hashes a value; false if there is none.
fn hash_value(column: &ArrayRef, row: usize, hasher: &mut DefaultHasher) -> bool {
    if column.is_null(row) {
        return false;
    }
    match column.data_type() {
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).hash(hasher),
        DataType::Timestamp(..) => match column.as_primitive_opt::<TimestampMillisecondType>() {
            Some(moments) => moments.value(row).hash(hasher),
            None => return false,
        },
        // Zero has two forms.
        DataType::Float64 => (column.as_primitive::<Float64Type>().value(row) + 0.0).to_bits().hash(hasher),
        DataType::Boolean => column.as_boolean().value(row).hash(hasher),
        DataType::Utf8 => column.as_string::<i32>().value(row).hash(hasher),
        DataType::Binary => column.as_binary::<i32>().value(row).hash(hasher),
        DataType::List(_) => {
            let items = column.as_list::<i32>().value(row);
            items.len().hash(hasher);
            for item in 0..items.len() {
                hash_value(&items, item, hasher).hash(hasher);
            }
        }
        DataType::FixedSizeList(..) => {
            let items = column.as_fixed_size_list().value(row);
            for item in 0..items.len() {
                hash_value(&items, item, hasher).hash(hasher);
            }
        }
        // Results have no other types.
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Float64Array, Int64Array, StringArray};

    use super::*;

    fn rows(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
            .unwrap()
    }

    #[test]
    fn rows_are_the_same_if_all_values_are() {
        let ids = |ids: Vec<i64>| -> ArrayRef { Arc::new(Int64Array::from(ids)) };
        let texts = |texts: Vec<Option<&str>>| -> ArrayRef { Arc::new(StringArray::from(texts)) };
        let floats = |floats: Vec<f64>| -> ArrayRef { Arc::new(Float64Array::from(floats)) };
        let mut known = Fingerprints::default();
        known.add(&rows(vec![
            ("id", ids(vec![1, 2, 3])),
            ("value", texts(vec![Some("a"), None, Some("c")])),
            ("angle", floats(vec![0.0, 1.5, 2.0])),
        ]));
        // Other order of columns, an absent column where there was no value, and zero in its other form.
        let same = rows(vec![
            ("angle", floats(vec![-0.0])),
            ("value", texts(vec![Some("a")])),
            ("id", ids(vec![1])),
        ]);
        assert_eq!(known.count_in(&same), 1);
        assert_eq!(known.count_in(&rows(vec![("angle", floats(vec![1.5])), ("id", ids(vec![2]))])), 1);
        // The values of two columns, or of two rows, exchanged.
        let other = rows(vec![
            ("id", ids(vec![3, 1])),
            ("value", texts(vec![Some("a"), Some("c")])),
            ("angle", floats(vec![2.0, 0.0])),
        ]);
        assert_eq!(known.count_in(&other), 0);
    }
}
