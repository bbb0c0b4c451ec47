//! Puts the images of a sequence onto streets: the most likely way through the network, for all images together.

use super::choice::{Choice, best_way, ways_from, ways_to};
use super::corners::cut_corners;
use super::images::Shot;
use super::index::{Around, EdgeIndex, EdgePlace};
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
pub(super) struct PlacedShot {
    /// The image, counted from the first one of the piece.
    pub(super) image: usize,
    pub(super) on: EdgePlace,
    /// Direction of motion, in degrees.
    pub(super) motion: Option<f64>,
    /// Whether another street is as likely.
    pub(super) is_ambiguous: bool,
}

/// Puts sequences onto streets.
#[derive(Debug)]
pub(super) struct Matcher<'n> {
    network: &'n RoadNetwork,
    index: &'n EdgeIndex<'n>,
    distances: StreetDistances<'n>,
    around: Around,
}

impl<'n> Matcher<'n> {
    pub(super) fn new(network: &'n RoadNetwork, index: &'n EdgeIndex<'n>, graph: &'n StreetGraph) -> Self {
        Self { network, index, distances: StreetDistances::new(graph), around: Around::default() }
    }

    /// The images of a piece of a sequence that were taken on streets.
    pub(super) fn place(&mut self, piece: &[Shot]) -> Vec<PlacedShot> {
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
        let mut way = best_way(&choices, &steps, &to);
        cut_corners(&choices, &mut way, self.distances.graph);
        for (image, best) in way.into_iter().enumerate() {
            let (choice, through) = (&choices[image], &through[image]);
            let Some(on) = choice.edges.get(best).copied() else { continue };
            let is_ambiguous = choice.edges.iter().zip(through).enumerate().any(|(other, (rival, cost))| {
                other != best && cost - through[best] < AS_LIKELY && self.is_rival(&on, rival)
            });
            placed.push(PlacedShot { image, on, motion: choice.motion, is_ambiguous });
        }
        placed
    }

    fn choice(&mut self, piece: &[Shot], image: usize) -> Choice {
        let mut edges = Vec::new();
        let motion = motion(piece, image);
        let Some(shot) = piece.get(image) else { return Choice { edges, costs: vec![0.0], motion } };
        self.index.near(shot.at, &mut self.around, &mut edges);
        // Who walks may go in both directions.
        let is_bound = shot.is_on_foot != Some(true);
        let cost = |on: &EdgePlace| {
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
                    let along_m = self.distances.between(one, other, straight_m);
                    costs.push(step_cost(one, other, along_m, straight_m));
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
    fn is_rival(&mut self, best: &EdgePlace, other: &EdgePlace) -> bool {
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
