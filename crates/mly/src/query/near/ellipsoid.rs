//! Distances on the ellipsoid of WGS 84, and straight lines through the earth, which are quick to compare with them.

use std::sync::LazyLock;

use geographiclib_rs::{Geodesic, InverseGeodesic};

/// Half axes of WGS 84 in metres.
const EQUATORIAL_M: f64 = 6_378_137.0;
const POLAR_M: f64 = 6_356_752.314_245_179;

/// The smallest and the largest radius of curvature of the ellipsoid, in metres: along the meridian at the equator, and at
/// the poles.
const SMALLEST_RADIUS_M: f64 = POLAR_M * POLAR_M / EQUATORIAL_M;
const LARGEST_RADIUS_M: f64 = EQUATORIAL_M * EQUATORIAL_M / POLAR_M;

/// More than the rounding error of the distance of two positions in space.
const ROUNDING_M: f64 = 1e-7;

static WGS84: LazyLock<Geodesic> = LazyLock::new(Geodesic::wgs84);

/// A position in space, in metres from the centre of the earth.
pub(in crate::query) type Space = [f64; 3];

/// The place in space of a longitude and latitude.
pub(super) fn in_space([lon, lat]: [f64; 2]) -> Space {
    in_space_of(lon.to_radians().sin_cos(), lat.to_radians().sin_cos())
}

/// The same, of the sines and cosines.
pub(super) fn in_space_of((sin_lon, cos_lon): (f64, f64), (sin_lat, cos_lat): (f64, f64)) -> Space {
    const SQUASHED: f64 = (POLAR_M / EQUATORIAL_M) * (POLAR_M / EQUATORIAL_M);
    let across = EQUATORIAL_M / (cos_lat * cos_lat + SQUASHED * sin_lat * sin_lat).sqrt();
    [across * cos_lat * cos_lon, across * cos_lat * sin_lon, across * SQUASHED * sin_lat]
}

/// The distance along the ground in metres (Karney 2013, "Algorithms for geodesics").
pub(super) fn distance_m([lon, lat]: [f64; 2], [to_lon, to_lat]: [f64; 2]) -> f64 {
    WGS84.inverse(lat, lon, to_lat, to_lon)
}

/// The longest distance along the ground of two places whose straight distance through the earth is `chord_m`.
pub(super) fn longest_m(chord_m: f64) -> f64 {
    let diameter = 2.0 * SMALLEST_RADIUS_M;
    diameter * (chord_m / diameter).min(1.0).asin()
}

/// How many radians on a sphere of the polar radius are at least as long as a distance on the ellipsoid.
///
/// With the reduced latitude as the latitude of the sphere, every line on the ellipsoid is at least as long as that on the
/// sphere.
pub(super) fn most_radians(metres: f64) -> f64 {
    metres / POLAR_M
}

/// The cosine of the reduced latitude of a place.
pub(super) fn cos_reduced([x, y, _]: Space) -> f64 {
    (x * x + y * y).sqrt() / EQUATORIAL_M
}

/// How many degrees of latitude are at least as long as a distance, anywhere.
pub(super) fn most_degrees(metres: f64) -> f64 {
    (metres / SMALLEST_RADIUS_M).to_degrees()
}

/// More than what a line that is straight in longitude and latitude bends away from the straight line between its ends, for
/// a line of a few degrees at most.
///
/// A curve r(t), t from 0 to 1, is nowhere farther than an eighth of its largest second derivative from the line between its
/// ends. Here that is at most R (latitudes + longitudes)², since all second derivatives of a place by latitude and longitude
/// are at most the largest radius R, and a thousandth more, because the radius changes along the meridian.
pub(super) fn most_bent_m([x0, y0]: [f64; 2], [x1, y1]: [f64; 2]) -> f64 {
    let turn = ((x1 - x0).abs() + (y1 - y0).abs()).to_radians();
    LARGEST_RADIUS_M * 1.001 * turn * turn / 8.0
}

/// A distance along the ground, with the straight distances through the earth that decide most comparisons.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    pub(super) metres: f64,
    /// Whatever is as near as this in space is within the distance.
    pub(super) surely_m: f64,
    /// Whatever is farther than this in space is beyond the distance.
    pub(super) at_most_m: f64,
}

impl Limit {
    pub(super) fn new(metres: f64) -> Self {
        // A line along the ground is curved at least as much as the largest radius; it winds a little too, for which the
        // radius is taken one in a thousand larger.
        let chord = |radius: f64| 2.0 * radius * (metres / (2.0 * radius)).clamp(-1.0, 1.0).sin();
        Self {
            metres,
            surely_m: chord(SMALLEST_RADIUS_M) - ROUNDING_M,
            at_most_m: chord(LARGEST_RADIUS_M * 1.001) + ROUNDING_M,
        }
    }
}

pub(super) fn minus(a: Space, b: Space) -> Space {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

pub(super) fn dot(a: Space, b: Space) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// The place `t` of the way from `a` in the direction of `along`.
pub(super) fn at(a: Space, along: Space, t: f64) -> Space {
    [a[0] + t * along[0], a[1] + t * along[1], a[2] + t * along[2]]
}

/// Straight distance in space.
pub(super) fn chord_m(a: Space, b: Space) -> f64 {
    let d = minus(a, b);
    dot(d, d).sqrt()
}
