//! Builds the grids from the edges, row by row.

use std::collections::VecDeque;

use super::axis::Axis;
use super::edge::Edge;
use super::grid::{Entry, Grid, clamped};

/// Cells of a grid, for each of its edges.
const CELLS_PER_EDGE: f64 = 120.0;

/// How many cells an edge may cross, on average: long edges make a coarser grid.
const CROSSED_PER_EDGE: u32 = 6;

/// A drawing with more edges than this has fewer cells for each of them: the grid is made in half the time and takes half the
/// memory, and most of its cells still have no edge.
const MANY_EDGES: usize = 1_000_000;

/// How many cells an edge of such a drawing may cross, on average.
const CROSSED_PER_EDGE_OF_MANY: u32 = 2;

/// A cell with more edges than this gets a finer grid, as long as [`FINER_PER_EDGE`] allows it.
const CROWD: usize = 12;

/// All finer grids together may list this many entries for each edge of the drawing, which limits the memory.
const FINER_PER_EDGE: usize = 16;

/// How deep grids nest, for drawings with details of very different size.
const DEPTH: u8 = 8;

/// The positions of all rings and lines, one after the other.
#[derive(Debug)]
pub(super) struct Path {
    pub(super) positions: Vec<[f64; 2]>,
    /// The polygon of the edge that begins at each position. Lines come last, and their number is `count`.
    pub(super) polygons: Vec<usize>,
    /// Number of polygons.
    pub(super) count: usize,
}

impl Path {
    fn edge(&self, index: usize) -> Edge {
        Edge { from: self.positions[index], to: self.positions[index + 1] }
    }

    fn is_line(&self, index: usize) -> bool {
        self.polygons[index] == self.count
    }
}

/// A crowded cell, or at first the whole drawing.
struct CrowdedCell {
    entries: Vec<Entry>,
    lons: [f64; 2],
    lats: [f64; 2],
    depth: u8,
}

/// The edges that can reach each row of a grid.
struct EdgesByRow {
    /// Where the edges of each row begin, and at last where those of the last row end.
    starts: Vec<usize>,
    edges: Vec<usize>,
}

impl EdgesByRow {
    /// Counts the edges of each row first, so that each edge is put where it belongs at once.
    fn new(path: &Path, grid: &Grid, entries: &[Entry]) -> Self {
        let rows = |entry: &Entry| {
            let [first, last] = grid.rows(&path.edge(entry.index())).unwrap_or([1, 0]);
            first as usize..last as usize + 1
        };
        let mut starts = vec![0; grid.y.count() as usize + 1];
        for entry in entries {
            for row in rows(entry) {
                starts[row + 1] += 1;
            }
        }
        for row in 1..starts.len() {
            starts[row] += starts[row - 1];
        }
        let (mut next, mut edges) = (starts.clone(), vec![0; starts.last().copied().unwrap_or_default()]);
        for entry in entries {
            for row in rows(entry) {
                edges[next[row]] = entry.index();
                next[row] += 1;
            }
        }
        Self { starts, edges }
    }

    fn row(&self, row: u32) -> &[usize] {
        &self.edges[self.starts[row as usize]..self.starts[row as usize + 1]]
    }
}

/// For each polygon, whether a ray to the east along the lower end of the row crosses an odd number of the edges that
/// lie wholly east of the current cell.
#[derive(Default)]
struct Crossings {
    odd: Vec<bool>,
    /// How many polygons are odd.
    count: usize,
}

impl Crossings {
    fn toggle(&mut self, polygon: usize) {
        let odd = &mut self.odd[polygon];
        *odd = !*odd;
        if *odd { self.count += 1 } else { self.count -= 1 }
    }
}

/// The grids of a drawing: the first covers all of it, and its crowded cells refer to the others by number.
pub(super) fn grids(path: &Path, edges: Vec<usize>, lons: [f64; 2], lats: [f64; 2]) -> Vec<Grid> {
    let mut builder = Builder {
        path,
        crossings: Crossings { odd: vec![false; path.count + 1], count: 0 },
        room: edges.len().saturating_mul(FINER_PER_EDGE),
        jobs: VecDeque::new(),
        promised: 1,
        crossed_per_edge: if edges.len() > MANY_EDGES { CROSSED_PER_EDGE_OF_MANY } else { CROSSED_PER_EDGE },
    };
    let entries = edges.into_iter().map(|index| Entry::edge(index, false, false)).collect();
    builder.jobs.push_back(CrowdedCell { entries, lons, lats, depth: 0 });
    let mut grids = Vec::new();
    while let Some(job) = builder.jobs.pop_front() {
        grids.push(builder.grid(&job));
    }
    grids
}

struct Builder<'a> {
    path: &'a Path,
    crossings: Crossings,
    /// How many entries further finer grids may have.
    room: usize,
    jobs: VecDeque<CrowdedCell>,
    /// Grids that are built, or will be from `jobs`.
    promised: usize,
    crossed_per_edge: u32,
}

impl Builder<'_> {
    fn grid(&mut self, job: &CrowdedCell) -> Grid {
        let mut grid = self.plan(job);
        let edges = EdgesByRow::new(self.path, &grid, &job.entries);
        let mut flips = self.enter(&grid, job).into_iter().peekable();
        for row in 0..grid.y.count() {
            self.row(&mut grid, job, row, edges.row(row));
            while let Some((_, polygon)) = flips.next_if(|(last, _)| *last == i64::from(row)) {
                self.crossings.toggle(polygon);
            }
        }
        for entry in &job.entries {
            self.crossings.odd[self.path.polygons[entry.index()]] = false;
        }
        self.crossings.count = 0;
        grid.finish()
    }

    /// Cells in the shape that the edges of a job need: many rows for upright edges, many columns for lying ones.
    fn plan(&self, job: &CrowdedCell) -> Grid {
        let (mut x, mut y) = (Spread::new(job.lons), Spread::new(job.lats));
        for entry in &job.entries {
            let Edge { from, to } = self.path.edge(entry.index());
            x.add(from[0], to[0]);
            y.add(from[1], to[1]);
        }
        let edges = as_f64(job.entries.len());
        let cells = (edges * CELLS_PER_EDGE).clamp(1.0, f64::from(1 << 30));
        let (crossed_x, crossed_y) = (x.crossed(), y.crossed());
        let (mut columns, mut rows) =
            ((cells * crossed_y / crossed_x).sqrt(), (cells * crossed_x / crossed_y).sqrt());
        (columns, rows) = (columns.clamp(1.0, cells), rows.clamp(1.0, cells));
        let crossed = columns * crossed_x + rows * crossed_y;
        let scale = (f64::from(self.crossed_per_edge) * edges / crossed).min(1.0);
        Grid::new(x.axis(job.lons, columns * scale), y.axis(job.lats, rows * scale))
    }

    /// Counts the edges east of the whole cell at the lower end of its first row, and returns the rows after which the
    /// count of a polygon changes: those in which a listed edge ends east of the cell.
    fn enter(&mut self, grid: &Grid, job: &CrowdedCell) -> Vec<(i64, usize)> {
        let mut flips = Vec::new();
        for entry in &job.entries {
            let index = entry.index();
            if self.path.is_line(index) {
                break;
            }
            let polygon = self.path.polygons[index];
            if entry.is_first() && entry.is_odd() {
                self.crossings.toggle(polygon);
            }
            let Edge { from, to } = self.path.edge(index);
            for (position, is_east) in [(from, entry.begins_east()), (to, entry.ends_east())] {
                let row = grid.y.signed_place(position[1]);
                if is_east && row >= 0 {
                    self.crossings.toggle(polygon);
                    flips.push((row, polygon));
                }
            }
        }
        flips.sort_unstable();
        flips
    }

    /// Fills the cells of a row from west to east.
    fn row(&mut self, grid: &mut Grid, job: &CrowdedCell, row: u32, edges: &[usize]) {
        let (mut cells, mut reached) = (Vec::new(), Vec::new());
        for &index in edges {
            let edge = self.path.edge(index);
            let columns = grid.columns(&edge, row);
            if let Some([first, last]) = clamped(columns, grid.x.count()) {
                cells.extend((first..=last).map(|column| (column, index)));
            }
            let is_above = |[_, y]: [f64; 2]| grid.y.signed_place(y) >= i64::from(row);
            // Seen from the west end of the row, every edge that crosses its lower end lies in the east. It is counted
            // until the first column that it reaches: there it is listed, and further on it lies in the west.
            if columns[0] >= 0 && is_above(edge.from) != is_above(edge.to) && !self.path.is_line(index) {
                let polygon = self.path.polygons[index];
                self.crossings.toggle(polygon);
                reached.push((columns[0], polygon));
            }
        }
        cells.sort_unstable();
        reached.sort_unstable();
        let mut reached = reached.into_iter().peekable();
        let mut done = 0;
        for cell in cells.chunk_by(|a, b| a.0 == b.0) {
            let column = cell[0].0;
            if self.crossings.count > 0 {
                grid.fill(row, done..column);
            }
            while let Some((_, polygon)) = reached.next_if(|(first, _)| *first <= i64::from(column)) {
                self.crossings.toggle(polygon);
            }
            self.cell(grid, job, [column, row], cell);
            done = column + 1;
        }
        if self.crossings.count > 0 {
            grid.fill(row, done..grid.x.count());
        }
        reached.for_each(|(_, polygon)| self.crossings.toggle(polygon));
    }

    fn cell(&mut self, grid: &mut Grid, job: &CrowdedCell, [column, row]: [u32; 2], edges: &[(u32, usize)]) {
        let mut entries = Vec::with_capacity(edges.len());
        let mut listed_odd = 0;
        for edges in edges.chunk_by(|a, b| self.path.polygons[a.1] == self.path.polygons[b.1]) {
            let polygon = self.path.polygons[edges[0].1];
            let mut odd = self.crossings.odd[polygon];
            listed_odd += usize::from(odd);
            let first = entries.len();
            for &(_, index) in edges {
                let edge = self.path.edge(index);
                let is_east = |[x, _]: [f64; 2]| grid.x.signed_place(x) > i64::from(column);
                let is_above = |[_, y]: [f64; 2]| grid.y.signed_place(y) >= i64::from(row);
                let (from_east, to_east) = (is_east(edge.from), is_east(edge.to));
                odd ^= (from_east && is_above(edge.from)) ^ (to_east && is_above(edge.to));
                entries.push(Entry::edge(index, from_east, to_east));
            }
            entries[first].begin_polygon(odd && polygon < self.path.count);
        }
        // The whole cell is inside a polygon that has no edge in it.
        if self.crossings.count > listed_odd {
            grid.fill(row, column..column + 1);
        }
        match self.finer(grid, job, [column, row], &mut entries) {
            Some(finer) => grid.push(row, column, &[finer]),
            None => grid.push(row, column, &entries),
        }
    }

    /// Plans a finer grid for a crowded cell, if there is room for it, and returns the entry that refers to it.
    fn finer(
        &mut self,
        grid: &Grid,
        job: &CrowdedCell,
        [column, row]: [u32; 2],
        entries: &mut Vec<Entry>,
    ) -> Option<Entry> {
        let needed = entries.len() * self.crossed_per_edge as usize;
        if entries.len() <= CROWD || job.depth >= DEPTH || self.room < needed {
            return None;
        }
        let (lons, lats) = (grid.x.numbers(column)?, grid.y.numbers(row)?);
        self.room -= needed;
        self.jobs.push_back(CrowdedCell {
            entries: std::mem::take(entries),
            lons,
            lats,
            depth: job.depth + 1,
        });
        self.promised += 1;
        Some(Entry::finer(self.promised - 1))
    }
}

/// The extent of the edges of a cell in one direction.
struct Spread {
    /// The ends of the cell.
    ends: [f64; 2],
    from: f64,
    to: f64,
    /// Sum of the lengths of all edges in this direction.
    length: f64,
}

impl Spread {
    fn new(ends: [f64; 2]) -> Self {
        Self { ends, from: ends[1], to: ends[0], length: 0.0 }
    }

    fn add(&mut self, a: f64, b: f64) {
        let (low, high) = (a.min(b).max(self.ends[0]), a.max(b).min(self.ends[1]));
        if low <= high {
            (self.from, self.to) = (self.from.min(low), self.to.max(high));
            self.length += high - low;
        }
    }

    /// How many times the edges, laid end to end, would cross the whole grid in this direction; never 0, since it is a
    /// divisor.
    fn crossed(&self) -> f64 {
        let size = self.to - self.from;
        if size > 0.0 { (self.length / size).max(1e-3) } else { 1e-3 }
    }

    /// Adds an empty slab at either end, so that positions beyond the edges fall into cells without a list.
    fn axis(&self, ends: [f64; 2], count: f64) -> Axis {
        let slab = (self.to - self.from).max(0.0) / count.max(1.0);
        Axis::new(ends, [(self.from - slab).max(ends[0]), (self.to + slab).min(ends[1])], count + 2.0)
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of edges are far below 2^52")]
fn as_f64(count: usize) -> f64 {
    count as f64
}
