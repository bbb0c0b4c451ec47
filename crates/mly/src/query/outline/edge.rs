//! Straight edges, and exact tests of them.

use robust::{Coord, orient2d};

use crate::tile::Bbox;

/// Bound on the rounding error of a determinant, relative to its two products (Shewchuk 1997, `ccwerrboundA`).
const ROUNDING: f64 = 3.330_669_073_875_472e-16;

/// Bound on the error of products that underflow, which the relative bound does not cover.
const VANISHING: f64 = 1e-290;

/// 2^500. Degrees are scaled by it before the exact test, so that their products neither underflow nor overflow.
/// Scaling by a power of two does not round.
const LARGER: f64 = f64::from_bits((1023 + 500) << 52);

/// A straight edge between two positions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) from: [f64; 2],
    pub(super) to: [f64; 2],
}

impl Edge {
    /// Above 0 when `p` is left of the edge, 0 when it is in line with it.
    ///
    /// Very near to an edge, rounding can change the sign. A position beside the common edge of two polygons could then
    /// be in both of them or in neither, so doubtful signs are computed again without rounding.
    ///
    /// Exact for coordinates that are 0 or no smaller than 1e-290.
    pub(super) fn side(&self, p: [f64; 2]) -> f64 {
        let (side, error) = self.rounded_side(p);
        if side.abs() > error { side } else { self.exact_side(p) }
    }

    /// The side in floating point, and a bound on its rounding error: the sign of a greater side is right.
    pub(super) fn rounded_side(&self, p: [f64; 2]) -> (f64, f64) {
        let left = (self.from[0] - p[0]) * (self.to[1] - p[1]);
        let right = (self.from[1] - p[1]) * (self.to[0] - p[0]);
        (left - right, ROUNDING * (left.abs() + right.abs()) + VANISHING)
    }

    #[cold]
    fn exact_side(&self, p: [f64; 2]) -> f64 {
        let [from, to, p] = [self.from, self.to, p].map(|[x, y]| Coord { x: x * LARGER, y: y * LARGER });
        orient2d(from, to, p)
    }

    pub(super) fn bbox(&self) -> Bbox {
        let ([x0, y0], [x1, y1]) = (self.from, self.to);
        Bbox { west: x0.min(x1), east: x0.max(x1), south: y0.min(y1), north: y0.max(y1) }
    }

    /// Whether a position lies on the edge.
    pub(super) fn holds(&self, p: [f64; 2]) -> bool {
        self.bbox().contains(p[0], p[1]) && self.side(p) == 0.0
    }

    /// Whether the edge runs through a box or touches it.
    pub(super) fn meets_box(&self, b: &Bbox) -> bool {
        if !self.bbox().intersects(b) {
            return false;
        }
        let sides = b.corners().map(|corner| self.side(corner));
        !(sides.iter().all(|s| *s > 0.0) || sides.iter().all(|s| *s < 0.0))
    }

    /// Whether two edges cross or touch.
    pub(super) fn meets(&self, other: &Self) -> bool {
        let straddles = |a: &Self, b: &Self| {
            let (s, t) = (a.side(b.from), a.side(b.to));
            !(s > 0.0 && t > 0.0 || s < 0.0 && t < 0.0)
        };
        self.bbox().intersects(&other.bbox()) && straddles(self, other) && straddles(other, self)
    }
}
