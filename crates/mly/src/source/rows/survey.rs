//! A first look at the values of a text format, which tells its columns.

use arrow_schema::Field;

use super::guess::Seen;
use super::known::{Clues, Known};
use super::shape::{self, Kind};
use crate::query::ColumnKind;
use crate::rows::field;

/// What has been seen in a column.
#[derive(Debug)]
pub(super) struct Surveyed {
    pub(super) name: String,
    pub(super) seen: Seen,
    /// Rows that have a value.
    pub(super) filled: u64,
    /// Whether it is a geometry for sure, and its kind should none be seen.
    pub(super) geometry: Option<Option<Kind>>,
}

impl Surveyed {
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), seen: Seen::default(), filled: 0, geometry: None }
    }

    /// Notes what a value is.
    pub(super) fn add(&mut self, seen: Seen) {
        self.seen.add(seen);
        self.filled += u64::from(!seen.is_empty());
    }

    fn shape(&self) -> Option<Kind> {
        self.geometry.and_then(|kind| if self.seen.is_empty() { kind } else { self.seen.shape() })
    }
}

/// The columns of so many rows: the index of each one that is not left out, and what it becomes.
///
/// A column without any value is left out, as long as there are rows.
pub(super) fn fields(columns: &[Surveyed], rows: u64, is_table: bool) -> Vec<(usize, Field)> {
    let is_used = |column: &Surveyed| column.filled > 0 || rows == 0 || column.geometry.is_some();
    let used = || columns.iter().enumerate().filter(|(_, column)| is_used(column));
    let names: Vec<&str> = used().map(|(_, column)| column.name.as_str()).collect();
    let known = Known::of(&names, clues(columns, is_table));
    let field = |column: &Surveyed| {
        let own = known.as_ref().and_then(|known| known.field(&column.name));
        let nullable = own.is_none_or(Field::is_nullable) || column.filled < rows;
        let fits = |own: &&Field| match column.geometry {
            Some(_) => Kind::of(own).is_some() && Kind::of(own) == column.shape(),
            None => column.seen.fits(own, is_table) && (Kind::of(own).is_none() || !is_table),
        };
        match own.filter(fits) {
            Some(own) => own.clone().with_nullable(nullable),
            None if column.geometry.is_some() => shape::column(&column.name, column.shape(), nullable),
            None if column.seen.is_empty() => self::field(&column.name, ColumnKind::Text, true),
            None => column.seen.field(&column.name, is_table, nullable),
        }
    };
    let mut fields: Vec<_> = used().map(|(at, column)| (at, field(column))).collect();
    // Columns of other names stay in their order, before the geometry.
    let place = |name: &str| known.as_ref().and_then(|known| known.place(name));
    if known.is_some() && !is_table {
        fields.sort_by_key(|(_, field)| place(field.name()).unwrap_or(usize::MAX - 1));
    }
    fields
}

fn clues(columns: &[Surveyed], is_table: bool) -> Clues {
    let named = |name: &str| columns.iter().find(|column| column.name == name);
    let geometry = named("geometry").filter(|column| column.geometry.is_some());
    Clues {
        has_geometry: geometry.is_some(),
        shape: geometry.and_then(Surveyed::shape),
        // Tables have no quotes to tell.
        id_is_text: named("id").and_then(|id| id.seen.is_text()).filter(|_| !is_table),
        of_graph: None,
    }
}
