//! What is within a distance of points and lines, exact on the ellipsoid.
//!
//! Lines are cut into short stretches, which are kept in space, in metres from the centre of the earth: there is no
//! antimeridian there and no pole, and straight distances decide nearly all comparisons ([`stretch`]). A grid finds the few
//! stretches that matter for a position, and a tree of boxes those for a line or a tile, and where a cell of the grid has too
//! many.

mod angle;
mod ellipsoid;
mod grid;
mod reach;
mod stretch;
mod tiles;
mod tree;

use std::ops::ControlFlow;
use std::sync::OnceLock;

#[cfg(test)]
use self::ellipsoid::distance_m;
use self::ellipsoid::{Limit, Space, in_space};
use self::grid::{GridVerdict, NearGrid};
use self::stretch::{LineEnd, Stretch, is_one};
use super::shape::Drawing;
pub(crate) use tiles::Nearness;
pub(super) use tree::{BoxTree, SpaceBox};

/// The stretches of a drawing, and the distance. What finds the few of them that matter is made when it is first needed.
#[derive(Debug)]
pub(crate) struct NearIndex {
    stretches: Vec<Stretch>,
    limit: Limit,
    tree: OnceLock<BoxTree>,
    /// `None` inside where no grid fits the stretches.
    grid: OnceLock<Option<NearGrid>>,
}

impl NearIndex {
    /// Everything within a distance of the borders, lines and points of a drawing.
    pub(super) fn new(drawing: &Drawing, metres: f64) -> Self {
        let mut stretches = Vec::with_capacity(drawing.positions().count());
        let mut last = LineEnd::new([0.0, 0.0]);
        let mut line = |from: [f64; 2], to: [f64; 2], feature: u32| {
            let begin = last.after(from);
            last = LineEnd::new(to);
            Stretch::of_line(begin, last, feature)
        };
        let labels = drawing.labels.as_ref();
        let owner = |owners: Option<&Vec<u32>>, part: usize| {
            owners.and_then(|owners| owners.get(part)).copied().unwrap_or_default()
        };
        for (part, polygon) in drawing.polygons.iter().enumerate() {
            let feature = owner(labels.map(|labels| &labels.polygons), part);
            for ring in polygon {
                let edges = ring.windows(2).map(|edge| (edge[0], edge[1]));
                let end = ring.last().zip(ring.first()).map(|(last, first)| (*last, *first));
                // Reading closes rings, but a ring of a stored query may be open.
                for (from, to) in edges.chain(end.filter(|(last, first)| !is_one(*last, *first))) {
                    stretches.extend(line(from, to, feature));
                }
            }
        }
        for (part, positions) in drawing.lines.iter().enumerate() {
            let feature = owner(labels.map(|labels| &labels.lines), part);
            for edge in positions.windows(2) {
                stretches.extend(line(edge[0], shorter_way(edge[0], edge[1]), feature));
            }
        }
        for (part, at) in drawing.points.iter().enumerate() {
            stretches.push(Stretch::point(*at, owner(labels.map(|labels| &labels.points), part)));
        }
        Self { stretches, limit: Limit::new(metres), tree: OnceLock::new(), grid: OnceLock::new() }
    }

    fn tree(&self) -> &BoxTree {
        self.tree.get_or_init(|| {
            let around = |one: &Stretch| SpaceBox::around(one.start, one.end(), one.bends_m);
            BoxTree::new(&self.stretches.iter().map(around).collect::<Vec<_>>())
        })
    }

    /// The grid, where one fits the stretches.
    fn grid(&self) -> Option<&NearGrid> {
        self.grid.get_or_init(|| NearGrid::new(&self.stretches, &self.limit)).as_ref()
    }

    fn stretch(&self, index: u32) -> &Stretch {
        &self.stretches[index as usize]
    }

    /// Whether a position is within the distance.
    pub(super) fn contains(&self, position: [f64; 2]) -> bool {
        let is_placed = (-180.0..=180.0).contains(&position[0]);
        let is_near = |p: Space, index: u32| self.stretch(index).is_near(position, p, &self.limit);
        match self.grid().filter(|_| is_placed).map(|grid| grid.look(position)) {
            Some(GridVerdict::Outside) => false,
            Some(GridVerdict::Inside) => true,
            Some(GridVerdict::Among(p, some)) => some.iter().any(|index| is_near(p, *index)),
            Some(GridVerdict::Unknown) | None => {
                let p = in_space(position);
                self.each_within(p, p, 0.0, |index| stop_if(is_near(p, index))).is_break()
            }
        }
    }

    /// The lowest number of a feature within the distance of a position, if it is below `before`.
    pub(super) fn first_feature(&self, position: [f64; 2], before: Option<u32>) -> Option<u32> {
        let (p, mut first) = (in_space(position), before);
        let _ = self.each_within(p, p, 0.0, |index| {
            let stretch = self.stretch(index);
            if first.is_none_or(|first| stretch.feature < first) && stretch.is_near(position, p, &self.limit)
            {
                first = Some(stretch.feature);
            }
            ControlFlow::Continue(())
        });
        first
    }

    /// Whether a part of a line is within the distance.
    pub(super) fn touches_segment(&self, from: [f64; 2], to: [f64; 2]) -> bool {
        Stretch::of_line(LineEnd::new(from), LineEnd::new(to), 0).any(|line| {
            let near = |index| stop_if(self.stretch(index).is_near_stretch(&line, &self.limit));
            self.each_within(line.start, line.end(), line.bends_m, near).is_break()
        })
    }

    /// The lowest number of a feature within the distance of a part of a line, if it is below `before`.
    pub(super) fn first_feature_of_segment(
        &self,
        from: [f64; 2],
        to: [f64; 2],
        before: Option<u32>,
    ) -> Option<u32> {
        let mut first = before;
        for line in Stretch::of_line(LineEnd::new(from), LineEnd::new(to), 0) {
            let _ = self.each_within(line.start, line.end(), line.bends_m, |index| {
                let stretch = self.stretch(index);
                if first.is_none_or(|first| stretch.feature < first)
                    && stretch.is_near_stretch(&line, &self.limit)
                {
                    first = Some(stretch.feature);
                }
                ControlFlow::Continue(())
            });
        }
        first
    }

    /// The points of the drawing within the distance of a position, by their number, with the distances. The drawing has
    /// points only.
    pub(crate) fn points_within(&self, position: [f64; 2]) -> Vec<(u32, f64)> {
        let (p, mut found) = (in_space(position), Vec::new());
        let _ = self.each_within(p, p, 0.0, |index| {
            let stretch = self.stretch(index);
            if stretch.is_near(position, p, &self.limit) {
                found.push((index, stretch.distance_m(position)));
            }
            ControlFlow::Continue(())
        });
        found.sort_unstable_by_key(|(index, _)| *index);
        found
    }

    /// The feature of a point, by the number of the point.
    pub(crate) fn feature(&self, point: u32) -> Option<u32> {
        self.stretches.get(point as usize).map(|point| point.feature)
    }

    /// Visits the stretches that may be within the distance of the line between two places.
    fn each_within(
        &self,
        a: Space,
        b: Space,
        margin: f64,
        mut visit: impl FnMut(u32) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        self.tree().each_near(&SpaceBox::around(a, b, margin), self.limit.at_most_m, &mut visit)
    }

    /// Memory of the stretches, and of the tree and the grid if they have been made.
    #[cfg(feature = "__private")]
    pub(super) fn bytes(&self) -> usize {
        let grid = self.grid.get().and_then(Option::as_ref).map_or(0, NearGrid::bytes);
        size_of_val(&self.stretches[..]) + self.tree.get().map_or(0, BoxTree::bytes) + grid
    }
}

/// Ends a search that has found what it looked for.
pub(super) fn stop_if(is_found: bool) -> ControlFlow<()> {
    if is_found { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

/// The end of a line, moved around the earth if the line is shorter that way: two positions on either side of the
/// antimeridian are neighbours, since no line goes around half the earth. Only polygons may do that.
fn shorter_way(from: [f64; 2], [lon, lat]: [f64; 2]) -> [f64; 2] {
    match lon - from[0] {
        far if far > 180.0 && far < 360.0 => [lon - 360.0, lat],
        far if far < -180.0 && far > -360.0 => [lon + 360.0, lat],
        _ => [lon, lat],
    }
}

#[cfg(test)]
mod tests;
