//! Polygons and lines as edges, found by latitude.
//!
//! Every test is exact: sides of an edge are decided by `robust::orient2d`, and a position on an edge or a corner is
//! inside, so that neighbouring polygons leave no gap between them.

use robust::{Coord, orient2d};

use super::area::Drawing;
use crate::tile::Bbox;

/// A straight edge, and the polygon it belongs to; lines belong to none.
#[derive(Clone, Copy, Debug)]
struct Edge {
    from: [f64; 2],
    to: [f64; 2],
    polygon: Option<u32>,
}

impl Edge {
    /// Above 0 when `p` is left of the edge, 0 when it is in line with it. Exact.
    fn side(&self, [x, y]: [f64; 2]) -> f64 {
        let coord = |[x, y]: [f64; 2]| Coord { x, y };
        orient2d(coord(self.from), coord(self.to), Coord { x, y })
    }

    fn bbox(&self) -> Bbox {
        let ([x0, y0], [x1, y1]) = (self.from, self.to);
        Bbox { west: x0.min(x1), east: x0.max(x1), south: y0.min(y1), north: y0.max(y1) }
    }

    fn holds(&self, p: [f64; 2]) -> bool {
        self.bbox().contains(p[0], p[1]) && self.side(p) == 0.0
    }

    /// Whether a ray from `p` to the east crosses the edge; a corner counts for the edge above it.
    fn is_crossed_by_ray(&self, p: [f64; 2]) -> bool {
        let (from_above, to_above) = (self.from[1] > p[1], self.to[1] > p[1]);
        from_above != to_above && ((self.side(p) > 0.0) == to_above)
    }

    fn meets_box(&self, b: &Bbox) -> bool {
        if !self.bbox().intersects(b) {
            return false;
        }
        let sides = b.corners().map(|corner| self.side(corner));
        !(sides.iter().all(|s| *s > 0.0) || sides.iter().all(|s| *s < 0.0))
    }

    fn meets(&self, other: &Self) -> bool {
        let straddles = |a: &Self, b: &Self| {
            let (s, t) = (a.side(b.from), a.side(b.to));
            !(s > 0.0 && t > 0.0 || s < 0.0 && t < 0.0)
        };
        self.bbox().intersects(&other.bbox()) && straddles(self, other) && straddles(other, self)
    }
}

/// The edges of a drawing, in bands of equal height from south to north.
#[derive(Debug)]
pub(super) struct Outline {
    south: f64,
    band_height: f64,
    /// Edges that reach into each band, polygon by polygon.
    bands: Vec<Vec<Edge>>,
    extent: Bbox,
}

impl Outline {
    pub(super) fn new(drawing: &Drawing) -> Self {
        let edges = edges(drawing);
        let mut extent = Bbox { west: 180.0, south: 90.0, east: -180.0, north: -90.0 };
        for b in edges.iter().map(Edge::bbox) {
            extent.west = extent.west.min(b.west);
            extent.south = extent.south.min(b.south);
            extent.east = extent.east.max(b.east);
            extent.north = extent.north.max(b.north);
        }
        let mut outline = Self { south: extent.south, band_height: 1.0, bands: vec![Vec::new()], extent };
        outline.divide(&edges);
        outline
    }

    /// Chooses as many bands as there are edges, or fewer when long edges would be listed too often.
    fn divide(&mut self, edges: &[Edge]) {
        let mut count = edges.len().clamp(1, 1 << 20);
        loop {
            self.band_height =
                ((self.extent.north - self.extent.south) / as_f64(count)).max(f64::MIN_POSITIVE);
            self.bands = vec![Vec::new(); count];
            let listed: usize = edges.iter().map(|e| self.bands_of(&e.bbox()).count()).sum();
            if count == 1 || listed <= 8 * edges.len() {
                break;
            }
            count /= 2;
        }
        for edge in edges {
            for band in self.bands_of(&edge.bbox()) {
                self.bands[band].push(*edge);
            }
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the list of bands"
    )]
    fn band(&self, lat: f64) -> usize {
        let last = self.bands.len() - 1;
        ((lat - self.south) / self.band_height).floor().clamp(0.0, as_f64(last)) as usize
    }

    fn bands_of(&self, b: &Bbox) -> std::ops::RangeInclusive<usize> {
        self.band(b.south)..=self.band(b.north)
    }

    fn edges_near<'a>(&'a self, b: &Bbox) -> impl Iterator<Item = &'a Edge> {
        let bands = if self.extent.intersects(b) { self.bands.get(self.bands_of(b)) } else { None };
        bands.into_iter().flatten().flatten()
    }

    /// Whether a position is in a polygon, on its border, or on a line.
    pub(super) fn contains(&self, p: [f64; 2]) -> bool {
        if !self.extent.contains(p[0], p[1]) {
            return false;
        }
        // Edges of a band stand polygon by polygon, so one parity at a time is enough.
        let (mut polygon, mut odd) = (None, false);
        for edge in &self.bands[self.band(p[1])] {
            if edge.holds(p) {
                return true;
            }
            if edge.polygon != polygon {
                if odd {
                    return true;
                }
                polygon = edge.polygon;
            }
            odd ^= edge.polygon.is_some() && edge.is_crossed_by_ray(p);
        }
        odd
    }

    /// Whether an edge runs through a box or touches it.
    pub(super) fn runs_through(&self, b: &Bbox) -> bool {
        self.edges_near(b).any(|edge| edge.meets_box(b))
    }

    /// Whether a straight line crosses or touches an edge.
    pub(super) fn crosses(&self, from: [f64; 2], to: [f64; 2]) -> bool {
        let line = Edge { from, to, polygon: None };
        self.edges_near(&line.bbox()).any(|edge| edge.meets(&line))
    }

    /// Whether a straight line crosses or touches a box.
    pub(super) fn segment_meets(from: [f64; 2], to: [f64; 2], b: &Bbox) -> bool {
        Edge { from, to, polygon: None }.meets_box(b)
    }
}

fn edges(drawing: &Drawing) -> Vec<Edge> {
    let ends = |line: &Vec<[f64; 2]>, polygon| {
        let pairs = line.windows(2).filter_map(|w| w.try_into().ok());
        pairs.map(|[from, to]: [[f64; 2]; 2]| Edge { from, to, polygon }).collect::<Vec<_>>()
    };
    let rings = (0_u32..).zip(&drawing.polygons).flat_map(|(i, p)| p.iter().map(move |r| (r, Some(i))));
    let lines = drawing.lines.iter().map(|line| (line, None));
    rings.chain(lines).flat_map(|(line, polygon)| ends(line, polygon)).collect()
}

#[expect(clippy::cast_precision_loss, reason = "counts of edges are far below 2^52")]
fn as_f64(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The textbook test: one ray, all edges, plus a look at every edge for positions on it.
    fn brute_force(polygons: &[Vec<Vec<[f64; 2]>>], p: [f64; 2]) -> bool {
        polygons.iter().any(|rings| {
            let mut odd = false;
            for ring in rings {
                for w in ring.windows(2) {
                    let edge = Edge { from: w[0], to: w[1], polygon: None };
                    if edge.holds(p) {
                        return true;
                    }
                    let ([ax, ay], [bx, by]) = (w[0], w[1]);
                    // Integer coordinates: the products below are exact.
                    if (ay > p[1]) != (by > p[1]) {
                        let left = (p[0] - ax) * (by - ay) < (bx - ax) * (p[1] - ay);
                        odd ^= left == (by > ay);
                    }
                }
            }
            odd
        })
    }

    fn ring() -> impl Strategy<Value = Vec<[f64; 2]>> {
        proptest::collection::vec((-8..8_i32, -8..8_i32), 3..9).prop_map(|points| {
            let mut ring: Vec<_> = points.iter().map(|&(x, y)| [f64::from(x), f64::from(y)]).collect();
            ring.push(ring[0]);
            ring
        })
    }

    proptest! {
        #[test]
        fn every_grid_position_is_decided_as_by_brute_force(polygons in proptest::collection::vec(proptest::collection::vec(ring(), 1..3), 1..4)) {
            let outline = Outline::new(&Drawing { polygons: polygons.clone(), lines: vec![] });
            for x in -17..17 {
                for y in -17..17 {
                    let p = [f64::from(x) / 2.0, f64::from(y) / 2.0];
                    prop_assert_eq!(outline.contains(p), brute_force(&polygons, p), "{:?}", p);
                }
            }
        }

        #[test]
        fn a_box_that_no_edge_runs_through_is_all_in_or_all_out(rings in proptest::collection::vec(ring(), 1..3), x in -9..9_i32, y in -9..9_i32, size in 1..4_i32) {
            let outline = Outline::new(&Drawing { polygons: vec![rings], lines: vec![] });
            let b = Bbox { west: f64::from(x), south: f64::from(y), east: f64::from(x + size), north: f64::from(y + size) };
            let places: Vec<bool> = (0..=8).flat_map(|i| (0..=8).map(move |j| (i, j)))
                .map(|(i, j)| outline.contains([b.west + f64::from(size * i) / 8.0, b.south + f64::from(size * j) / 8.0])).collect();
            if !outline.runs_through(&b) {
                prop_assert!(places.iter().all(|p| *p == places[0]));
            }
        }
    }

    #[test]
    fn a_comb_of_long_edges_does_not_fill_the_memory() {
        let teeth = (0..20_000).map(|i| [f64::from(i) / 1000.0, if i % 2 == 0 { -80.0 } else { 80.0 }]);
        let mut comb: Vec<_> = teeth.collect();
        comb.push(comb[0]);
        let outline = Outline::new(&Drawing { polygons: vec![vec![comb]], lines: vec![] });
        assert!(outline.bands.iter().map(Vec::len).sum::<usize>() <= 8 * 20_001);
    }
}
