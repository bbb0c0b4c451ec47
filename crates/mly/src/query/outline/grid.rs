//! A grid of equal cells. Each is inside, outside, or has a list of the edges that can run through it.

use std::ops::Range;

use super::axis::Axis;
use super::edge::Edge;

/// An edge in the list of a cell, or a finer grid that stands for the list.
///
/// A position is inside a polygon when a ray from it to the east crosses an odd number of the polygon's edges. A cell
/// lists the edges that can run through it. Within its row, every other edge lies wholly west of the cell, where the
/// ray never meets it, or wholly east. Whether the ray crosses an odd number of the eastern ones depends on its
/// latitude only where a listed edge ends in the east: at such a corner an edge that is not listed begins or ends. At
/// all other corners in the east two edges that are not listed meet, and the parity stays. So each listed edge has two
/// marks, for whether it begins and ends east of the column, and the rest is one constant bit (`ODD`) per cell and
/// polygon. Marks are only compared and never computed with, so nothing here is rounded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry(usize);

impl Entry {
    /// The edge begins east of the column of the cell.
    const FROM_EAST: usize = 1;
    /// The edge ends east of the column of the cell.
    const TO_EAST: usize = 2;
    /// The first entry of a polygon, or of the lines.
    const FIRST: usize = 4;
    /// With `FIRST`: the polygon's count of crossings begins odd. Without: the entry refers to a finer grid.
    const ODD: usize = 8;
    const BITS: u32 = 4;

    pub(super) fn edge(index: usize, from_east: bool, to_east: bool) -> Self {
        let east = usize::from(from_east) * Self::FROM_EAST + usize::from(to_east) * Self::TO_EAST;
        Self((index << Self::BITS) | east)
    }

    pub(super) fn finer(grid: usize) -> Self {
        Self((grid << Self::BITS) | Self::ODD)
    }

    pub(super) fn begin_polygon(&mut self, odd: bool) {
        self.0 |= Self::FIRST | if odd { Self::ODD } else { 0 };
    }

    pub(super) fn index(self) -> usize {
        self.0 >> Self::BITS
    }

    pub(super) fn is_finer(self) -> bool {
        self.0 & (Self::FIRST | Self::ODD) == Self::ODD
    }

    pub(super) fn is_first(self) -> bool {
        self.0 & Self::FIRST != 0
    }

    pub(super) fn is_odd(self) -> bool {
        self.0 & Self::ODD != 0
    }

    pub(super) fn begins_east(self) -> bool {
        self.0 & Self::FROM_EAST != 0
    }

    pub(super) fn ends_east(self) -> bool {
        self.0 & Self::TO_EAST != 0
    }
}

/// Sixty-four cells: two bits each, and one number for all of them.
#[derive(Clone, Copy, Debug, Default)]
struct Word {
    /// All of the cell is in a polygon that it lists no edge of.
    inside: u64,
    /// The cell has a list.
    listed: u64,
    /// Number of cells with lists in the words before.
    before: usize,
}

/// What a cell says about its positions.
#[derive(Clone, Copy, Debug)]
pub(super) enum GridCell<'a> {
    Outside,
    Inside,
    Listed(&'a [Entry]),
}

/// A grid over a drawing or over a crowded cell of a coarser grid.
#[derive(Debug)]
pub(super) struct Grid {
    pub(super) x: Axis,
    pub(super) y: Axis,
    words: Vec<Word>,
    /// Where the list of each cell that has one begins in `entries`, and at last the number of entries.
    starts: Vec<usize>,
    entries: Vec<Entry>,
}

impl Grid {
    pub(super) fn new(x: Axis, y: Axis) -> Self {
        let cells = x.count() as usize * y.count() as usize;
        let words = vec![Word::default(); cells.div_ceil(64)];
        Self { x, y, words, starts: vec![0], entries: Vec::new() }
    }

    fn index(&self, row: u32, column: u32) -> usize {
        row as usize * self.x.count() as usize + column as usize
    }

    /// Marks cells of a row as wholly inside.
    pub(super) fn fill(&mut self, row: u32, columns: Range<u32>) {
        let (mut at, end) = (self.index(row, columns.start), self.index(row, columns.end));
        while at < end {
            let bits = (end - at).min(64 - at % 64);
            self.words[at / 64].inside |= (u64::MAX >> (64 - bits)) << (at % 64);
            at += bits;
        }
    }

    /// Adds the list of a cell; cells come row by row, from west to east.
    pub(super) fn push(&mut self, row: u32, column: u32, entries: &[Entry]) {
        let at = self.index(row, column);
        self.words[at / 64].listed |= 1 << (at % 64);
        self.entries.extend_from_slice(entries);
        self.starts.push(self.entries.len());
    }

    /// Completes the grid after the last list: counts the lists before each word, so that a list is found directly.
    pub(super) fn finish(mut self) -> Self {
        let mut before = 0;
        for word in &mut self.words {
            word.before = before;
            before += word.listed.count_ones() as usize;
        }
        self.entries.shrink_to_fit();
        self.starts.shrink_to_fit();
        self
    }

    /// The cell of a position within the ends of the grid.
    pub(super) fn cell(&self, [x, y]: [f64; 2]) -> GridCell<'_> {
        let at = self.index(self.y.place(y), self.x.place(x));
        let (word, bit) = (&self.words[at / 64], 1_u64 << (at % 64));
        if word.inside & bit != 0 {
            GridCell::Inside
        } else if word.listed & bit != 0 {
            GridCell::Listed(self.list(word, bit))
        } else {
            GridCell::Outside
        }
    }

    fn list(&self, word: &Word, bit: u64) -> &[Entry] {
        let nth = word.before + (word.listed & (bit - 1)).count_ones() as usize;
        &self.entries[self.starts[nth]..self.starts[nth + 1]]
    }

    /// The lists of the cells of a row between two columns, both included.
    pub(super) fn lists(&self, row: u32, [from, to]: [u32; 2]) -> impl Iterator<Item = &[Entry]> {
        let (from, to) = (self.index(row, from), self.index(row, to));
        (from / 64..=to / 64).flat_map(move |i| {
            let word = &self.words[i];
            let mut bits = word.listed;
            if i == from / 64 {
                bits &= u64::MAX << (from % 64);
            }
            if i == to / 64 {
                bits &= u64::MAX >> (63 - to % 64);
            }
            std::iter::from_fn(move || {
                let bit = bits & bits.wrapping_neg();
                bits ^= bit;
                (bit != 0).then(|| self.list(word, bit))
            })
        })
    }

    /// The rows that an edge can reach, or `None` when it passes the grid.
    pub(super) fn rows(&self, edge: &Edge) -> Option<[u32; 2]> {
        let b = edge.bbox();
        clamped([self.y.signed_place(b.south), self.y.signed_place(b.north)], self.y.count())
    }

    /// The columns that an edge can reach in a row: -1 stands for what is west of the grid, the number of columns for
    /// the east.
    pub(super) fn columns(&self, edge: &Edge, row: u32) -> [i64; 2] {
        let ([x0, y0], [x1, y1]) = (edge.from, edge.to);
        let along = |y: f64| {
            let part = (y - y0) / (y1 - y0);
            x0 + part.clamp(0.0, 1.0) * (x1 - x0)
        };
        let [low, high] = self.y.slab(row);
        let inside = y0.min(y1) >= low && y0.max(y1) <= high;
        let [a, b] = if inside || (y1 - y0).abs() <= 0.0 { [x0, x1] } else { [along(low), along(high)] };
        // The longitudes where the edge crosses the ends of the row are rounded; `slack` bounds that error.
        let size = x0.abs().max(x1.abs());
        let slack = 16.0 * f64::EPSILON * size;
        let mut reach = self.x.reach([a.min(b) - slack, a.max(b) + slack]);
        for [x, y] in [edge.from, edge.to] {
            if self.y.signed_place(y) == i64::from(row) {
                let place = self.x.signed_place(x);
                reach = [reach[0].min(place), reach[1].max(place)];
            }
        }
        reach
    }

    /// Memory of the cells and their lists.
    #[cfg(any(test, feature = "__private"))]
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>()
            + size_of_val(&self.words[..])
            + size_of_val(&self.starts[..])
            + size_of_val(&self.entries[..])
    }
}

/// The part of a range of rows or columns that lies in a grid; `None` when there is none.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 0..count")]
pub(super) fn clamped([from, to]: [i64; 2], count: u32) -> Option<[u32; 2]> {
    let (from, to) = (from.max(0), to.min(i64::from(count) - 1));
    (from <= to).then_some([from as u32, to as u32])
}
