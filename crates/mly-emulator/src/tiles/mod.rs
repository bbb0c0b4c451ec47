//! Vector tiles made from a world.

mod coverage;
mod feature;
mod line;
mod set;

use bytes::Bytes;

use crate::{
    grid::TileId,
    world::{FeatureKind, Positions, Source},
};

pub(crate) use set::Set;

/// The body of a tile.
pub(crate) fn encode(source: &dyn Source, set: Set, at: TileId) -> Bytes {
    if let Some(stored) = source.stored_tile(set, at) {
        return stored;
    }
    let bytes = match set {
        Set::Public => coverage::encode(source, at, Positions::Original),
        Set::Computed => coverage::encode(source, at, Positions::Computed),
        Set::Point => feature::encode(source, at, FeatureKind::Point),
        Set::TrafficSign => feature::encode(source, at, FeatureKind::Sign),
    };
    bytes.into()
}
