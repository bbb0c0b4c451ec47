//! A grid of cells that decides most positions without the tree.

use super::angle::Angle;
use super::ellipsoid::{Limit, Space, chord_m, in_space, in_space_of};
use super::reach::{Reach, sides};
use super::stretch::{Stretch, is_within};

/// A cell with more stretches than this has no list: the tree finds the few of them that matter.
const CROWD: u32 = 12;

/// Cells that a stretch and its surroundings cover on average, at most, and all of them together: comparing each takes time.
const COVERED_PER_STRETCH: usize = 100;
const COVERED: usize = 50_000_000;

/// Cells of the grid for each stretch, at most, and all of them together: each takes three bits.
const CELLS_PER_STRETCH: usize = 128;
const CELLS: usize = 250_000_000;

/// Cells and covered cells that even a single stretch may have.
const LEAST: usize = 4096;

/// Columns and rows, at most: each takes 24 bytes.
const LONGEST: u32 = 1 << 22;

/// Into how many parts the surroundings of a stretch of the mean size are divided in a direction: one is quick to make, more
/// are for places where many stretches are near to each other.
const PARTS: [f64; 2] = [1.0, 4.0];

/// With fewer parts than this a grid decides too little.
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
    /// Only these stretches can be within the distance of the position, which is there in space.
    Among(Space, &'a [u32]),
    /// The cell is too crowded.
    Unknown,
}

/// Equal cells over everything that the stretches reach.
#[derive(Debug)]
pub(super) struct NearGrid {
    x: CellAxis,
    y: CellAxis,
    /// The longitude and latitude of the centres of the cells.
    columns: Vec<Angle>,
    rows: Vec<Angle>,
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

    fn centres(&self) -> Vec<Angle> {
        (0..self.count).map(|place| Angle::new(self.end(place).midpoint(self.end(place + 1)))).collect()
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
        let mut made: Option<Self> = None;
        for parts in PARTS {
            let mut grid = Self::sized(&reaches, stretches.len(), parts)?;
            if made.as_ref().is_some_and(|made| made.words.len() == grid.words.len()) {
                break;
            }
            let mut mixed = grid.compare(&reaches, stretches, limit);
            let is_crowded = grid.list(&mut mixed);
            made = Some(grid);
            if !is_crowded {
                break;
            }
        }
        made
    }

    /// An empty grid whose cells are as small as memory and time allow.
    fn sized(reaches: &[(u32, Reach)], stretches: usize, mut parts: f64) -> Option<Self> {
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
        while parts >= COARSEST {
            let x = CellAxis::new(lons, width / count / parts);
            let y = CellAxis::new(lats, height / count / parts);
            let cells = (x.count as usize).saturating_mul(y.count as usize);
            let covered =
                |(_, reach): &(u32, Reach)| x.places(reach.lons).count() * y.places(reach.lats).count();
            if 1.0 / x.per_degree > LARGEST || 1.0 / y.per_degree > LARGEST {
                return None;
            }
            if cells <= most_cells
                && x.count.max(y.count) <= LONGEST
                && reaches.iter().map(covered).sum::<usize>() <= most_covered
            {
                let words = vec![CellWord::default(); cells.div_ceil(64)];
                let (columns, rows) = (x.centres(), y.centres());
                return Some(Self { x, y, columns, rows, words, starts: vec![0], lists: Vec::new() });
            }
            parts /= 2.0;
        }
        None
    }

    /// The place of a cell in the rows of all cells.
    fn cell(&self, column: u32, row: u32) -> u32 {
        row * self.x.count + column
    }

    /// How far places of a cell of a row are from its centre, at most.
    fn radius_m(&self, row: u32) -> f64 {
        let centre = in_space_of((0.0, 1.0), self.rows[row as usize].sin_cos());
        let corner = |lat: f64| chord_m(centre, in_space([0.5 / self.x.per_degree, lat]));
        let farthest = corner(self.y.end(row)).max(corner(self.y.end(row + 1)));
        // The sides bulge, and rounding may put a position into the next cell.
        farthest * 1.01 + 0.01
    }

    /// Marks the cells that are inside and those that are mixed, and returns the latter with the stretches that a part of them
    /// may be near to.
    ///
    /// A cell is compared by its centre: no place of it is farther from there than its radius, so its distance from a stretch
    /// differs by less.
    fn compare(&mut self, reaches: &[(u32, Reach)], stretches: &[Stretch], limit: &Limit) -> Vec<(u32, u32)> {
        let radiuses: Vec<f64> = (0..self.y.count).map(|row| self.radius_m(row)).collect();
        let mut mixed = Vec::with_capacity(reaches.len());
        for (number, reach) in reaches {
            let Some(stretch) = stretches.get(*number as usize) else { continue };
            for row in self.y.places(reach.lats) {
                let (latitude, radius_m) = (self.rows[row as usize].sin_cos(), radiuses[row as usize]);
                for column in self.x.places(reach.lons) {
                    let cell = self.cell(column, row);
                    let word = &mut self.words[cell as usize / 64];
                    let bit = 1 << (cell % 64);
                    if word.inside & bit != 0 {
                        continue;
                    }
                    let centre = in_space_of(self.columns[column as usize].sin_cos(), latitude);
                    let (square, unsure_m) = (stretch.square_to(centre), radius_m + stretch.bends_m);
                    if is_within(square, limit.surely_m - unsure_m) {
                        word.inside |= bit;
                    } else if is_within(square, limit.at_most_m + unsure_m) {
                        word.mixed |= bit;
                        mixed.push((cell, *number));
                    }
                }
            }
        }
        mixed
    }

    /// Gives the mixed cells their lists. Whether most of what they would list is in crowded cells, which have none.
    fn list(&mut self, mixed: &mut Vec<(u32, u32)>) -> bool {
        let mut before = 0;
        for word in &mut self.words {
            word.mixed &= !word.inside;
            word.before = before;
            before += word.mixed.count_ones();
        }
        let mut counts = vec![0_u32; before as usize];
        mixed.retain_mut(|(cell, _)| match self.number(*cell) {
            Some(number) => {
                *cell = number;
                counts[number as usize] += 1;
                true
            }
            None => false,
        });
        let (mut starts, mut all) = (Vec::with_capacity(counts.len() + 1), 0);
        starts.push(0);
        for count in counts.iter().map(|count| if *count > CROWD { 0 } else { *count }) {
            all += count;
            starts.push(all);
        }
        let (mut next, mut lists) = (starts.clone(), vec![0; all as usize]);
        for (number, stretch) in mixed.iter().filter(|(number, _)| counts[*number as usize] <= CROWD) {
            let next = &mut next[*number as usize];
            lists[*next as usize] = *stretch;
            *next += 1;
        }
        (self.starts, self.lists) = (starts, lists);
        self.lists.len() < mixed.len() / 2
    }

    /// The number of a cell among the mixed ones, if it is one.
    fn number(&self, cell: u32) -> Option<u32> {
        let (word, bit) = (&self.words[cell as usize / 64], 1 << (cell % 64));
        let is_mixed = word.mixed & bit != 0;
        is_mixed.then(|| word.before + (word.mixed & (bit - 1)).count_ones())
    }

    /// What is known about a position with a longitude of -180 to 180.
    pub(super) fn look(&self, [lon, lat]: [f64; 2]) -> GridVerdict<'_> {
        if !(self.x.has(lon) && self.y.has(lat)) {
            return GridVerdict::Outside;
        }
        let (column, row) = (self.x.place(lon), self.y.place(lat));
        let cell = self.cell(column, row);
        if self.words[cell as usize / 64].inside & 1 << (cell % 64) != 0 {
            return GridVerdict::Inside;
        }
        let Some(number) = self.number(cell) else { return GridVerdict::Outside };
        let number = number as usize;
        match &self.lists[self.starts[number] as usize..self.starts[number + 1] as usize] {
            [] => GridVerdict::Unknown,
            some => {
                let longitude = self.columns[column as usize].sin_cos_near(lon);
                let latitude = self.rows[row as usize].sin_cos_near(lat);
                GridVerdict::Among(in_space_of(longitude, latitude), some)
            }
        }
    }

    /// Memory of the cells and lists.
    #[cfg(feature = "__private")]
    pub(super) fn bytes(&self) -> usize {
        let centres = size_of_val(&self.columns[..]) + size_of_val(&self.rows[..]);
        centres + size_of_val(&self.words[..]) + size_of_val(&self.starts[..]) + size_of_val(&self.lists[..])
    }
}
