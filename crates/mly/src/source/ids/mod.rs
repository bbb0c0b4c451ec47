//! Ids of files and streams. Formats with rows are read by the readers of `rows`, and only the columns of ids are used.

mod collector;
mod columns;
mod features;
mod list;
mod row;
mod table;

use std::io::Read;

pub use self::collector::Ids;

use self::collector::Collector;
use super::beginning::{Beginning, Form};
use super::kind::Kind;
use crate::error::Result;

/// Reads the ids of entities of one of the `wanted` kinds.
///
/// The first bytes tell the format: GeoJSON (a collection, a feature, or features one after the other, with or without
/// record separators), CSV with a header, an Arrow IPC stream or file, Parquet, FlatGeobuf, GeoPackage, or ids one per line,
/// where empty lines and what follows a `#` do not count. The id of a row is its `id`; rows of detections also give
/// `image_id` when images are wanted, or else `map_feature_id` when map features are. Only ids are kept in memory; Parquet,
/// FlatGeobuf and GeoPackage go through a temporary file.
///
/// # Errors
/// [`Error::Input`](crate::Error::Input) with the line or row when the input cannot be read, is in none of
/// these formats, holds something that is no id, or rows of another kind.
pub fn ids(input: impl Read, wanted: &[Kind]) -> Result<Ids> {
    let beginning = Beginning::of(input)?;
    let mut collector = Collector::new(wanted);
    match beginning.form {
        Form::Nothing => {}
        Form::Json => features::read(beginning.input, &mut collector)?,
        Form::Text => list::read(beginning.input, &mut collector)?,
        Form::ArrowStream | Form::ArrowFile => columns::read_arrow(beginning, &mut collector)?,
        // The others are read from their end, or more than once.
        _ => columns::read_spooled(beginning.input, &mut collector)?,
    }
    Ok(collector.finish())
}
