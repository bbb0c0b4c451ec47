//! Vector tiles: a zero-copy reader and a writer for MVT 1 and 2.
//!
//! The format is the Mapbox Vector Tile, <https://github.com/mapbox/vector-tile-spec>. Bytes in, borrowed views out: no
//! I/O, no `unsafe`, and no allocation but the tables of a layer and the geometries asked for.
//!
//! ```
//! use mly_mvt::{LayerWriter, Tile, TileWriter, Value};
//!
//! let mut images = LayerWriter::new("image", 4096);
//! images.point(Some(1), [2048, 1024], &[("id", Value::Int(498763468214164)), ("is_pano", Value::Bool(true))]);
//! let mut tile = TileWriter::new();
//! tile.layer(images);
//! let bytes = tile.finish();
//!
//! let tile = Tile::new(&bytes);
//! let layer = tile.layer("image")?.expect("the layer that was written");
//! let id_key = layer.keys().iter().position(|key| *key == "id");
//! for feature in layer.features() {
//!     let feature = feature?;
//!     assert_eq!(feature.point()?, [2048, 1024]);
//!     for tag in feature.tags() {
//!         let (key, value) = tag?;
//!         if Some(key as usize) == id_key {
//!             assert_eq!(layer.values()[value as usize].as_i64(), Some(498763468214164));
//!         }
//!     }
//! }
//! # Ok::<(), mly_mvt::Error>(())
//! ```
//!
//! # What an error costs
//!
//! Every [`Error`] says what is wrong and at which byte. How much of the tile is lost with it depends on where it is:
//!
//! | from | what cannot be read |
//! |---|---|
//! | [`Tile::layers`], [`Tile::layer`] | this layer and those after it: fields that do not fit in each other, an unknown version, a broken table |
//! | [`Layer::features`] | this feature; the next ones can |
//! | [`Feature::tags`] | this tag and those after it; the geometry can |
//! | [`Feature::geometry`], [`Feature::point`] | the geometry; the tags can |
//!
//! The suite <https://github.com/mapbox/mvt-fixtures> calls each fault *fatal* or *recoverable*. What it calls fatal is
//! an error here, of whichever row. What it calls recoverable either is an error of the last two rows, as an
//! odd number of tags or a missing geometry; or it is read, with this meaning:
//!
//! - a geometry kind that is missing or not known is [`GeometryKind::Unknown`], and its commands are not looked at;
//! - two layers of one name are both given, and [`Tile::layer`] gives the first;
//! - a repeated field of numbers is read as one, as protobuf has it, and of any other repeated field the last counts;
//! - vertices in one place are given as they are.
//!
//! One case differs, 057: a point that announces 2^29 - 1 vertices and has one, which the suite calls valid although it
//! calls the same fatal in 051. It is an error here.
//!
//! # Versions
//!
//! A layer has to say that it is of version 1 or 2. Version 2 is read to the letter, but for the winding of rings: the
//! first ring of a feature is an exterior whichever way it winds, and those that wind as it does are exteriors too.
//! Version 1 left open how paths begin and end. Its tiles have rings of one or two vertices, rings and lines that close
//! with a count of 0 or 2, and paths that close before they open; all of these are read.
//!
//! # Memory
//!
//! Nothing is allocated for a number that a tile only claims. The tables of a layer take at most eight times the bytes
//! that they have in the tile, a geometry at most twenty times. [`Limits`] bound all of it.

mod error;
mod feature;
mod geometry;
mod integers;
mod layer;
mod limits;
mod path;
mod put;
mod tile;
mod value;
mod wire;
mod writer;

pub use error::{Error, ErrorKind};
pub use feature::{Feature, Tags};
pub use geometry::{Geometry, GeometryKind, Polygon};
pub use layer::{Features, Layer, Properties};
pub use limits::Limits;
pub use tile::{Layers, Tile};
pub use value::Value;
pub use writer::{LayerWriter, TileWriter};
