//! Vector tiles made from a world.

mod coverage;
mod feature;
mod line;

use bytes::Bytes;

use crate::{
    grid::TileId,
    tile_set::TileSet,
    world::{FeatureKind, PositionKind, Source},
};

/// The bytes of a tile: as stored, or made from the records of the world.
pub(crate) fn encode(source: &dyn Source, set: TileSet, at: TileId) -> Bytes {
    if let Some(stored) = source.stored_tile(set, at) {
        return stored;
    }
    let bytes = match set {
        TileSet::Public => coverage::encode(source, at, PositionKind::Original),
        TileSet::Computed => coverage::encode(source, at, PositionKind::Computed),
        TileSet::Point => feature::encode(source, at, FeatureKind::Point),
        TileSet::TrafficSign => feature::encode(source, at, FeatureKind::Sign),
    };
    bytes.into()
}
