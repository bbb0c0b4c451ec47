//! The first pass over a text format, which finds its columns.

use std::collections::{BTreeSet, HashSet};

use arrow_schema::Field;

use super::guess::ValueKinds;
use super::known::{Clues, KnownColumns};
use super::shape::{self, GeometryKind};
use crate::table::{ColumnKind, field};

/// Whether a column holds the geometries of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GeometryRole {
    No,
    Any,
    /// It does, and they are of this kind unless its values show another one.
    Of(GeometryKind),
}

/// What the first pass has found out about a column.
#[derive(Debug)]
pub(super) struct ColumnSurvey {
    pub(super) name: String,
    pub(super) seen: ValueKinds,
    /// Rows that have a value.
    pub(super) filled: u64,
    pub(super) geometry: GeometryRole,
}

impl ColumnSurvey {
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), seen: ValueKinds::default(), filled: 0, geometry: GeometryRole::No }
    }

    pub(super) fn is_geometry(&self) -> bool {
        self.geometry != GeometryRole::No
    }

    /// Adds the kind of a value.
    pub(super) fn add(&mut self, seen: ValueKinds) {
        self.seen.add(seen);
        self.filled += u64::from(!seen.is_empty());
    }

    fn shape(&self) -> Option<GeometryKind> {
        match self.geometry {
            GeometryRole::Of(kind) if self.seen.is_empty() => Some(kind),
            GeometryRole::No => None,
            _ => self.seen.shape(),
        }
    }
}

/// Pairs of columns of which the second one directly followed the first one in some feature.
#[derive(Debug, Default)]
pub(super) struct Order(HashSet<(usize, usize)>);

impl Order {
    /// Most pairs to keep, far more than a real file has. A hostile file with new properties in every feature could
    /// otherwise fill the memory with them.
    const PAIRS: usize = 1 << 16;

    /// Adds that a column follows another one.
    pub(super) fn add(&mut self, before: usize, after: usize) {
        if before != after && self.0.len() < Self::PAIRS {
            self.0.insert((before, after));
        }
    }

    /// A topological sort: each column comes after those that it followed in some feature. Where several may come next,
    /// or none because features contradict each other, the column with the lowest `place` among the best candidates is
    /// next.
    fn sorted(&self, count: usize, place: impl Fn(usize) -> usize) -> Vec<usize> {
        let mut waits = vec![0_usize; count];
        let mut followers = vec![Vec::new(); count];
        for (before, after) in &self.0 {
            waits[*after] += 1;
            followers[*before].push(*after);
        }
        let mut waiting: BTreeSet<_> = (0..count).map(|at| (waits[at], place(at), at)).collect();
        let mut sorted = Vec::with_capacity(count);
        while let Some((_, _, at)) = waiting.pop_first() {
            sorted.push(at);
            for after in &followers[at] {
                if waiting.remove(&(waits[*after], place(*after), *after)) {
                    waits[*after] -= 1;
                    waiting.insert((waits[*after], place(*after), *after));
                }
            }
        }
        sorted
    }
}

/// The fields of the surveyed columns, each with the index of its column.
///
/// A column without any value is left out if there are rows. Without an `order`, as in tables, columns keep theirs.
pub(super) fn fields(columns: &[ColumnSurvey], rows: u64, order: Option<&Order>) -> Vec<(usize, Field)> {
    let is_table = order.is_none();
    let is_used = |column: &ColumnSurvey| column.filled > 0 || rows == 0 || column.is_geometry();
    let used = columns.iter().filter(|column| is_used(column));
    let names: Vec<&str> = used.map(|column| column.name.as_str()).collect();
    let known = KnownColumns::of(&names, clues(columns, is_table));
    let field = |column: &ColumnSurvey| {
        let own = known.as_ref().and_then(|known| known.field(&column.name));
        let nullable = own.is_none_or(Field::is_nullable) || column.filled < rows;
        let fits = |own: &&Field| match GeometryKind::of(own) {
            kind if column.is_geometry() => kind.is_some() && kind == column.shape(),
            // In tables, geometries are not written as JSON.
            Some(_) if is_table => false,
            _ => column.seen.fits(own, is_table),
        };
        match own.filter(fits) {
            Some(own) => own.clone().with_nullable(nullable),
            None if column.is_geometry() => shape::column(&column.name, column.shape(), nullable),
            None if column.seen.is_empty() => self::field(&column.name, ColumnKind::Text, true),
            None => column.seen.field(&column.name, is_table, nullable),
        }
    };
    // Unknown columns come after the known ones and before the geometry.
    let place = |at: usize| {
        columns.get(at).and_then(|column| known.as_ref()?.place(&column.name)).unwrap_or(usize::MAX)
    };
    let mut all: Vec<_> = (0..columns.len()).collect();
    if let Some(order) = order {
        all = order.sorted(columns.len(), place);
        all.sort_by_key(|at| columns.get(*at).is_some_and(ColumnSurvey::is_geometry));
    }
    let column =
        |at: usize| columns.get(at).filter(|column| is_used(column)).map(|column| (at, field(column)));
    all.into_iter().filter_map(column).collect()
}

fn clues(columns: &[ColumnSurvey], is_table: bool) -> Clues {
    let named = |name: &str| columns.iter().find(|column| column.name == name);
    let geometry = named("geometry").filter(|column| column.is_geometry());
    Clues {
        has_geometry: geometry.is_some(),
        shape: geometry.and_then(ColumnSurvey::shape),
        // In a table, text and numbers look the same.
        id_is_text: named("id").and_then(|id| id.seen.is_text()).filter(|_| !is_table),
        of_graph: None,
    }
}
