//! How high the sun stands.

use crate::metric::Position;

/// The height of the sun above the horizon in degrees, at a moment in milliseconds since 1970.
///
/// The low-precision formulas of the Astronomical Almanac, good to 0.01 degrees from 1950 to 2050.
pub(crate) fn sun_height(at_ms: i64, [lon, lat]: Position) -> f64 {
    /// 2000-01-01, 12:00 UTC.
    const EPOCH_MS: i64 = 946_728_000_000;
    #[expect(clippy::cast_precision_loss, reason = "moments in milliseconds are far below 2^53")]
    let days = (at_ms - EPOCH_MS) as f64 / 86_400_000.0;
    let mean_longitude = 280.460 + 0.985_647_4 * days;
    let anomaly = (357.528 + 0.985_600_3 * days).to_radians();
    let longitude = (mean_longitude + 1.915 * anomaly.sin() + 0.020 * (2.0 * anomaly).sin()).to_radians();
    let obliquity = (23.439 - 0.000_000_4 * days).to_radians();
    let right_ascension = (obliquity.cos() * longitude.sin()).atan2(longitude.cos()).to_degrees();
    let declination = (obliquity.sin() * longitude.sin()).asin();
    let sidereal = 280.460_618_37 + 360.985_647_366_29 * days + lon;
    let hour_angle = (sidereal - right_ascension).to_radians();
    let lat = lat.to_radians();
    (lat.sin() * declination.sin() + lat.cos() * declination.cos() * hour_angle.cos()).asin().to_degrees()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sun_is_where_almanacs_say() {
        // Noon at Greenwich at the solstices and the equinox of 2024: 90 - 51.48 + declination.
        for (at_ms, height) in
            [(1_718_884_860_000, 61.96), (1_734_782_280_000, 15.08), (1_710_936_480_000, 38.66)]
        {
            let found = sun_height(at_ms, [0.0, 51.48]);
            assert!((found - height).abs() < 0.2, "{at_ms}: {found}");
        }
        // Midnight in June at the same place.
        assert!((sun_height(1_718_928_000_000, [0.0, 51.48]) + 15.1).abs() < 0.3);
    }
}
