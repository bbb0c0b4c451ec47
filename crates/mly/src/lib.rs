//! Mapillary: complete, fast, Arrow-native access to its images, sequences, map features and signs.
//!
//! Four nouns make the whole library:
//!
//! - a [`Query`] says **what** is asked: a layer, an [`Area`], [`Filters`]. Nothing is sent.
//! - a [`Plan`] says **how**: the requests in order, and what they [`Cost`]. Nothing is sent either.
//! - [`Batches`] are the result of [`Client::run`]: a stream of Arrow record batches of one schema.
//! - a [`sink::Sink`] writes them: GeoJSON, CSV, an Arrow stream, or whatever you implement.
//!
//! ```
//! use futures_util::StreamExt;
//! use mly::{Area, Client, Options, Query, Token};
//!
//! #[tokio::main]
//! async fn main() -> mly::Result<()> {
//!     let options = Options::default().with_token(Token::new("MLY|1|secret").expect("a token"));
//! #   let options = mly_emulator::demo_options!();
//!     let client = Client::new(options)?;
//!
//!     let query = Query::images(Area::near(9.005, 51.998, 200.0)?).with_since("2020")?;
//!     let mut batches = client.run(&query.plan()?);
//!     let mut images = 0;
//!     while let Some(batch) = batches.next().await {
//!         images += batch?.num_rows();
//!     }
//!     assert!(images > 0);
//!     Ok(())
//! }
//! ```
//!
//! Into a file that is whole or absent:
//!
//! ```
//! use std::path::Path;
//!
//! use mly::sink::{self, Destination, Format};
//! use mly::{Area, Client, Query};
//!
//! async fn save_signs(client: &Client, path: &Path) -> mly::Result<()> {
//!     let batches = client.run(&Query::signs(Area::bbox(8.98, 51.98, 9.03, 52.01)?).plan()?);
//!     let sink = sink::open(Format::GeoJson, Destination::file(path, false)?, &batches.schema())?;
//!     let summary = batches.write_to(sink).await?;
//!     assert_eq!(summary.rows, 600);
//!     Ok(())
//! }
//! # mly_emulator::example!(save_signs, "signs.geojson");
//! ```
//!
//! Errors are one enum, [`Error`], named by what the caller can do. Tokens are [`Token`]s and addresses that may hold
//! one [`RedactedUrl`]s: neither can be printed with its secret.

mod api;
mod client;
pub mod cloud;
mod crawl;
pub mod env;
pub mod error;
mod file;
mod http;
mod name;
mod photo;
pub mod plan;
pub mod query;
mod redact;
mod rows;
pub mod sink;
pub mod source;
pub mod store;
mod table;
pub mod tile;

pub use api::Endpoint;
pub use client::{Client, ClientLookup};
pub use crawl::{Batches, Clouds, Download, Downloaded, Downloads, Earlier, Layout, Progress, Summary};
pub use error::{Error, Hint, Result};
pub use http::{Options, TileBudget};
pub use plan::{Cost, Plan};
pub use query::{
    Area, Entity, FilterValue, Filters, ImageType, Layer, Lookup, Outlines, PhotoSize, Query, Sector,
    Subject, ValuePattern,
};
pub use redact::{RedactedUrl, Token};
pub use table::{Column, ColumnKind};
pub use tile::TileId;

#[doc = include_str!("../docs/functions.md")]
pub mod functions {}

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

/// The README's code, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
