//! Points near the edge of a tile, which the next tile may show too.

use crate::{
    answers::{Answers, PointBuffer},
    grid::{DATA_ZOOM, EXTENT, TileId},
};

/// How far outside of a tile its points may lie, in units.
const UNITS: f64 = 64.0;

/// Whether tiles of a set show points outside of them.
pub(super) fn is_on(answers: &Answers, at: TileId, is_computed: bool) -> bool {
    at.z == DATA_ZOOM
        && match answers.point_buffer {
            PointBuffer::None => false,
            PointBuffer::Computed => is_computed,
            PointBuffer::All => true,
        }
}

/// The tiles around a tile.
pub(super) fn neighbours(at: TileId) -> impl Iterator<Item = TileId> {
    let beside = |n: u32| [n.checked_sub(1), Some(n), n.checked_add(1)].into_iter().flatten();
    let all = beside(at.y).flat_map(move |y| beside(at.x).map(move |x| TileId { x, y, ..at }));
    all.filter(move |tile| *tile != at && tile.exists())
}

/// The cell of a place that is not in a tile but near it.
#[expect(clippy::cast_possible_truncation, reason = "near the tile")]
pub(super) fn cell(at: TileId, place: [f64; 2]) -> Option<[i32; 2]> {
    let units = at.units(place);
    let is_near = units.iter().all(|unit| (-UNITS..f64::from(EXTENT) + UNITS).contains(unit));
    is_near.then(|| units.map(|unit| unit.floor() as i32))
}
