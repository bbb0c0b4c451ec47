//! Finds positions near others.

use crate::metric::{Position, Scale};

/// Fewest metres that a degree of latitude is, at the equator.
const DEGREE_M: f64 = 110_574.0;

/// Positions in bands of latitude, sorted by longitude in each, so that what is near lies in three short ranges.
#[derive(Debug)]
pub(super) struct Grid {
    reach_m: f64,
    /// Height of a band in degrees, at least the reach.
    height: f64,
    /// Number of each band with positions, and where it begins.
    bands: Vec<(u32, usize)>,
    lons: Vec<f64>,
    /// Which position each longitude belongs to.
    places: Vec<u32>,
}

impl Grid {
    /// An index of positions, by which those up to this distance away are found. Places without a position are left out.
    pub(super) fn new(positions: impl IntoIterator<Item = Option<Position>>, reach_m: f64) -> Self {
        // A band is not thinner than rounding.
        let height = (reach_m / DEGREE_M).max(1e-7);
        let band_of = |[_, lat]: Position| band(lat, height);
        let numbered = (0..).zip(positions);
        let mut all: Vec<(u32, f64, u32)> =
            numbered.filter_map(|(place, at)| at.map(|at| (band_of(at), at[0], place))).collect();
        all.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
        let mut bands: Vec<(u32, usize)> = Vec::new();
        for (start, (band, ..)) in all.iter().enumerate() {
            if bands.last().is_none_or(|(last, _)| last != band) {
                bands.push((*band, start));
            }
        }
        let (lons, places) = all.into_iter().map(|(_, lon, place)| (lon, place)).unzip();
        Self { reach_m, height, bands, lons, places }
    }

    /// Calls for each place that may be within reach of a position: all that are, and some that are not.
    pub(super) fn near(&self, at: Position, mut each: impl FnMut(usize)) {
        let [lon, lat] = at;
        let own = band(lat, self.height);
        // The widest reach in degrees is nearest to the pole.
        let farthest = (lat.abs() + 2.0 * self.height).min(90.0);
        let degree_m = Scale::at(farthest).lon_m;
        let width = if degree_m * 180.0 > self.reach_m { 1.001 * self.reach_m / degree_m } else { 180.0 };
        let first = self.bands.partition_point(|(band, _)| *band < own.saturating_sub(1));
        for at in first..self.bands.len() {
            let Some((band, start)) = self.bands.get(at).copied().filter(|(band, _)| *band <= own + 1) else {
                break;
            };
            debug_assert!(band + 1 >= own, "bands are sorted");
            let end = self.bands.get(at + 1).map_or(self.lons.len(), |(_, next)| *next);
            let mut range = |west: f64, east: f64| {
                let lons = &self.lons[start..end];
                let from = lons.partition_point(|found| *found < west);
                let found = lons.iter().zip(&self.places[start..end]).skip(from);
                for (_, place) in found.take_while(|(lon, _)| **lon <= east) {
                    each(*place as usize);
                }
            };
            if width >= 180.0 {
                range(-180.0, 180.0);
                continue;
            }
            range(lon - width, lon + width);
            // The other side of the antimeridian.
            if lon - width < -180.0 {
                range(lon - width + 360.0, 180.0);
            }
            if lon + width > 180.0 {
                range(-180.0, lon + width - 360.0);
            }
        }
    }
}

/// The number of the band that holds a latitude.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "at most 180 / 1e-7, and not negative"
)]
fn band(lat: f64, height: f64) -> u32 {
    ((lat.clamp(-90.0, 90.0) + 90.0) / height) as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::metric::distance_m;

    /// Positions close together, also at the antimeridian and at a pole.
    fn positions() -> impl Strategy<Value = Vec<Position>> {
        let centre =
            prop_oneof![Just([9.0, 52.0]), Just([180.0, -17.0]), Just([-180.0, 0.0]), Just([20.0, 89.9995])];
        (centre, proptest::collection::vec([-0.001..0.001_f64, -0.0004..0.0004_f64], 1..40)).prop_map(
            |([lon, lat], steps)| {
                let wrap = |lon: f64| {
                    if lon > 180.0 {
                        lon - 360.0
                    } else if lon < -180.0 {
                        lon + 360.0
                    } else {
                        lon
                    }
                };
                steps.into_iter().map(|[east, north]| [wrap(lon + east), lat + north]).collect()
            },
        )
    }

    proptest! {
        #[test]
        fn nothing_within_reach_is_missed_and_nothing_comes_twice(all in positions(), reach_m in 0.0..60.0_f64) {
            let grid = Grid::new(all.iter().copied().map(Some), reach_m);
            for at in &all {
                let mut found = Vec::new();
                grid.near(*at, |place| found.push(place));
                found.sort_unstable();
                prop_assert!(found.windows(2).all(|two| two[0] != two[1]));
                let near = (0..all.len()).filter(|place| distance_m(*at, all[*place]) <= reach_m);
                for place in near {
                    prop_assert!(found.contains(&place), "{place} of {all:?}");
                }
            }
        }
    }
}
