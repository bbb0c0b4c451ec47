//! What was read.

use mly::{Error, Result};

use super::element::{OsmInfo, OsmNode, OsmWay};
use super::places::NodePlaces;

/// What was wanted of a file, sorted by id, each id once.
#[derive(Debug, Default)]
pub(crate) struct OsmData {
    pub(crate) nodes: Vec<OsmNode>,
    pub(crate) ways: Vec<OsmWay>,
    /// Where the nodes of the ways are.
    pub(crate) places: NodePlaces,
}

impl OsmData {
    /// Sorts the elements.
    ///
    /// # Errors
    /// [`Error::Input`] when there are ways, and none of their nodes.
    pub(super) fn checked(mut self) -> Result<Self> {
        latest(&mut self.nodes, |node| &node.info);
        latest(&mut self.ways, |way| &way.info);
        let has_places =
            self.ways.iter().flat_map(|way| &way.refs).any(|node| self.places.get(*node).is_some());
        if !self.ways.is_empty() && !has_places {
            return Err(Error::input(format!("it has {} ways and none of their nodes", self.ways.len()))
                .with_hint("ask Overpass for `out geom;`, or make the extract with complete ways"));
        }
        Ok(self)
    }
}

/// Sorts by id and keeps the latest version of each.
fn latest<T>(all: &mut Vec<T>, info: impl Fn(&T) -> &OsmInfo) {
    // The sort keeps equal ones in their order, so that the first of them is kept.
    all.sort_by_key(|one| (info(one).id, std::cmp::Reverse(info(one).version)));
    all.dedup_by_key(|one| info(one).id);
}
