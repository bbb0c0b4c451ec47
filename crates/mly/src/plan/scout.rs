//! Finds the tiles that have coverage by the lines in tiles of a lower zoom, called scouts.

use std::collections::HashSet;

use crate::tile::{DATA_ZOOM, TileId};

/// The tiles of [`DATA_ZOOM`] that lines touch, and their neighbours.
///
/// Tiles of low zooms hold nearly all sequences, with simplified lines (API v4, "Zoom behaviour"). The neighbours are
/// added because simplifying moves lines a little. Sequences that low zooms leave out are lost.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    tiles: HashSet<TileId>,
}

impl Touched {
    /// Adds the tiles of a line of longitudes and latitudes.
    pub(crate) fn add(&mut self, line: &[[f64; 2]]) {
        match line {
            [only] => self.add_around(in_tiles(*only)),
            _ => {
                for ends in line.windows(2) {
                    self.add_segment(in_tiles(ends[0]), in_tiles(ends[1]));
                }
            }
        }
    }

    pub(crate) fn contains(&self, tile: TileId) -> bool {
        self.tiles.contains(&tile)
    }

    /// The tiles as bytes, sorted, for the journal.
    pub(crate) fn pack(&self) -> Vec<u8> {
        let mut tiles: Vec<_> = self.tiles.iter().map(|tile| [tile.x(), tile.y()]).collect();
        tiles.sort_unstable();
        tiles.into_iter().flatten().flat_map(u32::to_le_bytes).collect()
    }

    /// Adds the tiles that [`Touched::pack`] has turned into bytes.
    pub(crate) fn add_packed(&mut self, bytes: &[u8]) {
        let (tiles, _) = bytes.as_chunks::<8>();
        let tile = |&[a, b, c, d, e, f, g, h]: &[u8; 8]| {
            TileId::new(DATA_ZOOM, u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]))
        };
        self.tiles.extend(tiles.iter().filter_map(tile));
    }

    /// Adds the tiles of a segment by walking along it. Steps of half a tile can miss a tile whose corner the segment
    /// cuts, but then visit a neighbour of it, and the neighbours of every visited tile are added.
    fn add_segment(&mut self, from: [f64; 2], to: [f64; 2]) {
        const STEP: f64 = 0.5;
        let length = (to[0] - from[0]).abs().max((to[1] - from[1]).abs());
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 2^15 steps")]
        let steps = (length / STEP).ceil().max(1.0) as u32;
        for step in 0..=steps {
            let t = f64::from(step) / f64::from(steps);
            self.add_around([0, 1].map(|axis| from[axis] + t * (to[axis] - from[axis])));
        }
    }

    fn add_around(&mut self, [x, y]: [f64; 2]) {
        let side = i64::from(1_u32 << DATA_ZOOM);
        #[expect(clippy::cast_possible_truncation, reason = "tiles are numbered below 2^14")]
        let (x, y) = (x.floor() as i64, y.floor() as i64);
        for (dx, dy) in [-1, 0, 1].into_iter().flat_map(|dx| [-1, 0, 1].map(|dy| (dx, dy))) {
            // Columns wrap around at the antimeridian; rows end at the poles.
            let column = u32::try_from((x + dx).rem_euclid(side));
            let row = u32::try_from(y + dy);
            if let (Ok(column), Ok(row)) = (column, row) {
                self.tiles.extend(TileId::new(DATA_ZOOM, column, row));
            }
        }
    }
}

/// A position in units of tiles.
fn in_tiles([lon, lat]: [f64; 2]) -> [f64; 2] {
    let side = f64::from(1_u32 << DATA_ZOOM);
    let y = (1.0 - lat.to_radians().tan().asinh() / std::f64::consts::PI) / 2.0;
    [(lon / 360.0 + 0.5) * side, y.clamp(0.0, 1.0) * side]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_tile_of_a_line_and_around_it_is_touched(
            lons in proptest::collection::vec(-179.9..179.9_f64, 1..4), lats in proptest::collection::vec(-80.0..80.0_f64, 1..4), t in 0.0..=1.0_f64, scale in 0.0001..0.2_f64) {
            let line: Vec<_> = lons.iter().zip(&lats).map(|(lon, lat)| [lons[0] + (lon - lons[0]) * scale, lats[0] + (lat - lats[0]) * scale]).collect();
            let mut touched = Touched::default();
            touched.add(&line);
            for ends in line.windows(2).chain([&[line[0], line[0]][..]]) {
                // Straight in the projection of tiles, as lines of tiles are.
                let [from, to] = [in_tiles(ends[0]), in_tiles(ends[1])];
                let [x, y] = [0, 1].map(|axis| from[axis] + t * (to[axis] - from[axis]));
                for (dx, dy) in [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (-1.0, -1.0)] {
                    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "inside the earth")]
                    let tile = TileId::new(DATA_ZOOM, (x + dx).floor() as u32, (y + dy).floor() as u32);
                    if let Some(tile) = tile {
                        // A corner between two steps may be cut, but never the tile that the line is in.
                        prop_assert!((dx, dy) != (0.0, 0.0) || touched.contains(tile), "{tile}");
                    }
                }
            }
        }
    }

    #[test]
    fn neighbours_go_around_the_earth() {
        let mut touched = Touched::default();
        touched.add(&[[179.9999, 0.0]]);
        let side = 1 << DATA_ZOOM;
        for x in [side - 2, side - 1, 0] {
            assert!(touched.contains(TileId::new(DATA_ZOOM, x, side / 2).unwrap()), "{x}");
        }
        assert!(!touched.contains(TileId::new(DATA_ZOOM, 1, side / 2).unwrap()));
    }
}
