//! Short stretches of lines, and their distances from positions and from each other.
//!
//! A stretch is straight in longitude and latitude, as the edges of GeoJSON are (RFC 7946, section 3.1.1). In space it is
//! almost a straight line, and how far it bends away from that line is known. So a comparison in space, a few
//! multiplications, decides unless the limit is about as far as the stretch bends; only then the exact distance is searched.

use super::ellipsoid::{Limit, Space, at, chord_m, distance_m, dot, in_space, minus, most_bent_m};

/// Stretches are no longer than this in degrees, so that they hardly bend.
const LONGEST: f64 = 0.25;

/// How much more than at its middle a stretch may bend elsewhere, and the least that it bends, in metres.
const BENDS: f64 = 1.25;
const ROUNDING_M: f64 = 1e-8;

/// A bound below this is taken as it is; above, it is measured how much the stretch bends.
const LITTLE_M: f64 = 0.05;

/// Steps of the search for the nearest place of a stretch. Each makes the interval shorter by 0.618, which is a millimetre
/// of 30 km in the end; the error of the distance is far less, since it hardly changes near its minimum.
const STEPS: usize = 36;

/// A point, or a short part of a line.
///
/// What nearly every comparison needs comes first, in one line of the processor's cache.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(super) struct Stretch {
    pub(super) start: Space,
    pub(super) along: Space,
    /// One divided by the square of its length; 0 for a point.
    per_square: f64,
    /// How far it may be from the straight line between its ends.
    pub(super) bends_m: f64,
    /// The number of the feature that it is a part of.
    pub(super) feature: u32,
    /// Longitude and latitude of its ends. Longitudes may exceed 180, where a line crosses the antimeridian.
    pub(super) from: [f64; 2],
    pub(super) to: [f64; 2],
}

/// An end of a line, and where it is in space.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct LineEnd([f64; 2], Space);

impl LineEnd {
    pub(super) fn new(position: [f64; 2]) -> Self {
        Self(position, in_space(position))
    }

    /// The same, unless it is this other one already: most lines begin where another one ends.
    pub(super) fn after(self, position: [f64; 2]) -> Self {
        if is_one(self.0, position) { self } else { Self::new(position) }
    }
}

impl Stretch {
    pub(super) fn point(position: [f64; 2], feature: u32) -> Self {
        let end = LineEnd::new(position);
        Self::new(end, end, feature)
    }

    fn new(LineEnd(from, start): LineEnd, LineEnd(to, end): LineEnd, feature: u32) -> Self {
        let along = minus(end, start);
        let bends_m = match most_bent_m(from, to) {
            little if little < LITTLE_M => little,
            _ => {
                let middle = [from[0].midpoint(to[0]), from[1].midpoint(to[1])];
                BENDS * chord_m(in_space(middle), at(start, along, 0.5))
            }
        };
        let square = dot(along, along);
        let per_square = if square > 0.0 { square.recip() } else { 0.0 };
        Self { start, along, per_square, bends_m: bends_m + ROUNDING_M, feature, from, to }
    }

    /// The stretches of a straight line in longitude and latitude.
    pub(super) fn of_line(begin: LineEnd, end: LineEnd, feature: u32) -> impl Iterator<Item = Self> {
        let (LineEnd(from, _), LineEnd(to, _)) = (begin, end);
        let size = (to[0] - from[0]).abs().max((to[1] - from[1]).abs());
        // At most 1440 for a line around the earth.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and positive")]
        let count = (size / LONGEST).ceil().max(1.0) as u32;
        let place = move |i: u32| {
            if i == 0 || i == count {
                return if i == 0 { begin } else { end };
            }
            let t = f64::from(i) / f64::from(count);
            LineEnd::new([from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1])])
        };
        (0..count).map(move |i| Self::new(place(i), place(i + 1), feature))
    }

    pub(super) fn end(&self) -> Space {
        at(self.start, self.along, 1.0)
    }

    /// The square of the straight distance in space from a position to the line between the ends.
    pub(super) fn square_to(&self, p: Space) -> f64 {
        let t = (dot(minus(p, self.start), self.along) * self.per_square).clamp(0.0, 1.0);
        let d = minus(p, at(self.start, self.along, t));
        dot(d, d)
    }

    /// The straight distance in space from a position to the line between the ends.
    pub(super) fn chord_to(&self, p: Space) -> f64 {
        self.square_to(p).sqrt()
    }

    /// Whether it is within a distance of a position.
    pub(super) fn is_near(&self, position: [f64; 2], p: Space, limit: &Limit) -> bool {
        let square = self.square_to(p);
        if is_within(square, limit.surely_m - self.bends_m) {
            return true;
        }
        is_within(square, limit.at_most_m + self.bends_m) && self.distance_m(position) <= limit.metres
    }

    /// Whether it is within a distance of another stretch.
    pub(super) fn is_near_stretch(&self, other: &Self, limit: &Limit) -> bool {
        let chord = self.chord_to_stretch(other);
        let bends_m = self.bends_m + other.bends_m;
        if chord + bends_m <= limit.surely_m {
            return true;
        }
        chord - bends_m <= limit.at_most_m && least(|t| self.distance_m(other.place(t))) <= limit.metres
    }

    /// Its place at `t` of its length.
    fn place(&self, t: f64) -> [f64; 2] {
        let ([x0, y0], [x1, y1]) = (self.from, self.to);
        [x0 + t * (x1 - x0), y0 + t * (y1 - y0)]
    }

    /// The exact distance along the ground from a position.
    pub(super) fn distance_m(&self, position: [f64; 2]) -> f64 {
        if is_one(self.from, self.to) {
            return distance_m(position, self.from);
        }
        least(|t| distance_m(position, self.place(t)))
    }

    /// Straight distance in space between the lines between the ends of two stretches (Ericson 2005, "Real-Time Collision
    /// Detection", 5.1.9).
    fn chord_to_stretch(&self, other: &Self) -> f64 {
        let (d1, d2) = (self.along, other.along);
        let (a, e) = (dot(d1, d1), dot(d2, d2));
        let r = minus(self.start, other.start);
        if a <= 0.0 || e <= 0.0 {
            return if a <= 0.0 { other.chord_to(self.start) } else { self.chord_to(other.start) };
        }
        let (b, c, f) = (dot(d1, d2), dot(d1, r), dot(d2, r));
        let denominator = a * e - b * b;
        let s = if denominator > 0.0 { ((b * f - c * e) / denominator).clamp(0.0, 1.0) } else { 0.0 };
        let t = ((b * s + f) / e).clamp(0.0, 1.0);
        let s = ((b * t - c) / a).clamp(0.0, 1.0);
        let inner = chord_m(at(self.start, d1, s), at(other.start, d2, t));
        // Rounding of nearly parallel lines is made good by the ends.
        [
            inner,
            self.chord_to(other.start),
            self.chord_to(other.end()),
            other.chord_to(self.start),
            other.chord_to(self.end()),
        ]
        .into_iter()
        .fold(f64::INFINITY, f64::min)
    }
}

/// Whether a distance, by its square, is no more than a limit.
pub(super) fn is_within(square: f64, limit: f64) -> bool {
    limit >= 0.0 && square <= limit * limit
}

/// Whether two positions are the same.
#[expect(clippy::float_cmp, reason = "positions are the same only if all of their digits are")]
pub(super) fn is_one(a: [f64; 2], b: [f64; 2]) -> bool {
    a == b
}

/// The least value of a function of `0..=1` that falls and then rises, or only one of the two (golden section search).
fn least(value: impl Fn(f64) -> f64) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_894_8;
    let (mut low, mut high) = (0.0, 1.0);
    let ends = value(low).min(value(high));
    let (mut left, mut right) = (1.0 - GOLDEN, GOLDEN);
    let (mut at_left, mut at_right) = (value(left), value(right));
    for _ in 0..STEPS {
        if at_left <= at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - GOLDEN * (high - low);
            at_left = value(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + GOLDEN * (high - low);
            at_right = value(right);
        }
    }
    ends.min(at_left).min(at_right)
}
