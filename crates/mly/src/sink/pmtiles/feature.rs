//! Rows as features of the world, and as bytes that wait until all rows are known.

use std::sync::Arc;

use super::packed::{Unpacker, put, put_id, put_parts, put_spots};
use super::sorter::SortKey;
use super::world::{LAST_ZOOM, Spot, WorldShape, tile_at};

const POINT: u8 = 1;
const POINTS: u8 = 2;
const LINES: u8 = 3;

/// A row on the square of Web Mercator.
#[derive(Debug, PartialEq)]
pub(super) struct Feature {
    /// Its number in the result.
    pub(super) row: u64,
    pub(super) id: FeatureId,
    pub(super) shape: WorldShape,
    /// As [`attributes`](super::attributes) writes them.
    pub(super) attributes: Arc<[u8]>,
}

/// What a feature is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FeatureId {
    /// Its id, if it is a whole number that is not negative, as those of tiles are.
    pub(super) number: Option<u64>,
    /// Decides which features are shown where there is no room for all: those of the lowest ranks. It depends on the id
    /// alone, so that a feature is shown or not whatever else is in the file.
    pub(super) rank: u64,
}

impl FeatureId {
    pub(super) fn of_int(id: i64) -> Self {
        Self { number: u64::try_from(id).ok(), rank: mixed(id.cast_unsigned()) }
    }

    /// The id of a text, which may be a whole number.
    pub(super) fn of_text(id: &str) -> Self {
        let number = id.parse::<u64>().ok().filter(|number| itoa::Buffer::new().format(*number) == id);
        let hash = |hash: u64, byte: u8| mixed(hash ^ u64::from(byte));
        Self { number, rank: number.map_or_else(|| id.bytes().fold(0, hash), mixed) }
    }

    /// What stands for the id of a row that has none.
    pub(super) fn of_row(row: u64) -> Self {
        Self { number: None, rank: mixed(row) }
    }
}

/// A number whose bits all depend on all bits of another one (`SplitMix64`).
fn mixed(number: u64) -> u64 {
    let z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Feature {
    /// The place on the curve of the tile at the last zoom, then the id, then the number of the row: the order in which
    /// features are read again, and that of the features in a tile.
    pub(super) fn key(&self, anchor: Spot) -> SortKey {
        [tile_at(anchor, LAST_ZOOM).hilbert(), self.id.number.unwrap_or_default(), self.row]
    }

    /// Appends everything but the number of the row.
    pub(super) fn pack(&self, out: &mut Vec<u8>) {
        put_id(self.id.number, out);
        put(self.id.rank, out);
        match &self.shape {
            WorldShape::Point(at) => {
                out.push(POINT);
                put_spots([at].into_iter(), out);
            }
            WorldShape::Points(points) => {
                out.push(POINTS);
                put_spots(points.iter(), out);
            }
            WorldShape::Lines(lines) => {
                out.push(LINES);
                put_parts(lines, out);
            }
        }
        out.extend_from_slice(&self.attributes);
    }

    /// The feature that was packed; `None` if it was not.
    pub(super) fn unpack(row: u64, bytes: &[u8]) -> Option<Self> {
        let mut from = Unpacker(bytes);
        let ([number], rank) = (from.id()?, from.number()?);
        let shape = match from.byte()? {
            POINT => WorldShape::Point(from.spots()?.first().copied()?),
            POINTS => WorldShape::Points(from.spots()?),
            LINES => WorldShape::Lines(from.parts()?),
            _ => return None,
        };
        Some(Self { row, id: FeatureId { number, rank }, shape, attributes: from.rest().into() })
    }
}
