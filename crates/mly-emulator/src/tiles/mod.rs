//! Vector tiles made from a world.

mod buffer;
mod coverage;
mod feature;
mod line;
pub(crate) mod without_features;

use bytes::Bytes;

use crate::{
    answers::Answers,
    grid::TileId,
    tile_set::TileSet,
    world::{FeatureKind, PositionKind, Source},
};

/// The bytes of a tile: as stored, or made from the records of the world. No bytes at all when nothing lies in it.
pub(crate) fn encode(source: &dyn Source, set: TileSet, at: TileId, answers: &Answers) -> Bytes {
    if let Some(stored) = source.stored_tile(set, at) {
        return stored;
    }
    let bytes = match set {
        TileSet::Public => coverage::encode(source, at, PositionKind::Original, answers),
        TileSet::Computed => coverage::encode(source, at, PositionKind::Computed, answers),
        TileSet::Point => feature::encode(source, at, FeatureKind::Point, answers),
        TileSet::TrafficSign => feature::encode(source, at, FeatureKind::Sign, answers),
    };
    bytes.into()
}
