//! READ BACK: [`rows`] of files and [`ids`] of files and streams, of this library or of anybody else.
//!
//! ```
//! use mly::source::{self, Kind};
//!
//! let signs = "id,value,first_seen_at\r\n7,regulatory--stop--g1,1503520346000\r\n";
//! let found = source::ids(signs.as_bytes(), &[Kind::Image, Kind::MapFeature])?;
//! assert_eq!((found.kind, found.ids), (Some(Kind::MapFeature), vec!["7".to_owned()]));
//!
//! // What the rows are is looked at, so that nobody asks for images with ids of signs.
//! assert!(source::ids(signs.as_bytes(), &[Kind::Image]).is_err());
//! # Ok::<(), mly::Error>(())
//! ```

mod arrow;
mod beginning;
mod collector;
mod feature;
mod geojson;
mod ids_column;
mod kind;
mod lines;
mod measured;
mod message;
mod row;
mod rows;
mod scalar;
mod spooled;
mod table;

use std::io::Read;

pub use kind::Kind;
pub use rows::{Rows, rows};

use self::beginning::{Beginning, Form};
use self::collector::Collector;
use crate::error::Result;

/// The ids that rows hold.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ids {
    /// In the order of the rows, repeated ones included.
    pub ids: Vec<String>,
    /// What the ids are of, one of those asked for.
    ///
    /// `None` where the rows do not tell, as in a plain list.
    pub kind: Option<Kind>,
    /// Rows without such an id: detections whose image is not known.
    pub skipped: u64,
}

/// Reads the ids of entities of one of the `wanted` kinds.
///
/// The first bytes tell the format: GeoJSON (a collection, a feature, or features one after the other, with or without
/// record separators), CSV with a header, an Arrow IPC stream or file, Parquet, FlatGeobuf, GeoPackage, or ids one a line,
/// where empty lines and what follows a `#` do not count. The id of a row is its `id`; rows of detections also give `image_id` when images are
/// wanted, or else `map_feature_id` when map features are. Only ids are kept in memory; Parquet, FlatGeobuf and GeoPackage
/// go through a temporary file.
///
/// # Errors
/// [`Error::InvalidQuery`](crate::Error::InvalidQuery) with the line or row when the input cannot be read, is in none of
/// these formats, holds something that is no id, or rows of another kind.
pub fn ids(input: impl Read, wanted: &[Kind]) -> Result<Ids> {
    let Beginning { form, input } = Beginning::of(input)?;
    let mut collector = Collector::new(wanted);
    match form {
        Form::Nothing => {}
        Form::Json => geojson::read(input, &mut collector)?,
        Form::Text => lines::read(input, &mut collector)?,
        Form::ArrowStream => arrow::read_stream(input, &mut collector)?,
        Form::ArrowFile => arrow::read_file(input, &mut collector)?,
        Form::Parquet | Form::FlatGeobuf | Form::Database => spooled::read(input, &mut collector)?,
    }
    Ok(collector.finish())
}
