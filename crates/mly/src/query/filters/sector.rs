//! A range of directions.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// A sector of the compass in degrees clockwise from north, both ends inside; `min > max` crosses north.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sector {
    /// Where it begins, 0..=360.
    pub min_deg: f64,
    /// Where it ends, 0..=360.
    pub max_deg: f64,
}

impl Sector {
    /// A sector from two angles.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when an angle is not within 0..=360.
    pub fn new(min_deg: f64, max_deg: f64) -> Result<Self> {
        for angle in [min_deg, max_deg] {
            if !(0.0..=360.0).contains(&angle) {
                return Err(Error::query(format!("compass angle {angle} is not within 0..360"))
                    .with_hint("give degrees clockwise from north; MIN > MAX crosses north"));
            }
        }
        Ok(Self { min_deg, max_deg })
    }

    /// Whether an angle lies in the sector.
    pub fn contains(&self, angle_deg: f64) -> bool {
        let angle = angle_deg.rem_euclid(360.0);
        // 0 and 360 are the same direction, and either may be written as an end of the sector.
        [angle, angle + 360.0].into_iter().any(|a| {
            if self.min_deg <= self.max_deg {
                self.min_deg <= a && a <= self.max_deg
            } else {
                (self.min_deg <= a && a <= 360.0) || a <= self.max_deg
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_sector_may_cross_north_and_holds_its_ends() {
        let north = Sector::new(350.0, 10.0).unwrap();
        for (angle, inside) in
            [(350.0, true), (0.0, true), (360.0, true), (10.0, true), (10.1, false), (180.0, false)]
        {
            assert_eq!(north.contains(angle), inside, "{angle}");
        }
        assert!(Sector::new(270.0, 360.0).unwrap().contains(0.0));
        assert!(Sector::new(0.0, 90.0).unwrap().contains(360.0));
        assert!(Sector::new(-1.0, 10.0).is_err() && Sector::new(f64::NAN, 10.0).is_err());
    }

    proptest! {
        #[test]
        fn an_angle_is_in_the_sector_exactly_when_turning_from_its_begin_reaches_it(min in 0..360_i32, max in 0..360_i32, angle in 0..360_i32) {
            let inside = (angle - min).rem_euclid(360) <= (max - min).rem_euclid(360);
            let sector = Sector::new(f64::from(min), f64::from(max)).unwrap();
            prop_assert_eq!(sector.contains(f64::from(angle)), inside);
        }
    }
}
