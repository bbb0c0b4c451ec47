//! What the images of a piece of a sequence say about the edges that they were taken on: where each edge was seen, in which
//! direction it was passed, and how often.

use super::images::Shot;
use super::index::EdgePlace;
use super::matching::PlacedShot;
use super::reach::StreetGraph;
use super::tier::{Tier, TierLimits};
use crate::metric::angle_between;

/// An image shows a street for so many metres before and after it.
const SIGHT_M: f64 = 10.0;

/// Between images that follow each other, a street is seen if they are at most so many metres apart along it.
const LONGEST_GAP_M: f64 = 50.0;

/// Who comes back by at least so many metres has turned round. Less is noise.
const TURN_M: f64 = 15.0;

/// Who moved by less than so many metres along an edge shows no direction by it.
const LEAST_MOTION_M: f64 = 3.0;

/// In which direction of its line an edge was passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Direction {
    Unknown,
    Forward,
    Backward,
}

/// An image on an edge.
#[derive(Clone, Copy, Debug)]
pub(super) struct EdgeSighting {
    pub(super) edge: u32,
    /// The image, counted over all images.
    pub(super) image: u32,
    pub(super) direction: Direction,
    /// Whether a pass begins with it.
    pub(super) begins_pass: bool,
    /// Whether another street is as likely; then it says nothing else about the edge.
    pub(super) is_ambiguous: bool,
    /// What the image is, as [`Shot`] has it.
    pub(super) captured_at: i64,
    pub(super) sequence: u32,
    pub(super) quality: f32,
    pub(super) is_pano: Option<bool>,
    pub(super) is_on_foot: Option<bool>,
}

impl EdgeSighting {
    /// An ambiguous sighting of an edge by the image with this number among all.
    fn new(edge: u32, image: u32, shot: &Shot) -> Self {
        let &Shot { captured_at, sequence, quality, is_pano, is_on_foot, .. } = shot;
        Self {
            edge,
            image,
            direction: Direction::Unknown,
            begins_pass: false,
            is_ambiguous: true,
            captured_at,
            sequence,
            quality,
            is_pano,
            is_on_foot,
        }
    }
}

/// A part of an edge that was seen.
#[derive(Clone, Copy, Debug)]
pub(super) struct SeenPart {
    pub(super) edge: u32,
    /// Metres along the edge.
    pub(super) from_m: f64,
    pub(super) to_m: f64,
    pub(super) direction: Direction,
    pub(super) is_pano: bool,
    /// How old the image is that shows it.
    pub(super) tier: Tier,
}

/// What drives say about edges.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) sightings: Vec<EdgeSighting>,
    pub(super) stretches: Vec<SeenPart>,
}

impl Findings {
    /// Adds a piece of a sequence whose first image has this number among all.
    pub(super) fn add(
        &mut self,
        piece: &[Shot],
        first: usize,
        placed: &[PlacedShot],
        graph: &StreetGraph,
        limits: TierLimits,
    ) {
        let image = |placed: &PlacedShot| u32::try_from(first + placed.image).unwrap_or(u32::MAX);
        let sure: Vec<&PlacedShot> = placed.iter().filter(|placed| !placed.is_ambiguous).collect();
        for unsure in placed.iter().filter(|placed| placed.is_ambiguous) {
            let Some(shot) = piece.get(unsure.image) else { continue };
            self.sightings.push(EdgeSighting::new(unsure.on.edge, image(unsure), shot));
        }
        for visit in sure.chunk_by(|a, b| a.on.edge == b.on.edge) {
            for pass in passes(visit) {
                let direction = direction(pass);
                let mut before: Option<&PlacedShot> = None;
                for placed in pass {
                    let edge = placed.on.edge;
                    let (at_m, shot) = (placed.on.offset_m, piece.get(placed.image));
                    if let Some(shot) = shot {
                        let begins_pass = before.is_none();
                        let sighting = EdgeSighting::new(edge, image(placed), shot);
                        self.sightings.push(EdgeSighting {
                            direction,
                            begins_pass,
                            is_ambiguous: false,
                            ..sighting
                        });
                    }
                    if let Some(before) = before.filter(|b| (b.on.offset_m - at_m).abs() <= LONGEST_GAP_M) {
                        let shots = [piece.get(before.image), shot];
                        self.see(graph, edge, [before.on.offset_m, at_m], direction, shots, limits);
                    }
                    self.see(graph, edge, [at_m - SIGHT_M, at_m + SIGHT_M], direction, [shot, shot], limits);
                    before = Some(placed);
                }
            }
        }
        for pair in sure.windows(2) {
            let [one, other] = pair else { continue };
            if one.on.edge != other.on.edge {
                self.cross(
                    graph,
                    [&one.on, &other.on],
                    [piece.get(one.image), piece.get(other.image)],
                    limits,
                );
            }
        }
    }

    /// Adds what was seen between two images on different edges, along the shortest way.
    fn cross(
        &mut self,
        graph: &StreetGraph,
        [from, to]: [&EdgePlace; 2],
        shots: [Option<&Shot>; 2],
        limits: TierLimits,
    ) {
        let Some(path) = graph.path(from, to, LONGEST_GAP_M) else { return };
        let from_length_m = graph.length_m(from.edge);
        if graph.ends(from.edge)[1] == path.exit {
            self.see(graph, from.edge, [from.offset_m, from_length_m], Direction::Forward, shots, limits);
        } else {
            self.see(graph, from.edge, [0.0, from.offset_m], Direction::Backward, shots, limits);
        }
        for (edge, is_forward) in path.between {
            let direction = if is_forward { Direction::Forward } else { Direction::Backward };
            self.see(graph, edge, [0.0, graph.length_m(edge)], direction, shots, limits);
        }
        if graph.ends(to.edge)[0] == path.entry {
            self.see(graph, to.edge, [0.0, to.offset_m], Direction::Forward, shots, limits);
        } else {
            self.see(
                graph,
                to.edge,
                [to.offset_m, graph.length_m(to.edge)],
                Direction::Backward,
                shots,
                limits,
            );
        }
    }

    /// Adds a part of an edge, which ends where the edge ends.
    fn see(
        &mut self,
        graph: &StreetGraph,
        edge: u32,
        [one_m, other_m]: [f64; 2],
        direction: Direction,
        shots: [Option<&Shot>; 2],
        limits: TierLimits,
    ) {
        let length_m = graph.length_m(edge);
        let [from_m, to_m] =
            [one_m.min(other_m), one_m.max(other_m)].map(|metres| metres.clamp(0.0, length_m));
        let tier =
            |shot: &Shot| limits.date(Some(shot.captured_at)).map_or(Tier::None, |date| limits.tier(date));
        let tier = shots.into_iter().flatten().map(tier).min().unwrap_or(Tier::None);
        let is_pano = shots.into_iter().flatten().all(|shot| shot.is_pano == Some(true));
        if from_m >= to_m {
            return;
        }
        // Most stretches go on where the last one ends. They are one, so that there are few of them.
        if let Some(last) = self.stretches.last_mut()
            && (last.edge, last.direction, last.is_pano, last.tier) == (edge, direction, is_pano, tier)
            && from_m <= last.to_m
            && last.from_m <= to_m
        {
            (last.from_m, last.to_m) = (last.from_m.min(from_m), last.to_m.max(to_m));
            return;
        }
        self.stretches.push(SeenPart { edge, from_m, to_m, direction, is_pano, tier });
    }
}

/// Divides the images on one edge where the motion turns round.
fn passes<'p, 'v>(visit: &'v [&'p PlacedShot]) -> Vec<&'v [&'p PlacedShot]> {
    let (mut passes, mut begin) = (Vec::new(), 0);
    // Where the motion along the edge has come to, and which image was there.
    let mut extreme = (visit.first().map_or(0.0, |placed| placed.on.offset_m), 0);
    let mut is_forward: Option<bool> = None;
    for (at, placed) in visit.iter().enumerate() {
        let moved_m = placed.on.offset_m - extreme.0;
        match is_forward {
            None if moved_m.abs() >= TURN_M => {
                is_forward = Some(moved_m > 0.0);
                extreme = (placed.on.offset_m, at);
            }
            Some(forward) if (moved_m > 0.0) == forward => extreme = (placed.on.offset_m, at),
            Some(forward) if moved_m.abs() >= TURN_M => {
                passes.extend(visit.get(begin..=extreme.1));
                (begin, is_forward) = (extreme.1 + 1, Some(!forward));
                extreme = (placed.on.offset_m, at);
            }
            _ => {}
        }
    }
    passes.extend(visit.get(begin..).filter(|rest| !rest.is_empty()));
    passes
}

/// The direction of a pass: by how far it came along the edge, or else by the motion of its images.
fn direction(pass: &[&PlacedShot]) -> Direction {
    let moved_m = match pass {
        [first, .., last] => last.on.offset_m - first.on.offset_m,
        _ => 0.0,
    };
    let of = |is_forward: bool| if is_forward { Direction::Forward } else { Direction::Backward };
    if moved_m.abs() >= LEAST_MOTION_M {
        return of(moved_m > 0.0);
    }
    let turns = pass.iter().filter_map(|placed| Some(angle_between(placed.motion?, placed.on.bearing)));
    turns
        .into_iter()
        .next()
        .filter(|turn| (turn - 90.0).abs() > f64::EPSILON)
        .map_or(Direction::Unknown, |turn| of(turn < 90.0))
}
