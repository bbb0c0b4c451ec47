//! Turns each answer into one batch of rows: decodes it directly into columns, and filters before any expensive work.

mod detection;
mod entity;
mod forms;
mod ids;
mod json;
mod left_out;
mod merge;
mod misfits;
mod packed;
mod part;
mod pieces;
mod properties;
mod search;
mod selector;
mod spacing;
mod stitch;
mod tile;
mod tracks;
mod unproject;
mod view;

pub(crate) use detection::{DetectionColumns, Pictures, image_ids};
pub(crate) use entity::{EntityTable, point};
pub(crate) use json::{Object, data, id, object, objects};
pub use left_out::LeftOut;
pub(crate) use left_out::LeftOutTally;
pub(crate) use merge::Merge;
pub(crate) use misfits::Misfits;
pub(crate) use packed::{pack, unpack};

pub(crate) use ids::{IdBatch, IdSet};
pub(crate) use part::{Part, Pieces};
pub(crate) use selector::RowSelector;
pub(crate) use spacing::{ORDER_COLUMNS, SpacedImages};
pub(crate) use tile::{TileRows, check_layers, decode};
pub(crate) use tracks::{Track, Tracks};
