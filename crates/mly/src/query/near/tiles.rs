//! The tiles that have a place within the distance, in one walk down the zooms.

use std::ops::{ControlFlow, Range};

use super::ellipsoid::{Limit, Space, chord_m, in_space, longest_m};
use super::reach::{TileRect, rects};
use super::stretch::{LineEnd, Stretch};
use super::tree::SpaceBox;
use super::{NearIndex, stop_if};
use crate::query::outline::EdgeIndex;
use crate::tile::{Bbox, TileId};

/// From this zoom on, a tile is small enough to be compared by its centre and radius.
const SMALL_ZOOM: u8 = 6;

/// With more candidates than this, the tree is asked for those that matter.
const FEW: usize = 32;

/// Whether a tile is near to a drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nearness {
    /// No place of the tile is within the distance.
    Far,
    /// Some places may be.
    Mixed,
    /// All places are.
    Near,
}

/// A tile in space.
struct SpaceTile {
    bbox: Bbox,
    centre: Space,
    /// How far from the centre a place of the tile can be.
    radius_m: f64,
}

impl SpaceTile {
    fn new(tile: TileId) -> Self {
        let whole = tile.bbox();
        // A tile holds its western and northern edge; the other two belong to its neighbours.
        let bbox = Bbox { east: whole.east.next_down(), south: whole.south.next_up(), ..whole };
        let centre = in_space(whole.center());
        let corners = whole.corners().map(|corner| chord_m(centre, in_space(corner)));
        let farthest = corners.into_iter().fold(0.0, f64::max);
        // Where a side bulges between its corners, it is less than this much farther away.
        Self { bbox, centre, radius_m: longest_m(farthest) * 1.01 + 0.01 }
    }

    /// The four sides.
    fn sides(&self) -> Vec<Stretch> {
        let corners = self.bbox.corners();
        let ends = (0..4).map(|i| (corners[i], corners[(i + 1) % 4]));
        ends.flat_map(|(from, to)| Stretch::of_line(LineEnd::new(from), LineEnd::new(to), 0)).collect()
    }

    /// Whether a stretch runs through the tile. Stretches that cross the antimeridian have longitudes beyond 180.
    fn is_crossed_by(&self, stretch: &Stretch) -> bool {
        let turn = |[lon, lat]: [f64; 2], by: f64| [lon + by, lat];
        let meets = |by| EdgeIndex::segment_meets(turn(stretch.from, by), turn(stretch.to, by), &self.bbox);
        let lons = [stretch.from[0], stretch.to[0]];
        meets(0.0)
            || (lons.iter().any(|lon| *lon >= 180.0) && meets(-360.0))
            || (lons.iter().any(|lon| *lon <= -180.0) && meets(360.0))
    }
}

/// A stretch whose surroundings may reach into a tile.
#[derive(Clone, Copy)]
struct Candidate {
    stretch: u32,
    rect: TileRect,
}

impl NearIndex {
    /// The tiles of a zoom that hold a place within the distance, as ranges on the Hilbert curve.
    pub(crate) fn tiles(&self, zoom: u8) -> Vec<Range<u64>> {
        let mut search = TileSearch { near: self, zoom, candidates: Vec::new(), found: Vec::new() };
        for (stretch, one) in (0..).zip(&self.stretches) {
            let rects = rects(one, self.limit.metres, zoom);
            search.candidates.extend(rects.map(|rect| Candidate { stretch, rect }));
        }
        let all = search.candidates.len();
        search.descend(0, 0, 0..all);
        search.found
    }

    /// For each point, the last tile of a zoom on the Hilbert curve that holds a place within the distance. The drawing has
    /// points only.
    pub(crate) fn last_tiles(&self, zoom: u8) -> impl Iterator<Item = Option<u64>> {
        (0..).zip(&self.stretches).map(move |(stretch, point)| {
            let some = rects(point, self.limit.metres, zoom).map(|rect| Candidate { stretch, rect });
            self.last_of(0, 0, zoom, &some.collect::<Vec<_>>())
        })
    }

    /// The last tile below a tile that a candidate reaches.
    fn last_of(&self, z: u8, index: u64, zoom: u8, candidates: &[Candidate]) -> Option<u64> {
        let tile = TileId::from_hilbert(z, index);
        if !candidates.iter().any(|candidate| candidate.rect.meets(tile, zoom - z)) {
            return None;
        }
        if z == zoom {
            return self.reaches(&SpaceTile::new(tile), Some(candidates)).then_some(index);
        }
        ((index << 2)..((index + 1) << 2))
            .rev()
            .find_map(|child| self.last_of(z + 1, child, zoom, candidates))
    }

    /// Whether the places of a tile are within the distance; `Mixed` where it would take long to tell.
    pub(crate) fn nearness(&self, tile: TileId) -> Nearness {
        if tile.z() < SMALL_ZOOM {
            return Nearness::Mixed;
        }
        self.nearness_of(&SpaceTile::new(tile), None)
    }

    /// The same by the centre and the radius of the tile. Only some stretches can matter, if they are given.
    fn nearness_of(&self, tile: &SpaceTile, among: Option<&[Candidate]>) -> Nearness {
        let (inner, outer) = (self.limit_of(-tile.radius_m), self.limit_of(tile.radius_m));
        let mut nearness = Nearness::Far;
        let mut look = |index: u32| {
            let stretch = self.stretch(index);
            let chord = stretch.chord_to(tile.centre);
            if inner.metres > 0.0 && chord + stretch.bends_m <= inner.surely_m {
                nearness = Nearness::Near;
                return ControlFlow::Break(());
            }
            if chord - stretch.bends_m <= outer.at_most_m {
                nearness = Nearness::Mixed;
                if inner.metres <= 0.0 {
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        };
        if let Some(some) = among {
            let _ = some.iter().try_for_each(|candidate| look(candidate.stretch));
            return nearness;
        }
        let probe = SpaceBox::around(tile.centre, tile.centre, 0.0);
        // Whatever makes it near is found among what is within the smaller distance, which has fewer stretches.
        if self.tree().each_near(&probe, inner.surely_m, &mut look).is_continue() {
            let may_reach = |index: u32| self.may_reach(index, tile, &outer);
            if self
                .tree()
                .each_near(&probe, outer.at_most_m, &mut |index| stop_if(may_reach(index)))
                .is_break()
            {
                nearness = Nearness::Mixed;
            }
        }
        nearness
    }

    fn limit_of(&self, more: f64) -> Limit {
        Limit::new(self.limit.metres + more)
    }

    /// Whether a place of the tile is within the distance, exactly.
    fn reaches(&self, tile: &SpaceTile, among: Option<&[Candidate]>) -> bool {
        let sides = tile.sides();
        let look = |index: u32| {
            let stretch = self.stretch(index);
            let is_near = tile.bbox.contains(stretch.from[0], stretch.from[1])
                || tile.is_crossed_by(stretch)
                || sides.iter().any(|side| stretch.is_near_stretch(side, &self.limit));
            stop_if(is_near)
        };
        let outer = self.limit_of(tile.radius_m);
        if let Some(some) = among {
            return some.iter().try_for_each(|candidate| look(candidate.stretch)).is_break();
        }
        let probe = SpaceBox::around(tile.centre, tile.centre, 0.0);
        let mut look_if_near = |index| {
            if self.may_reach(index, tile, &outer) { look(index) } else { ControlFlow::Continue(()) }
        };
        self.tree().each_near(&probe, outer.at_most_m, &mut look_if_near).is_break()
    }

    /// Whether a stretch may be within a distance of the centre of a tile.
    fn may_reach(&self, index: u32, tile: &SpaceTile, limit: &Limit) -> bool {
        let stretch = self.stretch(index);
        stretch.chord_to(tile.centre) - stretch.bends_m <= limit.at_most_m
    }
}

/// The walk down the zooms, along the Hilbert curve.
struct TileSearch<'a> {
    near: &'a NearIndex,
    zoom: u8,
    /// A stack: the candidates of a tile are at the end while it is visited.
    candidates: Vec<Candidate>,
    found: Vec<Range<u64>>,
}

impl TileSearch<'_> {
    /// Visits a tile whose parent has these candidates.
    fn descend(&mut self, z: u8, index: u64, of_parent: Range<usize>) {
        let tile = TileId::from_hilbert(z, index);
        let begin = self.candidates.len();
        for at in of_parent {
            let candidate = self.candidates[at];
            if candidate.rect.meets(tile, self.zoom - z) {
                self.candidates.push(candidate);
            }
        }
        let own = begin..self.candidates.len();
        self.visit(z, index, tile, own);
        self.candidates.truncate(begin);
    }

    fn visit(&mut self, z: u8, index: u64, tile: TileId, own: Range<usize>) {
        if own.is_empty() {
            return;
        }
        // Only where the distance is large compared with the tile can all of it be near.
        let space = (z == self.zoom || z >= SMALL_ZOOM).then(|| SpaceTile::new(tile));
        if let Some(space) = space.as_ref().filter(|space| space.radius_m < self.near.limit.metres) {
            let among = (own.len() <= FEW).then_some(&self.candidates[own.clone()]);
            match self.near.nearness_of(space, among) {
                Nearness::Far => return,
                Nearness::Near => return self.push(z, index),
                Nearness::Mixed => {}
            }
        }
        if let Some(space) = space.filter(|_| z == self.zoom) {
            let some = &self.candidates[own];
            let few = (some.len() <= FEW).then_some(some);
            if self.near.reaches(&space, few) {
                self.push(z, index);
            }
            return;
        }
        for child in (index << 2)..((index + 1) << 2) {
            self.descend(z + 1, child, own.clone());
        }
    }

    /// Adds all tiles within a tile.
    fn push(&mut self, z: u8, index: u64) {
        let below = 2 * (self.zoom - z);
        let range = (index << below)..((index + 1) << below);
        match self.found.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => self.found.push(range),
        }
    }
}
