//! Extracts of OpenStreetMap, for programs that compare the emulated service with a map.

mod entry;
mod json;
mod pbf;

use std::collections::BTreeMap;

pub use entry::MapEntry;

/// Nodes and ways of a map.
#[derive(Clone, Debug, Default)]
pub struct MapExtract {
    pub(crate) nodes: Vec<Node>,
    pub(crate) ways: Vec<Way>,
    /// What stands for map features of the service.
    entries: BTreeMap<u64, MapEntry>,
}

/// A point of the map: a vertex of ways, or a thing with tags.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) id: i64,
    /// Longitude and latitude.
    pub(crate) at: [f64; 2],
    pub(crate) tags: Vec<(&'static str, String)>,
}

/// A line of the map.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub(crate) id: i64,
    pub(crate) nodes: Vec<i64>,
    pub(crate) tags: Vec<(&'static str, String)>,
}

/// The version that every element has.
const VERSION: i32 = 3;

/// When every element was edited: 2022-06-01, in seconds since 1970.
const EDITED_S: i64 = 1_654_041_600;

impl MapExtract {
    /// Notes what the map has for the map features of a sign or an object.
    pub(crate) fn note(&mut self, features: &[u64], entry: MapEntry) {
        self.entries.extend(features.iter().map(|feature| (*feature, entry)));
    }

    /// What the map has for a map feature of the world that it is a map of.
    pub fn entry(&self, feature: u64) -> MapEntry {
        self.entries.get(&feature).copied().unwrap_or_default()
    }

    /// The extract in the binary format (OpenStreetMap wiki, "PBF Format"), nodes first, both sorted by id.
    pub fn to_pbf(&self) -> Vec<u8> {
        pbf::write(self)
    }

    /// The extract as an answer of the Overpass API to `out meta`: nodes first, then ways with the ids of their nodes.
    pub fn to_overpass_json(&self) -> String {
        json::write(self)
    }
}
