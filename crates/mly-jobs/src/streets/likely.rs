//! What an image and a step from one image to the next cost on an edge: the less likely, the more.
//!
//! Costs are negative logarithms of likelihoods, as in a hidden Markov model (Newson and Krumm, "Hidden Markov map matching
//! through noise and sparseness", 2009). The numbers are those with which drives through an invented town, with
//! noise as phones have it, were put onto the right street most often.

use super::index::EdgePlace;
use crate::metric::angle_between;

/// Standard deviation of positions, in metres.
const SIGMA_M: f64 = 8.0;

/// Standard deviation of the direction of motion, in degrees.
const SIGMA_DEGREES: f64 = 30.0;

/// What it costs to go against a oneway street.
const WRONG_WAY: f64 = 3.0;

/// By how many metres the way along streets differs from the straight one, for a cost of 1.
const DETOUR_M: f64 = 5.0;

/// The most that a step costs: two streets that are not connected nearby.
const JUMP: f64 = 12.0;

/// What it costs to leave the streets, and to come back to them.
pub(super) const LEAVING: f64 = 6.0;

/// What an image on no street costs beyond one on a street at the largest distance.
const OFF: f64 = 1.0;

/// What it costs to go to another edge: as much for each, so that no way has more of them than it needs.
const OTHER_EDGE: f64 = 1.0;

/// What an image costs on an edge, given in which direction it moved, if it moved.
pub(super) fn image_cost(on: &EdgePlace, motion: Option<f64>, is_oneway: bool) -> f64 {
    let place = half_square(on.distance_m / SIGMA_M);
    let Some(motion) = motion else { return place };
    let turn = angle_between(motion, on.bearing);
    let axis = turn.min(180.0 - turn);
    let wrong = if is_oneway && turn > 90.0 { WRONG_WAY } else { 0.0 };
    place + half_square(axis / SIGMA_DEGREES) + wrong
}

/// What an image costs that is on no street, given how far from one it may be: as much as one at that distance.
pub(super) fn off_cost(radius_m: f64) -> f64 {
    half_square(radius_m / SIGMA_M) + OFF
}

/// What a step between two places costs, given its length along streets and in a straight line.
pub(super) fn step_cost(from: &EdgePlace, to: &EdgePlace, along_m: f64, straight_m: f64) -> f64 {
    let change = if from.edge == to.edge { 0.0 } else { OTHER_EDGE };
    change + ((along_m - straight_m).abs() / DETOUR_M).min(JUMP)
}

fn half_square(deviations: f64) -> f64 {
    deviations * deviations / 2.0
}
