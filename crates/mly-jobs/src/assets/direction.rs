//! Directions that several photos or rows tell.

use crate::metric::angle_between;

/// Directions that differ from their mean by more are no direction of one sign, in degrees.
const MOST_SPREAD: f64 = 60.0;

/// The mean of directions with weights; `None` without any, or when one is too far from the mean.
pub(super) fn mean_direction(all: impl Iterator<Item = (f64, f64)> + Clone) -> Option<f64> {
    let (mut east, mut north) = (0.0, 0.0);
    for (degrees, weight) in all.clone() {
        let (sin, cos) = degrees.to_radians().sin_cos();
        east += weight * sin;
        north += weight * cos;
    }
    // Opposite directions cancel out.
    if east.hypot(north) < 1e-9 {
        return None;
    }
    let mean = east.atan2(north).to_degrees().rem_euclid(360.0);
    let widest = all.map(|(degrees, _)| angle_between(degrees, mean)).fold(0.0, f64::max);
    (widest <= MOST_SPREAD).then_some(mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(all: &[f64]) -> Option<f64> {
        mean_direction(all.iter().map(|degrees| (*degrees, 1.0)))
    }

    #[test]
    fn the_mean_goes_over_north() {
        assert!(
            (mean(&[350.0, 10.0]).unwrap() - 0.0).abs() < 1e-9
                || (mean(&[350.0, 10.0]).unwrap() - 360.0).abs() < 1e-9
        );
        assert!((mean(&[80.0, 100.0, 90.0]).unwrap() - 90.0).abs() < 1e-9);
    }

    #[test]
    fn directions_far_apart_have_no_mean() {
        assert_eq!(mean(&[0.0, 180.0]), None);
        assert_eq!(mean(&[0.0, 130.0]), None);
        assert!(mean(&[0.0, 110.0]).is_some());
        assert_eq!(mean(&[]), None);
    }
}
