//! Elements of OpenStreetMap that signs are compared with.

use std::fmt;

use crate::metric::Position;
use crate::openstreetmap::OsmInfo;

/// Which element: `node/1` or `way/1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum ElementId {
    Node(i64),
    Way(i64),
}

impl fmt::Display for ElementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(id) => write!(f, "node/{id}"),
            Self::Way(id) => write!(f, "way/{id}"),
        }
    }
}

/// A tagged node, or a small way that stands for one thing.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) id: ElementId,
    pub(super) at: Position,
    pub(super) info: OsmInfo,
    /// Whether it is a node of a street.
    pub(super) is_on_road: bool,
}
