//! An area prepared for many tests of tiles, positions and lines.

use super::circle::Circle;
use super::outline::EdgeIndex;
use super::shape::Shape;
use crate::tile::{Bbox, TileId};

/// Whether a tile is outside, inside or on the border of an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Touch {
    /// Nothing of the tile is in the area.
    Outside,
    /// The border of the area may run through the tile.
    Border,
    /// All of the tile is in the area.
    Inside,
}

/// The tests of an area, with whatever index they need.
#[derive(Debug)]
pub(crate) struct Region(Tests);

#[derive(Debug)]
enum Tests {
    Boxes(Vec<Bbox>),
    Edges(EdgeIndex),
    Circle(Circle),
    Tile(TileId),
}

impl Region {
    pub(super) fn new(shape: &Shape) -> Self {
        Self(match shape {
            Shape::Boxes(boxes) => Tests::Boxes(boxes.clone()),
            Shape::Drawn(drawing) => Tests::Edges(EdgeIndex::new(drawing)),
            Shape::Circle(circle) => Tests::Circle(*circle),
            Shape::Tile(tile) => Tests::Tile(*tile),
        })
    }

    /// Whether a position is in the area or on its border.
    pub(crate) fn contains(&self, lon: f64, lat: f64) -> bool {
        match &self.0 {
            Tests::Boxes(boxes) => boxes.iter().any(|b| b.contains(lon, lat)),
            Tests::Edges(outline) => outline.contains([lon, lat]),
            Tests::Circle(circle) => circle.contains(lon, lat),
            Tests::Tile(tile) => tile.bbox().contains(lon, lat),
        }
    }

    /// Whether any part of a line is in the area or on its border.
    pub(crate) fn touches_line(&self, line: &[[f64; 2]]) -> bool {
        line.iter().any(|&[lon, lat]| self.contains(lon, lat))
            || line.windows(2).any(|ends| match ends {
                &[from, to] => self.touches_segment(from, to),
                _ => false,
            })
    }

    fn touches_segment(&self, from: [f64; 2], to: [f64; 2]) -> bool {
        let meets = |b: &Bbox| EdgeIndex::segment_meets(from, to, b);
        match &self.0 {
            Tests::Boxes(boxes) => boxes.iter().any(meets),
            Tests::Edges(outline) => outline.crosses(from, to),
            Tests::Circle(circle) => circle.touches_segment(from, to),
            Tests::Tile(tile) => meets(&tile.bbox()),
        }
    }

    /// Whether the positions that a tile can hold are outside or inside the area, or both.
    ///
    /// A tile holds its western and northern edge. The other two belong to its neighbours, so the box is shrunk there
    /// by the smallest step.
    pub(crate) fn touch(&self, tile: TileId) -> Touch {
        let whole = tile.bbox();
        let own = Bbox { east: whole.east.next_down(), south: whole.south.next_up(), ..whole };
        let (outside, inside) = match &self.0 {
            Tests::Boxes(boxes) => {
                (!boxes.iter().any(|b| b.intersects(&own)), boxes.iter().any(|b| b.covers(&whole)))
            }
            Tests::Circle(circle) => (!circle.touches(&own), circle.covers(&whole)),
            Tests::Edges(outline) => {
                let [lon, lat] = own.center();
                if outline.runs_through(&own) {
                    (false, false)
                } else {
                    let inside = outline.contains([lon, lat]);
                    (!inside, inside && !outline.runs_through(&whole))
                }
            }
            Tests::Tile(wanted) => {
                let common = tile.z().min(wanted.z());
                let related = tile.ancestor(common) == wanted.ancestor(common);
                (!related, related && tile.z() >= wanted.z())
            }
        };
        match (outside, inside) {
            (true, _) => Touch::Outside,
            (false, true) => Touch::Inside,
            (false, false) => Touch::Border,
        }
    }
}

#[cfg(feature = "__private")]
impl Region {
    /// Memory of the index in bytes.
    pub(super) fn index_bytes(&self) -> usize {
        match &self.0 {
            Tests::Edges(outline) => outline.bytes(),
            _ => 0,
        }
    }
}
