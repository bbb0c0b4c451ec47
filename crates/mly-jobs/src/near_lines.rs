//! The lines near a position.

use geo_index::rtree::sort::HilbertSort;
use geo_index::rtree::{RTree, RTreeBuilder, RTreeIndex};

use crate::metric::{Foot, Position, Scale, bearing, degrees_east, distance_m, foot};

/// A straight piece of a line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LinePiece {
    /// Which line.
    pub(crate) line: u32,
    /// Which piece of it, from 0.
    pub(crate) number: u32,
    pub(crate) from: Position,
    pub(crate) to: Position,
}

/// The straight pieces of lines, found by their boxes.
#[derive(Debug)]
pub(crate) struct NearLines {
    pieces: Vec<LinePiece>,
    /// The piece of each box: one that crosses the antimeridian has two.
    boxes: Vec<u32>,
    tree: Option<RTree<f64>>,
}

impl LinePiece {
    /// The direction in which it leads.
    pub(crate) fn axis(&self) -> f64 {
        bearing(self.from, self.to)
    }

    pub(crate) fn length_m(&self) -> f64 {
        distance_m(self.from, self.to)
    }
}

impl NearLines {
    pub(crate) fn new(pieces: Vec<LinePiece>) -> Self {
        let mut all: Vec<(u32, [f64; 4])> = Vec::with_capacity(pieces.len());
        for (piece, number) in pieces.iter().zip(0_u32..) {
            let [lon, lat] = piece.from;
            let (other, north) = (lon + degrees_east(lon, piece.to[0]), piece.to[1]);
            let [west, south, east, north] = [lon.min(other), lat.min(north), lon.max(other), lat.max(north)];
            all.push((number, [west, south, east, north]));
            if west < -180.0 {
                all.push((number, [west + 360.0, south, 180.0, north]));
            } else if east > 180.0 {
                all.push((number, [-180.0, south, east - 360.0, north]));
            }
        }
        let tree = u32::try_from(all.len()).ok().filter(|count| *count > 0).map(|count| {
            let mut tree = RTreeBuilder::new(count);
            for (_, [west, south, east, north]) in &all {
                tree.add(*west, *south, *east, *north);
            }
            tree.finish::<HilbertSort>()
        });
        Self { pieces, boxes: all.into_iter().map(|(number, _)| number).collect(), tree }
    }

    /// The nearest piece of each line within reach, the nearest lines first; of equally near ones the first.
    pub(crate) fn within(&self, at: Position, reach_m: f64) -> Vec<(LinePiece, Foot)> {
        let Some(tree) = &self.tree else { return Vec::new() };
        let scale = Scale::at(at[1]);
        // A little more, since degrees are shorter on the side of the pole.
        let (east, north) = (reach_m * 1.01 / scale.lon_m, reach_m * 1.01 / scale.lat_m);
        let mut numbers = tree.search(at[0] - east, at[1] - north, at[0] + east, at[1] + north);
        if at[0] - east < -180.0 {
            numbers.extend(tree.search(at[0] - east + 360.0, at[1] - north, 180.0, at[1] + north));
        } else if at[0] + east > 180.0 {
            numbers.extend(tree.search(-180.0, at[1] - north, at[0] + east - 360.0, at[1] + north));
        }
        let piece = |number: u32| self.pieces.get(*self.boxes.get(number as usize)? as usize);
        let near =
            numbers.into_iter().filter_map(piece).map(|piece| (*piece, foot(at, piece.from, piece.to)));
        let mut found: Vec<_> = near.filter(|(_, foot)| foot.distance_m <= reach_m).collect();
        let order = |(piece, _): &(LinePiece, Foot)| (piece.line, piece.number);
        found.sort_by(|a, b| {
            let by_line = a.0.line.cmp(&b.0.line);
            by_line.then(a.1.distance_m.total_cmp(&b.1.distance_m)).then(order(a).cmp(&order(b)))
        });
        found.dedup_by_key(|(piece, _)| piece.line);
        found.sort_by(|a, b| a.1.distance_m.total_cmp(&b.1.distance_m).then(order(a).cmp(&order(b))));
        found
    }
}
