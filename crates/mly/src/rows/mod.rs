//! One answer becomes one batch of rows: decoded straight into columns, filtered before anything expensive.

mod detection;
mod entity;
mod geometry;
mod merge;
mod packed;
mod pieces;
mod properties;
mod schema;
mod search;
mod seen;
mod select;
mod stitch;
mod tile;
mod tracks;
mod view;

pub(crate) use detection::{
    Detections, Pictures, Rings, RingsBuilder, append_rings, image_ids, rings_builder,
};
pub(crate) use entity::{Object, Table, data, id, object, objects};
pub(crate) use geometry::{Wkb, lines as lines_wkb};
pub(crate) use merge::Merge;
pub(crate) use packed::{pack, unpack};
pub(crate) use pieces::Pieces;
pub(crate) use schema::{AS_TEXT, GEOMETRY, GEOMETRY_TYPE, JSON, UTC, field, graph_schema, schema};
pub(crate) use seen::{Gathered, Seen};
pub(crate) use select::{Part, Select};
pub(crate) use tile::{TileRows, decode};
pub(crate) use tracks::{Track, Tracks};
