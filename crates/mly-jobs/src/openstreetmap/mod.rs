//! Reads nodes and ways of OpenStreetMap from files: `.osm.pbf`, and the JSON of Overpass.
//!
//! Ways hold the ids of their nodes, and the places of the nodes stand beside them, so that two ways that share a node are
//! known to meet there.

mod form;
mod overpass;
mod pbf;
mod places;
mod tags;

use std::path::Path;

use mly::{Error, Result};

pub(crate) use form::OsmForm;
pub(crate) use places::NodePlaces;
pub(crate) use tags::OsmTags;

/// What nodes and ways have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OsmInfo {
    pub(crate) id: i64,
    /// How often it was edited, counted from 1; files need not say it.
    pub(crate) version: Option<i32>,
    /// When it was edited last, in milliseconds since 1970; files need not say it.
    pub(crate) edited_at: Option<i64>,
    pub(crate) tags: OsmTags,
}

/// A node that is wanted for its tags.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OsmNode {
    pub(crate) info: OsmInfo,
    /// Longitude and latitude.
    pub(crate) at: [f64; 2],
}

/// A way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OsmWay {
    pub(crate) info: OsmInfo,
    /// The ids of its nodes in their order. Nodes of an Overpass answer without ids are negative numbers of our own.
    pub(crate) refs: Vec<i64>,
}

/// Which elements of a file are wanted. Everything else is skipped while it is read.
#[derive(Clone, Copy)]
pub(crate) struct OsmChoice<'w> {
    /// Whether a node with these tags is wanted. Nodes without tags are not asked about.
    pub(crate) node: &'w (dyn Fn(&OsmTags) -> bool + Sync),
    /// Whether a way with these tags is wanted.
    pub(crate) way: &'w (dyn Fn(&OsmTags) -> bool + Sync),
    /// The keys of the tags that are kept, or `None` for all.
    pub(crate) keys: Option<&'w [&'w str]>,
}

/// What was wanted of a file, sorted by id, each id once.
#[derive(Debug, Default)]
pub(crate) struct OsmData {
    pub(crate) nodes: Vec<OsmNode>,
    pub(crate) ways: Vec<OsmWay>,
    /// Where the nodes of the ways are.
    pub(crate) places: NodePlaces,
}

/// Reads the wanted elements of a file.
///
/// Of an id that comes more than once, the highest version counts, and the first one among equal versions.
///
/// # Errors
/// [`Error::Input`] with the name of the file when it cannot be read, is cut off, or has ways whose nodes are all missing.
pub(crate) fn read(path: &Path, form: OsmForm, choice: &OsmChoice<'_>) -> Result<OsmData> {
    let found = match form {
        OsmForm::Pbf => pbf::read(path, choice),
        OsmForm::Overpass => overpass::read(path, choice),
    };
    found.and_then(OsmData::checked).map_err(|error| error.with_path(path))
}

impl OsmData {
    fn checked(mut self) -> Result<Self> {
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

/// An error about a file that ends too early or whose content is not what it should be.
fn damaged(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::input("it cannot be read as OpenStreetMap data")
        .with_hint("it may be cut off: download it again")
        .with_source(source)
}

#[cfg(test)]
#[path = "../../tests/it/pbf.rs"]
mod pbf_writer;
#[cfg(test)]
mod tests;
