//! Which way an image looks.

/// Half the angle of view that a flat image is taken to have, in degrees; the official SDK's documentation sets it.
const HALF_VIEW_DEG: f64 = 50.0;

/// Whether an image at `from` has `at` in view: panoramas look everywhere, an unknown direction sees nothing.
pub(super) fn looks_at(from: [f64; 2], angle_deg: Option<f64>, is_pano: bool, at: [f64; 2]) -> bool {
    if is_pano {
        return true;
    }
    let Some(angle) = angle_deg.filter(|a| *a >= 0.0) else { return false };
    let off = (bearing_deg(from, at) - angle).rem_euclid(360.0);
    off.min(360.0 - off) <= HALF_VIEW_DEG
}

/// Initial direction of the great circle between two positions, degrees clockwise from north, 0..360.
fn bearing_deg([lon1, lat1]: [f64; 2], [lon2, lat2]: [f64; 2]) -> f64 {
    let (lat1, lat2) = (lat1.to_radians(), lat2.to_radians());
    let turn = (lon2 - lon1).to_radians();
    let east = turn.sin() * lat2.cos();
    let north = lat1.cos() * lat2.sin() - lat1.sin() * lat2.cos() * turn.cos();
    east.atan2(north).to_degrees().rem_euclid(360.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bearings_agree_with_turf() {
        // turf.bearing([-75.343, 39.984], [-75.534, 39.123]) = -170.2330
        assert!((bearing_deg([-75.343, 39.984], [-75.534, 39.123]) - 189.767).abs() < 0.001);
        assert!((bearing_deg([0.0, 0.0], [1.0, 0.0]) - 90.0).abs() < 1e-9);
    }

    #[test]
    fn a_flat_image_sees_fifty_degrees_to_either_side_and_across_north() {
        let (here, north) = ([9.0, 52.0], [9.0, 52.01]);
        for (angle, sees) in
            [(0.0, true), (50.0, true), (50.1, false), (310.0, true), (309.9, false), (180.0, false)]
        {
            assert_eq!(looks_at(here, Some(angle), false, north), sees, "{angle}");
            assert!(looks_at(here, Some(angle), true, north));
        }
        assert!(!looks_at(here, None, false, north) && looks_at(here, None, true, north));
        assert!(!looks_at(here, Some(-1.0), false, north));
    }
}
