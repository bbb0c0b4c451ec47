//! Lengths, distances and directions of short lines on the ellipsoid of WGS 84.
//!
//! Degrees become metres by the radii of the ellipsoid at the middle latitude of what is measured. Over 500 m that differs
//! by less than 2e-9 from the exact distance, and costs a hundredth of it.

/// Half axes of WGS 84: the equatorial one in metres, and the square of the eccentricity.
const EQUATORIAL_M: f64 = 6_378_137.0;
const ECCENTRICITY_SQUARED: f64 = 0.006_694_379_990_141_317;

/// A longitude and a latitude in degrees.
pub(crate) type Position = [f64; 2];

/// Metres that a degree of longitude and a degree of latitude are, near one latitude.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    pub(crate) lon_m: f64,
    pub(crate) lat_m: f64,
}

impl Scale {
    /// At a latitude in degrees.
    pub(crate) fn at(lat: f64) -> Self {
        let (sin, cos) = lat.to_radians().sin_cos();
        let w = 1.0 - ECCENTRICITY_SQUARED * sin * sin;
        let across = EQUATORIAL_M / w.sqrt();
        let along = across * (1.0 - ECCENTRICITY_SQUARED) / w;
        Self { lon_m: across * cos * 1_f64.to_radians(), lat_m: along * 1_f64.to_radians() }
    }

    /// The way from one position to another: metres to the east and to the north.
    pub(crate) fn way(self, from: Position, to: Position) -> [f64; 2] {
        [degrees_east(from[0], to[0]) * self.lon_m, (to[1] - from[1]) * self.lat_m]
    }
}

/// Degrees from one longitude to another on the shorter way, negative to the west.
pub(crate) fn degrees_east(from: f64, to: f64) -> f64 {
    let east = to - from;
    if east > 180.0 {
        east - 360.0
    } else if east < -180.0 {
        east + 360.0
    } else {
        east
    }
}

/// The way from one position to another near it: metres to the east and to the north.
pub(crate) fn way_m(from: Position, to: Position) -> [f64; 2] {
    Scale::at(f64::midpoint(from[1], to[1])).way(from, to)
}

/// Distance in metres of two positions that are near each other.
pub(crate) fn distance_m(from: Position, to: Position) -> f64 {
    let [east, north] = way_m(from, to);
    east.hypot(north)
}

/// Direction of the way from one position to another, in degrees clockwise from north, from 0 to 360.
pub(crate) fn bearing(from: Position, to: Position) -> f64 {
    let [east, north] = way_m(from, to);
    east.atan2(north).to_degrees().rem_euclid(360.0)
}

/// The angle between two directions, from 0 to 180 degrees.
pub(crate) fn angle_between(one: f64, other: f64) -> f64 {
    let turn = (one - other).rem_euclid(360.0);
    turn.min(360.0 - turn)
}

/// The nearest place of a segment to a position.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Foot {
    /// Metres from the position.
    pub(crate) distance_m: f64,
    /// Where on the segment, from 0 at its beginning to 1 at its end.
    pub(crate) share: f64,
    /// Metres from the line through the segment, positive to the right of its direction.
    pub(crate) right_m: f64,
}

/// The nearest place of a segment to a position.
pub(crate) fn foot(at: Position, from: Position, to: Position) -> Foot {
    let scale = Scale::at(f64::midpoint(from[1], to[1]));
    foot_of(scale.way(from, to), scale.way(from, at))
}

/// The nearest place of a segment to a position, given the ways from the beginning of the segment to its end and to the
/// position, in metres.
pub(crate) fn foot_of(along: [f64; 2], offset: [f64; 2]) -> Foot {
    let squared = along[0] * along[0] + along[1] * along[1];
    let share = if squared > 0.0 {
        ((along[0] * offset[0] + along[1] * offset[1]) / squared).clamp(0.0, 1.0)
    } else {
        0.0
    };
    // `hypot` would guard against numbers that no distance on this earth reaches, and takes several times as long.
    let distance_m = (offset[0] - share * along[0]).powi(2) + (offset[1] - share * along[1]).powi(2);
    let distance_m = distance_m.sqrt();
    let cross = offset[0] * along[1] - offset[1] * along[0];
    let right_m = if squared > 0.0 { cross / squared.sqrt() } else { 0.0 };
    Foot { distance_m, share, right_m }
}

#[cfg(test)]
mod tests {
    use geographiclib_rs::{Geodesic, InverseGeodesic};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn distances_agree_with_geodesics(lon in -180.0..180.0_f64, lat in -85.0..85.0_f64, east in -0.004..0.004_f64, north in -0.004..0.004_f64) {
            let (from, to) = ([lon, lat], [lon + east, lat + north]);
            let (exact, azimuth, ..): (f64, f64, f64, f64) = Geodesic::wgs84().inverse(from[1], from[0], to[1], to[0]);
            prop_assert!((distance_m(from, to) - exact).abs() <= exact * 1e-7 + 1e-6);
            prop_assume!(exact > 1.0);
            // The direction at the middle; meridians converge by less than this over such lines.
            prop_assert!(angle_between(bearing(from, to), azimuth) < 0.2);
        }

        #[test]
        fn the_foot_is_the_nearest_of_many_places(at in [8.999..9.001_f64, 51.999..52.001_f64], from in [8.999..9.001_f64, 51.999..52.001_f64], to in [8.999..9.001_f64, 51.999..52.001_f64]) {
            let found = foot(at, from, to);
            let place = |share: f64| [from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])];
            let nearest = (0..=1000).map(|i| distance_m(at, place(f64::from(i) / 1000.0))).fold(f64::INFINITY, f64::min);
            prop_assert!(found.distance_m <= nearest + 1e-2 && nearest <= found.distance_m + 0.2);
        }
    }

    #[test]
    fn right_of_a_line_to_the_north_is_the_east() {
        let found = foot([9.0001, 52.0005], [9.0, 52.0], [9.0, 52.001]);
        assert!((found.share - 0.5).abs() < 1e-9 && (found.right_m - 6.868).abs() < 0.01, "{found:?}");
        assert!((bearing([9.0, 52.0], [9.0, 52.001]) - 0.0).abs() < 1e-9);
        assert!((bearing([179.999, 0.0], [-179.999, 0.0]) - 90.0).abs() < 1e-9);
        assert!((angle_between(350.0, 10.0) - 20.0).abs() < 1e-12);
    }
}
