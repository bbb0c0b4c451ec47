//! The tiles of an area, along the Hilbert curve.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::query::{Region, Touch};
use crate::tile::{DATA_ZOOM, TileId};

/// A set of tiles of one zoom, as sorted, disjoint ranges of positions on the Hilbert curve.
///
/// A country is a few thousand ranges, whatever its area: the list grows with the length of the border.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Cover<const ZOOM: u8 = DATA_ZOOM> {
    ranges: Vec<Range<u64>>,
}

impl<const ZOOM: u8> Cover<ZOOM> {
    /// Every tile that can hold a position of the area, and no other.
    pub(super) fn of(region: &Region) -> Self {
        let mut cover = Self::default();
        let Some(near) = region.near() else {
            cover.descend(&|tile| region.touch(tile), 0, 0);
            return cover;
        };
        cover.descend(&|tile| region.touch_of_polygons(tile), 0, 0);
        cover.join(Self { ranges: near.tiles(ZOOM) })
    }

    /// The tiles of both.
    fn join(self, other: Self) -> Self {
        let mut ranges = [self.ranges, other.ranges].concat();
        ranges.sort_unstable_by_key(|range| range.start);
        let mut joined: Vec<Range<u64>> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match joined.last_mut() {
                Some(last) if last.end >= range.start => last.end = last.end.max(range.end),
                _ => joined.push(range),
            }
        }
        Self { ranges: joined }
    }

    /// Visits the tile at `index` of zoom `z` and the tiles below it, in the order of the curve.
    fn descend(&mut self, touch_of: &dyn Fn(TileId) -> Touch, z: u8, index: u64) {
        let touch = touch_of(TileId::from_hilbert(z, index));
        if touch == Touch::Outside {
            return;
        }
        if touch == Touch::Inside || z == ZOOM {
            let below = 2 * (ZOOM - z);
            self.push((index << below)..((index + 1) << below));
            return;
        }
        for child in (index << 2)..((index + 1) << 2) {
            self.descend(touch_of, z + 1, child);
        }
    }

    fn push(&mut self, range: Range<u64>) {
        match self.ranges.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => self.ranges.push(range),
        }
    }

    /// Whether the ranges are sorted, disjoint and on the curve, as those of a cover are.
    pub(super) fn is_sound(&self) -> bool {
        let ends = self.ranges.iter().flat_map(|r| [r.start, r.end]).collect::<Vec<_>>();
        let on_curve = ends.last().is_none_or(|end| *end <= 1 << (2 * ZOOM));
        on_curve && ends.is_sorted() && self.ranges.iter().all(|r| r.start < r.end)
    }

    /// Number of tiles.
    pub(super) fn len(&self) -> u64 {
        self.ranges.iter().map(|r| r.end - r.start).sum()
    }

    /// How many of the tiles come no later on the curve than one of its zoom.
    pub(super) fn count_until(&self, last: u64) -> u64 {
        self.ranges.iter().map(|r| r.end.min(last + 1).saturating_sub(r.start)).sum()
    }

    /// The tiles, in the order of the curve.
    pub(super) fn tiles(&self) -> impl Iterator<Item = TileId> + Send + use<ZOOM> {
        let ranges = self.ranges.clone();
        ranges.into_iter().flatten().map(|index| TileId::from_hilbert(ZOOM, index))
    }

    /// The tiles of a lower zoom that hold these, each once, in the order of the curve.
    pub(super) fn ancestors(&self, zoom: u8) -> impl Iterator<Item = TileId> + Send + use<ZOOM> {
        let below = 2 * (ZOOM - zoom.min(ZOOM));
        let mut last = None;
        let ranges =
            self.ranges.clone().into_iter().map(move |r| (r.start >> below)..=((r.end - 1) >> below));
        let fresh = move |index: &u64| last.replace(*index) != Some(*index);
        ranges.flatten().filter(fresh).map(move |index| TileId::from_hilbert(zoom, index))
    }

    /// The tiles of a deeper zoom in these.
    pub(super) fn deeper<const DEEPER: u8>(&self) -> Cover<DEEPER> {
        let below = 2 * (DEEPER - ZOOM);
        let ranges =
            self.ranges.iter().map(|r| r.start.saturating_mul(1 << below)..r.end.saturating_mul(1 << below));
        Cover { ranges: ranges.collect() }
    }

    /// The tiles from the `skip`-th on, `take` of them.
    pub(super) fn slice(&self, mut skip: u64, mut take: u64) -> Self {
        let mut part = Self::default();
        for range in &self.ranges {
            let length = range.end - range.start;
            let first = range.start + skip.min(length);
            let last = first + take.min(range.end - first);
            if first < last {
                part.push(first..last);
            }
            skip = skip.saturating_sub(length);
            take -= last - first;
        }
        part
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::query::Area;

    fn cover(area: &Area) -> Cover {
        Cover::of(&area.region())
    }

    /// Every tile of the box around the area, decided one by one without the quadtree.
    fn tiles_of_bbox(w: f64, s: f64, e: f64, n: f64) -> HashSet<TileId> {
        let (a, b) = (TileId::containing(w, n, 14), TileId::containing(e, s, 14));
        (a.x()..=b.x()).flat_map(|x| (a.y()..=b.y()).filter_map(move |y| TileId::new(14, x, y))).collect()
    }

    #[test]
    fn the_whole_world_is_one_range() {
        let world = cover(&Area::bbox(-180.0, -90.0, 180.0, 90.0).unwrap());
        assert_eq!((world.len(), world.ranges.len()), (1 << 28, 1));
    }

    #[test]
    fn a_tile_is_one_request_and_its_box_shares_its_border_with_three_more() {
        let tile = TileId::new(14, 8574, 5735).unwrap();
        assert_eq!(cover(&Area::tile(tile)).tiles().collect::<Vec<_>>(), [tile]);
        assert_eq!(cover(&Area::tile(TileId::new(12, 2143, 1433).unwrap())).len(), 16);
        assert_eq!(cover(&Area::tile(TileId::new(16, 34296, 22940).unwrap())).len(), 1);
        let b = tile.bbox();
        let around = cover(&Area::bbox(b.west, b.south, b.east, b.north).unwrap());
        // Positions on the eastern and southern edge are inside the box and belong to the next tiles.
        assert_eq!(around.len(), 4);
    }

    #[test]
    fn tiles_of_a_deeper_zoom_are_fewer_when_the_area_itself_is_covered_with_them() {
        let area = Area::bbox(9.0, 52.0, 9.03, 52.01).unwrap();
        let (inside, small): (Cover<16>, Cover<16>) = (cover(&area).deeper(), Cover::of(&area.region()));
        assert_eq!(inside.len(), 16 * cover(&area).len());
        let tiles: HashSet<_> = inside.tiles().collect();
        assert!(
            small.len() < inside.len() && small.tiles().all(|tile| tile.z() == 16 && tiles.contains(&tile))
        );
    }

    #[test]
    fn a_box_over_the_antimeridian_has_tiles_on_both_sides() {
        let tiles: Vec<_> = cover(&Area::bbox(179.99, -17.0, -179.99, -16.99).unwrap()).tiles().collect();
        assert!(tiles.iter().any(|t| t.x() == 0) && tiles.iter().any(|t| t.x() == (1 << 14) - 1));
        assert!(tiles.len() <= 8);
    }

    #[test]
    fn places_beyond_web_mercator_have_no_tiles() {
        assert_eq!(cover(&Area::bbox(0.0, 86.0, 1.0, 89.0).unwrap()).len(), 0);
    }

    proptest! {
        #[test]
        fn a_box_is_covered_by_the_tiles_from_corner_to_corner(w in -179.0..178.0_f64, s in -84.0..83.0_f64, dx in 0.0..0.3_f64, dy in 0.0..0.3_f64) {
            let got: HashSet<_> = cover(&Area::bbox(w, s, w + dx, s + dy).unwrap()).tiles().collect();
            prop_assert_eq!(got, tiles_of_bbox(w, s, w + dx, s + dy));
        }

        #[test]
        fn the_cover_holds_the_tile_of_every_place_of_a_polygon_and_only_touched_tiles(
            corners in proptest::collection::vec((0.0..0.2_f64, 0.0..0.2_f64), 3..8), places in proptest::collection::vec((0.0..0.2_f64, 0.0..0.2_f64), 200)) {
            let text = corners.iter().chain(corners.first()).map(|(x, y)| format!("[{},{}]", 9.0 + x, 52.0 + y)).collect::<Vec<_>>().join(",");
            let area = Area::geojson(&format!(r#"{{"type":"Polygon","coordinates":[[{text}]]}}"#)).unwrap();
            let region = area.region();
            let got: Vec<_> = cover(&area).tiles().collect();
            let set: HashSet<_> = got.iter().copied().collect();
            prop_assert_eq!(got.len(), set.len());
            for (x, y) in places {
                let (lon, lat) = (9.0 + x, 52.0 + y);
                if region.contains(lon, lat) {
                    prop_assert!(set.contains(&TileId::containing(lon, lat, 14)));
                }
            }
            for tile in tiles_of_bbox(8.9, 51.9, 9.3, 52.3) {
                prop_assert_eq!(set.contains(&tile), region.touch(tile) != Touch::Outside);
            }
        }

        #[test]
        fn ancestors_are_those_of_the_tiles_each_once(starts in proptest::collection::btree_set(0_u64..5000, 1..20), zoom in 6_u8..=13) {
            let mut whole: Cover = Cover::default();
            for s in starts { whole.push(s * 3..s * 3 + 2); }
            let mut expected: Vec<_> = whole.tiles().map(|tile| tile.ancestor(zoom)).collect();
            expected.dedup();
            prop_assert_eq!(whole.ancestors(zoom).collect::<Vec<_>>(), expected);
        }

        #[test]
        fn slices_are_disjoint_and_complete(starts in proptest::collection::btree_set(0_u64..500, 1..20), n in 1_u64..9) {
            let mut whole: Cover = Cover::default();
            for s in starts { whole.push(s..s + 1); }
            let size = whole.len();
            let parts: Vec<_> = (0..n).map(|i| whole.slice(size * i / n, size * (i + 1) / n - size * i / n)).collect();
            let joined: Vec<_> = parts.iter().flat_map(Cover::tiles).collect();
            prop_assert_eq!(joined, whole.tiles().collect::<Vec<_>>());
        }
    }
}
