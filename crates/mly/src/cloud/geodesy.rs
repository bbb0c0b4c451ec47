//! Converts places on and near the WGS84 ellipsoid between geodetic, geocentric and topocentric coordinates (metres
//! east, north and up of an origin).
//!
//! The formulas are those of EPSG Guidance Note 7-2 (IOGP 373-7-2), methods 9602 (geographic/geocentric) and 9836
//! (geocentric/topocentric).

/// Semi-major axis of WGS84 in metres (NGA.STND.0036).
const SEMI_MAJOR_M: f64 = 6_378_137.0;
/// Flattening of WGS84 (NGA.STND.0036).
const FLATTENING: f64 = 1.0 / 298.257_223_563;
/// Semi-minor axis of WGS84 in metres.
const SEMI_MINOR_M: f64 = SEMI_MAJOR_M * (1.0 - FLATTENING);
/// Square of the first eccentricity.
const ECCENTRICITY_2: f64 = FLATTENING * (2.0 - FLATTENING);
/// Square of the second eccentricity.
const SECOND_ECCENTRICITY_2: f64 = ECCENTRICITY_2 / (1.0 - ECCENTRICITY_2);

/// A place by longitude, latitude and height above the WGS84 ellipsoid (EPSG:4979).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Geodetic {
    /// Degrees east, -180 to 180.
    pub longitude: f64,
    /// Degrees north, -90 to 90.
    pub latitude: f64,
    /// Metres above the ellipsoid.
    pub height_m: f64,
}

impl Geodetic {
    /// The same place in geocentric coordinates, in metres.
    fn geocentric(self) -> [f64; 3] {
        let (sin_lon, cos_lon) = self.longitude.to_radians().sin_cos();
        let (sin_lat, cos_lat) = self.latitude.to_radians().sin_cos();
        let normal_m = SEMI_MAJOR_M / (1.0 - ECCENTRICITY_2 * sin_lat * sin_lat).sqrt();
        let from_axis_m = (normal_m + self.height_m) * cos_lat;
        let z = (normal_m * (1.0 - ECCENTRICITY_2) + self.height_m) * sin_lat;
        [from_axis_m * cos_lon, from_axis_m * sin_lon, z]
    }

    /// The place at geocentric coordinates in metres.
    ///
    /// The iteration of B. R. Bowring, "Transformation from spatial to geographical coordinates", Survey Review 23
    /// (181), 1976. Near the surface, one iteration is exact to a micrometre; with three, more iterations change
    /// nothing up to thousands of kilometres above it.
    fn of_geocentric([x, y, z]: [f64; 3]) -> Self {
        let from_axis_m = x.hypot(y);
        let mut reduced = z.atan2(from_axis_m * (1.0 - FLATTENING));
        let mut latitude = 0.0_f64;
        for _ in 0..3 {
            let (sin, cos) = reduced.sin_cos();
            let north = z + SECOND_ECCENTRICITY_2 * SEMI_MINOR_M * sin.powi(3);
            let outward = from_axis_m - ECCENTRICITY_2 * SEMI_MAJOR_M * cos.powi(3);
            latitude = north.atan2(outward);
            reduced = ((1.0 - FLATTENING) * latitude.sin()).atan2(latitude.cos());
        }
        let (sin, cos) = latitude.sin_cos();
        // The usual formula divides by the cosine of the latitude and loses its digits at the poles; this one does not.
        let height_m = from_axis_m * cos + z * sin - SEMI_MAJOR_M * (1.0 - ECCENTRICITY_2 * sin * sin).sqrt();
        Self { longitude: y.atan2(x).to_degrees(), latitude: latitude.to_degrees(), height_m }
    }
}

/// The topocentric frame of an origin: its axes point east, north and up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tangent {
    /// The origin, geocentric.
    center_m: [f64; 3],
    /// East, north and up as geocentric directions.
    axes: [[f64; 3]; 3],
}

impl Tangent {
    pub(super) fn at(origin: Geodetic) -> Self {
        let (sin_lon, cos_lon) = origin.longitude.to_radians().sin_cos();
        let (sin_lat, cos_lat) = origin.latitude.to_radians().sin_cos();
        let east = [-sin_lon, cos_lon, 0.0];
        let north = [-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat];
        let up = [cos_lat * cos_lon, cos_lat * sin_lon, sin_lat];
        Self { center_m: origin.geocentric(), axes: [east, north, up] }
    }

    /// Metres east, north and up as a place on the Earth.
    pub(super) fn geodetic(&self, enu_m: [f64; 3]) -> Geodetic {
        Geodetic::of_geocentric(self.geocentric(enu_m))
    }

    /// Metres east, north and up of this origin as metres east, north and up of another one.
    pub(super) fn shift(&self, enu_m: [f64; 3], to: &Self) -> [f64; 3] {
        let place = self.geocentric(enu_m);
        let offset: [f64; 3] = std::array::from_fn(|i| place[i] - to.center_m[i]);
        to.axes.map(|axis| dot(axis, offset))
    }

    fn geocentric(&self, enu_m: [f64; 3]) -> [f64; 3] {
        std::array::from_fn(|i| self.center_m[i] + dot(enu_m, self.axes.map(|axis| axis[i])))
    }
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn place(longitude: f64, latitude: f64, height_m: f64) -> Geodetic {
        Geodetic { longitude, latitude, height_m }
    }

    /// Most difference in metres along each axis.
    fn apart_m(a: [f64; 3], b: [f64; 3]) -> f64 {
        (0..3).map(|i| (a[i] - b[i]).abs()).fold(0.0, f64::max)
    }

    #[test]
    fn geocentric_places_are_those_of_proj() {
        // PROJ 9, EPSG:4979 to EPSG:4978.
        for (at, known) in [
            ((13.4, 52.5, 34.0), [3_785_061.660_600_351_6, 901_728.881_327_612_7, 5_036_891.558_845_77]),
            (
                (-179.9999, -16.5, 120.5),
                [-6_117_251.015_468_681, -10.676_617_138_599_193, -1_799_882.233_060_399_8],
            ),
        ] {
            assert!(apart_m(place(at.0, at.1, at.2).geocentric(), known) < 1e-8);
        }
    }

    #[test]
    fn the_poles_and_the_axis_have_heights() {
        for (z, latitude) in [(SEMI_MINOR_M + 10.0, 90.0), (-SEMI_MINOR_M - 10.0, -90.0)] {
            let pole = Geodetic::of_geocentric([0.0, 0.0, z]);
            assert!(
                (pole.latitude - latitude).abs() < 1e-12 && (pole.height_m - 10.0).abs() < 1e-8,
                "{pole:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn geodetic_and_geocentric_undo_each_other(
            longitude in -180.0..180.0, latitude in -90.0..=90.0, height_m in -1e6..3e6,
        ) {
            let there = place(longitude, latitude, height_m).geocentric();
            let back = Geodetic::of_geocentric(there);
            prop_assert!((back.latitude - latitude).abs() < 1e-12, "{back:?}");
            prop_assert!((back.height_m - height_m).abs() < 1e-7, "{back:?}");
            prop_assert!(apart_m(back.geocentric(), there) < 1e-7);
        }

        #[test]
        fn a_shift_keeps_the_place_on_the_earth(
            longitude in -180.0..180.0, latitude in -90.0..=90.0, east in -1e5..1e5, north in -1e5..1e5,
            up in -1e3..1e3, to_longitude in -180.0..180.0, to_latitude in -90.0..=90.0,
        ) {
            let from = Tangent::at(place(longitude, latitude, 12.0));
            let to = Tangent::at(place(to_longitude, to_latitude, -7.0));
            let shifted = from.shift([east, north, up], &to);
            prop_assert!(apart_m(from.geocentric([east, north, up]), to.geocentric(shifted)) < 1e-7);
        }
    }
}
