//! How high the sun stands.

use crate::metric::Position;

/// The sun is up when its upper edge is: half its width and the refraction of the air at the horizon, in degrees.
const HORIZON_DEG: f64 = -0.833;

/// Whether the sun is above the horizon at a moment, in milliseconds since 1970.
pub(super) fn is_up(moment_ms: i64, at: Position) -> bool {
    elevation_deg(moment_ms, at) > HORIZON_DEG
}

/// The elevation of the middle of the sun above the horizon, without refraction, in degrees.
///
/// By the equations of NOAA's solar calculator, after Meeus, "Astronomical Algorithms": right within 0.01 degrees from 1900
/// to 2100 (<https://gml.noaa.gov/grad/solcalc/calcdetails.html>).
fn elevation_deg(moment_ms: i64, [lon, lat]: Position) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "moments are far below 2^53 milliseconds")]
    let days = moment_ms as f64 / 86_400_000.0;
    // Centuries since the noon of 2000-01-01.
    let t = (days - 10_957.5) / 36_525.0;
    let mean_longitude = (280.466_46 + t * (36_000.769_83 + t * 0.000_303_2)).rem_euclid(360.0).to_radians();
    let anomaly = (357.529_11 + t * (35_999.050_29 - t * 0.000_153_7)).to_radians();
    let eccentricity = 0.016_708_634 - t * (0.000_042_037 + t * 0.000_000_126_7);
    let center = anomaly.sin() * (1.914_602 - t * (0.004_817 + t * 0.000_014))
        + (2.0 * anomaly).sin() * (0.019_993 - t * 0.000_101)
        + (3.0 * anomaly).sin() * 0.000_289;
    let node = (125.04 - 1_934.136 * t).to_radians();
    let longitude = mean_longitude + (center - 0.005_69 - 0.004_78 * node.sin()).to_radians();
    let obliquity = 23.0 + (26.0 + (21.448 - t * (46.815 + t * (0.000_59 - t * 0.001_813))) / 60.0) / 60.0;
    let obliquity = (obliquity + 0.002_56 * node.cos()).to_radians();
    let declination = (obliquity.sin() * longitude.sin()).asin();

    // How far the sundial is ahead of the clock, in minutes.
    let y = (obliquity / 2.0).tan().powi(2);
    let equation = 4.0
        * (y * (2.0 * mean_longitude).sin() - 2.0 * eccentricity * anomaly.sin()
            + 4.0 * eccentricity * y * anomaly.sin() * (2.0 * mean_longitude).cos()
            - 0.5 * y * y * (4.0 * mean_longitude).sin()
            - 1.25 * eccentricity * eccentricity * (2.0 * anomaly).sin())
        .to_degrees();
    let minutes = days.rem_euclid(1.0) * 1440.0 + equation + 4.0 * lon;
    let hour_angle = (minutes / 4.0 - 180.0).to_radians();
    let lat = lat.to_radians();
    let sine = lat.sin() * declination.sin() + lat.cos() * declination.cos() * hour_angle.cos();
    sine.clamp(-1.0, 1.0).asin().to_degrees()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE_MS: i64 = 60_000;

    /// Sunrises and sunsets as almanacs print them, to the minute, in minutes of the day in UTC.
    #[test]
    fn the_sun_rises_and_sets_when_almanacs_say() {
        for (place, at, midnight_ms, rise, set) in [
            // 2024-06-21: 4:43 and 21:21 in British summer time.
            ("London", [-0.1276, 51.5072], 1_718_928_000_000, 3 * 60 + 43, 20 * 60 + 21),
            // 2024-12-21: 7:16 and 16:31 in eastern standard time.
            ("New York", [-74.006, 40.7128], 1_734_739_200_000, 12 * 60 + 16, 21 * 60 + 31),
            // 2024-03-20: 6:19 and 18:26 in Ecuador, four hours behind less one.
            ("Quito", [-78.4678, -0.1807], 1_710_892_800_000, 11 * 60 + 18, 23 * 60 + 24),
        ] {
            let up = |minute: i64| is_up(midnight_ms + minute * MINUTE_MS, at);
            assert!(!up(rise - 3) && up(rise + 3), "sunrise in {place}");
            assert!(up(set - 3) && !up(set + 3), "sunset in {place}");
        }
    }

    #[test]
    fn the_sun_stays_up_in_the_northern_summer_and_away_in_the_winter() {
        let tromso = [18.956, 69.649];
        for hour in 0..24 {
            assert!(is_up(1_718_928_000_000 + hour * 60 * MINUTE_MS, tromso));
            assert!(!is_up(1_734_739_200_000 + hour * 60 * MINUTE_MS, tromso));
        }
    }

    #[test]
    fn on_the_tropic_the_sun_of_the_solstice_stands_overhead() {
        // 2024-06-21, the hour around noon on the meridian of Greenwich.
        let highest = (0..120)
            .map(|minute| elevation_deg(1_718_967_600_000 + minute * MINUTE_MS, [0.0, 23.44]))
            .fold(f64::MIN, f64::max);
        assert!(highest > 89.9, "{highest}");
    }
}
