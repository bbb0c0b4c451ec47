//! What a stretch and its surroundings can reach: longitudes and latitudes, and tiles.

use super::ellipsoid::{most_radians, reduced, unreduced};
use super::stretch::Stretch;
use crate::tile::TileId;

/// More than what rounding changes in degrees.
const ROUNDING: f64 = 1e-9;

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
    let around = most_radians(metres);
    let (low, high) = (reduced(y0.min(y1)) - around, reduced(y0.max(y1)) + around);
    let quarter = std::f64::consts::FRAC_PI_2;
    let lat =
        |reduced: f64| if reduced.abs() >= quarter { 90_f64.copysign(reduced) } else { unreduced(reduced) };
    let (south, north) = (lat(low) - ROUNDING, lat(high) + ROUNDING);
    let steepest = reduced(y0.abs().max(y1.abs()));
    let reach = if steepest + around >= quarter - ROUNDING {
        180.0
    } else {
        // The longitudes that a circle on the sphere reaches.
        (around.sin() / steepest.cos()).min(1.0).asin().to_degrees() + ROUNDING
    };
    let (west, east) = (x0.min(x1) - reach, x0.max(x1) + reach);
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
