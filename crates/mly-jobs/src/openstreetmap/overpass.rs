//! The JSON of an Overpass service: with the geometry in the ways (`out geom`), or with nodes of their own (`(._;>;); out`).

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use chrono::DateTime;
use mly::{Error, Result};
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de::DeserializeSeed};

use super::choice::OsmChoice;
use super::damage::damaged;
use super::data::OsmData;
use super::element::{OsmInfo, OsmNode, OsmWay};
use super::places::{NodePlaces, units};
use super::tags::OsmTags;

/// Reads the wanted elements.
pub(super) fn read(path: &Path, choice: &OsmChoice<'_>) -> Result<OsmData> {
    let file = File::open(path).map_err(damaged)?;
    let mut answer = Answer {
        choice,
        nodes: Vec::new(),
        ways: Vec::new(),
        places: Vec::new(),
        own: HashMap::new(),
        remark: None,
    };
    let mut json = serde_json::Deserializer::from_reader(BufReader::new(file));
    json.deserialize_map(&mut answer).and_then(|()| json.end()).map_err(damaged)?;
    // The service answers 200 and tells at the end of the answer that it ran out of time or memory.
    if let Some(remark) = answer.remark.filter(|remark| remark.contains("error")) {
        let remark: String = remark.chars().take(200).collect();
        return Err(Error::input(format!("the answer is incomplete: {}", remark.escape_debug()))
            .with_hint("ask Overpass for a smaller area, or with a longer [timeout:]"));
    }
    Ok(OsmData { nodes: answer.nodes, ways: answer.ways, places: NodePlaces::new(answer.places) })
}

/// The answer as far as it is read.
struct Answer<'c> {
    choice: &'c OsmChoice<'c>,
    nodes: Vec<OsmNode>,
    ways: Vec<OsmWay>,
    places: Vec<(i64, [i32; 2])>,
    /// Numbers of our own for the nodes of ways without ids: equal positions are one node.
    own: HashMap<[i32; 2], i64>,
    remark: Option<String>,
}

/// An element, as the service writes it. What is not needed is skipped.
#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "type")]
    kind: String,
    id: Option<i64>,
    lat: Option<f64>,
    lon: Option<f64>,
    version: Option<i32>,
    timestamp: Option<String>,
    #[serde(default)]
    tags: HashMap<String, String>,
    #[serde(default)]
    nodes: Vec<i64>,
    /// `null` stands for a node outside the box of `out geom(BOX)`.
    #[serde(default)]
    geometry: Vec<Option<Corner>>,
}

/// A position of a way.
#[derive(Deserialize)]
struct Corner {
    lat: f64,
    lon: f64,
}

impl Answer<'_> {
    fn add(&mut self, entry: Entry) {
        let Some(id) = entry.id else { return };
        let tags = OsmTags::new(entry.tags);
        let edited = entry.timestamp.and_then(|text| DateTime::parse_from_rfc3339(&text).ok());
        let info =
            OsmInfo { id, version: entry.version, edited_at: edited.map(|at| at.timestamp_millis()), tags };
        let keys = self.choice.keys;
        match entry.kind.as_str() {
            "node" => {
                let Some(at) = entry.lon.zip(entry.lat).and_then(|(lon, lat)| units(lon, lat)) else {
                    return;
                };
                self.places.push((id, at));
                if !info.tags.is_empty() && (self.choice.node)(&info.tags) {
                    let at = at.map(|unit| f64::from(unit) / 1e7);
                    self.nodes.push(OsmNode { info: OsmInfo { tags: info.tags.kept(keys), ..info }, at });
                }
            }
            "way" if (self.choice.way)(&info.tags) => {
                let refs = self.refs(entry.nodes, &entry.geometry);
                self.ways.push(OsmWay { info: OsmInfo { tags: info.tags.kept(keys), ..info }, refs });
            }
            _ => {}
        }
    }

    /// The nodes of a way, whose places are noted.
    fn refs(&mut self, nodes: Vec<i64>, geometry: &[Option<Corner>]) -> Vec<i64> {
        let corners = geometry.iter().map(|corner| corner.as_ref().and_then(|at| units(at.lon, at.lat)));
        if nodes.is_empty() {
            return corners.map(|at| self.own_node(at)).collect();
        }
        self.places.extend(nodes.iter().zip(corners).filter_map(|(id, at)| Some((*id, at?))));
        nodes
    }

    /// The number of a node without an id. One without a place gets a number that no other node has.
    fn own_node(&mut self, at: Option<[i32; 2]>) -> i64 {
        let next = -1 - i64::try_from(self.own.len()).unwrap_or(i64::MAX - 1);
        let Some(at) = at else { return i64::MIN };
        let id = *self.own.entry(at).or_insert(next);
        if id == next {
            self.places.push((id, at));
        }
        id
    }
}

impl<'de> Visitor<'de> for &mut Answer<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an answer of Overpass")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "elements" => map.next_value_seed(Entries(&mut *self))?,
                "remark" => self.remark = Some(map.next_value()?),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// The list of elements, which are taken one by one.
struct Entries<'a, 'c>(&'a mut Answer<'c>);

impl<'de> DeserializeSeed<'de> for Entries<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of elements")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(entry) = list.next_element::<Entry>()? {
            self.0.add(entry);
        }
        Ok(())
    }
}
