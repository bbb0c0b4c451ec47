//! Distances along streets.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashMap};

use foldhash::fast::FixedState;

use super::index::EdgePlace;
use crate::roads::RoadNetwork;

/// How far distances are known, in metres: for steps between images that are near each other, and for all others.
const NEAR_M: f64 = 60.0;
const FAR_M: f64 = 150.0;

/// Steps up to this many metres need only the near distances.
const SHORT_STEP_M: f64 = 24.0;

/// Most nodes whose distances are remembered.
const MOST_KNOWN: usize = 200_000;

/// Which edges meet at each node.
#[derive(Debug)]
pub(super) struct StreetGraph {
    /// Where the links of each node begin.
    starts: Vec<u32>,
    /// The edges at the nodes, and the nodes at their other ends.
    links: Vec<(u32, u32)>,
    /// The nodes at both ends of each edge.
    ends: Vec<[u32; 2]>,
    lengths: Vec<f64>,
}

impl StreetGraph {
    pub(super) fn new(network: &RoadNetwork) -> Self {
        let ends: Vec<[u32; 2]> = network.edges.iter().map(|edge| network.ends(edge)).collect();
        let mut starts = vec![0_u32; network.node_count() + 1];
        for node in ends.as_flattened() {
            if let Some(count) = starts.get_mut(*node as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut next = starts.clone();
        let mut links = vec![(0, 0); sum as usize];
        for ([from, to], edge) in ends.iter().zip(0_u32..) {
            for (node, other) in [(*from, *to), (*to, *from)] {
                if let Some(place) = next.get_mut(node as usize) {
                    if let Some(link) = links.get_mut(*place as usize) {
                        *link = (edge, other);
                    }
                    *place += 1;
                }
            }
        }
        let lengths = network.edges.iter().map(|edge| edge.length_m).collect();
        Self { starts, links, ends, lengths }
    }

    pub(super) fn ends(&self, edge: u32) -> [u32; 2] {
        self.ends.get(edge as usize).copied().unwrap_or_default()
    }

    pub(super) fn length_m(&self, edge: u32) -> f64 {
        self.lengths.get(edge as usize).copied().unwrap_or_default()
    }

    /// Whether two edges meet.
    pub(super) fn are_joined(&self, one: u32, other: u32) -> bool {
        let others = self.ends(other);
        self.ends(one).iter().any(|node| others.contains(node))
    }

    fn links(&self, node: u32) -> &[(u32, u32)] {
        let at = node as usize;
        let range = self.starts.get(at).zip(self.starts.get(at + 1));
        range.and_then(|(from, to)| self.links.get(*from as usize..*to as usize)).unwrap_or_default()
    }

    /// The ends of an edge with their distances from a place on it.
    fn exits(&self, from: &EdgePlace) -> [(u32, f64); 2] {
        let [begin, end] = self.ends(from.edge);
        [(begin, from.offset_m), (end, (self.length_m(from.edge) - from.offset_m).max(0.0))]
    }

    /// The shortest distances from a node to all nodes within a limit, and by which edge each was reached.
    fn distances(&self, from: u32, limit_m: f64) -> Vec<Reached> {
        let mut queue =
            BinaryHeap::from([Reverse(Reached { metres: 0.0, node: from, edge: u32::MAX, before: from })]);
        let mut known: Vec<Reached> = Vec::new();
        while let Some(Reverse(reached)) = queue.pop() {
            if known.iter().any(|other| other.node == reached.node) {
                continue;
            }
            known.push(reached);
            for (edge, node) in self.links(reached.node) {
                let metres = reached.metres + self.length_m(*edge);
                if metres <= limit_m {
                    queue.push(Reverse(Reached { metres, node: *node, edge: *edge, before: reached.node }));
                }
            }
        }
        known
    }

    /// The edges between two places on different edges along the shortest way: nodes in their order, and the edges
    /// between them. `None` when it is longer than a limit.
    pub(super) fn path(&self, from: &EdgePlace, to: &EdgePlace, limit_m: f64) -> Option<StreetPath> {
        let mut best: Option<(f64, u32, u32)> = None;
        for (exit, out_m) in self.exits(from) {
            if out_m > limit_m {
                continue;
            }
            let reached = self.distances(exit, limit_m - out_m);
            for (entry, in_m) in self.exits(to) {
                let Some(found) = reached.iter().find(|reached| reached.node == entry) else { continue };
                let length_m = out_m + found.metres + in_m;
                if length_m <= limit_m && best.is_none_or(|(shortest, ..)| length_m < shortest) {
                    best = Some((length_m, exit, entry));
                }
            }
        }
        let (_, exit, entry) = best?;
        let reached = self.distances(exit, limit_m);
        let (mut between, mut node) = (Vec::new(), entry);
        while node != exit {
            let step = reached.iter().find(|reached| reached.node == node)?;
            between.push((step.edge, step.before == self.ends(step.edge)[0]));
            node = step.before;
        }
        between.reverse();
        Some(StreetPath { exit, entry, between })
    }
}

/// A way along streets from one edge to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StreetPath {
    /// The node at which it leaves the first edge.
    pub(super) exit: u32,
    /// The node at which it enters the last edge.
    pub(super) entry: u32,
    /// Edges that it passes wholly, and whether in the direction of their line.
    pub(super) between: Vec<(u32, bool)>,
}

/// A node that was reached. Ordered by distance, and by number among equal distances.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Reached {
    metres: f64,
    node: u32,
    /// The last edge of the way to it, and the node before.
    edge: u32,
    before: u32,
}

impl Eq for Reached {}

impl Ord for Reached {
    fn cmp(&self, other: &Self) -> Ordering {
        let order = self.metres.total_cmp(&other.metres);
        order.then_with(|| (self.node, self.edge).cmp(&(other.node, other.edge)))
    }
}

impl PartialOrd for Reached {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Nodes, sorted, with their distances in metres from another one.
type NodeDistances = Box<[(u32, f32)]>;

/// Distances between places on streets. What was computed is remembered.
#[derive(Debug)]
pub(super) struct StreetDistances<'g> {
    pub(super) graph: &'g StreetGraph,
    /// For a node, and whether far distances are known: the nodes around it, sorted, with their distances.
    known: HashMap<(u32, bool), NodeDistances, FixedState>,
}

impl<'g> StreetDistances<'g> {
    pub(super) fn new(graph: &'g StreetGraph) -> Self {
        Self { graph, known: HashMap::default() }
    }

    /// Distance along streets between two places, in metres; infinite when it is much more than the step, which is the
    /// straight distance of the two images.
    pub(super) fn between(&mut self, from: &EdgePlace, to: &EdgePlace, step_m: f64) -> f64 {
        if from.edge == to.edge {
            return (from.offset_m - to.offset_m).abs();
        }
        let is_far = step_m > SHORT_STEP_M;
        let limit_m = if is_far { FAR_M } else { NEAR_M };
        let (exits, entries) = (self.graph.exits(from), self.graph.exits(to));
        let mut shortest = f64::INFINITY;
        for (exit, out_m) in exits {
            for (entry, in_m) in entries {
                let rest_m = out_m + in_m;
                if rest_m < shortest && rest_m <= limit_m {
                    shortest = shortest.min(rest_m + self.nodes(exit, entry, is_far));
                }
            }
        }
        shortest
    }

    /// Distance of two nodes.
    fn nodes(&mut self, from: u32, to: u32, is_far: bool) -> f64 {
        if from == to {
            return 0.0;
        }
        if self.known.len() > MOST_KNOWN {
            self.known.clear();
        }
        let graph = self.graph;
        let around = self.known.entry((from, is_far)).or_insert_with(|| {
            #[expect(clippy::cast_possible_truncation, reason = "a thousandth of a millimetre is enough")]
            let mut around: Vec<(u32, f32)> = graph
                .distances(from, if is_far { FAR_M } else { NEAR_M })
                .into_iter()
                .map(|reached| (reached.node, reached.metres as f32))
                .collect();
            around.sort_unstable_by_key(|(node, _)| *node);
            around.into()
        });
        match around.binary_search_by_key(&to, |(node, _)| *node) {
            Ok(at) => around.get(at).map_or(f64::INFINITY, |(_, metres)| f64::from(*metres)),
            Err(_) => f64::INFINITY,
        }
    }
}
