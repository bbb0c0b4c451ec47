//! The edges near a position.

use geo_index::rtree::sort::HilbertSort;
use geo_index::rtree::{RTree, RTreeBuilder, RTreeIndex};

use crate::metric::{Position, Scale, distance_m, foot_of};
use crate::roads::{RoadNetwork, radius_m};

/// Positions within so many metres share one search.
const AROUND_M: f64 = 12.0;

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
    /// The way to its end, in metres.
    along: [f64; 2],
    scale: Scale,
}

/// The straight pieces of all edges, found by their boxes.
#[derive(Debug)]
pub(super) struct EdgeIndex {
    segments: Vec<Segment>,
    /// The segment of each box: one that crosses the antimeridian has two.
    boxes: Vec<u32>,
    tree: Option<RTree<f64>>,
    /// For each edge how far from it an image can be, and the largest of these distances.
    radiuses: Vec<f32>,
    largest_m: f64,
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
                    let scale = Scale::at(f64::midpoint(from[1], to[1]));
                    let along = scale.way(from, to);
                    segments.push(Segment { edge: number, begin_m, from, along, scale });
                }
                begin_m += length_m;
            }
        }
        let sides = |segment: &Segment| {
            let ([lon, lat], [east, north]) = (segment.from, segment.along);
            let (other, north) = (lon + east / segment.scale.lon_m, lat + north / segment.scale.lat_m);
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
        let radiuses: Vec<f32> = network.edges.iter().map(radius).collect();
        let largest_m = f64::from(radiuses.iter().copied().fold(0.0, f32::max));
        let boxes = all.into_iter().map(|(number, _)| number).collect();
        Self { segments, boxes, tree, radiuses, largest_m }
    }

    /// How far from an edge an image can be, in metres.
    pub(super) fn radius_m(&self, edge: u32) -> f64 {
        self.radiuses.get(edge as usize).copied().map_or(0.0, f64::from)
    }

    /// The edges near a position, each at its nearest place, sorted by number.
    ///
    /// What is around the last position is kept in `around`, since the next image is near the last one.
    pub(super) fn near(&self, at: Position, around: &mut Around, found: &mut Vec<EdgePlace>) {
        found.clear();
        if around.centre.is_none_or(|centre| distance_m(centre, at) > AROUND_M) {
            self.look_around(at, around);
        }
        for segment in around.segments.iter().filter_map(|number| self.segments.get(*number as usize)) {
            self.consider(segment, at, found);
        }
        found.sort_by_key(|place| place.edge);
    }

    /// Finds the segments that are near any position around this one.
    fn look_around(&self, at: Position, around: &mut Around) {
        around.centre = Some(at);
        around.segments.clear();
        let Some(tree) = &self.tree else { return };
        let scale = Scale::at(at[1]);
        // A little more, since degrees are shorter on the side of the pole.
        let reach_m = (self.largest_m + AROUND_M) * 1.01;
        let (east, north) = (reach_m / scale.lon_m, reach_m / scale.lat_m);
        let mut take = |lon: f64| {
            let boxes = tree.search(lon - east, at[1] - north, lon + east, at[1] + north);
            around.segments.extend(boxes.iter().filter_map(|number| self.boxes.get(*number as usize)));
        };
        take(at[0]);
        if at[0] - east < -180.0 {
            take(at[0] + 360.0);
        } else if at[0] + east > 180.0 {
            take(at[0] - 360.0);
        }
        // In their order, so that nothing depends on the shape of the tree.
        around.segments.sort_unstable();
        around.segments.dedup();
    }

    /// Adds the edge of a segment to those that are found, if it is near.
    fn consider(&self, segment: &Segment, at: Position, found: &mut Vec<EdgePlace>) {
        let nearest = foot_of(segment.along, segment.scale.way(segment.from, at));
        if nearest.distance_m > self.radius_m(segment.edge) {
            return;
        }
        let [east, north] = segment.along;
        let place = EdgePlace {
            edge: segment.edge,
            offset_m: segment.begin_m + nearest.share * east.hypot(north),
            distance_m: nearest.distance_m,
            bearing: east.atan2(north).to_degrees().rem_euclid(360.0),
        };
        match found.iter_mut().find(|known| known.edge == place.edge) {
            None => found.push(place),
            // Where two pieces are equally near, the first one along the edge counts.
            Some(known) => {
                let order = place.distance_m.total_cmp(&known.distance_m);
                if order.then(place.offset_m.total_cmp(&known.offset_m)).is_lt() {
                    *known = place;
                }
            }
        }
    }
}

/// The segments around a position.
#[derive(Debug, Default)]
pub(super) struct Around {
    centre: Option<Position>,
    segments: Vec<u32>,
}
