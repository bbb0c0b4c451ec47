//! Vector tiles: a zero-copy reader and a writer for MVT 1 and 2.
//!
//! The format is Mapbox Vector Tile, <https://github.com/mapbox/vector-tile-spec>. Bytes in, borrowed views out;
//! no I/O, no `unsafe`, no dependency beyond the derive of the error.
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
//! for feature in layer.features() {
//!     let feature = feature?;
//!     assert_eq!(feature.point()?, [2048, 1024]);
//!     for property in layer.properties(&feature) {
//!         let (key, value) = property?;
//!         println!("{key} = {value:?}");
//!     }
//! }
//! # Ok::<(), mly_mvt::Error>(())
//! ```
#![doc = include_str!("reading.md")]

mod error;
mod feature;
mod geometry;
mod layer;
mod limits;
mod packed;
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
