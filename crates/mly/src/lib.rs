//! Street-level imagery from [Mapillary](https://www.mapillary.com) as Arrow record batches: images, sequences, map
//! features and traffic signs, from an area or by id, and their detections, photos and point clouds.
//!
//! Four types lead from a question to a file:
//!
//! - A [`Query`] says **what** you want from an area: a layer, an [`Area`] and [`Filters`].
//! - A [`Plan`] says **how** to get it: the requests in order, and what they [`Cost`]. Neither sends anything.
//! - [`Batches`], which [`Client::run`] returns, is a stream of record batches that all have the same schema.
//! - A [`Sink`](sink::Sink) writes batches as GeoJSON, GeoParquet, CSV or another [`Format`](sink::Format). It is a
//!   trait, so you can write your own.
//!
//! # Stream rows
//!
//! Tokens are free: <https://www.mapillary.com/dashboard/developers>.
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
//! # Write a file
//!
//! The file appears under its name when it is complete. If the run is interrupted, the same call resumes it.
//!
//! ```
//! use std::path::Path;
//!
//! use mly::sink::Format;
//! use mly::{Area, Client, Query};
//!
//! async fn save_signs(client: &Client, path: &Path) -> mly::Result<()> {
//!     let query = Query::signs(Area::bbox(8.98, 51.98, 9.03, 52.01)?);
//!     let overwrite = false;
//!     let summary = client.run(&query.plan()?).write_file(path, Format::GeoJson, overwrite).await?;
//!     assert_eq!(summary.rows, 600);
//!     Ok(())
//! }
//! # mly_emulator::example!(save_signs, "signs.geojson");
//! ```
//!
//! [`Batches::write_to`] writes to standard output, to memory, or to a sink of your own; see [`sink`].
//!
//! # Where to look next
//!
//! | you want to | see |
//! |---|---|
//! | look up images, map features, sequences or detections by id | [`Client::images`] and its neighbours, [`Lookup`] |
//! | choose filters and columns | [`Query::with_filter`], [`Query::with_fields`], [`query`] |
//! | know the cost beforehand, or share the work among processes | [`Plan::cost`], [`Plan::partitions`], [`plan`] |
//! | find the outline of a place by its name | [`place`] |
//! | bring last year's file up to date | [`Batches::updating`] |
//! | download photos or point clouds | [`Client::download`], [`Client::download_clouds`], [`cloud`] |
//! | read rows or ids back from files | [`source`] |
//! | set limits, retries, cache and URLs, or take them from variables | [`Options`], [`env`](mod@env), [`store`] |
//! | compute with tiles of the map | [`tile`] |
//! | find the counterpart of a function of the official Python SDK | [`functions`] |
//!
//! # Cargo features
//!
//! All are on by default. Without them, fewer crates are compiled.
//!
//! | feature | without it there are no |
//! |---|---|
//! | `clouds` | point clouds: `Client::download_clouds` and the module `cloud` |
//! | `parquet` | GeoParquet files, neither written nor read |
//! | `photos` | downloads of photos: `Client::download` |
//! | `sqlite` | GeoPackages, cached tiles, and limits that several processes keep to together: each client counts for itself. With it, a C compiler is needed |
//!
//! # Errors and secrets
//!
//! Functions fail with [`Error`], whose variants are named by what you can do about them. [`Error::is_retryable`] says
//! whether the same call can succeed later, and [`Error::hint`] what to change.
//!
//! The service takes the token of tile requests in the URL, so URLs are as secret as the token. [`Token`] and
//! [`RedactedUrl`] therefore never print the secret: not in errors, not in logs, and not with `{:?}`.

// What only some features use is no mistake in builds without them.
#![cfg_attr(
    not(all(feature = "clouds", feature = "parquet", feature = "photos", feature = "sqlite")),
    allow(dead_code, unused_imports, reason = "some features use it")
)]

mod api;
mod client;
#[cfg(feature = "clouds")]
pub mod cloud;
mod crawl;
mod crs;
pub mod env;
pub mod error;
mod file;
mod http;
mod name;
#[cfg(feature = "photos")]
mod photo;
pub mod place;
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
#[cfg(feature = "clouds")]
pub use crawl::Clouds;
pub use crawl::{Batches, Earlier, EmptyReason, Progress, Summary};
#[cfg(feature = "photos")]
pub use crawl::{Download, Layout};
#[cfg(any(feature = "clouds", feature = "photos"))]
pub use crawl::{Downloaded, Downloads};
pub use error::{Error, Hint, Result};
#[doc(hidden)]
pub use http::{Observed, Probe};
pub use http::{Options, TileBudget};
#[cfg(feature = "photos")]
pub use photo::jpeg_pixels;
pub use plan::{Cost, Pace, Plan};
pub use query::{
    Area, Entity, FilterValue, Filters, ImageType, Layer, Lookup, Outlines, PhotoSize, Query, Sector,
    Subject, ValuePattern,
};
pub use redact::{RedactedUrl, Token, without_tokens};
pub use rows::LeftOut;
pub use table::{Column, ColumnKind, Wkb};
pub use tile::TileId;

#[doc = include_str!("../docs/functions.md")]
pub mod functions {}

/// Internals that the benches measure. Not part of the API.
#[cfg(feature = "__private")]
#[doc(hidden)]
pub mod __private {
    use crate::query::Layer;
    use crate::tile::TileId;

    /// Decodes a tile into columns and returns the number of rows.
    pub fn decode(layer: Layer, tile: TileId, bytes: &[u8]) -> Option<usize> {
        let rows = crate::rows::decode(layer, tile, bytes).ok()??;
        Some(std::hint::black_box(&rows).columns.first()?.len())
    }
}

/// Compiles the code of the guide for Rust.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guides/rust.md")]
struct Guide;
