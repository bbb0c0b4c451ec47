//! One answer becomes one batch of rows: decoded straight into columns, filtered before anything expensive.

mod geometry;
mod merge;
mod properties;
mod schema;
mod seen;
mod select;
mod stitch;
mod tile;
mod view;

pub(crate) use geometry::Wkb;
pub(crate) use merge::Merge;
pub(crate) use schema::{AS_TEXT, GEOMETRY_TYPE, JSON};
pub(crate) use select::{Part, Select};
pub(crate) use tile::decode;
