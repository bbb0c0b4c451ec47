//! Plans whose parts together give another result than the whole.

use super::{Plan, Question};
use crate::query::Layer;

/// Why the results of the parts of a plan, put together, differ from the result of the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Indivisible {
    /// Sequences lie in tiles of several parts, and each part would draw its own line of them.
    Sequences,
    /// A tile is left out when no line of a lower zoom comes near it, and a part sees the lines of its own surroundings only.
    Pruned,
    /// Images of a sequence lie in tiles of several parts, and each part would space its own.
    Spacing,
    /// The limit would hold for each part.
    Limit,
    /// The nearest rows of a point lie in several parts, and each part would give its own.
    Nearest,
}

impl Plan {
    /// Why the parts of this plan would answer otherwise than the whole; `None` when they would not.
    ///
    /// Features that tiles of two parts publish are no such reason: their rows are equal, and the first one of each id is
    /// the one of the whole.
    pub fn indivisible(&self) -> Option<Indivisible> {
        let (query, limit) = match &self.question {
            Question::Query(query) => (Some(query), query.limit()),
            Question::Lookup(lookup) => (None, lookup.limit()),
        };
        if query.is_some_and(|query| query.layer() == Layer::Sequences) {
            Some(Indivisible::Sequences)
        } else if query.is_some_and(|query| query.prune().is_some()) {
            Some(Indivisible::Pruned)
        } else if query.is_some_and(|query| query.filters().spacing_m().is_some()) {
            Some(Indivisible::Spacing)
        } else if matches!(&self.question, Question::Query(query) if query.nearest().is_some()) {
            Some(Indivisible::Nearest)
        } else {
            limit.map(|_| Indivisible::Limit)
        }
    }
}
