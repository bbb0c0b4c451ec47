//! What a format could not hold.

use serde::{Deserialize, Serialize};

/// Most losses that are listed one by one; all are counted.
const LISTED: usize = 10_000;

/// What of a result is not in its file, because the format cannot hold it: values that are null in the file, and rows
/// that are not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Losses {
    /// Number of values.
    pub values: u64,
    /// Number of rows.
    pub rows: u64,
    /// The first 10,000 of both, in the order of the rows.
    pub first: Vec<Loss>,
}

/// A value or a row that a format could not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Loss {
    /// Id of the row, or its number from 1 on if it has none.
    pub id: String,
    /// Why, such as `captured_at is outside of the years 0 to 9999`.
    pub why: String,
    /// Whether the whole row is left out.
    pub is_row: bool,
}

impl Losses {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn add(&mut self, loss: Loss) {
        let count = if loss.is_row { &mut self.rows } else { &mut self.values };
        *count += 1;
        if self.first.len() < LISTED {
            self.first.push(loss);
        }
    }

    /// Adds others.
    pub fn extend(&mut self, other: Self) {
        self.values += other.values;
        self.rows += other.rows;
        let room = LISTED.saturating_sub(self.first.len());
        self.first.extend(other.first.into_iter().take(room));
    }
}

impl Loss {
    pub(crate) fn value(id: impl Into<String>, why: impl Into<String>) -> Self {
        Self { id: id.into(), why: why.into(), is_row: false }
    }

    pub(crate) fn row(id: impl Into<String>, why: impl Into<String>) -> Self {
        Self { id: id.into(), why: why.into(), is_row: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_losses_are_counted_and_the_first_ones_are_listed() {
        let mut losses = Losses::default();
        for number in 0..LISTED + 5 {
            losses.add(Loss::value(number.to_string(), "x"));
        }
        losses.add(Loss::row("7", "y"));
        assert_eq!((losses.values, losses.rows, losses.first.len()), (10_005, 1, 10_000));
        let mut both = Losses::default();
        both.extend(losses.clone());
        both.extend(losses.clone());
        assert_eq!((both.values, both.rows, both.first.len()), (20_010, 2, 10_000));
    }
}
