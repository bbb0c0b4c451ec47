//! Columns of formats whose declared types are coarser than those of results.

use arrow_schema::{Field, Schema, SchemaRef};

use super::known::KnownColumns;
use crate::error::{Error, Result};
use crate::table::{ColumnKind, field, kind_of};

/// Most columns of a file. Each takes memory while the file is read.
const COLUMNS: usize = 4096;

/// The field of a column for which a file declares a kind. If the rows are recognised and their column of this name
/// could have been written as that kind, it gets the type of that column; otherwise it gets the declared one.
pub(super) fn declared(name: &str, kind: ColumnKind, known: Option<&KnownColumns>, nullable: bool) -> Field {
    match known.and_then(|known| known.field(name)).filter(|field| fits(kind, field)) {
        Some(field) => field.clone().with_nullable(nullable),
        None => field(name, kind, nullable),
    }
}

/// Whether the values of a column could have been written as the declared kind. Formats without lists and further
/// geometries, for example, store them as text.
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

/// The schema of columns, whose names must differ.
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
/// When there are more columns than any sensible file has.
pub(super) fn check_count(columns: usize) -> Result<()> {
    match columns {
        0..=COLUMNS => Ok(()),
        _ => Err(Error::input(format!("there are more than {COLUMNS} columns"))),
    }
}
