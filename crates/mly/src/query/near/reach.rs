//! What a stretch and its surroundings can reach: longitudes and latitudes, and tiles.

use super::ellipsoid::{cos_reduced, most_degrees, most_radians};
use super::stretch::Stretch;
use crate::tile::TileId;

/// More than what rounding changes in degrees.
const ROUNDING: f64 = 1e-9;

/// A sine above which rounding changes the angle by more than [`ROUNDING`].
const NEARLY_ONE: f64 = 1.0 - 1e-9;

/// Columns and rows of tiles, both ends included.
#[derive(Clone, Copy, Debug)]
pub(super) struct TileRect {
    pub(super) x: [u32; 2],
    pub(super) y: [u32; 2],
}

impl TileRect {
    /// Whether it has a tile within a tile of a lower zoom; `below` is the number of zooms between them.
    pub(super) fn meets(&self, tile: TileId, below: u8) -> bool {
        let covers = |[low, high]: [u32; 2], at: u32| low >> below <= at && at <= high >> below;
        covers(self.x, tile.x()) && covers(self.y, tile.y())
    }
}

/// Longitudes and latitudes, both ends included.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    pub(super) lons: [f64; 2],
    pub(super) lats: [f64; 2],
}

/// The positions within a distance of a stretch, and some more; two parts where the antimeridian is crossed.
pub(super) fn sides(stretch: &Stretch, metres: f64) -> impl Iterator<Item = Reach> + use<> {
    let ([x0, y0], [x1, y1]) = (stretch.from, stretch.to);
    let margin = most_degrees(metres) + ROUNDING;
    let (south, north) = (y0.min(y1) - margin, y0.max(y1) + margin);
    // The longitudes that a circle on the sphere reaches: all of them around a pole.
    let around = most_radians(metres).min(std::f64::consts::FRAC_PI_2);
    let reach = around.sin() / cos_reduced(stretch.start).min(cos_reduced(stretch.end()));
    let reach = if reach < NEARLY_ONE { reach.asin().to_degrees() + ROUNDING } else { 180.0 };
    let (west, east) = (x0.min(x1) - reach, x0.max(x1) + reach);
    // Where a line has crossed the antimeridian, its longitudes go on beyond 180.
    let shift = if west >= 180.0 {
        -360.0
    } else if east <= -180.0 {
        360.0
    } else {
        0.0
    };
    let (west, east) = (west + shift, east + shift);
    let sides = if east - west >= 360.0 {
        [Some((-180.0, 180.0)), None]
    } else if west < -180.0 {
        [Some((-180.0, east)), Some((west + 360.0, 180.0))]
    } else if east > 180.0 {
        [Some((west, 180.0)), Some((-180.0, east - 360.0))]
    } else {
        [Some((west, east)), None]
    };
    sides.into_iter().flatten().map(move |(west, east)| Reach {
        lons: [west.clamp(-180.0, 180.0), east.clamp(-180.0, 180.0)],
        lats: [south.clamp(-90.0, 90.0), north.clamp(-90.0, 90.0)],
    })
}

/// The tiles of a zoom that hold positions within a distance of a stretch, and some more; two rectangles where the
/// antimeridian is crossed.
pub(super) fn rects(stretch: &Stretch, metres: f64, zoom: u8) -> impl Iterator<Item = TileRect> + use<> {
    sides(stretch, metres).map(move |Reach { lons: [west, east], lats: [south, north] }| {
        let (first, last) = (TileId::containing(west, north, zoom), TileId::containing(east, south, zoom));
        TileRect { x: [first.x(), last.x()], y: [first.y(), last.y()] }
    })
}
