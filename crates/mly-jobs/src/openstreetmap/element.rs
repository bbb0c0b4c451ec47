//! Nodes and ways.

use super::tags::OsmTags;

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
