//! Where it is known whether there are images.

use std::collections::HashSet;

use mly::TileId;
use mly::plan::Scope;

use crate::metric::Position;

/// The zoom of the tiles that images come from.
const ZOOM: u8 = 14;

/// Where it is known whether there are images: what their question asked for, but for tiles that the service did not give.
#[derive(Debug, Default)]
pub(super) struct Measured {
    /// What the images were asked for; everything where their file does not tell.
    pub(super) asked: Option<Scope>,
    pub(super) missing: HashSet<TileId>,
}

impl Measured {
    /// Whether that is known along a whole line.
    pub(super) fn has(&self, mut line: impl Iterator<Item = Position>) -> bool {
        if self.asked.is_none() && self.missing.is_empty() {
            return true;
        }
        line.all(|[lon, lat]| {
            let is_asked = self.asked.as_ref().is_none_or(|asked| asked.has_position(lon, lat));
            is_asked
                && (self.missing.is_empty() || !self.missing.contains(&TileId::containing(lon, lat, ZOOM)))
        })
    }
}
