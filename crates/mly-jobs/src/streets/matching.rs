//! Puts the images of a sequence onto streets: the most likely way through the network, for all images together.

use super::images::Shot;
use super::index::{Candidate, EdgeIndex};
use super::likely::{LEAVING, image_cost, off_cost, step_cost};
use super::reach::{StreetDistances, StreetGraph};
use crate::metric::{bearing, distance_m};
use crate::roads::RoadNetwork;

/// The direction of motion is that from so many images before to so many images after.
const IMAGES_AROUND: usize = 2;

/// Below this many metres, the direction is that of noise.
const LEAST_MOTION_M: f64 = 3.0;

/// Another street is as good as the best one when it is at most so many metres farther away.
const AS_NEAR_M: f64 = 3.0;

/// And when the whole sequence would be at most this less likely with the image on it.
const AS_LIKELY: f64 = 10.0;

/// Places that are nearer to each other along streets are not on different streets.
const SAME_PLACE_M: f64 = 30.0;

/// Where an image was taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Placed {
    /// The image, counted from the first one of the piece.
    pub(super) image: usize,
    pub(super) on: Candidate,
    /// Direction of motion, in degrees.
    pub(super) motion: Option<f64>,
    /// Whether another street is as likely.
    pub(super) is_ambiguous: bool,
}

/// Puts sequences onto streets.
#[derive(Debug)]
pub(super) struct Matcher<'n> {
    network: &'n RoadNetwork,
    index: &'n EdgeIndex,
    distances: StreetDistances<'n>,
}

/// What is known of one image: the edges near it, what each costs, and what it costs to be on none, which is last.
struct Choice {
    edges: Vec<Candidate>,
    costs: Vec<f64>,
    motion: Option<f64>,
}

impl<'n> Matcher<'n> {
    pub(super) fn new(network: &'n RoadNetwork, index: &'n EdgeIndex, graph: &'n StreetGraph) -> Self {
        Self { network, index, distances: StreetDistances::new(graph) }
    }

    /// The images of a piece of a sequence that were taken on streets.
    pub(super) fn place(&mut self, piece: &[Shot]) -> Vec<Placed> {
        let choices: Vec<Choice> = (0..piece.len()).map(|image| self.choice(piece, image)).collect();
        if choices.iter().all(|choice| choice.edges.is_empty()) {
            return Vec::new();
        }
        let steps = self.steps(piece, &choices);
        // The cost of the best way to each place, and of the best way onward from it.
        let to = ways_to(&choices, &steps);
        let from = ways_from(&choices, &steps);
        let through: Vec<Vec<f64>> = to
            .iter()
            .zip(&from)
            .map(|(to, from)| to.iter().zip(from).map(|(to, from)| to + from).collect())
            .collect();
        let mut placed = Vec::new();
        for (image, best) in best_way(&choices, &steps, &to).into_iter().enumerate() {
            let (choice, through) = (&choices[image], &through[image]);
            let Some(on) = choice.edges.get(best).copied() else { continue };
            let is_ambiguous = choice.edges.iter().zip(through).enumerate().any(|(other, (rival, cost))| {
                other != best && cost - through[best] < AS_LIKELY && self.is_rival(&on, rival)
            });
            placed.push(Placed { image, on, motion: choice.motion, is_ambiguous });
        }
        placed
    }

    fn choice(&self, piece: &[Shot], image: usize) -> Choice {
        let mut edges = Vec::new();
        let motion = motion(piece, image);
        let Some(shot) = piece.get(image) else { return Choice { edges, costs: vec![0.0], motion } };
        self.index.near(shot.at, &mut edges);
        // Who walks may go in both directions.
        let is_bound = shot.is_on_foot != Some(true);
        let cost = |on: &Candidate| {
            let way = self.network.way(&self.network.edges[on.edge as usize]);
            image_cost(on, motion, way.is_oneway && is_bound)
        };
        let mut costs: Vec<f64> = edges.iter().map(cost).collect();
        let radiuses = edges.iter().map(|on| self.index.radius_m(on.edge));
        costs.push(off_cost(radiuses.fold(0.0, f64::max)));
        Choice { edges, costs, motion }
    }

    /// For each pair of images that follow each other, what each step from a place of the first to one of the second costs.
    fn steps(&mut self, piece: &[Shot], choices: &[Choice]) -> Vec<Vec<f64>> {
        let mut steps = Vec::with_capacity(choices.len().saturating_sub(1));
        for (shots, choices) in piece.windows(2).zip(choices.windows(2)) {
            let ([before, after], [from, to]) = (shots, choices) else { continue };
            let straight_m = distance_m(before.at, after.at);
            let mut costs = Vec::with_capacity(from.costs.len() * to.costs.len());
            for one in &from.edges {
                for other in &to.edges {
                    costs.push(step_cost(self.distances.between(one, other, straight_m), straight_m));
                }
                costs.push(LEAVING);
            }
            costs.extend(std::iter::repeat_n(LEAVING, to.edges.len()));
            costs.push(0.0);
            steps.push(costs);
        }
        steps
    }

    /// Whether an edge is another street that is as near as the best one.
    fn is_rival(&mut self, best: &Candidate, other: &Candidate) -> bool {
        other.distance_m <= best.distance_m + AS_NEAR_M
            && !self.distances.graph.are_joined(best.edge, other.edge)
            && self.distances.between(best, other, 0.0) > SAME_PLACE_M
    }
}

/// The direction in which an image moved, if it did.
fn motion(piece: &[Shot], image: usize) -> Option<f64> {
    let before = piece.get(image.saturating_sub(IMAGES_AROUND))?;
    let after = piece.get((image + IMAGES_AROUND).min(piece.len() - 1))?;
    (distance_m(before.at, after.at) >= LEAST_MOTION_M).then(|| bearing(before.at, after.at))
}

/// The cost of the best way that ends at each place of each image.
fn ways_to(choices: &[Choice], steps: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut to: Vec<Vec<f64>> = Vec::with_capacity(choices.len());
    for (image, choice) in choices.iter().enumerate() {
        let costs = match (image.checked_sub(1).and_then(|before| steps.get(before)), to.last()) {
            (Some(steps), Some(before)) => {
                let width = choice.costs.len();
                let best = |place: usize| {
                    let ways = before.iter().zip(steps.chunks_exact(width));
                    ways.map(|(cost, steps)| cost + steps[place]).fold(f64::INFINITY, f64::min)
                };
                choice.costs.iter().enumerate().map(|(place, cost)| best(place) + cost).collect()
            }
            _ => choice.costs.clone(),
        };
        to.push(costs);
    }
    to
}

/// The cost of the best way onward from each place of each image, without the image itself.
fn ways_from(choices: &[Choice], steps: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut from: Vec<Vec<f64>> = vec![vec![0.0; choices.last().map_or(0, |choice| choice.costs.len())]];
    for (after, steps) in choices.iter().skip(1).zip(steps).rev() {
        let onward: Vec<f64> = match from.last() {
            Some(next) => next.iter().zip(&after.costs).map(|(way, cost)| way + cost).collect(),
            None => Vec::new(),
        };
        let best = |steps: &[f64]| {
            steps.iter().zip(&onward).map(|(step, way)| step + way).fold(f64::INFINITY, f64::min)
        };
        from.push(steps.chunks_exact(after.costs.len()).map(best).collect());
    }
    from.reverse();
    from
}

/// The place of each image on the best way; the first place among equals.
fn best_way(choices: &[Choice], steps: &[Vec<f64>], to: &[Vec<f64>]) -> Vec<usize> {
    let first_least = |costs: &mut dyn Iterator<Item = f64>| {
        let mut best = (f64::INFINITY, 0);
        for (place, cost) in costs.enumerate() {
            if cost < best.0 {
                best = (cost, place);
            }
        }
        best.1
    };
    let mut place = to.last().map_or(0, |costs| first_least(&mut costs.iter().copied()));
    let mut way = vec![place];
    for (before, (after, steps)) in to.iter().zip(choices.iter().skip(1).zip(steps)).rev() {
        let width = after.costs.len();
        let onward = |steps: &[f64]| steps.get(place).copied().unwrap_or(f64::INFINITY);
        let costs: Vec<f64> =
            before.iter().zip(steps.chunks_exact(width)).map(|(cost, steps)| cost + onward(steps)).collect();
        place = first_least(&mut costs.into_iter());
        way.push(place);
    }
    way.reverse();
    way
}
