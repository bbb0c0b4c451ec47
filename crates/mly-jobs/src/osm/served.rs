//! The street that a sign is for.

use std::collections::{BTreeMap, BTreeSet};

use super::rule::{Along, Ground};
use super::world::World;
use crate::metric::{Foot, Position, angle_between};
use crate::near_lines::LinePiece;

/// How far a sign is from its street at most.
const REACH_M: f64 = 25.0;

/// A street that is as near as the nearest one, but for this, may be the one as well.
const ALIKE_M: f64 = 3.0;

/// A sign faces along its street, but for this angle.
const MOST_ASKEW: f64 = 45.0;

/// A street goes straight on where it turns by at most this angle.
const MOST_TURN: f64 = 45.0;

/// A street beside a sign.
#[derive(Clone, Copy, Debug)]
pub(super) struct Served {
    pub(super) line: u32,
    pub(super) piece: LinePiece,
    pub(super) foot: Foot,
    /// In which direction of its line those drive who read the sign.
    pub(super) along: Option<Along>,
}

/// What is known of the street of a sign.
#[derive(Clone, Debug)]
pub(super) enum Road {
    One(Served),
    /// Any of several.
    Unclear(Vec<Served>),
    Nowhere,
}

impl Road {
    /// Finds the street of a sign. `facing` is the direction from the sign to those who read it.
    pub(super) fn of(world: &World, at: Position, facing: Option<f64>) -> Self {
        let near = world.ways_near(at, REACH_M, Ground::Roads);
        let fitting: Vec<Served> =
            near.into_iter().filter_map(|(piece, foot)| served(world, piece, foot, facing)).collect();
        let Some(first) = fitting.first() else { return Self::Nowhere };
        let alike: Vec<Served> = fitting
            .iter()
            .filter(|other| other.foot.distance_m <= first.foot.distance_m + ALIKE_M)
            .filter(|other| other.line == first.line || !continues(world, first, other))
            .copied()
            .collect();
        if alike.len() > 1 { Self::Unclear(alike) } else { Self::One(*first) }
    }
}

fn served(world: &World, piece: LinePiece, foot: Foot, facing: Option<f64>) -> Option<Served> {
    let oneway = oneway(world, piece.line);
    let Some(facing) = facing else {
        return Some(Served { line: piece.line, piece, foot, along: oneway });
    };
    // Those who read the sign drive against the direction in which it faces.
    let turn = angle_between(piece.axis(), facing + 180.0);
    let along = if turn <= MOST_ASKEW {
        Along::Forward
    } else if turn >= 180.0 - MOST_ASKEW {
        Along::Backward
    } else {
        return None;
    };
    let fits = oneway.is_none_or(|only| only == along);
    fits.then_some(Served { line: piece.line, piece, foot, along: Some(along) })
}

/// The only direction in which a way is driven, if there is but one.
fn oneway(world: &World, line: u32) -> Option<Along> {
    let tags = &world.way(line)?.info.tags;
    match tags.get("oneway") {
        Some("yes" | "true" | "1") => Some(Along::Forward),
        Some("-1" | "reverse") => Some(Along::Backward),
        None if matches!(tags.get("junction"), Some("roundabout" | "circular")) => Some(Along::Forward),
        _ => None,
    }
}

/// Whether one way goes on in another.
fn continues(world: &World, one: &Served, other: &Served) -> bool {
    let ends = |line: u32| {
        let refs = world.way(line).map(|way| way.refs.as_slice()).unwrap_or_default();
        [refs.first().copied(), refs.last().copied()].map(Option::unwrap_or_default)
    };
    let (a, b) = (ends(one.line), ends(other.line));
    let turn = angle_between(one.piece.axis(), other.piece.axis());
    a.iter().any(|node| b.contains(node)) && turn.min(180.0 - turn) <= MOST_TURN
}

/// What lies along a street near a sign.
#[derive(Clone, Debug, Default)]
pub(super) struct Stretch {
    /// Nodes, with the metres from the sign to each along the street, and in which direction of its line those drive there
    /// who read the sign.
    pub(super) nodes: BTreeMap<i64, (f64, Option<Along>)>,
    /// Ways, with the metres to where each begins, and in which direction of its line those drive there.
    pub(super) ways: BTreeMap<u32, (f64, Option<Along>)>,
}

impl Stretch {
    /// Follows a street from a sign on, straight ahead over junctions: in the direction of those who read the sign, or in
    /// both if it is not known or `both` is asked for.
    pub(super) fn of(world: &World, served: &Served, limit_m: f64, both: bool) -> Self {
        let mut stretch = Self::default();
        stretch.ways.insert(served.line, (0.0, served.along));
        for along in [Along::Forward, Along::Backward] {
            if both || served.along.is_none_or(|only| only == along) {
                stretch.follow(world, served, along, limit_m);
            }
        }
        stretch
    }

    fn follow(&mut self, world: &World, served: &Served, along: Along, limit_m: f64) {
        let length = served.piece.length_m();
        let share = served.foot.share;
        // Where the sign stands, one has not come to the node before it yet.
        let (mut at_m, mut number) = match along {
            Along::Forward => (length * (1.0 - share), served.piece.number + 1),
            Along::Backward => (length * share, served.piece.number),
        };
        let (mut line, mut along) = (served.line, along);
        let mut seen = BTreeSet::from([line]);
        let is_with_readers = served.along.map(|only| only == along);
        let of_readers = |along: Along| is_with_readers.map(|is| if is { along } else { along.turned() });
        loop {
            let Some(way) = world.way(line) else { return };
            let Some(node) = way.refs.get(number as usize).copied() else { return };
            if at_m > limit_m {
                return;
            }
            let known = self.nodes.entry(node).or_insert((at_m, of_readers(along)));
            if at_m < known.0 {
                *known = (at_m, of_readers(along));
            }
            let is_end = match along {
                Along::Forward => number as usize + 1 == way.refs.len(),
                Along::Backward => number == 0,
            };
            if is_end {
                let Some((next, at, direction)) = straight_on(world, line, number, along, &seen) else {
                    return;
                };
                seen.insert(next);
                self.ways.entry(next).or_insert((at_m, of_readers(direction)));
                (line, number, along) = (next, at, direction);
            }
            let piece = match along {
                Along::Forward => Some(number),
                Along::Backward => number.checked_sub(1),
            };
            let Some((_, length)) = piece.and_then(|piece| world.piece(line, piece)) else { return };
            at_m += length;
            number = match along {
                Along::Forward => number + 1,
                Along::Backward => number - 1,
            };
        }
    }
}

/// The way that goes straight on at the end of another, from which of its nodes, and in which direction of its line.
fn straight_on(
    world: &World,
    line: u32,
    number: u32,
    along: Along,
    seen: &BTreeSet<u32>,
) -> Option<(u32, u32, Along)> {
    let heading = |line: u32, number: u32, along: Along| match along {
        Along::Forward => world.piece(line, number).map(|(axis, _)| axis),
        Along::Backward => Some(world.piece(line, number.checked_sub(1)?)?.0 + 180.0),
    };
    // The direction in which one arrives.
    let arriving = match along {
        Along::Forward => world.piece(line, number.checked_sub(1)?)?.0,
        Along::Backward => world.piece(line, number)?.0 + 180.0,
    };
    let node = *world.way(line)?.refs.get(number as usize)?;
    let mut best: Option<(f64, u32, u32, Along)> = None;
    for (next, at) in world.through(node).filter(|(next, _)| !seen.contains(next)) {
        for along in [Along::Forward, Along::Backward] {
            let Some(turn) = heading(next, at, along).map(|heading| angle_between(arriving, heading)) else {
                continue;
            };
            if turn <= MOST_TURN && best.is_none_or(|(least, ..)| turn < least) {
                best = Some((turn, next, at, along));
            }
        }
    }
    best.map(|(_, next, at, along)| (next, at, along))
}
