//! Cuts ways into edges.

use std::collections::{BTreeMap, HashMap};

use super::network::{RoadCounts, RoadEdge, RoadNetwork, WayFacts};
use crate::columns::Id;
use crate::metric::distance_m;

/// The line of a way, or of a part of it: numbers of nodes.
pub(super) struct RoadLine {
    /// Which way.
    pub(super) way: u32,
    pub(super) nodes: Vec<u32>,
}

/// Counts a street of a class that is not wanted.
pub(super) fn count_other(others: &mut BTreeMap<String, u64>, class: &str) {
    match others.get_mut(class) {
        Some(count) => *count += 1,
        None => {
            others.insert(class.to_owned(), 1);
        }
    }
}

/// The parts of a network.
#[derive(Default)]
pub(super) struct NetworkBuilder {
    /// Where each node is.
    pub(super) places: Vec<[f64; 2]>,
    /// Lines in the order in which the edges are numbered.
    pub(super) lines: Vec<RoadLine>,
    ways: Vec<WayFacts>,
    counts: RoadCounts,
}

impl NetworkBuilder {
    /// A network that is made of so many streets, of which these are not wanted, by their classes.
    pub(super) fn of_streets(read: u64, others: BTreeMap<String, u64>) -> Self {
        Self { counts: RoadCounts { read, others, ..RoadCounts::default() }, ..Self::default() }
    }

    /// Adds a way, and gives its number.
    pub(super) fn add_way(&mut self, facts: WayFacts) -> u32 {
        self.ways.push(facts);
        u32::try_from(self.ways.len() - 1).unwrap_or(u32::MAX)
    }

    /// Cuts the lines at each node that more than one line goes through, or one goes through twice.
    pub(super) fn finish(mut self) -> RoadNetwork {
        for line in &mut self.lines {
            line.nodes.dedup();
        }
        let mut uses = vec![0_u8; self.places.len()];
        for line in &self.lines {
            // A closed line begins and ends at one node, which is no junction for that.
            let is_closed = line.nodes.len() > 1 && line.nodes.first() == line.nodes.last();
            for node in line.nodes.iter().skip(usize::from(is_closed)) {
                if let Some(uses) = uses.get_mut(*node as usize) {
                    *uses = uses.saturating_add(1);
                }
            }
        }
        let is_junction = |node: u32| uses.get(node as usize).is_some_and(|uses| *uses > 1);
        let (mut edges, mut nodes) = (Vec::new(), Vec::new());
        // Numbers go on where several ways have one id.
        let mut numbers: HashMap<Option<Id>, u32> = HashMap::new();
        for line in &self.lines {
            let id = self.ways.get(line.way as usize).and_then(|way| way.id.clone());
            let number = numbers.entry(id).or_default();
            let mut begin = 0;
            for at in 1..line.nodes.len() {
                let is_end = at + 1 == line.nodes.len();
                let Some(part) = line
                    .nodes
                    .get(begin..=at)
                    .filter(|part| is_end || part.last().is_some_and(|node| is_junction(*node)))
                else {
                    continue;
                };
                begin = at;
                let length_m = self.length_m(part);
                if length_m <= 0.0 {
                    self.counts.without_length += 1;
                    continue;
                }
                let first = nodes.len();
                nodes.extend_from_slice(part);
                edges.push(RoadEdge { way: line.way, number: *number, first, count: part.len(), length_m });
                *number += 1;
            }
        }
        self.counts.kept = self.ways.len() as u64;
        RoadNetwork { places: self.places, nodes, edges, ways: self.ways, counts: self.counts }
    }

    fn length_m(&self, nodes: &[u32]) -> f64 {
        let place = |node: &u32| self.places.get(*node as usize).copied().unwrap_or_default();
        nodes
            .windows(2)
            .map(|pair| if let [from, to] = pair { distance_m(place(from), place(to)) } else { 0.0 })
            .sum()
    }
}
