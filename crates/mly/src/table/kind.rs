//! Columns and the kinds of values that they hold.

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColumnKind {
    /// Whole numbers, 64 bits, signed.
    Int,
    /// Floating point numbers, 64 bits.
    Float,
    /// Yes or no.
    Bool,
    /// Text in UTF-8.
    Text,
    /// Milliseconds since 1970, UTC.
    Time,
    /// A position in OGC:CRS84.
    Point,
    /// Lines in OGC:CRS84.
    Lines,
    /// A whole number that the service writes as text.
    Id,
    /// Lists of floating point numbers.
    Floats,
    /// Whatever the service sent, as JSON.
    Json,
    /// Lists of rings of x and y.
    Rings,
}

/// A column of a layer or an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Column {
    /// Name, as the service calls the property.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnKind,
}

pub(crate) const fn column(name: &'static str, kind: ColumnKind) -> Column {
    Column { name, kind }
}
