//! Polygons and lines, prepared for millions of exact tests.
//!
//! Every test is exact: `robust::orient2d` decides on which side of an edge a position lies, and a position on an edge
//! or a corner is inside, so that neighbouring polygons leave no gap between them. A grid finds the few edges near a
//! position. Most cells have no edge, and the cell alone decides whether its positions are inside.

mod axis;
mod build;
mod edge;
mod grid;

use self::build::Path;
use self::edge::Edge;
use self::grid::{Entry, Grid, GridCell, clamped};
use super::shape::Drawing;
use crate::tile::Bbox;

/// The edges of a drawing, in a grid.
#[derive(Debug)]
pub(super) struct EdgeIndex {
    /// The corners of all rings and lines. Edge `i` goes from corner `i` to corner `i + 1`.
    positions: Vec<[f64; 2]>,
    /// Edges from this index on belong to lines, which have no inside.
    first_line: usize,
    /// The grid of the whole drawing, then the finer grids of crowded cells.
    grids: Vec<Grid>,
    extent: Bbox,
}

impl EdgeIndex {
    pub(super) fn new(drawing: &Drawing) -> Self {
        let (path, edges, first_line) = path(drawing);
        let mut extent = Bbox { west: 180.0, south: 90.0, east: -180.0, north: -90.0 };
        for &[lon, lat] in &path.positions {
            extent.west = extent.west.min(lon);
            extent.south = extent.south.min(lat);
            extent.east = extent.east.max(lon);
            extent.north = extent.north.max(lat);
        }
        let grids = build::grids(&path, edges, [extent.west, extent.east], [extent.south, extent.north]);
        Self { positions: path.positions, first_line, grids, extent }
    }

    fn edge(&self, index: usize) -> Edge {
        Edge { from: self.positions[index], to: self.positions[index + 1] }
    }

    /// Whether a position is in a polygon, on its border, or on a line.
    pub(super) fn contains(&self, p: [f64; 2]) -> bool {
        if !self.extent.contains(p[0], p[1]) {
            return false;
        }
        let mut grid = &self.grids[0];
        loop {
            match grid.cell(p) {
                GridCell::Outside => return false,
                GridCell::Inside => return true,
                GridCell::Listed([one]) if one.is_finer() => grid = &self.grids[one.index()],
                GridCell::Listed(entries) => return self.decide(entries, p),
            }
        }
    }

    /// Counts the edges that a ray to the east crosses, polygon by polygon; an odd number means inside. [`Entry`] says
    /// how the marks of a cell's entries are used.
    ///
    /// The loop has no branch per edge, since the processor could not predict it. Where rounding leaves the side of an
    /// edge in doubt, the position is decided again exactly.
    #[expect(clippy::needless_bitwise_bool, reason = "lazy operators are branches")]
    fn decide(&self, entries: &[Entry], p: [f64; 2]) -> bool {
        let (mut odd, mut in_doubt) = (false, false);
        for entry in entries {
            if entry.is_first() {
                if odd || in_doubt {
                    break;
                }
                odd = entry.is_odd();
            }
            let edge = self.edge(entry.index());
            // A corner at the latitude of the ray counts as below it, so that two edges that meet there count once.
            let (from_above, to_above) = (edge.from[1] > p[1], edge.to[1] > p[1]);
            let (side, error) = edge.rounded_side(p);
            let is_reached = edge.from[1].max(edge.to[1]) >= p[1];
            in_doubt |= is_reached & !(from_above & to_above) & (side.abs() <= error);
            let crossed = (from_above ^ to_above) & ((side > 0.0) == to_above);
            let beyond = (entry.begins_east() & from_above) ^ (entry.ends_east() & to_above);
            odd ^= (crossed ^ beyond) & (entry.index() < self.first_line);
        }
        if in_doubt { self.decide_exactly(entries, p) } else { odd }
    }

    /// The same for a position on an edge or very near to one.
    #[cold]
    fn decide_exactly(&self, entries: &[Entry], p: [f64; 2]) -> bool {
        let mut odd = false;
        for entry in entries {
            if entry.is_first() {
                if odd {
                    return true;
                }
                odd = entry.is_odd();
            }
            let edge = self.edge(entry.index());
            if edge.holds(p) {
                return true;
            }
            let (from_above, to_above) = (edge.from[1] > p[1], edge.to[1] > p[1]);
            let crossed = from_above != to_above && (edge.side(p) > 0.0) == to_above;
            let beyond = (entry.begins_east() && from_above) ^ (entry.ends_east() && to_above);
            odd ^= (crossed ^ beyond) && entry.index() < self.first_line;
        }
        odd
    }

    /// Whether an edge runs through a box or touches it.
    pub(super) fn runs_through(&self, b: &Bbox) -> bool {
        self.extent.intersects(b) && self.is_met_by(&Probe::Box(*b), &self.grids[0])
    }

    /// Whether a straight line crosses or touches an edge.
    pub(super) fn crosses(&self, from: [f64; 2], to: [f64; 2]) -> bool {
        let line = Edge { from, to };
        self.extent.intersects(&line.bbox()) && self.is_met_by(&Probe::Line(line), &self.grids[0])
    }

    fn is_met_by(&self, probe: &Probe, grid: &Grid) -> bool {
        let Some([first, last]) = probe.rows(grid) else { return false };
        let mut lists = (first..=last)
            .filter_map(|row| Some((row, probe.columns(grid, row)?)))
            .flat_map(|(row, columns)| grid.lists(row, columns));
        lists.any(|entries| match entries {
            [one] if one.is_finer() => self.is_met_by(probe, &self.grids[one.index()]),
            entries => entries.iter().any(|entry| probe.meets(&self.edge(entry.index()))),
        })
    }

    /// Whether a straight line crosses or touches a box.
    pub(super) fn segment_meets(from: [f64; 2], to: [f64; 2], b: &Bbox) -> bool {
        Edge { from, to }.meets_box(b)
    }

    /// Memory of the positions and grids.
    #[cfg(any(test, feature = "__private"))]
    pub(super) fn bytes(&self) -> usize {
        size_of_val(&self.positions[..]) + self.grids.iter().map(Grid::bytes).sum::<usize>()
    }
}

/// A shape whose edges in common with the drawing are searched.
enum Probe {
    Box(Bbox),
    Line(Edge),
}

impl Probe {
    fn rows(&self, grid: &Grid) -> Option<[u32; 2]> {
        match self {
            Self::Box(b) => clamped([b.south, b.north].map(|y| grid.y.signed_place(y)), grid.y.count()),
            Self::Line(line) => grid.rows(line),
        }
    }

    fn columns(&self, grid: &Grid, row: u32) -> Option<[u32; 2]> {
        let reach = match self {
            Self::Box(b) => [b.west, b.east].map(|x| grid.x.signed_place(x)),
            Self::Line(line) => grid.columns(line, row),
        };
        clamped(reach, grid.x.count())
    }

    fn meets(&self, edge: &Edge) -> bool {
        match self {
            Self::Box(b) => edge.meets_box(b),
            Self::Line(line) => edge.meets(line),
        }
    }
}

/// The positions of a drawing, its edges, and the index of the first edge of a line.
fn path(drawing: &Drawing) -> (Path, Vec<usize>, usize) {
    let mut path = Path { positions: Vec::new(), polygons: Vec::new(), count: drawing.polygons.len() };
    let mut edges = Vec::new();
    let mut add = |line: &[[f64; 2]], end: Option<&[f64; 2]>, polygon: usize| {
        let first = path.positions.len();
        path.positions.extend(line.iter().chain(end));
        edges.extend(first..path.positions.len().saturating_sub(1).max(first));
        path.polygons.resize(path.positions.len(), polygon);
        first
    };
    for (i, polygon) in drawing.polygons.iter().enumerate() {
        for ring in polygon {
            // Reading GeoJSON closes rings, but a ring of a stored query may be open.
            let end = ring.first().filter(|first| ring.last() != Some(*first));
            add(ring, end, i);
        }
    }
    let first_line = add(&[], None, 0);
    for line in &drawing.lines {
        add(line, None, drawing.polygons.len());
    }
    (path, edges, first_line)
}

#[cfg(test)]
mod tests;
