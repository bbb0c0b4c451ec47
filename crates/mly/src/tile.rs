//! Web Mercator tiles and the boxes they cover.

use std::f64::consts::PI;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use crate::api::DATA_ZOOM;

/// The deepest zoom a [`TileId`] can have.
pub(crate) const MAX_ZOOM: u8 = 24;

/// An axis-parallel box in degrees, CRS84, `west <= east` and `south <= north`; its border belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bbox {
    /// Western longitude, -180..=180.
    pub west: f64,
    /// Southern latitude, -90..=90.
    pub south: f64,
    /// Eastern longitude, -180..=180.
    pub east: f64,
    /// Northern latitude, -90..=90.
    pub north: f64,
}

impl Bbox {
    /// Whether a position lies in the box or on its border.
    pub fn contains(&self, lon: f64, lat: f64) -> bool {
        self.west <= lon && lon <= self.east && self.south <= lat && lat <= self.north
    }

    /// Whether two boxes share at least a point.
    pub fn intersects(&self, other: &Self) -> bool {
        self.west <= other.east
            && other.west <= self.east
            && self.south <= other.north
            && other.south <= self.north
    }

    /// What two boxes share; a line or a point where they only touch.
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        self.intersects(other).then(|| Self {
            west: self.west.max(other.west),
            south: self.south.max(other.south),
            east: self.east.min(other.east),
            north: self.north.min(other.north),
        })
    }

    /// Whether `other` lies wholly inside.
    pub fn covers(&self, other: &Self) -> bool {
        self.west <= other.west
            && other.east <= self.east
            && self.south <= other.south
            && other.north <= self.north
    }

    /// The middle of the box, longitude then latitude.
    pub fn center(&self) -> [f64; 2] {
        [self.west.midpoint(self.east), self.south.midpoint(self.north)]
    }

    /// The corners, counter-clockwise from the south-west.
    pub fn corners(&self) -> [[f64; 2]; 4] {
        [[self.west, self.south], [self.east, self.south], [self.east, self.north], [self.west, self.north]]
    }
}

impl fmt::Display for Bbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{},{},{}", self.west, self.south, self.east, self.north)
    }
}

/// A tile of the XYZ scheme: zoom, column from the antimeridian, row from the north.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct TileId {
    z: u8,
    x: u32,
    y: u32,
}

impl TileId {
    /// The tile `z/x/y`, or `None` when there is no such tile.
    ///
    /// ```
    /// use mly::TileId;
    ///
    /// assert_eq!(TileId::new(14, 8574, 5735).unwrap().to_string(), "14/8574/5735");
    /// assert_eq!(TileId::new(1, 2, 0), None);
    /// ```
    pub fn new(z: u8, x: u32, y: u32) -> Option<Self> {
        let side = 1_u32.checked_shl(u32::from(z))?;
        (z <= MAX_ZOOM && x < side && y < side).then_some(Self { z, x, y })
    }

    /// The tile that holds a position; latitudes beyond Web Mercator go to the outermost row.
    pub fn containing(lon: f64, lat: f64, z: u8) -> Self {
        let z = z.min(MAX_ZOOM);
        let side = f64::from(1_u32 << z);
        let lat = lat.to_radians();
        let x = (lon + 180.0) / 360.0 * side;
        let y = (1.0 - lat.tan().asinh() / PI) / 2.0 * side;
        Self { z, x: index(x, side), y: index(y, side) }
    }

    /// Zoom level.
    pub fn z(self) -> u8 {
        self.z
    }

    /// Column, from 0 at 180° W.
    pub fn x(self) -> u32 {
        self.x
    }

    /// Row, from 0 in the north.
    pub fn y(self) -> u32 {
        self.y
    }

    /// The box of the tile. Its western and northern edge belong to it, the others to its neighbours.
    pub fn bbox(self) -> Bbox {
        Bbox { west: self.lon(0.0), east: self.lon(1.0), north: self.lat(0.0), south: self.lat(1.0) }
    }

    /// Longitude at `u` of the tile's width from its western edge (0..=1).
    pub(crate) fn lon(self, u: f64) -> f64 {
        (f64::from(self.x) + u) / f64::from(1_u32 << self.z) * 360.0 - 180.0
    }

    /// Latitude at `v` of the tile's height from its northern edge (0..=1).
    pub(crate) fn lat(self, v: f64) -> f64 {
        let y = (f64::from(self.y) + v) / f64::from(1_u32 << self.z);
        (PI * (1.0 - 2.0 * y)).sinh().atan().to_degrees()
    }

    /// The tile at zoom `z` that holds this one.
    pub(crate) fn ancestor(self, z: u8) -> Self {
        let up = self.z.saturating_sub(z);
        Self { z: self.z - up, x: self.x >> up, y: self.y >> up }
    }

    /// Position of the tile on the Hilbert curve of its zoom level.
    ///
    /// Neighbours on the curve are neighbours on the ground, and the tiles below one tile are consecutive.
    pub fn hilbert(self) -> u64 {
        let mut index = 0_u64;
        let (mut x, mut y) = (self.x, self.y);
        for level in (0..self.z).rev() {
            let (rx, ry) = ((x >> level) & 1, (y >> level) & 1);
            index = (index << 2) | u64::from((3 * rx) ^ ry);
            (x, y) = rotate(level, x, y, rx, ry);
        }
        index
    }

    /// The tile at a position on the Hilbert curve of zoom `z`; the inverse of [`TileId::hilbert`].
    pub fn from_hilbert(z: u8, index: u64) -> Self {
        let (mut x, mut y) = (0_u32, 0_u32);
        for level in 0..z {
            let digit = (index >> (2 * level)) & 3;
            let rx = u32::from(digit >= 2);
            let ry = u32::from(digit == 1 || digit == 2);
            (x, y) = rotate(level, x, y, rx, ry);
            x |= rx << level;
            y |= ry << level;
        }
        Self { z, x, y }
    }
}

/// One step of the Hilbert curve: turn the quadrant of side `2^level`.
fn rotate(level: u8, x: u32, y: u32, rx: u32, ry: u32) -> (u32, u32) {
    if ry == 1 {
        return (x, y);
    }
    let mask = (1_u32 << level) - 1;
    let (x, y) = (x & mask, y & mask);
    if rx == 1 { (mask - y, mask - x) } else { (y, x) }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0..side before the cast"
)]
fn index(position: f64, side: f64) -> u32 {
    position.floor().clamp(0.0, side - 1.0) as u32
}

impl fmt::Display for TileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.z, self.x, self.y)
    }
}

impl FromStr for TileId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.trim().split('/').map(str::parse::<u32>);
        if let (Some(Ok(z)), Some(Ok(x)), Some(Ok(y)), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        {
            let z = u8::try_from(z).unwrap_or(u8::MAX);
            return Self::new(z, x, y).ok_or_else(|| format!("there is no tile `{text}`"));
        }
        Err(format!("`{text}` is not a tile Z/X/Y"))
    }
}

impl From<TileId> for String {
    fn from(tile: TileId) -> Self {
        tile.to_string()
    }
}

impl TryFrom<String> for TileId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_tile_knows_the_box_mercantile_prints_for_it() {
        // mercantile.bounds(8574, 5735, 14)
        let b = TileId::new(14, 8574, 5735).unwrap().bbox();
        let expected = [8.393_554_687_5, 47.398_349_200_359_256, 8.415_527_343_75, 47.413_220_330_169_02];
        for (got, want) in [b.west, b.south, b.east, b.north].into_iter().zip(expected) {
            assert!((got - want).abs() < 1e-13, "{got} {want}");
        }
    }

    #[test]
    fn the_hilbert_curve_visits_every_tile_once_and_steps_to_a_neighbour() {
        let tiles: Vec<_> = (0..4096).map(|i| TileId::from_hilbert(6, i)).collect();
        for (i, tile) in (0_u64..).zip(&tiles) {
            assert_eq!(tile.hilbert(), i);
        }
        for pair in tiles.windows(2) {
            assert_eq!(pair[0].x().abs_diff(pair[1].x()) + pair[0].y().abs_diff(pair[1].y()), 1);
        }
    }

    #[test]
    fn text_that_is_no_tile_is_refused() {
        for bad in ["", "14/1", "14/1/2/3", "14/x/2", "2/4/0", "99/0/0", "-1/0/0"] {
            assert!(bad.parse::<TileId>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn tiles_below_a_tile_are_consecutive_on_the_curve(z in 0_u8..13, seed in any::<u64>()) {
            let tile = TileId::from_hilbert(z, seed % (1 << (2 * z)));
            let first = tile.hilbert() << 2;
            for i in first..first + 4 {
                prop_assert_eq!(TileId::from_hilbert(z + 1, i).ancestor(z), tile);
            }
        }

        #[test]
        fn the_tile_containing_a_position_has_it_in_its_box(lon in -180.0..180.0_f64, lat in -85.0..85.0_f64, z in 0_u8..=20) {
            let b = TileId::containing(lon, lat, z).bbox();
            let slack = 1e-9;
            prop_assert!(b.west - slack <= lon && lon <= b.east + slack);
            prop_assert!(b.south - slack <= lat && lat <= b.north + slack);
        }
    }
}
