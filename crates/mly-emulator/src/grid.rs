//! Web Mercator: degrees, the unit square (0 to 1, x east, y south), tiles, and the 4096 units along a tile's side.
//!
//! Formulas: <https://wiki.openstreetmap.org/wiki/Slippy_map_tilenames>.

use std::f64::consts::PI;

/// Units along one side of a tile.
pub(crate) const EXTENT: u32 = 4096;

/// The zoom that carries single images and map features.
pub(crate) const DATA_ZOOM: u8 = 14;

/// A tile of the XYZ scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TileId {
    pub(crate) z: u8,
    pub(crate) x: u32,
    pub(crate) y: u32,
}

/// Degrees to the unit square: x east, y south.
pub(crate) fn to_world([lon, lat]: [f64; 2]) -> [f64; 2] {
    let sine = lat.to_radians().sin();
    [(lon + 180.0) / 360.0, 0.5 - ((1.0 + sine) / (1.0 - sine)).ln() / (4.0 * PI)]
}

/// The unit square to degrees.
pub(crate) fn to_degrees([x, y]: [f64; 2]) -> [f64; 2] {
    [x * 360.0 - 180.0, (PI * (1.0 - 2.0 * y)).sinh().atan().to_degrees()]
}

impl TileId {
    /// The tile of zoom `z` that holds a place of the unit square.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the grid")]
    pub(crate) fn holding(z: u8, [x, y]: [f64; 2]) -> Self {
        let side = side(z);
        let index = |part: f64| (part * side).floor().clamp(0.0, side - 1.0) as u32;
        Self { z, x: index(x), y: index(y) }
    }

    /// Whether the grid of this zoom has this tile.
    pub(crate) const fn exists(self) -> bool {
        self.z < 32 && self.x < 1 << self.z && self.y < 1 << self.z
    }

    /// A place of the unit square in units of this tile, which are 0 to 4096 inside it.
    pub(crate) fn units(self, [x, y]: [f64; 2]) -> [f64; 2] {
        let side = side(self.z);
        let extent = f64::from(EXTENT);
        [(x * side - f64::from(self.x)) * extent, (y * side - f64::from(self.y)) * extent]
    }

    /// The place of the unit square at a place in units of this tile.
    pub(crate) fn world(self, [x, y]: [f64; 2]) -> [f64; 2] {
        let side = side(self.z);
        let extent = f64::from(EXTENT);
        [(f64::from(self.x) + x / extent) / side, (f64::from(self.y) + y / extent) / side]
    }

    /// A place inside this tile in whole units, 0..=4095. Rounded down, as the service does: points lie in a cell, not on a
    /// corner of one.
    #[expect(clippy::cast_possible_truncation, reason = "clamped to the tile")]
    pub(crate) fn cell(self, place: [f64; 2]) -> [i32; 2] {
        self.units(place).map(|unit| unit.floor().clamp(0.0, f64::from(EXTENT - 1)) as i32)
    }

    /// West, south, east, north in degrees.
    pub(crate) fn bbox(self) -> [f64; 4] {
        let [west, north] = to_degrees(self.world([0.0, 0.0]));
        let [east, south] = to_degrees(self.world([f64::from(EXTENT), f64::from(EXTENT)]));
        [west, south, east, north]
    }
}

fn side(z: u8) -> f64 {
    f64::from(z).exp2()
}

/// Whether a place lies in a closed west, south, east, north box.
pub(crate) fn contains(bbox: [f64; 4], [lon, lat]: [f64; 2]) -> bool {
    (bbox[0]..=bbox[2]).contains(&lon) && (bbox[1]..=bbox[3]).contains(&lat)
}

/// The smallest box around places, or none without places.
pub(crate) fn bbox_of(places: impl IntoIterator<Item = [f64; 2]>) -> Option<[f64; 4]> {
    places.into_iter().fold(None, |bbox, place| Some(extended(bbox, place)))
}

/// The smallest box around a box and a place.
pub(crate) fn extended(bbox: Option<[f64; 4]>, [x, y]: [f64; 2]) -> [f64; 4] {
    let [left, low, right, high] = bbox.unwrap_or([x, y, x, y]);
    [left.min(x), low.min(y), right.max(x), high.max(y)]
}

/// Metres between two places (haversine, sphere of 6,371,008.8 m).
pub(crate) fn distance_m([lon1, lat1]: [f64; 2], [lon2, lat2]: [f64; 2]) -> f64 {
    let (dlat, dlon) = ((lat2 - lat1).to_radians(), (lon2 - lon1).to_radians());
    let a = (dlat / 2.0).sin().powi(2)
        + lat1.to_radians().cos() * lat2.to_radians().cos() * (dlon / 2.0).sin().powi(2);
    2.0 * 6_371_008.8 * a.sqrt().asin()
}
