//! The road that a sign stands beside, and on which side.

use mly::Result;

use crate::columns::Id;
use crate::input::Input;
use crate::metric::{Foot, Position, angle_between, bearing};
use crate::near_lines::{LinePiece, NearLines};
use crate::roads::{self, RoadNetwork, Ways};

/// How far a sign is from its road at most.
const REACH_M: f64 = 25.0;

/// A road that is as near as the nearest one, but for this, may be the one as well.
const ALIKE_M: f64 = 3.0;

/// A sign faces along its road, but for this angle in degrees.
const MOST_ASKEW: f64 = 45.0;

/// On which side a sign stands that is nearer to the middle line cannot be told.
const LEAST_OFFSET_M: f64 = 1.0;

/// Where a sign stands beside a road.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RoadSide {
    pub(super) road: Option<Id>,
    /// Distance from the middle line of the road, in metres.
    pub(super) offset_m: f64,
    /// `right` or `left`, as those see it who drive towards the sign.
    pub(super) side: Option<&'static str>,
}

/// Roads, and what finds them.
#[derive(Debug)]
pub(super) struct RoadSides {
    network: RoadNetwork,
    lines: NearLines,
    pub(super) are_openstreetmap: bool,
}

/// A road near a sign. `is_forward` is whether it is read by those who drive along the line of the road.
#[derive(Clone, Copy)]
struct NearRoad {
    piece: LinePiece,
    foot: Foot,
    is_forward: Option<bool>,
}

impl RoadSides {
    pub(super) fn read(input: &Input) -> Result<Self> {
        let network = roads::read(input, &Ways::Drive)?;
        let mut pieces = Vec::new();
        for (edge, line) in network.edges.iter().zip(0_u32..) {
            let places = network.line(edge);
            let pairs = places.clone().zip(places.skip(1));
            pieces.extend(pairs.zip(0_u32..).map(|((from, to), number)| LinePiece {
                line,
                number,
                from,
                to,
            }));
        }
        Ok(Self { network, lines: NearLines::new(pieces), are_openstreetmap: roads::is_openstreetmap(input) })
    }

    /// Whether any road has an id that is no whole number.
    pub(super) fn have_text_ids(&self) -> bool {
        self.network.ways.iter().any(|way| matches!(way.id, Some(Id::Text(_))))
    }

    /// Finds the road of a sign. `facing` is the direction from the sign to those who read it.
    pub(super) fn of(&self, at: Position, facing: Option<f64>) -> Option<RoadSide> {
        let near = self.lines.within(at, REACH_M);
        let fitting: Vec<_> =
            near.iter().filter_map(|(piece, foot)| self.candidate(*piece, *foot, facing)).collect();
        let first = *fitting.first()?;
        let others = fitting.iter().filter(|other| !self.is_same_road(&first, other));
        let least_m = others.map(|other| other.foot.distance_m).fold(f64::INFINITY, f64::min);
        // Without a direction it must be the only road.
        if facing.is_none() && least_m.is_finite() {
            return None;
        }
        let offset_m = first.foot.distance_m;
        let is_clear = least_m > offset_m + ALIKE_M && first.foot.right_m.abs() >= LEAST_OFFSET_M;
        let side = first
            .is_forward
            .filter(|_| is_clear)
            .map(|is_forward| if (first.foot.right_m > 0.0) == is_forward { "right" } else { "left" });
        Some(RoadSide { road: self.way_id(&first), offset_m, side })
    }

    fn candidate(&self, piece: LinePiece, foot: Foot, facing: Option<f64>) -> Option<NearRoad> {
        let edge = self.network.edges.get(piece.line as usize)?;
        let is_oneway = self.network.way(edge).is_oneway;
        let Some(facing) = facing else {
            return Some(NearRoad { piece, foot, is_forward: is_oneway.then_some(true) });
        };
        // Those who read the sign drive against the direction in which it faces.
        let turn = angle_between(bearing(piece.from, piece.to), facing + 180.0);
        let is_forward = turn <= MOST_ASKEW;
        let is_along = is_forward || turn >= 180.0 - MOST_ASKEW;
        (is_along && (is_forward || !is_oneway)).then_some(NearRoad {
            piece,
            foot,
            is_forward: Some(is_forward),
        })
    }

    fn way_id(&self, candidate: &NearRoad) -> Option<Id> {
        let edge = self.network.edges.get(candidate.piece.line as usize)?;
        self.network.way(edge).id.clone()
    }

    /// Whether two edges are pieces of one road: of one way, or meeting end to end without a turn.
    fn is_same_road(&self, one: &NearRoad, other: &NearRoad) -> bool {
        let edge = |candidate: &NearRoad| self.network.edges.get(candidate.piece.line as usize);
        let (Some(a), Some(b)) = (edge(one), edge(other)) else { return false };
        if a.way == b.way {
            return true;
        }
        let (ends, others) = (self.network.ends(a), self.network.ends(b));
        let axis = |candidate: &NearRoad| bearing(candidate.piece.from, candidate.piece.to);
        let turn = angle_between(axis(one), axis(other));
        ends.iter().any(|node| others.contains(node)) && turn.min(180.0 - turn) <= MOST_ASKEW
    }
}
