//! A small part of OpenStreetMap for tests, and the rows that a comparison gives.

use std::collections::BTreeMap;
use std::path::PathBuf;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use mly_jobs::Table;
use mly_jobs::osm::SignsInOsm;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::assets::signs::{SignRow, place, signs};

pub(crate) type Tags = Vec<(&'static str, &'static str)>;

/// Nodes and ways. Positions are metres to the east and to the north.
#[derive(Clone, Debug, Default)]
pub(crate) struct Town {
    pub(crate) nodes: Vec<(i64, [f64; 2], Tags)>,
    pub(crate) ways: Vec<(i64, Vec<i64>, Tags)>,
    pub(crate) without_versions: bool,
    /// When all was edited last; the answer tells it only with versions.
    pub(crate) edited: Option<&'static str>,
}

impl Town {
    /// A street to the north, 600 m long, with a node each 50 m from 100 on.
    pub(crate) fn street(tags: Tags) -> Self {
        let mut town = Self::default();
        town.way(1, (100..).zip((-6..=6_i8).map(|i| [0.0, f64::from(i) * 50.0])).collect(), tags);
        town
    }

    /// Adds a way of new nodes.
    pub(crate) fn way(&mut self, id: i64, nodes: Vec<(i64, [f64; 2])>, tags: Tags) {
        self.ways.push((id, nodes.iter().map(|(id, _)| *id).collect(), tags));
        for (id, at) in nodes {
            if !self.nodes.iter().any(|(known, ..)| *known == id) {
                self.nodes.push((id, at, Vec::new()));
            }
        }
    }

    /// Adds a node, or gives tags to one that is there.
    pub(crate) fn node(mut self, id: i64, at: [f64; 2], tags: Tags) -> Self {
        match self.nodes.iter_mut().find(|(known, ..)| *known == id) {
            Some(node) => node.2 = tags,
            None => self.nodes.push((id, at, tags)),
        }
        self
    }

    pub(crate) fn json(&self) -> Value {
        let tags = |tags: &Tags| {
            tags.iter().map(|(k, v)| ((*k).to_owned(), json!(v))).collect::<serde_json::Map<_, _>>()
        };
        let with_version = |mut element: Value| {
            if !self.without_versions {
                element["version"] = json!(3);
                element["timestamp"] = json!(self.edited.unwrap_or("2019-01-01T00:00:00Z"));
            }
            element
        };
        let nodes = self.nodes.iter().map(|(id, at, t)| {
            let [lon, lat] = place(*at);
            with_version(json!({"type": "node", "id": id, "lon": lon, "lat": lat, "tags": tags(t)}))
        });
        let ways = self.ways.iter().map(|(id, refs, t)| {
            with_version(json!({"type": "way", "id": id, "nodes": refs, "tags": tags(t)}))
        });
        json!({"version": 0.6, "generator": "Overpass API", "elements": nodes.chain(ways).collect::<Vec<_>>()})
    }

    /// Writes it as an answer of Overpass.
    pub(crate) fn file(&self, folder: &TempDir) -> PathBuf {
        let path = folder.path().join("town.json");
        std::fs::write(&path, self.json().to_string()).unwrap();
        path
    }

    /// Compares signs with it.
    pub(crate) fn compared(&self, all: &[SignRow]) -> Vec<Compared> {
        let folder = tempfile::tempdir().unwrap();
        rows_of(&SignsInOsm::of(signs(all), self.file(&folder)).run().unwrap().table().unwrap())
    }

    /// The status of one sign.
    pub(crate) fn status(&self, sign: &SignRow) -> String {
        self.compared(std::slice::from_ref(sign))[0].status.clone()
    }
}

/// A row of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Compared {
    pub(crate) status: String,
    pub(crate) osm_id: Option<String>,
    pub(crate) suggested: BTreeMap<String, String>,
    pub(crate) distance_m: Option<f64>,
    pub(crate) id: Option<i64>,
}

pub(crate) fn rows_of(table: &Table) -> Vec<Compared> {
    let mut rows = Vec::new();
    for batch in table.batches() {
        let text = |name: &str, row: usize| {
            let column = batch.column_by_name(name).unwrap().as_string::<i32>();
            column.is_valid(row).then(|| column.value(row).to_owned())
        };
        let distances = batch.column_by_name("distance_m").unwrap().as_primitive::<Float64Type>();
        let ids = batch.column_by_name("id").unwrap().as_primitive::<Int64Type>();
        for row in 0..batch.num_rows() {
            rows.push(Compared {
                status: text("status", row).unwrap(),
                osm_id: text("osm_id", row),
                suggested: text("suggested_tags", row)
                    .map(|json| serde_json::from_str(&json).unwrap())
                    .unwrap_or_default(),
                distance_m: distances.is_valid(row).then(|| distances.value(row)),
                id: ids.is_valid(row).then(|| ids.value(row)),
            });
        }
    }
    rows
}
