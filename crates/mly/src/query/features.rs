//! Finds the first feature of an area that holds a position or a line.

use std::ops::ControlFlow;

use super::labels::Labels;
use super::near::{BoxTree, SpaceBox};
use super::outline::EdgeIndex;
use super::region::Region;
use super::shape::Drawing;

/// The features of an area, each with its polygons. What is near to them is in the region of the area.
#[derive(Debug)]
pub(crate) struct FeatureIndex {
    labels: Labels,
    /// Number and polygons of the features that have any, by ascending number.
    polygons: Vec<(u32, EdgeIndex)>,
    /// The boxes of those polygons, in degrees.
    tree: BoxTree,
}

impl FeatureIndex {
    pub(super) fn new(drawing: &Drawing, labels: &Labels) -> Self {
        let (mut polygons, mut boxes) = (Vec::new(), Vec::new());
        let owned: Vec<_> = labels.polygons.iter().zip(&drawing.polygons).collect();
        // The polygons of a feature follow each other.
        for some in owned.chunk_by(|a, b| a.0 == b.0) {
            let parts = some.iter().map(|(_, polygon)| (*polygon).clone()).collect();
            let own = Drawing { polygons: parts, ..Drawing::default() };
            let corner = |pick: fn(f64, f64) -> f64, from: f64| {
                own.positions().fold([from; 2], |[x, y], at| [pick(x, at[0]), pick(y, at[1])])
            };
            let ([west, south], [east, north]) = (corner(f64::min, f64::MAX), corner(f64::max, f64::MIN));
            boxes.push(SpaceBox::around([west, south, 0.0], [east, north, 0.0], 0.0));
            polygons.push((*some[0].0, EdgeIndex::new(&own)));
        }
        Self { labels: labels.clone(), tree: BoxTree::new(&boxes), polygons }
    }

    pub(crate) fn labels(&self) -> &Labels {
        &self.labels
    }

    /// The first feature that holds a position of the area.
    pub(crate) fn of_point(&self, region: &Region, at: [f64; 2]) -> Option<u32> {
        let inside = self.first(at, at, None, &|polygons| polygons.contains(at));
        region.near().map_or(inside, |near| near.first_feature(at, inside))
    }

    /// The first feature that a line touches.
    pub(crate) fn of_line(&self, region: &Region, line: &[[f64; 2]]) -> Option<u32> {
        let inside = line
            .iter()
            .fold(None, |first, at| self.first(*at, *at, first, &|polygons| polygons.contains(*at)));
        let segments = line.windows(2).map(|ends| (ends[0], ends[1]));
        segments.fold(inside, |first, (from, to)| match region.near() {
            Some(near) => near.first_feature_of_segment(from, to, first),
            None => self.first(from, to, first, &|polygons| polygons.crosses(from, to)),
        })
    }

    /// The first feature below `before` whose polygons may reach into the box of two positions and pass the test.
    fn first(
        &self,
        [x0, y0]: [f64; 2],
        [x1, y1]: [f64; 2],
        before: Option<u32>,
        holds: &dyn Fn(&EdgeIndex) -> bool,
    ) -> Option<u32> {
        let mut first = before;
        let probe = SpaceBox::around([x0, y0, 0.0], [x1, y1, 0.0], 0.0);
        let _ = self.tree.each_near(&probe, 0.0, &mut |index| {
            if let Some((feature, polygons)) = self.polygons.get(index as usize)
                && first.is_none_or(|first| *feature < first)
                && holds(polygons)
            {
                first = Some(*feature);
            }
            ControlFlow::Continue(())
        });
        first
    }
}
