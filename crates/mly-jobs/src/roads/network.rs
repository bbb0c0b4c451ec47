//! A network of streets.

use std::collections::BTreeMap;

use crate::columns::Id;

/// What is known of a way.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WayFacts {
    pub(crate) id: Option<Id>,
    pub(crate) name: Option<Box<str>>,
    /// The value of `highway`.
    pub(crate) class: Option<Box<str>>,
    pub(crate) layer: Option<i64>,
    /// Whether it is driven in the direction of its line only.
    pub(crate) is_oneway: bool,
}

/// A piece of a way between two nodes where streets meet or end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct RoadEdge {
    /// Which way.
    pub(crate) way: u32,
    /// Which piece of the way, from 0.
    pub(crate) number: u32,
    /// Where its nodes begin in the list of the network, and how many there are; at least two.
    pub(super) first: usize,
    pub(super) count: usize,
    /// Length on the ellipsoid; more than 0.
    pub(crate) length_m: f64,
}

/// How many streets there were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RoadCounts {
    /// Streets and paths of any kind in the file.
    pub(crate) read: u64,
    /// Ways of the kinds that are wanted.
    pub(crate) kept: u64,
    /// Those of other kinds, by the values of `highway`.
    pub(crate) others: BTreeMap<String, u64>,
    /// Pieces whose positions are all equal.
    pub(crate) without_length: u64,
}

/// A network of streets: edges that meet at nodes.
#[derive(Debug)]
pub(crate) struct RoadNetwork {
    /// Where each node is.
    pub(super) places: Vec<[f64; 2]>,
    /// Nodes of all edges, one edge after the other.
    pub(super) nodes: Vec<u32>,
    /// Sorted by way and number.
    pub(crate) edges: Vec<RoadEdge>,
    pub(crate) ways: Vec<WayFacts>,
    pub(crate) counts: RoadCounts,
}

impl RoadNetwork {
    /// The way that an edge is a piece of.
    pub(crate) fn way(&self, edge: &RoadEdge) -> &WayFacts {
        &self.ways[edge.way as usize]
    }

    fn nodes(&self, edge: &RoadEdge) -> &[u32] {
        self.nodes.get(edge.first..edge.first + edge.count).unwrap_or_default()
    }

    /// The nodes at the beginning and at the end of an edge.
    pub(crate) fn ends(&self, edge: &RoadEdge) -> [u32; 2] {
        let nodes = self.nodes(edge);
        [nodes.first().copied().unwrap_or_default(), nodes.last().copied().unwrap_or_default()]
    }

    /// How many nodes there are.
    pub(crate) fn node_count(&self) -> usize {
        self.places.len()
    }

    /// Where a straight piece of an edge begins and ends; pieces are numbered from 0.
    pub(crate) fn piece(&self, edge: &RoadEdge, number: usize) -> Option<([f64; 2], [f64; 2])> {
        let nodes = self.nodes(edge);
        let place = |at: usize| nodes.get(at).and_then(|node| self.places.get(*node as usize)).copied();
        Some((place(number)?, place(number + 1)?))
    }

    /// The positions along an edge.
    pub(crate) fn line(&self, edge: &RoadEdge) -> impl ExactSizeIterator<Item = [f64; 2]> + Clone {
        self.nodes(edge).iter().map(|node| self.places[*node as usize])
    }
}
