//! Sines and cosines of angles near to one that is known.

/// An angle in degrees with its sine and cosine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Angle {
    degrees: f64,
    sin: f64,
    cos: f64,
}

impl Angle {
    pub(super) fn new(degrees: f64) -> Self {
        let (sin, cos) = degrees.to_radians().sin_cos();
        Self { degrees, sin, cos }
    }

    pub(super) fn sin_cos(&self) -> (f64, f64) {
        (self.sin, self.cos)
    }

    /// The sine and cosine of another angle, no more than two degrees away: the first terms of their series are exact there,
    /// and several times quicker.
    pub(super) fn sin_cos_near(&self, degrees: f64) -> (f64, f64) {
        let turn = (degrees - self.degrees).to_radians();
        let square = turn * turn;
        let sin = turn * (1.0 - square / 6.0 * (1.0 - square / 20.0 * (1.0 - square / 42.0)));
        let cos = 1.0 - square / 2.0 * (1.0 - square / 12.0 * (1.0 - square / 30.0));
        (self.sin * cos + self.cos * sin, self.cos * cos - self.sin * sin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn angles_two_degrees_away_are_exact() {
        for degrees in [-180.0_f64, -90.0, -52.3, 0.0, 9.0, 45.0, 89.9, 180.0] {
            for away in [-2.0, -1.1, -0.003, 0.0, 1e-9, 0.7, 2.0] {
                let (sin, cos) = Angle::new(degrees).sin_cos_near(degrees + away);
                let (want_sin, want_cos) = (degrees + away).to_radians().sin_cos();
                assert!((sin - want_sin).abs() < 1e-15 && (cos - want_cos).abs() < 1e-15, "{degrees} {away}");
            }
        }
    }
}
