//! What could not be read of an answer.

use std::collections::BTreeMap;

/// What could not be read of an answer: one bad feature or value does not stop the others, but it is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Misfits {
    /// Features that are left out: they have no usable id or geometry.
    pub(crate) features: u64,
    /// Values that are left empty, since they are not what their column holds, by the name of the column.
    pub(crate) values: BTreeMap<String, u64>,
}

impl Misfits {
    /// Counts values of a column that are left empty.
    pub(crate) fn add_values(&mut self, column: &str, count: u64) {
        if count > 0 {
            *self.values.entry(column.to_owned()).or_default() += count;
        }
    }

    /// Adds what could not be read elsewhere.
    pub(crate) fn add(&mut self, other: &Self) {
        self.features += other.features;
        for (column, count) in &other.values {
            self.add_values(column, *count);
        }
    }
}
