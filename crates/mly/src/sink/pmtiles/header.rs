//! The header of the archive (PMTiles 3, <https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md>).

use super::world::LAST_ZOOM;

/// Bytes of the header.
pub(super) const LENGTH: usize = 127;

/// What directories, metadata and tiles are packed with: gzip.
const GZIP: u8 = 2;

/// The type of the tiles: vector tiles.
const MVT: u8 = 1;

/// Units of a degree.
const DEGREE: f64 = 1e7;

/// What the header tells.
pub(super) struct Header {
    /// Bytes of the root directory, the metadata, the leaf directories and the tiles, which follow in this order.
    pub(super) lengths: [u64; 4],
    pub(super) tiles: u64,
    /// West, south, east, north, in degrees.
    pub(super) sides: [f64; 4],
}

impl Header {
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(LENGTH);
        bytes.extend_from_slice(b"PMTiles\x03");
        let mut offset = LENGTH as u64;
        for length in self.lengths {
            bytes.extend_from_slice(&offset.to_le_bytes());
            bytes.extend_from_slice(&length.to_le_bytes());
            offset += length;
        }
        // Tiles that can be addressed, entries, and different contents: each tile is stored for itself.
        (0..3).for_each(|_| bytes.extend_from_slice(&self.tiles.to_le_bytes()));
        // Tiles are stored in the order of their ids.
        bytes.extend_from_slice(&[1, GZIP, GZIP, MVT, 0, LAST_ZOOM]);
        let [west, south, east, north] = self.sides;
        [west, south, east, north].map(units).iter().for_each(|side| bytes.extend_from_slice(side));
        bytes.push(self.zoom());
        [west.midpoint(east), south.midpoint(north)]
            .map(units)
            .iter()
            .for_each(|side| bytes.extend_from_slice(side));
        bytes
    }

    /// The zoom at which two tiles of 512 pixels show all of the box.
    fn zoom(&self) -> u8 {
        let [west, south, east, north] = self.sides;
        let widest = (east - west).max(north - south);
        let fits = |zoom: &u8| widest <= 720.0 / f64::from(1_u32 << zoom);
        (0..=LAST_ZOOM).rev().find(fits).unwrap_or_default()
    }
}

#[expect(clippy::cast_possible_truncation, reason = "degrees times 10^7 have 31 bits")]
fn units(degrees: f64) -> [u8; 4] {
    ((degrees * DEGREE).round() as i32).to_le_bytes()
}
