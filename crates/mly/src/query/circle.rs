//! Everything within a distance of a point, on a spherical earth.

use serde::{Deserialize, Serialize};

use crate::tile::Bbox;

/// Mean radius of the earth in metres (IUGG), as the haversine formula of most tools takes it.
const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// A circle on the ground.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Circle {
    pub(super) lon: f64,
    pub(super) lat: f64,
    pub(super) radius_m: f64,
}

impl Circle {
    /// No two places are farther apart: half the circumference of the earth.
    pub(super) const MAX_RADIUS_M: f64 = 20_015_114.0;

    pub(super) fn contains(&self, lon: f64, lat: f64) -> bool {
        self.distance_m(lon, lat) <= self.radius_m
    }

    /// Distance from the centre along the ground (haversine).
    pub(super) fn distance_m(&self, lon: f64, lat: f64) -> f64 {
        let half = |a: f64, b: f64| ((a - b).to_radians() / 2.0).sin().powi(2);
        let cosines = self.lat.to_radians().cos() * lat.to_radians().cos();
        let h = half(lat, self.lat) + cosines * half(lon, self.lon);
        2.0 * EARTH_RADIUS_M * h.sqrt().min(1.0).asin()
    }

    /// Whether any place of a box is within the circle.
    pub(super) fn touches(&self, b: &Bbox) -> bool {
        // The nearest place of a box lies due north or south of the centre, or on its western or eastern edge.
        if b.west <= self.lon && self.lon <= b.east {
            return self.contains(self.lon, self.lat.clamp(b.south, b.north));
        }
        [b.west, b.east].into_iter().any(|lon| self.touches_meridian(lon, b.south, b.north))
    }

    fn touches_meridian(&self, lon: f64, south: f64, north: f64) -> bool {
        // On the great circle of a meridian the nearest latitude has tan(lat') = tan(lat) / cos(difference).
        let turn = (lon - self.lon).to_radians().cos();
        let nearest = self.lat.to_radians().tan().atan2(turn).to_degrees().clamp(south, north);
        [south, nearest, north].into_iter().any(|lat| self.contains(lon, lat))
    }

    /// Whether the whole box is within the circle. May say no for boxes that span more than a hemisphere.
    pub(super) fn covers(&self, b: &Bbox) -> bool {
        b.east - b.west < 90.0
            && self.radius_m < Self::MAX_RADIUS_M / 4.0
            && b.corners().into_iter().all(|[lon, lat]| self.contains(lon, lat))
    }

    /// Whether a straight line comes within the circle; exact to millimetres for the short lines of a tile.
    pub(super) fn touches_segment(&self, from: [f64; 2], to: [f64; 2]) -> bool {
        let squeeze = self.lat.to_radians().cos();
        let turn = |lon: f64| (lon - self.lon + 540.0).rem_euclid(360.0) - 180.0;
        let flat = |[lon, lat]: [f64; 2]| [turn(lon) * squeeze, lat - self.lat];
        let ([ax, ay], [bx, by]) = (flat(from), flat(to));
        let (dx, dy) = (bx - ax, by - ay);
        let length = dx * dx + dy * dy;
        let t = if length > 0.0 { (-(ax * dx + ay * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
        let at = |i: usize| from[i] + t * (to[i] - from[i]);
        self.contains(at(0), at(1)) || self.contains(from[0], from[1]) || self.contains(to[0], to[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn distances_agree_with_the_haversine_package() {
        // haversine.haversine((45.7597, 4.8422), (48.8567, 2.3508), unit="m")
        let lyon = Circle { lon: 4.8422, lat: 45.7597, radius_m: 1.0 };
        assert!((lyon.distance_m(2.3508, 48.8567) - 392_217.259_5).abs() < 0.1);
    }

    #[test]
    fn a_circle_reaches_over_the_antimeridian() {
        let fiji = Circle { lon: 179.999, lat: -17.0, radius_m: 500.0 };
        assert!(fiji.contains(-179.999, -17.0));
        assert!(fiji.touches(&Bbox { west: -180.0, south: -18.0, east: -179.0, north: -16.0 }));
    }

    proptest! {
        #[test]
        fn a_box_with_a_place_inside_is_touched(lon in -179.0..179.0_f64, lat in -84.0..84.0_f64, radius_m in 1.0..50_000.0_f64,
            angle in 0.0..6.3_f64, far in 0.0..1.0_f64, w in 0.0..0.02_f64, h in 0.0..0.02_f64) {
            let circle = Circle { lon, lat, radius_m };
            let step = radius_m * far / 111_194.9;
            let at = [lon + step * angle.cos() / lat.to_radians().cos(), lat + step * angle.sin()];
            prop_assume!(circle.contains(at[0], at[1]));
            let b = Bbox { west: at[0] - w, east: at[0] + 0.02 - w, south: at[1] - h, north: at[1] + 0.02 - h };
            prop_assert!(circle.touches(&b));
        }

        #[test]
        fn a_box_is_touched_only_when_a_fine_grid_of_its_places_comes_near(lon in -179.0..179.0_f64, lat in -80.0..80.0_f64,
            radius_m in 100.0..3_000.0_f64, dx in -0.05..0.05_f64, dy in -0.05..0.05_f64) {
            let circle = Circle { lon, lat, radius_m };
            let b = Bbox { west: lon + dx, east: lon + dx + 0.02, south: lat + dy, north: lat + dy + 0.02 };
            let grid = (0..=100).flat_map(|i| (0..=100).map(move |j| (f64::from(i) / 100.0, f64::from(j) / 100.0)));
            let nearest = grid.map(|(u, v)| circle.distance_m(b.west + u * 0.02, b.south + v * 0.02)).fold(f64::MAX, f64::min);
            let step_m = 0.02 * 111_195.0 / 100.0;
            let touched = circle.touches(&b);
            prop_assert!(touched || nearest > radius_m, "a place inside was missed");
            prop_assert!(!touched || nearest <= radius_m + step_m, "no place comes near");
            if circle.covers(&b) {
                prop_assert!(b.corners().into_iter().all(|[x, y]| circle.contains(x, y)));
            }
        }
    }
}
