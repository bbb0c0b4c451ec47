//! Positions on the square of Web Mercator.

use std::f64::consts::PI;

use crate::table::Wkb;
use crate::tile::TileId;

/// The largest zoom, at which every row is in a tile.
pub(super) const LAST_ZOOM: u8 = 14;

/// Zooms from 0 on.
pub(super) const ZOOMS: usize = LAST_ZOOM as usize + 1;

/// Tile units along the side of a tile.
pub(super) const EXTENT: u32 = 4096;

/// Bits of [`EXTENT`].
const EXTENT_BITS: u32 = EXTENT.trailing_zeros();

/// Bits of the side of the world. Its units are 9 mm long at the equator, a fraction of a tile unit at every zoom, so that
/// positions in tiles follow from whole numbers.
const WORLD_BITS: u32 = 32;

/// The side of the world.
const WORLD: f64 = 4_294_967_296.0;

/// The latitude at which the square ends.
const LAST_LATITUDE: f64 = 85.051_128_779_806_59;

/// A position in units of the world, from its north-western corner.
pub(super) type Spot = [i64; 2];

/// A geometry in units of the world.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum WorldShape {
    Point(Spot),
    Points(Vec<Spot>),
    Lines(Vec<Vec<Spot>>),
}

impl WorldShape {
    /// The geometry on the square. Lines that cross the antimeridian, which is where two positions in a row are more than
    /// half of the world apart, are cut there.
    pub(super) fn of(geometry: &Wkb) -> Self {
        match geometry {
            Wkb::Point(at) => Self::Point(spot(*at)),
            Wkb::Points(points) => Self::Points(points.iter().copied().map(spot).collect()),
            Wkb::Lines(lines) => {
                let mut cut = Vec::with_capacity(lines.len());
                lines.iter().filter(|line| !line.is_empty()).for_each(|line| unwind(line, &mut cut));
                Self::Lines(cut)
            }
        }
    }

    /// The position that stands for the whole: the first one. `None` where there is none.
    pub(super) fn anchor(&self) -> Option<Spot> {
        match self {
            Self::Point(at) => Some(*at),
            Self::Points(points) => points.first().copied(),
            Self::Lines(lines) => lines.iter().flatten().next().copied(),
        }
    }
}

/// The place of a position. What lies beyond the last latitude is put on the edge of the square.
fn spot([lon, lat]: [f64; 2]) -> Spot {
    // 180 degrees east is the eastern edge, and not the western one.
    let lon = if (-180.0..=180.0).contains(&lon) { lon } else { (lon + 180.0).rem_euclid(360.0) - 180.0 };
    let lat = lat.clamp(-LAST_LATITUDE, LAST_LATITUDE).to_radians();
    // The functions of the standard library are those of the system, which round differently on Windows: tiles would not be the
    // same, byte for byte.
    let north = libm::asinh(libm::tan(lat)) / PI;
    [whole((lon + 180.0) / 360.0), whole((1.0 - north) / 2.0)]
}

/// A share of the side of the world in its units.
#[expect(clippy::cast_possible_truncation, reason = "clamped to the side of the world, which has 32 bits")]
fn whole(share: f64) -> i64 {
    (share * WORLD).floor().clamp(0.0, WORLD - 1.0) as i64
}

/// Appends a line, cut where it crosses the antimeridian.
fn unwind(line: &[[f64; 2]], out: &mut Vec<Vec<Spot>>) {
    let mut part: Vec<Spot> = Vec::with_capacity(line.len());
    let mut before: Option<f64> = None;
    for [lon, lat] in line {
        let at = spot([*lon, *lat]);
        let crosses = before.is_some_and(|before| (before - lon).abs() > 180.0);
        if let Some([x, y]) = part.last().copied().filter(|_| crosses) {
            let (edge, other) = if x > at[0] { (1_i64 << WORLD_BITS, 0) } else { (0, 1_i64 << WORLD_BITS) };
            let (near, far) = ((edge - x).abs(), (at[0] - other).abs());
            let y = if near + far == 0 { y } else { y + (at[1] - y) * near / (near + far) };
            // The edges themselves belong to no tile, so the line ends one unit before.
            part.push([edge.min((1 << WORLD_BITS) - 1), y]);
            out.push(std::mem::take(&mut part));
            part.push([other.min((1 << WORLD_BITS) - 1), y]);
        }
        part.push(at);
        before = Some(*lon);
    }
    out.push(part);
}

/// The tile that holds a position of the world; positions outside go to the outermost tiles.
pub(super) fn tile_at(at: Spot, zoom: u8) -> TileId {
    let [x, y] = at.map(|side| {
        let side = side.clamp(0, (1 << WORLD_BITS) - 1) >> (WORLD_BITS - u32::from(zoom));
        u32::try_from(side).unwrap_or_default()
    });
    TileId::new(zoom, x, y).unwrap_or(TileId::containing(0.0, 0.0, 0))
}

/// The box of a tile in units of the world: west, north, east, south.
pub(super) fn sides(tile: TileId) -> [i64; 4] {
    let side = 1_i64 << (WORLD_BITS - u32::from(tile.z()));
    let (west, north) = (i64::from(tile.x()) * side, i64::from(tile.y()) * side);
    [west, north, west + side, north + side]
}

/// Units of the world in a tile unit, as a power of two.
fn unit_bits(zoom: u8) -> u32 {
    WORLD_BITS - EXTENT_BITS - u32::from(zoom)
}

/// Units of the world in a number of tile units.
pub(super) fn units(count: i64, zoom: u8) -> i64 {
    count << unit_bits(zoom)
}

/// A position in the nearest tile unit, from the north-western corner of a tile.
pub(super) fn in_tile(at: Spot, tile: TileId) -> [i32; 2] {
    let [west, north, ..] = sides(tile);
    let bits = unit_bits(tile.z());
    let unit = |distance: i64| i32::try_from((distance + (1 << (bits - 1))) >> bits).unwrap_or_default();
    [unit(at[0] - west), unit(at[1] - north)]
}

/// A position of a point in a tile. Points on the eastern and southern edge belong to the neighbours, and readers drop them.
pub(super) fn point_in_tile(at: Spot, tile: TileId) -> [i32; 2] {
    let last = EXTENT.cast_signed() - 1;
    in_tile(at, tile).map(|unit| unit.min(last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_position_is_in_its_tile_within_one_unit(lon in -180.0..=180.0_f64, lat in -85.05..85.05_f64, zoom in 0..=LAST_ZOOM) {
            let at = spot([lon, lat]);
            let tile = tile_at(at, zoom);
            if lon < 180.0 {
                prop_assert_eq!(tile, TileId::containing(lon, lat, zoom));
            }
            let [x, y] = point_in_tile(at, tile).map(|unit| f64::from(unit) / f64::from(EXTENT));
            let unit = 360.0 / f64::from(1_u32 << zoom) / f64::from(EXTENT);
            prop_assert!((tile.lon(x) - lon).abs() <= unit);
            prop_assert!((tile.lat(y) - lat).abs() <= unit);
        }
    }

    #[test]
    fn what_lies_beyond_the_square_is_on_its_edge() {
        let edge = (1_i64 << 32) - 1;
        assert_eq!(spot([-180.0, 90.0]), [0, 0]);
        assert_eq!(spot([180.0, -90.0]), [edge, edge]);
        assert_eq!(spot([190.0, 0.0])[0], spot([-170.0, 0.0])[0]);
    }

    #[test]
    fn a_line_is_cut_at_the_antimeridian() {
        let line = Wkb::Lines(vec![vec![[179.0, 1.0], [179.5, 1.0], [-179.5, -1.0], [-179.0, -1.0]]]);
        let WorldShape::Lines(parts) = WorldShape::of(&line) else { panic!() };
        let [first, second] = parts.as_slice() else { panic!("{parts:?}") };
        assert_eq!((first.len(), second.len()), (3, 3));
        assert_eq!((first[2][0], second[0][0]), ((1 << 32) - 1, 0));
        assert_eq!(first[2][1], second[0][1]);
        assert!((first[2][1] - (1 << 31)).abs() < 2, "{first:?}");
    }
}
