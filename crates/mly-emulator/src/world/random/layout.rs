//! Where the images of a random world are: from the number of an image to its tile and its sequence, and back.
//!
//! Images are numbered tile by tile. Tiles of 20,000 images fill a square block row by row; only the last tile may hold
//! fewer. Each tile has 200 lanes from west to east with 100 images each, and the same lane of up to four neighbouring
//! tiles of a row is one sequence:
//!
//! ```text
//!            tile 0   tile 1   tile 2   tile 3 | tile 4   tile 5 ...
//! lane 0     -------- sequence 0 ------------- | ------- sequence 200
//! lane 1     -------- sequence 1 ------------- | ------- sequence 201
//! ...
//! lane 199   -------- sequence 199 ----------- | ------- sequence 399
//! ```
//!
//! So arithmetic alone finds the images of a tile, the sequence of an image and the tiles of a sequence, and a world of
//! any size needs no index.

use crate::grid::{DATA_ZOOM, TileId};

pub(super) const IMAGES_PER_TILE: u64 = 20_000;
pub(super) const SEQUENCES_PER_TILE: u64 = 200;
pub(super) const IMAGES_PER_LANE: u64 = IMAGES_PER_TILE / SEQUENCES_PER_TILE;
pub(super) const TILES_PER_SEQUENCE: u64 = 4;
/// The north-western tile of the block.
const ANCHOR: TileId = TileId { z: DATA_ZOOM, x: 8601, y: 5389 };

/// The block of tiles of a world.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub(super) images: u64,
    pub(super) tiles: u64,
    /// Tiles in a row.
    pub(super) side: u64,
}

/// Where an image is: its tile, its lane there, and its place in the lane from the west.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) tile: u64,
    /// 0..200.
    pub(super) lane: u64,
    /// 0..100.
    pub(super) place: u64,
}

impl Layout {
    pub(super) fn new(images: u64) -> Self {
        let tiles = images.div_ceil(IMAGES_PER_TILE);
        let side = tiles.isqrt();
        Self { images, tiles, side: if side * side == tiles { side } else { side + 1 } }
    }

    /// Within a tile images are numbered across the lanes, so that the lanes of the last tile, which may not be full, are of
    /// about equal length.
    pub(super) const fn spot(number: u64) -> Spot {
        let within = number % IMAGES_PER_TILE;
        Spot {
            tile: number / IMAGES_PER_TILE,
            lane: within % SEQUENCES_PER_TILE,
            place: within / SEQUENCES_PER_TILE,
        }
    }

    pub(super) const fn number(spot: Spot) -> u64 {
        spot.tile * IMAGES_PER_TILE + spot.place * SEQUENCES_PER_TILE + spot.lane
    }

    pub(super) fn images_in_tile(&self, tile: u64) -> u64 {
        self.images.saturating_sub(tile * IMAGES_PER_TILE).min(IMAGES_PER_TILE)
    }

    /// The images of a tile in the order of their numbers.
    pub(super) fn spots(&self, tile: u64) -> impl Iterator<Item = Spot> + use<> {
        let first = tile * IMAGES_PER_TILE;
        (first..first + self.images_in_tile(tile)).map(Self::spot)
    }

    /// How many images a lane has in a tile.
    pub(super) fn images_in_lane(&self, tile: u64, lane: u64) -> u64 {
        (self.images_in_tile(tile) + SEQUENCES_PER_TILE - 1 - lane) / SEQUENCES_PER_TILE
    }

    fn groups_per_row(&self) -> u64 {
        self.side.div_ceil(TILES_PER_SEQUENCE)
    }

    pub(super) fn sequences(&self) -> u64 {
        self.tiles.div_ceil(self.side.max(1)) * self.groups_per_row() * SEQUENCES_PER_TILE
    }

    pub(super) fn sequence(&self, tile: u64, lane: u64) -> u64 {
        let (row, column) = (tile / self.side, tile % self.side);
        (row * self.groups_per_row() + column / TILES_PER_SEQUENCE) * SEQUENCES_PER_TILE + lane
    }

    pub(super) const fn lane(sequence: u64) -> u64 {
        sequence % SEQUENCES_PER_TILE
    }

    /// The tiles that a sequence runs through, from the west.
    pub(super) fn tiles_of(&self, sequence: u64) -> impl DoubleEndedIterator<Item = u64> + use<> {
        let group = sequence / SEQUENCES_PER_TILE;
        let (row, first) =
            (group / self.groups_per_row(), group % self.groups_per_row() * TILES_PER_SEQUENCE);
        let end = (row * self.side + (first + TILES_PER_SEQUENCE).min(self.side)).min(self.tiles);
        row * self.side + first..end
    }

    /// How many tiles further west the sequences of a tile begin.
    pub(super) const fn column_in_sequence(&self, tile: u64) -> u64 {
        tile % self.side % TILES_PER_SEQUENCE
    }

    pub(super) fn tile_id(&self, tile: u64) -> TileId {
        let step = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        TileId {
            x: ANCHOR.x.saturating_add(step(tile % self.side)),
            y: ANCHOR.y.saturating_add(step(tile / self.side)),
            ..ANCHOR
        }
    }

    /// The tiles of the block within a rectangle of z14 columns and rows.
    pub(super) fn tiles_within(&self, from: TileId, to: TileId) -> impl Iterator<Item = u64> + use<> {
        let Self { tiles, side, .. } = *self;
        let offset = |place: u32, anchor: u32| u64::from(place.saturating_sub(anchor));
        let columns = offset(from.x, ANCHOR.x)..(offset(to.x + 1, ANCHOR.x)).min(side);
        let rows = offset(from.y, ANCHOR.y)..(offset(to.y + 1, ANCHOR.y)).min(side);
        rows.flat_map(move |row| columns.clone().map(move |column| row * side + column))
            .filter(move |&tile| tile < tiles)
    }

    /// The tiles of the block inside one tile of zoom 14 or less.
    pub(super) fn tiles_inside(&self, at: TileId) -> impl Iterator<Item = u64> + use<> {
        let shift = DATA_ZOOM.saturating_sub(at.z);
        let from = TileId { z: DATA_ZOOM, x: at.x << shift, y: at.y << shift };
        let last = (1 << shift) - 1;
        self.tiles_within(from, TileId { x: from.x + last, y: from.y + last, ..from })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_image_belongs_to_exactly_one_sequence() {
        // 5 tiles in rows of 3, the last of them with 123 images.
        let layout = Layout::new(4 * IMAGES_PER_TILE + 123);
        let mut numbers: Vec<u64> = (0..layout.sequences())
            .flat_map(|sequence| {
                let lane = Layout::lane(sequence);
                layout.tiles_of(sequence).flat_map(move |tile| {
                    assert_eq!(layout.sequence(tile, lane), sequence);
                    (0..layout.images_in_lane(tile, lane))
                        .map(move |place| Layout::number(Spot { tile, lane, place }))
                })
            })
            .collect();
        numbers.sort_unstable();
        assert!(numbers.into_iter().eq(0..layout.images));
    }
}
