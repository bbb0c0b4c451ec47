//! Tile units to degrees, and well-known binary.

use std::f64::consts::PI;

use arrow_array::BinaryArray;
use arrow_buffer::{Buffer, OffsetBuffer};

use crate::tile::TileId;

/// Zooms from which on a tile is small enough for a polynomial: at 11 it is good to 3e-14 degrees.
const POLYNOMIAL_FROM_ZOOM: u8 = 11;

/// Turns positions of one tile into longitudes and latitudes.
pub(super) struct Unproject {
    tile: TileId,
    /// Part of the tile's side that one unit is.
    unit: f64,
    /// Taylor series of the inverse Gudermannian at the middle of the tile, in degrees.
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

    /// A single position, by exact trigonometry: on the edge between two tiles both give the same number.
    pub(super) fn position(&self, [u, v]: [i32; 2]) -> [f64; 2] {
        [self.tile.lon(f64::from(u) * self.unit), self.tile.lat(f64::from(v) * self.unit)]
    }
}

const LITTLE_ENDIAN: u8 = 1;
const POINT: u32 = 1;
const LINE_STRING: u32 = 2;
const MULTI_LINE_STRING: u32 = 5;

/// Bytes of a point: byte order, type, two numbers.
const POINT_SIZE: usize = 21;

/// A point as well-known binary.
#[inline]
pub(super) fn point([lon, lat]: [f64; 2]) -> [u8; POINT_SIZE] {
    let mut point = [LITTLE_ENDIAN; POINT_SIZE];
    point[1..5].copy_from_slice(&POINT.to_le_bytes());
    point[5..13].copy_from_slice(&lon.to_le_bytes());
    point[13..].copy_from_slice(&lat.to_le_bytes());
    point
}

/// Points as well-known binary.
pub(super) fn points(lons: &[f64], lats: &[f64]) -> BinaryArray {
    let mut bytes = Vec::with_capacity(lons.len() * POINT_SIZE);
    for (lon, lat) in lons.iter().zip(lats) {
        bytes.extend_from_slice(&point([*lon, *lat]));
    }
    let offsets = OffsetBuffer::from_repeated_length(POINT_SIZE, lons.len());
    BinaryArray::new(offsets, Buffer::from_vec(bytes), None)
}

/// A multi line string as well-known binary.
pub(crate) fn lines(lines: &[&[[f64; 2]]]) -> Vec<u8> {
    let mut wkb = Vec::new();
    let header = |wkb: &mut Vec<u8>, kind: u32, count: usize| {
        wkb.push(LITTLE_ENDIAN);
        wkb.extend_from_slice(&kind.to_le_bytes());
        // Counts come from tiles, whose vertices are limited far below 2^32.
        wkb.extend_from_slice(&u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
    };
    header(&mut wkb, MULTI_LINE_STRING, lines.len());
    for line in lines {
        header(&mut wkb, LINE_STRING, line.len());
        wkb.extend(line.as_flattened().iter().flat_map(|n| n.to_le_bytes()));
    }
    wkb
}

/// What our own columns hold, read back for the text formats.
#[derive(Debug, PartialEq)]
pub(crate) enum Wkb {
    /// Longitude and latitude.
    Point([f64; 2]),
    /// Lines of longitudes and latitudes.
    Lines(Vec<Vec<[f64; 2]>>),
}

impl Wkb {
    /// The bytes that [`Wkb::read`] reads.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Point(at) => point(*at).to_vec(),
            Self::Lines(all) => lines(&all.iter().map(Vec::as_slice).collect::<Vec<_>>()),
        }
    }

    /// Reads little-endian points and multi line strings; `None` for anything else.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        match header(&mut rest)? {
            POINT => Some(Self::Point(position(&mut rest)?)),
            MULTI_LINE_STRING => {
                let count = number(&mut rest)?;
                let lines = (0..count).map(|_| line(&mut rest)).collect::<Option<_>>()?;
                Some(Self::Lines(lines))
            }
            _ => None,
        }
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk()?;
    *rest = tail;
    Some(*head)
}

fn number(rest: &mut &[u8]) -> Option<u32> {
    take(rest).map(u32::from_le_bytes)
}

fn header(rest: &mut &[u8]) -> Option<u32> {
    let [order] = take(rest)?;
    (order == LITTLE_ENDIAN).then(|| number(rest))?
}

fn position(rest: &mut &[u8]) -> Option<[f64; 2]> {
    Some([f64::from_le_bytes(take(rest)?), f64::from_le_bytes(take(rest)?)])
}

fn line(rest: &mut &[u8]) -> Option<Vec<[f64; 2]>> {
    (header(rest)? == LINE_STRING).then_some(())?;
    (0..number(rest)?).map(|_| position(rest)).collect()
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

        #[test]
        fn lines_come_back_from_their_binary_form(some in proptest::collection::vec(proptest::collection::vec([-180.0..180.0_f64, -90.0..90.0_f64], 0..5), 0..4)) {
            let slices: Vec<_> = some.iter().map(Vec::as_slice).collect();
            prop_assert_eq!(Wkb::read(&lines(&slices)), Some(Wkb::Lines(some)));
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = Wkb::read(&bytes);
        }
    }

    #[test]
    fn a_point_has_the_bytes_postgis_prints() {
        // SELECT ST_AsBinary(ST_Point(1, 2))
        let wkb = points(&[1.0], &[2.0]);
        let bytes = 0x01_0100_0000_0000_0000_0000_f03f_u128.to_be_bytes();
        assert_eq!(wkb.value(0)[..13], bytes[3..]);
        assert_eq!(wkb.value(0)[13..], 0x0000_0000_0000_0040_u64.to_be_bytes());
        assert_eq!(Wkb::read(wkb.value(0)), Some(Wkb::Point([1.0, 2.0])));
    }
}
