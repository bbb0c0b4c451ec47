//! One direction of a grid: which of its slabs a coordinate lies in.

/// Slabs of equal size along one direction; the outermost reach to the ends of the grid.
///
/// [`place`](Axis::place) never decreases while the coordinate grows, even after rounding. The grid is exact because of
/// that alone: it does not matter where precisely one slab ends and the next begins.
#[derive(Debug)]
pub(super) struct Axis {
    lowest: f64,
    highest: f64,
    origin: f64,
    per_unit: f64,
    count: u32,
}

impl Axis {
    /// A generous bound on how far rounding can move the end of a slab, for coordinates of this size.
    fn slack(size: f64) -> f64 {
        32.0 * f64::EPSILON * size + f64::MIN_POSITIVE
    }

    /// About `count` slabs from `from` to `to`, for coordinates within `lowest..=highest`.
    pub(super) fn new([lowest, highest]: [f64; 2], [from, to]: [f64; 2], count: f64) -> Self {
        let slack = Self::slack(from.abs().max(to.abs()));
        // Thinner slabs would be no wider than the slack around them.
        let count = count.min((to - from) / (8.0 * slack)).clamp(1.0, f64::from(1 << 30)).floor();
        let per_unit = count / (to - from);
        if count < 2.0 || !per_unit.is_finite() {
            return Self { lowest, highest, origin: from, per_unit: 0.0, count: 1 };
        }
        Self { lowest, highest, origin: from, per_unit, count: whole(count) }
    }

    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// The slab of a coordinate within the ends of the axis.
    pub(super) fn place(&self, at: f64) -> u32 {
        whole((at - self.origin) * self.per_unit).min(self.count - 1)
    }

    /// The slab of any coordinate: -1 below the lowest, the number of slabs above the highest.
    pub(super) fn signed_place(&self, at: f64) -> i64 {
        if at < self.lowest {
            -1
        } else if at > self.highest {
            i64::from(self.count)
        } else {
            i64::from(self.place(at))
        }
    }

    /// An interval slightly wider than a slab, so that neither of its ends lies in the slab.
    ///
    /// The extra width covers rounding. It also covers real numbers between the last float of a slab and the first of
    /// the next, which count as in both.
    pub(super) fn slab(&self, place: u32) -> [f64; 2] {
        let end = |i: u32| self.origin + f64::from(i) / self.per_unit;
        let slack = Self::slack(self.lowest.abs().max(self.highest.abs()).max(self.origin.abs()));
        let from = if place == 0 { self.lowest.next_down() } else { end(place) - slack };
        let to = if place + 1 == self.count { self.highest.next_up() } else { end(place + 1) + slack };
        [from, to]
    }

    /// The first and the last slab that an interval can reach, rounding included; beyond the ends of the axis as in
    /// `signed_place`.
    pub(super) fn reach(&self, [from, to]: [f64; 2]) -> [i64; 2] {
        let slack = Self::slack(from.abs().max(to.abs()));
        [self.signed_place(from - slack), self.signed_place(to + slack)]
    }

    /// The lowest and the highest float in a slab, or `None` when it holds none.
    pub(super) fn numbers(&self, place: u32) -> Option<[f64; 2]> {
        let first = self.first_from(place);
        let next = self.first_from(place.saturating_add(1));
        let last = if self.place(next) > place { next.next_down() } else { self.highest };
        (self.place(first) == place && self.place(last) == place && first <= last).then_some([first, last])
    }

    /// The lowest float in this slab or a later one; the highest of the axis when there is none. A binary search over
    /// all floats, because only `place` itself knows how it rounds.
    fn first_from(&self, place: u32) -> f64 {
        let (mut low, mut high) = (rank(self.lowest), rank(self.highest));
        while low < high {
            // The mean of the two, rounded down, without overflow.
            let middle = (low & high) + ((low ^ high) >> 1);
            if self.place(number(middle)) >= place {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        number(low)
    }
}

/// The number of a float when all floats are counted in ascending order.
fn rank(number: f64) -> i64 {
    flip(number.to_bits().cast_signed())
}

/// The float of a [`rank`].
fn number(rank: i64) -> f64 {
    f64::from_bits(flip(rank).cast_unsigned())
}

/// Reverses the order of the bits of negative floats, which as integers run against the order of the numbers. Applied
/// twice it changes nothing.
fn flip(bits: i64) -> i64 {
    bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast stops at 0 and the largest"
)]
fn whole(at: f64) -> u32 {
    at as u32
}
