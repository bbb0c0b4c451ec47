//! What the filters of a query leave out, as long as they leave out everything: so that an empty result can say why.

use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::query::ValuePattern;

/// Most different values, and most ids of sequences, that are remembered.
const MOST: usize = 100_000;

/// Rows in the area of a query that its filters have left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftOut {
    /// How many there are.
    pub rows: u64,
    /// The values among them, if the query asks for values of map features.
    pub values: Vec<String>,
}

impl LeftOut {
    /// The values that are most like the patterns, the nearest first; none if some value fits a pattern.
    pub fn nearest(&self, patterns: &[ValuePattern], most: usize) -> Vec<&str> {
        if self.values.iter().any(|value| patterns.iter().any(|pattern| pattern.matches(value))) {
            return Vec::new();
        }
        let distance = |value: &str| {
            let of = |pattern: &ValuePattern| {
                let plain = pattern.to_string().replace('*', "");
                (!value.contains(&plain), strsim::damerau_levenshtein(&plain, value))
            };
            patterns.iter().map(of).min()
        };
        let mut near: Vec<_> = self.values.iter().map(|value| (distance(value), value.as_str())).collect();
        near.sort();
        near.into_iter().take(most).map(|(_, value)| value).collect()
    }
}

/// Counts what is left out, on any thread.
#[derive(Debug, Default)]
pub(crate) struct LeftOutTally {
    /// Whether a row was kept. Then the result is not empty, and counting costs time for nothing.
    is_over: AtomicBool,
    counts: Mutex<TallyCounts>,
}

#[derive(Debug, Default)]
struct TallyCounts {
    rows: u64,
    values: BTreeSet<String>,
    /// Sequences, which several tiles may show.
    sequences: HashSet<Box<str>>,
}

impl LeftOutTally {
    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// A row was kept.
    pub(super) fn stop(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    /// Adds rows, and some of their values.
    pub(super) fn add<'a>(&self, rows: u64, values: impl IntoIterator<Item = &'a str>) {
        let mut counts = self.counts();
        counts.rows += rows;
        for value in values {
            if counts.values.len() < MOST && !counts.values.contains(value) {
                counts.values.insert(value.to_owned());
            }
        }
    }

    /// Adds a sequence that another tile may have shown already.
    pub(super) fn add_sequence(&self, id: &str) {
        let mut counts = self.counts();
        if counts.sequences.len() < MOST && counts.sequences.insert(id.into()) {
            counts.rows += 1;
        }
    }

    /// What was left out; `None` if something was kept.
    pub(crate) fn left_out(&self) -> Option<LeftOut> {
        let counts = self.counts();
        let values = counts.values.iter().cloned().collect();
        (!self.is_over()).then_some(LeftOut { rows: counts.rows, values })
    }

    fn counts(&self) -> MutexGuard<'_, TallyCounts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_values_contain_the_word_or_differ_in_few_letters() {
        let values = ["regulatory--stop--g1", "regulatory--yield--g1", "warning--stop-ahead--g9"];
        let left_out = LeftOut { rows: 3, values: values.map(str::to_owned).to_vec() };
        let near = |text: &str| left_out.nearest(&[ValuePattern::new(text).unwrap()], 2);
        assert_eq!(near("stop"), ["regulatory--stop--g1", "warning--stop-ahead--g9"]);
        assert_eq!(near("regulatory--yeild--g1")[0], "regulatory--yield--g1");
        assert_eq!(near("regulatory--*"), [""; 0], "another filter leaves it out");
    }
}
