//! What an area is made of: boxes, drawn polygons and lines, a circle, a tile.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::query::circle::Circle;
use crate::tile::{Bbox, TileId};

/// What an area is made of. Coordinates are checked, and no shape crosses the antimeridian.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Shape {
    /// One box, or two on either side of the antimeridian.
    Boxes(Vec<Bbox>),
    /// Polygons with holes, and lines, which are all border.
    Drawn(Drawing),
    /// Everything within a distance of a point.
    Circle(Circle),
    /// What one tile holds.
    Tile(TileId),
}

/// The geometries of a GeoJSON document, as closed rings and open lines of longitude and latitude.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Drawing {
    /// Each polygon is its exterior and its holes.
    pub(super) polygons: Vec<Vec<Vec<[f64; 2]>>>,
    /// Lines of two positions or more; a point is a line that stays where it is.
    pub(super) lines: Vec<Vec<[f64; 2]>>,
}

/// Whether a closed ring has three different positions. With fewer it has no inside, whatever it was meant to be.
#[expect(clippy::float_cmp, reason = "positions are the same only if all of their digits are")]
pub(super) fn is_ring(ring: &[[f64; 2]]) -> bool {
    let Some(first) = ring.first() else { return false };
    let Some(second) = ring.iter().find(|at| *at != first) else { return false };
    ring.len() > 3 && ring.iter().any(|at| at != first && at != second)
}

/// A longitude and latitude on this earth, or an error that names the value.
pub(super) fn check_position(lon: f64, lat: f64) -> Result<()> {
    let check = |name: &str, value: f64, limit: f64| {
        if value.abs() <= limit {
            return Ok(());
        }
        Err(Error::query(format!("{name} {value} is not within -{limit}..{limit}"))
            .with_hint("longitude comes first, then latitude, both in degrees"))
    };
    check("longitude", lon, 180.0)?;
    check("latitude", lat, 90.0)
}
