//! Columns whose types a file does not tell, or not all of them.

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};

use super::column::is_json;
use super::known::Known;
use crate::error::{Error, Result};
use crate::table::ColumnKind;
use crate::table::field;

/// Columns that a file may have; each has its place in memory while it is read.
const COLUMNS: usize = 4096;

/// What a file says that a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Declared {
    Bool,
    Int,
    Float,
    Text,
    Json,
    /// A date with a time.
    Moment,
}

impl Declared {
    /// The column of a name: the one that such rows have, if it can come from this, or else as the file says.
    pub(super) fn field(self, name: &str, known: Option<&Known>, nullable: bool) -> Field {
        match known.and_then(|known| known.field(name)).filter(|field| self.fits(field)) {
            Some(field) => field.clone().with_nullable(nullable),
            None => field(name, self.kind(), nullable),
        }
    }

    fn fits(self, field: &Field) -> bool {
        match field.data_type() {
            DataType::Int64 => self == Self::Int,
            DataType::Float64 => matches!(self, Self::Float | Self::Int),
            DataType::Boolean => self == Self::Bool,
            DataType::Utf8 if is_json(field) => matches!(self, Self::Json | Self::Text),
            DataType::Utf8 => self == Self::Text,
            DataType::Timestamp(TimeUnit::Millisecond, _) => matches!(self, Self::Moment | Self::Int),
            DataType::Binary | DataType::List(_) => matches!(self, Self::Json | Self::Text),
            _ => false,
        }
    }

    fn kind(self) -> ColumnKind {
        match self {
            Self::Bool => ColumnKind::Bool,
            Self::Int => ColumnKind::Int,
            Self::Float => ColumnKind::Float,
            Self::Text => ColumnKind::Text,
            Self::Json => ColumnKind::Json,
            Self::Moment => ColumnKind::Time,
        }
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
