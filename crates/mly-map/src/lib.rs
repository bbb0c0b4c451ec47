//! A map of street-level data as one HTML file. It opens by a double click and needs no network: the library that draws,
//! the pictures of signs and the rows themselves are in it.
//!
//! ```
//! use mly_map::Page;
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("signs.geojson");
//! # std::fs::write(&path, r#"{"type":"FeatureCollection","features":[{"type":"Feature",
//! #     "geometry":{"type":"Point","coordinates":[9.0,52.0]},
//! #     "properties":{"id":7,"value":"regulatory--stop--g1","first_seen_at":1,"last_seen_at":2}}]}"#)?;
//! let rows = mly::source::rows(&path)?;
//! let page = Page::new("My town").with_layer("signs", &rows.schema(), rows)?;
//! let mut html = Vec::new();
//! page.write(&mut html)?;
//! assert!(html.starts_with(b"<!doctype html>"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Each layer has a switch, and rows are coloured by what they hold: images by age, signs by category and with their
//! pictures, results with a column `status`, `change` or `tier` by its values. The page sends no request, which its content
//! security policy enforces, unless a [`Basemap`] is chosen.

mod basemap;
mod column;
mod data;
mod document;
mod error;
mod json;
mod layer;
mod page;
mod photo;
mod picture;
mod shape;
mod vendor;

pub use basemap::Basemap;
pub use error::{MapError, Result};
pub use page::Page;
