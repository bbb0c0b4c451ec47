//! A grid of cells that decides most positions without the tree.

use super::ellipsoid::{Limit, Space, chord_m, in_space};
use super::reach::{Reach, sides};
use super::stretch::Stretch;

/// A cell with more stretches than this has no list: the tree finds the few of them that matter.
const CROWD: usize = 12;

/// Cells that a stretch and its surroundings cover on average, at most, and all of them together: comparing each takes time.
const COVERED_PER_STRETCH: usize = 100;
const COVERED: usize = 50_000_000;

/// Cells of the grid for each stretch, at most, and all of them together: each takes three bits.
const CELLS_PER_STRETCH: usize = 128;
const CELLS: usize = 250_000_000;

/// Cells and covered cells that even a single stretch may have.
const LEAST: usize = 4096;

/// Into how many parts the surroundings of a stretch of the mean size are divided in a direction.
const FINEST: f64 = 4.0;
const COARSEST: f64 = 1.0 / 16.0;

/// Cells no larger than this, in degrees, are told by their centre and their radius.
const LARGEST: f64 = 4.0;

/// What the grid says about a position.
#[derive(Clone, Copy, Debug)]
pub(super) enum GridVerdict<'a> {
    /// Beyond the distance of everything.
    Outside,
    /// Within the distance of something.
    Inside,
    /// Only these stretches can be within the distance.
    Among(&'a [u32]),
    /// The cell is too crowded.
    Unknown,
}

/// Equal cells over everything that the stretches reach.
#[derive(Debug)]
pub(super) struct NearGrid {
    x: CellAxis,
    y: CellAxis,
    /// What the cells say, row by row from south to north.
    words: Vec<CellWord>,
    /// Where the list of each cell that has one begins in `lists`, and at last their number. That of a crowded cell is empty.
    starts: Vec<u32>,
    lists: Vec<u32>,
}

/// Sixty-four cells.
#[derive(Clone, Copy, Debug, Default)]
struct CellWord {
    inside: u64,
    /// Partly within the distance.
    mixed: u64,
    /// Number of mixed cells in the words before.
    before: u32,
}

/// The cells in one direction.
#[derive(Clone, Copy, Debug)]
struct CellAxis {
    from: f64,
    to: f64,
    per_degree: f64,
    count: u32,
}

impl CellAxis {
    fn new([from, to]: [f64; 2], size: f64) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a cast stops at both ends"
        )]
        let count = ((to - from) / size).ceil().max(1.0) as u32;
        Self { from, to, per_degree: f64::from(count) / (to - from).max(f64::MIN_POSITIVE), count }
    }

    fn place(&self, at: f64) -> u32 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a cast stops at both ends"
        )]
        let place = ((at - self.from) * self.per_degree) as u32;
        place.min(self.count - 1)
    }

    fn places(&self, [from, to]: [f64; 2]) -> std::ops::RangeInclusive<u32> {
        self.place(from)..=self.place(to)
    }

    fn end(&self, place: u32) -> f64 {
        self.from + f64::from(place) / self.per_degree
    }

    fn has(&self, at: f64) -> bool {
        self.from <= at && at <= self.to
    }
}

impl NearGrid {
    /// A grid over the surroundings of all stretches; `None` where no grid fits them well, or where there are none.
    pub(super) fn new(stretches: &[Stretch], limit: &Limit) -> Option<Self> {
        let reaches: Vec<(u32, Reach)> = (0..)
            .zip(stretches)
            .flat_map(|(number, one)| sides(one, limit.metres).map(move |side| (number, side)))
            .collect();
        let mut grid = Self::sized(&reaches, stretches.len())?;
        let mixed = grid.compare(&reaches, stretches, limit);
        grid.list(&mixed);
        Some(grid)
    }

    /// An empty grid whose cells are as small as memory and time allow.
    fn sized(reaches: &[(u32, Reach)], stretches: usize) -> Option<Self> {
        let (mut lons, mut lats) = ([180.0_f64, -180.0_f64], [90.0_f64, -90.0_f64]);
        let (mut width, mut height) = (0.0, 0.0);
        for (_, Reach { lons: [west, east], lats: [south, north] }) in reaches {
            lons = [lons[0].min(*west), lons[1].max(*east)];
            lats = [lats[0].min(*south), lats[1].max(*north)];
            width += east - west;
            height += north - south;
        }
        let count = u32::try_from(reaches.len()).ok().filter(|count| *count > 0).map(f64::from)?;
        let most_cells = stretches.saturating_mul(CELLS_PER_STRETCH).clamp(LEAST, CELLS);
        let most_covered = stretches.saturating_mul(COVERED_PER_STRETCH).clamp(LEAST, COVERED);
        let mut parts = FINEST;
        while parts >= COARSEST {
            let x = CellAxis::new(lons, width / count / parts);
            let y = CellAxis::new(lats, height / count / parts);
            let cells = (x.count as usize).saturating_mul(y.count as usize);
            let covered =
                |(_, reach): &(u32, Reach)| x.places(reach.lons).count() * y.places(reach.lats).count();
            if 1.0 / x.per_degree > LARGEST || 1.0 / y.per_degree > LARGEST {
                return None;
            }
            if cells <= most_cells && reaches.iter().map(covered).sum::<usize>() <= most_covered {
                let words = vec![CellWord::default(); cells.div_ceil(64)];
                return Some(Self { x, y, words, starts: vec![0], lists: Vec::new() });
            }
            parts /= 2.0;
        }
        None
    }

    /// The word of a cell and its bit there.
    fn place(&self, column: u32, row: u32) -> (usize, u32) {
        let cell = row as usize * self.x.count as usize + column as usize;
        (cell / 64, u32::try_from(cell % 64).unwrap_or_default())
    }

    /// Marks the cells that are inside and those that are mixed, and returns the latter with the stretches that a part of them
    /// may be near to.
    ///
    /// A cell is compared by its centre: no place of it is farther from there than its radius, so its distance from a stretch
    /// differs by less.
    fn compare(
        &mut self,
        reaches: &[(u32, Reach)],
        stretches: &[Stretch],
        limit: &Limit,
    ) -> Vec<([u32; 2], u32)> {
        let centres = Centres::new(&self.x, &self.y);
        let mut mixed = Vec::new();
        for (number, reach) in reaches {
            let Some(stretch) = stretches.get(*number as usize) else { continue };
            for row in self.y.places(reach.lats) {
                let radius_m = centres.radius_m(row);
                for column in self.x.places(reach.lons) {
                    let (word, bit) = self.place(column, row);
                    let word = &mut self.words[word];
                    if word.inside >> bit & 1 == 1 {
                        continue;
                    }
                    let chord = stretch.chord_to(centres.of(column, row));
                    if chord + radius_m + stretch.bends_m <= limit.surely_m {
                        word.inside |= 1 << bit;
                    } else if chord - radius_m - stretch.bends_m <= limit.at_most_m {
                        word.mixed |= 1 << bit;
                        mixed.push(([column, row], *number));
                    }
                }
            }
        }
        mixed
    }

    /// Gives the mixed cells their lists.
    fn list(&mut self, mixed: &[([u32; 2], u32)]) {
        let mut before = 0;
        for word in &mut self.words {
            word.mixed &= !word.inside;
            word.before = before;
            before += word.mixed.count_ones();
        }
        let mut counts = vec![0_usize; before as usize];
        let numbers = || mixed.iter().filter_map(|(cell, number)| Some((self.number(*cell)?, *number)));
        numbers().for_each(|(cell, _)| counts[cell] += 1);
        let (mut starts, mut all) = (vec![0_u32], 0_u32);
        for count in counts.iter().map(|count| if *count > CROWD { 0 } else { *count }) {
            all += u32::try_from(count).unwrap_or_default();
            starts.push(all);
        }
        let (mut next, mut lists) = (starts.clone(), vec![0; all as usize]);
        for (cell, number) in numbers().filter(|(cell, _)| counts[*cell] <= CROWD) {
            lists[next[cell] as usize] = number;
            next[cell] += 1;
        }
        (self.starts, self.lists) = (starts, lists);
    }

    /// The number of a cell among the mixed ones, if it is one.
    fn number(&self, [column, row]: [u32; 2]) -> Option<usize> {
        let (word, bit) = self.place(column, row);
        let word = &self.words[word];
        let is_mixed = word.mixed >> bit & 1 == 1;
        is_mixed.then(|| (word.before + (word.mixed & ((1 << bit) - 1)).count_ones()) as usize)
    }

    /// What is known about a position with a longitude of -180 to 180.
    pub(super) fn look(&self, [lon, lat]: [f64; 2]) -> GridVerdict<'_> {
        if !(self.x.has(lon) && self.y.has(lat)) {
            return GridVerdict::Outside;
        }
        let (column, row) = (self.x.place(lon), self.y.place(lat));
        let (word, bit) = self.place(column, row);
        if self.words[word].inside >> bit & 1 == 1 {
            return GridVerdict::Inside;
        }
        match self.number([column, row]) {
            None => GridVerdict::Outside,
            Some(number) => match &self.lists[self.starts[number] as usize..self.starts[number + 1] as usize]
            {
                [] => GridVerdict::Unknown,
                some => GridVerdict::Among(some),
            },
        }
    }

    /// Memory of the cells and lists.
    #[cfg(feature = "__private")]
    pub(super) fn bytes(&self) -> usize {
        size_of_val(&self.words[..]) + size_of_val(&self.starts[..]) + size_of_val(&self.lists[..])
    }
}

/// The centres of all cells in space, from what the cells of a column and those of a row share.
struct Centres {
    /// Cosine and sine of the longitude.
    columns: Vec<[f64; 2]>,
    /// Distance from the axis of the earth and height above the equator, and how far a place of the cell is from its centre.
    rows: Vec<([f64; 2], f64)>,
}

impl Centres {
    fn new(x: &CellAxis, y: &CellAxis) -> Self {
        let middle = |axis: &CellAxis, place: u32| axis.end(place).midpoint(axis.end(place + 1));
        let half_width = 0.5 / x.per_degree;
        let columns = (0..x.count).map(|place| {
            let (sin, cos) = middle(x, place).to_radians().sin_cos();
            [cos, sin]
        });
        let rows = (0..y.count).map(|place| {
            let centre = in_space([0.0, middle(y, place)]);
            let corner = |lat: f64| chord_m(centre, in_space([half_width, lat]));
            let farthest = corner(y.end(place)).max(corner(y.end(place + 1)));
            // The sides bulge, and rounding may put a position into the next cell.
            ([centre[0], centre[2]], farthest * 1.01 + 0.01)
        });
        Self { columns: columns.collect(), rows: rows.collect() }
    }

    fn of(&self, column: u32, row: u32) -> Space {
        let ([cos, sin], ([across, up], _)) = (self.columns[column as usize], self.rows[row as usize]);
        [across * cos, across * sin, up]
    }

    fn radius_m(&self, row: u32) -> f64 {
        self.rows[row as usize].1
    }
}
