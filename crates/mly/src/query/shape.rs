//! What an area is made of: boxes, drawn polygons and lines, a circle, a tile.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::query::circle::Circle;
use crate::query::labels::Labels;
use crate::tile::{Bbox, TileId};

/// What an area is made of. Coordinates are checked, and no shape crosses the antimeridian.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Shape {
    /// One box, or two on either side of the antimeridian.
    Boxes(Vec<Bbox>),
    /// Polygons with holes, and lines, which are all border.
    Drawn(Drawing),
    /// Everything within a distance of what is drawn.
    Buffered(Buffered),
    /// Everything within a distance of a point.
    Circle(Circle),
    /// What one tile holds.
    Tile(TileId),
}

/// The geometries of a file, as closed rings, open lines and points of longitude and latitude.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Drawing {
    /// Each polygon is its exterior and its holes.
    pub(super) polygons: Vec<Vec<Vec<[f64; 2]>>>,
    /// Lines of two positions or more; in stored areas of earlier versions, a point is a line that stays where it is.
    pub(super) lines: Vec<Vec<[f64; 2]>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) points: Vec<[f64; 2]>,
    /// The values of the column `area`, if the result has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) labels: Option<Labels>,
}

/// Everything within a distance of a drawing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Buffered {
    #[serde(flatten)]
    pub(super) drawing: Drawing,
    /// The distance in metres along the ground.
    pub(super) buffer_m: f64,
}

impl Drawing {
    /// Every position.
    pub(super) fn positions(&self) -> impl Iterator<Item = [f64; 2]> {
        self.polygons.iter().flatten().chain(&self.lines).flatten().chain(&self.points).copied()
    }

    /// The same geometries with latitude and longitude exchanged.
    pub(super) fn exchanged(&self) -> Self {
        let mut drawing = self.clone();
        let parts = drawing.polygons.iter_mut().flatten().chain(&mut drawing.lines).flatten();
        for at in parts.chain(&mut drawing.points) {
            at.reverse();
        }
        drawing
    }

    /// Checks what reading has checked, for drawings that were stored.
    pub(super) fn check(&self) -> Result<()> {
        self.positions().try_for_each(|[lon, lat]| check_position(lon, lat))?;
        if self.polygons.iter().flatten().any(|ring| !is_ring(ring)) {
            return Err(Error::query("a ring has fewer than three different positions"));
        }
        match &self.labels {
            Some(labels) => labels.check([self.polygons.len(), self.lines.len(), self.points.len()]),
            None => Ok(()),
        }
    }
}

impl Buffered {
    /// Farther than this, a buffer is taken for a mistake.
    const MOST_M: f64 = 1_000_000.0;

    /// # Errors
    /// When the distance is not above 0, or absurd.
    pub(super) fn check_distance(metres: f64) -> Result<()> {
        if metres > 0.0 && metres <= Self::MOST_M {
            return Ok(());
        }
        Err(Error::query(format!("buffer {metres} is not within 0..{} metres", Self::MOST_M))
            .with_hint("the buffer is in metres, above 0 and at most 1000000"))
    }
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
