//! The error for what the database cannot read.

use crate::error::{Error, Place};

/// The error after this many rows.
pub(in crate::source) fn broken(error: rusqlite::Error, rows: u64) -> Error {
    Error::input("the GeoPackage cannot be read").with_place(Place::AfterRow(rows)).with_source(error)
}
