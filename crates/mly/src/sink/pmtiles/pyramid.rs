//! Decides which features are shown at which zoom.
//!
//! At the last zoom that is all of them. Above, a tile shows those of its four children, and if these are too many, the
//! first ones of each cell of a grid by their ranks. So what is shown at a zoom is also shown at all later ones.
//!
//! Features come along the Hilbert curve of the last zoom, so the tiles of each zoom come one after the other, and one of
//! each zoom is in memory.

use std::sync::Arc;

use super::feature::Feature;
use super::world::{LAST_ZOOM, Spot, WorldShape, ZOOMS, sides, tile_at};
use crate::error::Cause;

/// Most features that begin in a tile above the last zoom.
const MOST: usize = 4096;

/// Cells along the side of a tile: there are no more cells than [`MOST`] features, so each cell shows one.
const CELLS: i64 = 64;

/// A feature that is shown.
#[derive(Clone)]
pub(super) struct ShownFeature {
    pub(super) feature: Arc<Feature>,
    /// The position that says which tile it is counted in.
    pub(super) anchor: Spot,
    /// How many features it stands for: itself, and those of its cell that are not shown.
    pub(super) count: u64,
}

/// A tile and the features that begin in it.
pub(super) struct Filled<'a> {
    pub(super) zoom: u8,
    /// Its place on the Hilbert curve of its zoom.
    pub(super) place: u64,
    /// Sorted by id and row.
    pub(super) features: &'a [ShownFeature],
}

/// The tiles of all zooms that are being filled.
#[derive(Default)]
pub(super) struct Pyramid {
    tiles: [OpenTile; ZOOMS],
    /// Features that are shown at each zoom.
    pub(super) shown: [u64; ZOOMS],
}

#[derive(Default)]
struct OpenTile {
    place: u64,
    features: Vec<ShownFeature>,
}

impl Pyramid {
    /// Adds a feature to its tile of the last zoom. Hands out the tiles that no further feature is in.
    pub(super) fn add(
        &mut self,
        place: u64,
        feature: ShownFeature,
        out: &mut impl FnMut(Filled<'_>) -> Result<(), Cause>,
    ) -> Result<(), Cause> {
        self.begin(LAST_ZOOM, place, out)?;
        if let Some(tile) = self.tiles.last_mut() {
            tile.features.push(feature);
        }
        Ok(())
    }

    /// Hands out the last tiles.
    pub(super) fn finish(
        &mut self,
        out: &mut impl FnMut(Filled<'_>) -> Result<(), Cause>,
    ) -> Result<(), Cause> {
        (0..=LAST_ZOOM).rev().try_for_each(|zoom| self.end(zoom, out))
    }

    /// Begins a tile, unless it is begun.
    fn begin(
        &mut self,
        zoom: u8,
        place: u64,
        out: &mut impl FnMut(Filled<'_>) -> Result<(), Cause>,
    ) -> Result<(), Cause> {
        let is_another = self.tiles.get(usize::from(zoom)).is_some_and(|tile| tile.place != place);
        if is_another {
            self.end(zoom, out)?;
        }
        if let Some(tile) = self.tiles.get_mut(usize::from(zoom)) {
            tile.place = place;
        }
        Ok(())
    }

    /// Hands out a tile, and adds its features to its parent.
    fn end(&mut self, zoom: u8, out: &mut impl FnMut(Filled<'_>) -> Result<(), Cause>) -> Result<(), Cause> {
        let Some(tile) = self.tiles.get_mut(usize::from(zoom)) else { return Ok(()) };
        let (place, mut features) = (tile.place, std::mem::take(&mut tile.features));
        if features.is_empty() {
            return Ok(());
        }
        if zoom < LAST_ZOOM {
            thin(&mut features, zoom);
            features.sort_unstable_by_key(|shown| (shown.feature.id.number, shown.feature.row));
        }
        if let Some(count) = self.shown.get_mut(usize::from(zoom)) {
            *count += features.len() as u64;
        }
        out(Filled { zoom, place, features: &features })?;
        let Some(above) = zoom.checked_sub(1) else { return Ok(()) };
        self.begin(above, place >> 2, out)?;
        if let Some(parent) = self.tiles.get_mut(usize::from(above)) {
            parent.features.append(&mut features);
        }
        Ok(())
    }
}

/// Leaves as many features of a tile as may be: of each cell the first by rank, then of each cell the second, and so on.
fn thin(features: &mut Vec<ShownFeature>, zoom: u8) {
    if features.len() <= MOST {
        return;
    }
    let rank = |shown: &ShownFeature| (shown.feature.id.rank, shown.feature.row);
    features.sort_by_cached_key(|shown| (cell(shown.anchor, zoom), rank(shown)));
    // The turn of each feature in its cell, and the first feature of the cell.
    let (mut turns, mut first, mut current) = (Vec::with_capacity(features.len()), 0, None);
    for (at, shown) in features.iter().enumerate() {
        let cell = cell(shown.anchor, zoom);
        if current != Some(cell) {
            (first, current) = (at, Some(cell));
        }
        turns.push((at - first, rank(shown), at, first));
    }
    turns.sort_unstable();
    let mut is_hidden = vec![false; features.len()];
    for (_, _, at, first) in turns.into_iter().skip(MOST) {
        is_hidden[at] = true;
        let count = features[at].count;
        features[first].count += count;
    }
    let mut hidden = is_hidden.into_iter();
    features.retain(|_| hidden.next() != Some(true));
}

/// The cell of its tile that a position is in.
fn cell(at: Spot, zoom: u8) -> [i64; 2] {
    let [west, north, east, _] = sides(tile_at(at, zoom));
    let side = (east - west) / CELLS;
    [(at[0] - west) / side, (at[1] - north) / side]
}

/// Whether a feature is in one tile of each zoom, so that its tile is known without looking at its shape.
pub(super) fn is_in_one_tile(shape: &WorldShape) -> bool {
    matches!(shape, WorldShape::Point(_))
}
