//! How many changes there are, and what has to be said about them.

use super::change::Change;

/// What a comparison found, apart from the rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    rows: [u64; Change::ALL.len()],
    pub(super) rate: Option<f64>,
    pub(super) notes: Vec<String>,
}

impl Counts {
    /// Rows of a class. Rows that are the same count also where they are not in the table.
    pub fn of(&self, change: Change) -> u64 {
        Change::ALL
            .iter()
            .position(|known| *known == change)
            .and_then(|at| self.rows.get(at))
            .copied()
            .unwrap_or(0)
    }

    /// The classes that have rows, and how many.
    pub fn all(&self) -> impl Iterator<Item = (Change, u64)> + '_ {
        Change::ALL.into_iter().zip(self.rows).filter(|(_, rows)| *rows > 0)
    }

    /// How often sequences that look at a map feature lead to a detection of it, from 0 to 1; `None` if nobody looked at one
    /// that is in both results, or no images were given.
    pub fn rate(&self) -> Option<f64> {
        self.rate
    }

    /// Sentences about the inputs that whoever reads the table should know.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    pub(super) fn add(&mut self, change: Change, rows: u64) {
        if let Some(at) = Change::ALL.iter().position(|known| *known == change) {
            self.rows[at] += rows;
        }
    }
}
