//! Pairs of positions that are near each other.

use crate::metric::{Position, Scale, distance_m};

/// The shortest degree of latitude, which is at the equator, in metres.
const SHORTEST_DEGREE_M: f64 = 110_574.0;

/// A little more than 1, so that rounding never puts two positions that are just within reach too far apart.
const ROUNDING: f64 = 1.000_001;

/// A position in its band of latitude.
#[derive(Clone, Copy, Debug)]
struct Placed {
    band: i64,
    lon: f64,
    index: u32,
}

/// Positions in bands of latitude as high as the reach, from west to east in each: what is within reach of a position is
/// in its band or in one beside it.
#[derive(Debug)]
pub(crate) struct Bands<'a> {
    points: &'a [Position],
    placed: Vec<Placed>,
    reach_m: f64,
}

impl<'a> Bands<'a> {
    /// Sorts positions for questions about what is within a reach of more than zero metres.
    pub(crate) fn new(points: &'a [Position], reach_m: f64) -> Self {
        let height = band_height(reach_m);
        let place = |(index, at): (usize, &Position)| {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            Placed { band: band_of(at[1], height), lon: at[0], index }
        };
        let mut placed: Vec<_> = points.iter().enumerate().map(place).collect();
        placed.sort_unstable_by(|a, b| {
            a.band.cmp(&b.band).then(a.lon.total_cmp(&b.lon)).then(a.index.cmp(&b.index))
        });
        Self { points, placed, reach_m }
    }

    /// Every pair of positions within reach, each once, with its distance in metres.
    pub(crate) fn pairs(&self, mut visit: impl FnMut(u32, u32, f64)) {
        let mut next_band = self.placed.as_slice();
        for (at, placed) in self.placed.iter().enumerate() {
            let window = self.window(placed.band);
            let mut meet = |other: &Placed| {
                if let Some(distance) = self.distance(placed.index, other.index) {
                    visit(placed.index, other.index, distance);
                }
            };
            // Of the own band, those to the east; beyond the antimeridian, those at the western end of the band.
            let rest = self.placed.get(at + 1..).unwrap_or_default();
            let east = rest.iter().take_while(|o| o.band == placed.band);
            east.take_while(|o| o.lon - placed.lon <= window).for_each(&mut meet);
            if window < 180.0 && placed.lon + window > 180.0 {
                self.between(placed.band, -180.0, placed.lon + window - 360.0).iter().for_each(&mut meet);
            }
            // Of the next band, those on both sides.
            let begin = (placed.band + 1, placed.lon - window);
            let is_before = |o: &Placed| o.band < begin.0 || (o.band == begin.0 && o.lon < begin.1);
            while next_band.first().is_some_and(is_before) {
                next_band = next_band.get(1..).unwrap_or_default();
            }
            let next = next_band.iter().take_while(|o| o.band == begin.0);
            next.take_while(|o| o.lon - placed.lon <= window).for_each(&mut meet);
            if window < 180.0 && placed.lon + window > 180.0 {
                self.between(begin.0, -180.0, placed.lon + window - 360.0).iter().for_each(&mut meet);
            }
            if window < 180.0 && placed.lon - window < -180.0 {
                self.between(begin.0, placed.lon - window + 360.0, 180.0).iter().for_each(&mut meet);
            }
        }
    }

    /// The positions within reach of any position, with their distances in metres.
    pub(crate) fn around(&self, at: Position, mut visit: impl FnMut(u32, f64)) {
        let band = band_of(at[1], band_height(self.reach_m));
        for band in band - 1..=band + 1 {
            let window = self.window(band);
            let mut meet = |placed: &Placed| {
                if let Some(other) = self.points.get(placed.index as usize) {
                    let distance = distance_m(at, *other);
                    if distance <= self.reach_m {
                        visit(placed.index, distance);
                    }
                }
            };
            if window >= 180.0 {
                self.between(band, -180.0, 180.0).iter().for_each(&mut meet);
                continue;
            }
            self.between(band, at[0] - window, at[0] + window).iter().for_each(&mut meet);
            if at[0] + window > 180.0 {
                self.between(band, -180.0, at[0] + window - 360.0).iter().for_each(&mut meet);
            }
            if at[0] - window < -180.0 {
                self.between(band, at[0] - window + 360.0, 180.0).iter().for_each(&mut meet);
            }
        }
    }

    /// Those of a band from one longitude to another.
    fn between(&self, band: i64, west: f64, east: f64) -> &[Placed] {
        let from = self.placed.partition_point(|o| o.band < band || (o.band == band && o.lon < west));
        let to = self.placed.partition_point(|o| o.band < band || (o.band == band && o.lon <= east));
        self.placed.get(from..to).unwrap_or_default()
    }

    fn distance(&self, one: u32, other: u32) -> Option<f64> {
        let distance = distance_m(*self.points.get(one as usize)?, *self.points.get(other as usize)?);
        (distance <= self.reach_m).then_some(distance)
    }

    /// Degrees of longitude that the reach is at most, within a band and those beside it.
    fn window(&self, band: i64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "there are fewer bands than 2^53")]
        let edge = |band: i64| (band as f64 * band_height(self.reach_m)).abs();
        let farthest = edge(band - 1).max(edge(band + 2));
        if farthest >= 89.0 {
            return 360.0;
        }
        self.reach_m / Scale::at(farthest).lon_m * ROUNDING
    }
}

fn band_height(reach_m: f64) -> f64 {
    reach_m / SHORTEST_DEGREE_M * ROUNDING
}

#[expect(clippy::cast_possible_truncation, reason = "a band is at least a few centimetres high")]
fn band_of(lat: f64, height: f64) -> i64 {
    (lat / height).floor() as i64
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn by_brute_force(points: &[Position], reach_m: f64) -> BTreeMap<(u32, u32), u64> {
        let mut found = BTreeMap::new();
        for (i, a) in (0..).zip(points) {
            for (j, b) in (0..).zip(points).skip(i as usize + 1) {
                let distance = distance_m(*a, *b);
                if distance <= reach_m {
                    found.insert((i, j), distance.to_bits());
                }
            }
        }
        found
    }

    fn check(points: &[Position], reach_m: f64) {
        let bands = Bands::new(points, reach_m);
        let want = by_brute_force(points, reach_m);
        let (mut found, mut count) = (BTreeMap::new(), 0);
        bands.pairs(|a, b, distance| {
            count += 1;
            found.insert((a.min(b), a.max(b)), distance.to_bits());
        });
        assert_eq!((&found, count), (&want, want.len()));
        for (i, at) in (0..).zip(points) {
            let mut around = Vec::new();
            bands.around(*at, |j, _| around.push(j));
            around.sort_unstable();
            let near = |j: &u32| *j == i || want.contains_key(&(i.min(*j), i.max(*j)));
            let near: Vec<u32> = (0..).zip(points).map(|(j, _)| j).filter(near).collect();
            assert_eq!(around, near);
        }
    }

    proptest! {
        #[test]
        fn pairs_are_those_of_brute_force(
            offsets in proptest::collection::vec([-0.0006..0.0006_f64, -0.0006..0.0006_f64], 0..40),
            middle in prop_oneof![Just([9.0, 52.0]), Just([180.0, 10.0]), Just([-180.0, -65.0]), Just([0.0, 0.0]), Just([50.0, 89.9994])],
            reach_m in 1.0..60.0_f64,
        ) {
            let wrap = |lon: f64| if lon > 180.0 { lon - 360.0 } else if lon < -180.0 { lon + 360.0 } else { lon };
            let points: Vec<_> = offsets.iter().map(|[x, y]| [wrap(middle[0] + x), (middle[1] + y).min(90.0)]).collect();
            check(&points, reach_m);
        }
    }
}
