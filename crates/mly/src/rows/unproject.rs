//! Tile units to degrees.
//!
//! Exact trigonometry for each position would cost more than all other decoding. Within a tile of zoom 11 or more the
//! latitude is so nearly straight that a polynomial of degree 4 is as good.

use std::f64::consts::PI;

use crate::tile::TileId;

/// From this zoom on a tile is small enough for the polynomial, whose error at zoom 11 is 3e-14 degrees.
const POLYNOMIAL_FROM_ZOOM: u8 = 11;

/// Turns positions of one tile into longitudes and latitudes.
pub(super) struct Unproject {
    tile: TileId,
    /// Length of a unit, as a part of the tile's side.
    unit: f64,
    /// Taylor series around the middle of the tile, in degrees. It is that of the inverse of the Mercator projection, the
    /// Gudermannian function `gd`.
    latitude: [f64; 5],
}

impl Unproject {
    pub(super) fn new(tile: TileId, extent: u32) -> Self {
        let middle = tile.lat(0.5);
        let (s, c) = middle.to_radians().sin_cos();
        // gd' = cos(gd), so each derivative follows from the one before it.
        let derivatives = [c, -s * c, c * (1.0 - 2.0 * c * c), s * c * (6.0 * c * c - 1.0)];
        let [c1, c2, c3, c4] = derivatives.map(f64::to_degrees);
        Self { tile, unit: f64::from(extent).recip(), latitude: [middle, c1, c2 / 2.0, c3 / 6.0, c4 / 24.0] }
    }

    /// Longitudes of positions in tile units.
    pub(super) fn lons(&self, units: &[[i32; 2]]) -> Vec<f64> {
        // The number of tiles is a power of two, so its reciprocal is exact.
        let (side, west) = (f64::from(1_u32 << self.tile.z()).recip(), f64::from(self.tile.x()));
        units.iter().map(|&[u, _]| (west + f64::from(u) * self.unit) * side * 360.0 - 180.0).collect()
    }

    /// Latitudes of positions in tile units, counted from the north.
    pub(super) fn lats(&self, units: &[[i32; 2]]) -> Vec<f64> {
        if self.tile.z() < POLYNOMIAL_FROM_ZOOM {
            return units.iter().map(|&[_, v]| self.tile.lat(f64::from(v) * self.unit)).collect();
        }
        let [c0, c1, c2, c3, c4] = self.latitude;
        let radians = -2.0 * PI / f64::from(1_u32 << self.tile.z());
        units
            .iter()
            .map(|&[_, v]| {
                let t = (f64::from(v) * self.unit - 0.5) * radians;
                c0 + t * (c1 + t * (c2 + t * (c3 + t * c4)))
            })
            .collect()
    }

    /// A single position, by exact trigonometry, so that two tiles give the same numbers for a position on their common
    /// edge. Joining lines depends on that.
    pub(super) fn position(&self, [u, v]: [i32; 2]) -> [f64; 2] {
        [self.tile.lon(f64::from(u) * self.unit), self.tile.lat(f64::from(v) * self.unit)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_polynomial_agrees_with_exact_trigonometry(z in 11_u8..=14, seed in any::<u64>(), v in -64..4160_i32) {
            let tile = TileId::from_hilbert(z, seed % (1 << (2 * z)));
            let unproject = Unproject::new(tile, 4096);
            let exact = unproject.position([v, v]);
            prop_assert!((unproject.lats(&[[v, v]])[0] - exact[1]).abs() < 1e-12);
            prop_assert_eq!(unproject.lons(&[[v, v]])[0].to_bits(), exact[0].to_bits());
        }
    }
}
