//! An image by its two positions.

/// How far apart the two positions of an image must be, in degrees, to lie on two sides of an edge for certain: those of
/// tiles are exact to 0.00001 degrees.
const LEAST_MOVE: f64 = 0.00003;

/// An image of the place.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlacedImage {
    pub(super) id: i64,
    pub(super) original: [f64; 2],
    pub(super) computed: Option<[f64; 2]>,
}

impl PlacedImage {
    /// How far the computed position is from the original one, along the axis where it is more: the axis (0 is east) and
    /// the degrees.
    pub(super) fn moved(&self) -> Option<(usize, f64)> {
        let computed = self.computed?;
        let by = [computed[0] - self.original[0], computed[1] - self.original[1]];
        let axis = usize::from(by[1].abs() > by[0].abs());
        Some((axis, by[axis])).filter(|(_, by)| by.abs() >= LEAST_MOVE)
    }
}
