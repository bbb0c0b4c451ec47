//! One request to the service, as a value.

use std::fmt;

use crate::tile::TileId;

/// A request before it is sent: it can be printed, counted and compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Request {
    /// One vector tile.
    Tile {
        /// Name of the tile set.
        set: &'static str,
        /// Which tile.
        tile: TileId,
    },
}

impl Request {
    /// Path on the host that answers it, without the token.
    pub fn path(&self) -> String {
        match self {
            // The `2` is a constant of the service (API v4, "Vector tiles").
            Self::Tile { set, tile } => format!("maps/vtp/{set}/2/{tile}"),
        }
    }

    /// The tile it asks for.
    pub fn tile(&self) -> TileId {
        match self {
            Self::Tile { tile, .. } => *tile,
        }
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tile { set, tile } => write!(f, "tile {tile} of {set}"),
        }
    }
}
