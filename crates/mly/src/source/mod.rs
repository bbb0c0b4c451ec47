//! Reads the [`rows`] of files, and the [`ids`] in files and streams, of this library or of other programs.
//!
//! ```
//! use mly::source::{self, Kind};
//!
//! let signs = "id,value,first_seen_at\r\n7,regulatory--stop--g1,1503520346000\r\n";
//! let found = source::ids(signs.as_bytes(), &[Kind::Image, Kind::MapFeature])?;
//! assert_eq!((found.kind, found.ids), (Some(Kind::MapFeature), vec!["7".to_owned()]));
//!
//! // The kind of the rows is checked, so that ids of signs are not taken for ids of images.
//! assert!(source::ids(signs.as_bytes(), &[Kind::Image]).is_err());
//! # Ok::<(), mly::Error>(())
//! ```

mod archive;
mod areas;
mod beginning;
mod dbf;
mod header;
mod ids;
mod kind;
mod layer;
mod measured;
mod rows;
mod shapefile;

pub use areas::AreaReader;
pub use ids::{Ids, ids};
pub use kind::Kind;
pub use layer::file_and_layer;
#[doc(hidden)]
pub use rows::READER_THREAD;
pub use rows::{Rows, adapt, rows, rows_of};
