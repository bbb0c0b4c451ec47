//! Mapillary: complete, fast, Arrow-native access to its images, sequences, map features and signs.

mod crawl;
mod error;
mod http;
mod plan;
mod query;
mod redact;
mod rows;
pub mod sink;
mod tile;

pub use crawl::{Batches, Progress, Summary};

pub use error::{Error, Result};
pub use http::{Client, Options, parse_base_url};
pub use plan::{Cost, Plan, Request};
pub use query::{
    Area, Column, ColumnKind, Filters, ImageType, Layer, Query, Sector, TimeRange, ValuePattern, earliest_ms,
    latest_ms,
};
pub use redact::{RedactedUrl, Token};
pub use tile::{Bbox, DATA_ZOOM, TileId};

/// What the benches look at from inside. Not part of the API.
#[cfg(feature = "__private")]
#[doc(hidden)]
pub mod __private {
    use crate::query::Layer;
    use crate::tile::TileId;

    /// Decodes a tile into columns and gives the number of rows.
    pub fn decode(layer: Layer, tile: TileId, bytes: &[u8]) -> Option<usize> {
        let rows = crate::rows::decode(layer, tile, bytes).ok()??;
        Some(std::hint::black_box(&rows).columns.first()?.len())
    }
}
