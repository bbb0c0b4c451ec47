//! The edges near a position.

use geo_index::rtree::sort::HilbertSort;
use geo_index::rtree::{RTree, RTreeBuilder, RTreeIndex};

use crate::metric::{Position, Scale, bearing, degrees_east, distance_m, foot};
use crate::roads::{LARGEST_RADIUS_M, RoadNetwork, radius_m};

/// A place on an edge, where an image may have been taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct EdgePlace {
    pub(super) edge: u32,
    /// Where on the edge the nearest place is, in metres from its beginning.
    pub(super) offset_m: f64,
    /// How far away it is.
    pub(super) distance_m: f64,
    /// Direction of the edge there, in degrees.
    pub(super) bearing: f64,
}

/// A straight piece of an edge.
#[derive(Clone, Copy, Debug)]
struct Segment {
    edge: u32,
    /// Metres along the edge at which it begins.
    begin_m: f64,
    from: Position,
    to: Position,
}

/// The straight pieces of all edges, found by their boxes.
#[derive(Debug)]
pub(super) struct EdgeIndex {
    segments: Vec<Segment>,
    /// The segment of each box: one that crosses the antimeridian has two.
    boxes: Vec<u32>,
    tree: Option<RTree<f64>>,
    /// For each edge how far from it an image can be.
    radiuses: Vec<f32>,
}

impl EdgeIndex {
    pub(super) fn new(network: &RoadNetwork) -> Self {
        let mut segments = Vec::new();
        for (edge, number) in network.edges.iter().zip(0_u32..) {
            let mut begin_m = 0.0;
            let line = network.line(edge);
            for (from, to) in line.clone().zip(line.skip(1)) {
                let length_m = distance_m(from, to);
                if length_m > 0.0 {
                    segments.push(Segment { edge: number, begin_m, from, to });
                }
                begin_m += length_m;
            }
        }
        let sides = |segment: &Segment| {
            let [lon, lat] = segment.from;
            let (other, north) = (lon + degrees_east(lon, segment.to[0]), segment.to[1]);
            [lon.min(other), lat.min(north), lon.max(other), lat.max(north)]
        };
        let mut all: Vec<(u32, [f64; 4])> = Vec::with_capacity(segments.len());
        for (segment, number) in segments.iter().zip(0_u32..) {
            let [west, south, east, north] = sides(segment);
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
        #[expect(clippy::cast_possible_truncation, reason = "whole metres")]
        let radius = |edge| radius_m(network.way(edge).class.as_deref()) as f32;
        let radiuses = network.edges.iter().map(radius).collect();
        Self { segments, boxes: all.into_iter().map(|(number, _)| number).collect(), tree, radiuses }
    }

    /// How far from an edge an image can be, in metres.
    pub(super) fn radius_m(&self, edge: u32) -> f64 {
        self.radiuses.get(edge as usize).copied().map_or(0.0, f64::from)
    }

    /// The edges near a position, each at its nearest place, sorted by number.
    pub(super) fn near(&self, at: Position, found: &mut Vec<EdgePlace>) {
        found.clear();
        let Some(tree) = &self.tree else { return };
        let scale = Scale::at(at[1]);
        // A little more, since degrees are shorter on the side of the pole.
        let reach_m = LARGEST_RADIUS_M * 1.01;
        let (east, north) = (reach_m / scale.lon_m, reach_m / scale.lat_m);
        let mut take = |lon: f64| {
            for number in tree.search(lon - east, at[1] - north, lon + east, at[1] + north) {
                self.consider(number, at, found);
            }
        };
        take(at[0]);
        if at[0] - east < -180.0 {
            take(at[0] + 360.0);
        } else if at[0] + east > 180.0 {
            take(at[0] - 360.0);
        }
        found.sort_by_key(|candidate| candidate.edge);
    }

    /// Adds the edge of a box to those that are found, if it is near.
    fn consider(&self, number: u32, at: Position, found: &mut Vec<EdgePlace>) {
        let segment =
            self.boxes.get(number as usize).and_then(|segment| self.segments.get(*segment as usize));
        let Some(segment) = segment else { return };
        let nearest = foot(at, segment.from, segment.to);
        if nearest.distance_m > self.radius_m(segment.edge) {
            return;
        }
        let candidate = EdgePlace {
            edge: segment.edge,
            offset_m: segment.begin_m + nearest.share * distance_m(segment.from, segment.to),
            distance_m: nearest.distance_m,
            bearing: bearing(segment.from, segment.to),
        };
        match found.iter_mut().find(|known| known.edge == candidate.edge) {
            None => found.push(candidate),
            // Where two pieces are equally near, the first one along the edge counts.
            Some(known) => {
                let order = candidate.distance_m.total_cmp(&known.distance_m);
                if order.then(candidate.offset_m.total_cmp(&known.offset_m)).is_lt() {
                    *known = candidate;
                }
            }
        }
    }
}
