//! Columns whose types a file does not tell, or not all of them.

use arrow_schema::{Field, Schema, SchemaRef};

use super::known::KnownColumns;
use crate::error::{Error, Result};
use crate::table::{ColumnKind, field, kind_of};

/// Columns that a file may have; each has its place in memory while it is read.
const COLUMNS: usize = 4096;

/// The column of a name that a file declares to be of a kind: the one that such rows have, if it can come from this, or
/// else as the file says.
pub(super) fn declared(name: &str, kind: ColumnKind, known: Option<&KnownColumns>, nullable: bool) -> Field {
    match known.and_then(|known| known.field(name)).filter(|field| fits(kind, field)) {
        Some(field) => field.clone().with_nullable(nullable),
        None => field(name, kind, nullable),
    }
}

/// Whether values that are declared to be of a kind can be those of a column. Formats without such columns keep lists and
/// geometries as text.
fn fits(declared: ColumnKind, field: &Field) -> bool {
    use ColumnKind::{Bool, Float, Floats, Id, Int, Json, Lines, Point, Rings, Text, Time};
    match kind_of(field) {
        Some(Int | Id) => declared == Int,
        Some(Float) => matches!(declared, Float | Int),
        Some(Bool) => declared == Bool,
        Some(Text) => declared == Text,
        Some(Time) => matches!(declared, Time | Int),
        Some(Json | Point | Lines | Floats | Rings) => matches!(declared, Json | Text),
        None => false,
    }
}

/// The schema of columns that have names of their own.
///
/// # Errors
/// When two have the same name, or there are too many.
pub(super) fn schema(fields: Vec<Field>) -> Result<SchemaRef> {
    check_count(fields.len())?;
    let mut names: Vec<_> = fields.iter().map(Field::name).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair.first() == pair.last()).and_then(<[_]>::first) {
        Some(name) => Err(Error::input(format!("there are two columns {}", name.escape_debug()))),
        None => Ok(SchemaRef::new(Schema::new(fields))),
    }
}

/// # Errors
/// When no file that makes sense has so many columns.
pub(super) fn check_count(columns: usize) -> Result<()> {
    match columns {
        0..=COLUMNS => Ok(()),
        _ => Err(Error::input(format!("there are more than {COLUMNS} columns"))),
    }
}
