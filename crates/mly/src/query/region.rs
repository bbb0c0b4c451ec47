//! An area prepared for many tests of tiles, positions and lines.

use super::circle::Circle;
use super::near::{NearIndex, Nearness};
use super::outline::EdgeIndex;
use super::shape::{Buffered, Drawing, Shape};
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
    /// What is inside of the polygons, if there are any, and what is near.
    Near(Option<EdgeIndex>, Box<NearIndex>),
    Circle(Circle),
    Tile(TileId),
}

impl Region {
    pub(super) fn new(shape: &Shape) -> Self {
        Self(match shape {
            Shape::Boxes(boxes) => Tests::Boxes(boxes.clone()),
            Shape::Drawn(drawing) => Tests::Edges(EdgeIndex::new(drawing)),
            Shape::Buffered(Buffered { drawing, buffer_m }) => {
                let polygons = Drawing { polygons: drawing.polygons.clone(), ..Drawing::default() };
                let inside = (!polygons.polygons.is_empty()).then(|| EdgeIndex::new(&polygons));
                Tests::Near(inside, Box::new(NearIndex::new(drawing, *buffer_m)))
            }
            Shape::Circle(circle) => Tests::Circle(*circle),
            Shape::Tile(tile) => Tests::Tile(*tile),
        })
    }

    /// Whether a position is in the area or on its border.
    pub(crate) fn contains(&self, lon: f64, lat: f64) -> bool {
        match &self.0 {
            Tests::Boxes(boxes) => boxes.iter().any(|b| b.contains(lon, lat)),
            Tests::Edges(outline) => outline.contains([lon, lat]),
            Tests::Near(inside, near) => {
                inside.as_ref().is_some_and(|inside| inside.contains([lon, lat])) || near.contains([lon, lat])
            }
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
            // A line that leads into a polygon comes near to its border.
            Tests::Near(_, near) => near.touches_segment(from, to),
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
        let own = own_part(whole);
        let (outside, inside) = match &self.0 {
            Tests::Boxes(boxes) => {
                (!boxes.iter().any(|b| b.intersects(&own)), boxes.iter().any(|b| b.covers(&whole)))
            }
            Tests::Circle(circle) => (!circle.touches(&own), circle.covers(&whole)),
            Tests::Edges(outline) => touch_of(outline, &own, &whole),
            Tests::Near(inside, near) => {
                let inside = inside.as_ref().map_or((true, false), |inside| touch_of(inside, &own, &whole));
                match near.nearness(tile) {
                    Nearness::Near => (false, true),
                    Nearness::Mixed => (false, inside.1),
                    Nearness::Far => inside,
                }
            }
            Tests::Tile(wanted) => {
                let common = tile.z().min(wanted.z());
                let related = tile.ancestor(common) == wanted.ancestor(common);
                (!related, related && tile.z() >= wanted.z())
            }
        };
        Touch::of((outside, inside))
    }
}

impl Region {
    /// What is near to a drawing, if the area is a buffer; and the region of the polygons in it.
    pub(crate) fn near(&self) -> Option<&NearIndex> {
        match &self.0 {
            Tests::Near(_, near) => Some(near),
            _ => None,
        }
    }

    /// Whether a tile is inside of the polygons of a buffer.
    pub(crate) fn touch_of_polygons(&self, tile: TileId) -> Touch {
        let Tests::Near(Some(inside), _) = &self.0 else { return Touch::Outside };
        let whole = tile.bbox();
        Touch::of(touch_of(inside, &own_part(whole), &whole))
    }
}

impl Touch {
    fn of((outside, inside): (bool, bool)) -> Self {
        match (outside, inside) {
            (true, _) => Self::Outside,
            (false, true) => Self::Inside,
            (false, false) => Self::Border,
        }
    }
}

/// The positions that a tile can hold: its southern and eastern edge belong to its neighbours.
fn own_part(whole: Bbox) -> Bbox {
    Bbox { east: whole.east.next_down(), south: whole.south.next_up(), ..whole }
}

/// Whether a box is outside and whether it is inside of polygons; of the former the edges that it does not own are left out.
fn touch_of(outline: &EdgeIndex, own: &Bbox, whole: &Bbox) -> (bool, bool) {
    if outline.runs_through(own) {
        return (false, false);
    }
    let [lon, lat] = own.center();
    let inside = outline.contains([lon, lat]);
    (!inside, inside && !outline.runs_through(whole))
}

#[cfg(feature = "__private")]
impl Region {
    /// Memory of the index in bytes.
    pub(super) fn index_bytes(&self) -> usize {
        match &self.0 {
            Tests::Edges(outline) => outline.bytes(),
            Tests::Near(inside, near) => near.bytes() + inside.as_ref().map_or(0, EdgeIndex::bytes),
            _ => 0,
        }
    }
}
