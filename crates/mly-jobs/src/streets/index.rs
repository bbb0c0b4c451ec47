//! The edges near a position.

use geo_index::rtree::sort::HilbertSort;
use geo_index::rtree::{RTree, RTreeBuilder, RTreeIndex};

use crate::metric::{Position, Scale, degrees_east, distance_m, foot_of};
use crate::roads::{RoadNetwork, radius_m};

/// Positions within so many metres share one search.
const AROUND_M: f64 = 12.0;

/// Degrees that are lost where a box has numbers of half the bits.
const ROUNDING: f64 = 3e-5;

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

/// A straight piece of an edge, as it is kept.
#[derive(Clone, Copy, Debug)]
struct Segment {
    edge: u32,
    /// Which of the pieces of the edge, from 0.
    number: u32,
    /// Metres along the edge at which it begins.
    begin_m: f64,
}

/// A straight piece of an edge, as it is compared with images.
#[derive(Clone, Copy, Debug)]
struct SegmentNearby {
    edge: u32,
    begin_m: f64,
    /// How far from it an image can be.
    radius_m: f64,
    from: Position,
    /// The way to its end, in metres.
    along: [f64; 2],
    scale: Scale,
}

/// The straight pieces of all edges, found by their boxes.
#[derive(Debug)]
pub(super) struct EdgeIndex<'n> {
    network: &'n RoadNetwork,
    segments: Vec<Segment>,
    /// The segments that have a second box, since they cross the antimeridian. Their boxes come last.
    twice: Vec<u32>,
    /// Boxes in degrees, in half the bits, and that much larger.
    tree: Option<RTree<f32>>,
    /// For each edge how far from it an image can be, and the largest of these distances.
    radiuses: Vec<f32>,
    largest_m: f64,
}

impl<'n> EdgeIndex<'n> {
    pub(super) fn new(network: &'n RoadNetwork) -> Self {
        let (mut segments, mut twice) = (Vec::new(), Vec::new());
        for (edge, number) in network.edges.iter().zip(0_u32..) {
            let mut begin_m = 0.0;
            let line = network.line(edge);
            for ((from, to), piece) in line.clone().zip(line.skip(1)).zip(0_u32..) {
                let length_m = distance_m(from, to);
                if length_m > 0.0 {
                    let [west, _, east, _] = sides(from, to);
                    twice.extend(
                        (west < -180.0 || east > 180.0).then(|| u32::try_from(segments.len()).unwrap_or(0)),
                    );
                    segments.push(Segment { edge: number, number: piece, begin_m });
                }
                begin_m += length_m;
            }
        }
        #[expect(clippy::cast_possible_truncation, reason = "whole metres")]
        let radius = |edge| radius_m(network.way(edge).class.as_deref()) as f32;
        let radiuses: Vec<f32> = network.edges.iter().map(radius).collect();
        let largest_m = f64::from(radiuses.iter().copied().fold(0.0, f32::max));
        let mut index = Self { network, segments, twice, tree: None, radiuses, largest_m };
        index.tree = index.tree();
        index
    }

    fn tree(&self) -> Option<RTree<f32>> {
        let count = u32::try_from(self.segments.len() + self.twice.len()).ok().filter(|count| *count > 0)?;
        let mut tree = RTreeBuilder::new(count);
        let mut add = |[west, south, east, north]: [f64; 4]| {
            #[expect(clippy::cast_possible_truncation, reason = "what is lost is added")]
            let [west, south] = [west, south].map(|degrees| (degrees - ROUNDING) as f32);
            #[expect(clippy::cast_possible_truncation, reason = "what is lost is added")]
            let [east, north] = [east, north].map(|degrees| (degrees + ROUNDING) as f32);
            tree.add(west, south, east, north);
        };
        for segment in &self.segments {
            let (from, to) = self.ends(segment);
            add(sides(from, to));
        }
        for segment in self.twice.iter().filter_map(|number| self.segments.get(*number as usize)) {
            let (from, to) = self.ends(segment);
            let [west, south, east, north] = sides(from, to);
            let turn = if west < -180.0 { 360.0 } else { -360.0 };
            add([west + turn, south, east + turn, north]);
        }
        Some(tree.finish::<HilbertSort>())
    }

    /// Where a segment begins and ends.
    fn ends(&self, segment: &Segment) -> (Position, Position) {
        let edge = self.network.edges.get(segment.edge as usize);
        edge.and_then(|edge| self.network.piece(edge, segment.number as usize)).unwrap_or_default()
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
        for segment in &around.segments {
            consider(segment, at, found);
        }
        found.sort_by_key(|place| place.edge);
    }

    /// Finds the segments that are near any position around this one.
    fn look_around(&self, at: Position, around: &mut Around) {
        around.centre = Some(at);
        around.segments.clear();
        around.numbers.clear();
        let Some(tree) = &self.tree else { return };
        let scale = Scale::at(at[1]);
        // A little more, since degrees are shorter on the side of the pole.
        let reach_m = (self.largest_m + AROUND_M) * 1.01;
        let (east, north) = (reach_m / scale.lon_m + ROUNDING, reach_m / scale.lat_m + ROUNDING);
        #[expect(clippy::cast_possible_truncation, reason = "what is lost is added")]
        let mut take = |lon: f64| {
            let (west, south) = ((lon - east) as f32, (at[1] - north) as f32);
            let boxes = tree.search(west, south, (lon + east) as f32, (at[1] + north) as f32);
            around.numbers.extend(boxes.into_iter().filter_map(|number| {
                let beyond = (number as usize).checked_sub(self.segments.len());
                beyond.map_or(Some(number), |second| self.twice.get(second).copied())
            }));
        };
        take(at[0]);
        if at[0] - east < -180.0 {
            take(at[0] + 360.0);
        } else if at[0] + east > 180.0 {
            take(at[0] - 360.0);
        }
        // In their order, so that nothing depends on the shape of the tree.
        around.numbers.sort_unstable();
        around.numbers.dedup();
        let segments = around.numbers.iter().filter_map(|number| self.segments.get(*number as usize));
        around.segments.extend(segments.map(|segment| {
            let (from, to) = self.ends(segment);
            let scale = Scale::at(f64::midpoint(from[1], to[1]));
            SegmentNearby {
                edge: segment.edge,
                begin_m: segment.begin_m,
                radius_m: self.radius_m(segment.edge),
                from,
                along: scale.way(from, to),
                scale,
            }
        }));
    }
}

/// West, south, east and north of a segment. One that crosses the antimeridian goes on beyond 180 degrees.
fn sides(from: Position, to: Position) -> [f64; 4] {
    let east = from[0] + degrees_east(from[0], to[0]);
    [from[0].min(east), from[1].min(to[1]), from[0].max(east), from[1].max(to[1])]
}

/// Adds the edge of a segment to those that are found, if it is near.
fn consider(segment: &SegmentNearby, at: Position, found: &mut Vec<EdgePlace>) {
    let nearest = foot_of(segment.along, segment.scale.way(segment.from, at));
    if nearest.distance_m > segment.radius_m {
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

/// The segments around a position.
#[derive(Debug, Default)]
pub(super) struct Around {
    centre: Option<Position>,
    numbers: Vec<u32>,
    segments: Vec<SegmentNearby>,
}
