//! The box around a geometry.

use crate::table::Wkb;
use crate::tile::TileId;

/// Zoom of the grid whose cells the Hilbert curve visits: cells of 10 m at the equator.
const CURVE_ZOOM: u8 = 22;

/// The box around positions, in degrees. An empty box has its west east of its east.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bounds {
    pub(super) west: f64,
    pub(super) south: f64,
    pub(super) east: f64,
    pub(super) north: f64,
}

impl Bounds {
    pub(super) const EMPTY: Self =
        Self { west: f64::INFINITY, south: f64::INFINITY, east: f64::NEG_INFINITY, north: f64::NEG_INFINITY };

    /// The box around a geometry.
    pub(super) fn of(geometry: &Wkb) -> Self {
        let mut bounds = Self::EMPTY;
        geometry.positions().for_each(|at| bounds.add(*at));
        bounds
    }

    fn add(&mut self, [lon, lat]: [f64; 2]) {
        self.join(&Self { west: lon, south: lat, east: lon, north: lat });
    }

    /// Grows to hold another box too.
    pub(super) fn join(&mut self, other: &Self) {
        self.west = self.west.min(other.west);
        self.south = self.south.min(other.south);
        self.east = self.east.max(other.east);
        self.north = self.north.max(other.north);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.west > self.east || self.south > self.north
    }

    /// West, south, east, north.
    pub(super) fn degrees(&self) -> [f64; 4] {
        [self.west, self.south, self.east, self.north]
    }

    /// West, south, east, north; `None` when it is empty.
    pub(super) fn sides(&self) -> Option<[f64; 4]> {
        (!self.is_empty()).then(|| self.degrees())
    }

    /// The box of [`Bounds::sides`].
    pub(super) fn of_sides(sides: Option<[f64; 4]>) -> Self {
        sides.map_or(Self::EMPTY, |[west, south, east, north]| Self { west, south, east, north })
    }

    /// West, south, east, north in single precision, rounded outward so that the box still holds every position; NaN
    /// when it is empty.
    pub(super) fn rounded_outward(&self) -> [f32; 4] {
        if self.is_empty() {
            return [f32::NAN; 4];
        }
        [below(self.west), below(self.south), above(self.east), above(self.north)]
    }

    /// The place of the centre on a Hilbert curve. The curve runs over plain longitudes and latitudes, which are
    /// cheaper than Mercator tiles and sort rows equally well.
    pub(super) fn place(&self) -> u64 {
        let (lon, lat) = (self.west.midpoint(self.east), self.south.midpoint(self.north));
        let cells = f64::from(1_u32 << CURVE_ZOOM) / 360.0;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "numbers become the nearest cell"
        )]
        let cell = |degrees: f64| ((degrees * cells) as u32).min((1 << CURVE_ZOOM) - 1);
        TileId::new(CURVE_ZOOM, cell(lon + 180.0), cell(90.0 - lat)).map_or(u64::MAX, TileId::hilbert)
    }
}

/// The greatest single that is not above a number.
fn below(value: f64) -> f32 {
    let near = nearest(value);
    if f64::from(near) > value { near.next_down() } else { near }
}

/// The smallest single that is not below a number.
fn above(value: f64) -> f32 {
    let near = nearest(value);
    if f64::from(near) < value { near.next_up() } else { near }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "rounded to the nearest, which is corrected by the callers"
)]
fn nearest(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn singles_are_rounded_outward_and_no_further(lon in -180.0..=180.0_f64, lat in -90.0..=90.0_f64) {
            let [west, south, east, north] = Bounds::of(&Wkb::Point([lon, lat])).rounded_outward();
            for (low, value, high) in [(west, lon, east), (south, lat, north)] {
                prop_assert!(f64::from(low) <= value && value <= f64::from(high));
                prop_assert!(low.to_bits() == high.to_bits() || low.next_up().to_bits() == high.to_bits(), "{} {} {}", low, value, high);
            }
        }

        #[test]
        fn a_box_holds_all_of_its_lines(lines in proptest::collection::vec(proptest::collection::vec([-180.0..180.0_f64, -90.0..90.0_f64], 0..5), 0..4)) {
            let bounds = Bounds::of(&Wkb::Lines(lines.clone()));
            let all: Vec<_> = lines.concat();
            prop_assert_eq!(bounds.is_empty(), all.is_empty());
            for [lon, lat] in &all {
                prop_assert!(bounds.west <= *lon && *lon <= bounds.east && bounds.south <= *lat && *lat <= bounds.north);
            }
            prop_assert!(all.is_empty() || all.iter().any(|at| at[0].to_bits() == bounds.west.to_bits()));
        }
    }

    #[test]
    fn a_box_of_nothing_has_no_numbers() {
        assert!(Bounds::of(&Wkb::Lines(vec![vec![]])).rounded_outward().iter().all(|n| n.is_nan()));
    }
}
