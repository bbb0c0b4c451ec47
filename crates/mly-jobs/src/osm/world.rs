//! The part of OpenStreetMap that signs are compared with.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use mly::{Error, Result};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

use super::element::{Element, ElementId};
use super::rule::{Ground, Rule};
use super::rule_book::RuleBook;
use crate::metric::{Position, bearing, distance_m};
use crate::near::Bands;
use crate::near_lines::{LinePiece, NearLines};
use crate::openstreetmap::{self, NodePlaces, OsmChoice, OsmForm, OsmTags, OsmWay};

/// The farthest that any element is looked for, in metres.
pub(super) const FARTHEST_M: f64 = 60.0;

/// Keys by which any tagged node may matter.
const KEYS: [&str; 4] = ["highway", "traffic_sign", "mapillary", "mapillary:map_feature"];

/// Keys of ways that are things.
const SMALL_THINGS: [&str; 6] =
    ["amenity", "advertising", "man_made", "emergency", "public_transport", "traffic_sign"];

/// Values of `highway` for streets that cars drive on.
const STREETS: [&str; 17] = [
    "motorway",
    "motorway_link",
    "trunk",
    "trunk_link",
    "primary",
    "primary_link",
    "secondary",
    "secondary_link",
    "tertiary",
    "tertiary_link",
    "unclassified",
    "residential",
    "living_street",
    "service",
    "road",
    "busway",
    "track",
];

/// Values of `highway` that are no ways to go on.
const NO_WAYS: [&str; 10] = [
    "abandoned",
    "construction",
    "corridor",
    "elevator",
    "no",
    "planned",
    "platform",
    "proposed",
    "razed",
    "rest_area",
];

/// Ways, tagged nodes and small things, with what finds them.
#[derive(Debug)]
pub(super) struct World {
    /// Streets and paths.
    pub(super) ways: Vec<OsmWay>,
    places: NodePlaces,
    /// Nodes of streets, sorted, with the street and at which of its nodes.
    junctions: Vec<(i64, u32, u32)>,
    streets: NearLines,
    /// What is no street.
    paths: NearLines,
    pub(super) elements: Vec<Element>,
    positions: Vec<Position>,
    nodes: HashMap<i64, u32>,
    /// Elements that name the map feature that they were made from.
    named: HashMap<i64, u32>,
}

impl World {
    /// Reads what the rules are about.
    pub(super) fn read(path: &Path, book: &RuleBook) -> Result<Self> {
        let Some(form) = OsmForm::of(path)? else {
            return Err(Error::input("this is not data of OpenStreetMap")
                .with_hint("give an extract (.osm.pbf) or an answer of Overpass in JSON")
                .with_path(path));
        };
        let keys: HashSet<String> = book
            .all()
            .flat_map(|rule: &Rule| rule.accept.iter().chain(&rule.conflict))
            .map(|tag| tag.key.to_string())
            .filter(|key| !key.contains('{'))
            .collect();
        let is_thing = |tags: &OsmTags| {
            tags.iter()
                .any(|(key, _)| KEYS.contains(&key) || key.starts_with("traffic_sign:") || keys.contains(key))
        };
        let is_way = |tags: &OsmTags| {
            tags.get("highway").is_some_and(|class| !NO_WAYS.contains(&class)) || is_small_thing(tags)
        };
        let way_keys: Vec<&str> = SMALL_THINGS.into_iter().chain(["highway"]).collect();
        let choice = OsmChoice { node: &is_thing, way_keys: Some(&way_keys), way: &is_way, keys: None };
        let data = openstreetmap::read(path, form, &choice)?;
        let is_road = |way: &OsmWay| {
            way.info.tags.get("highway").is_some_and(|class| class != "platform")
                && way.info.tags.get("area") != Some("yes")
        };
        let (ways, things): (Vec<_>, Vec<_>) = data.ways.into_iter().partition(is_road);
        let mut elements: Vec<Element> = data
            .nodes
            .into_iter()
            .map(|node| Element {
                id: ElementId::Node(node.info.id),
                at: node.at,
                info: node.info,
                is_on_road: false,
            })
            .collect();
        for thing in things {
            let corners: Vec<_> = thing.refs.iter().filter_map(|id| data.places.get(*id)).collect();
            if let Some(at) = middle(&corners) {
                let id = ElementId::Way(thing.info.id);
                elements.push(Element { id, at, info: thing.info, is_on_road: false });
            }
        }
        Ok(Self::of(ways, elements, data.places))
    }

    fn of(ways: Vec<OsmWay>, mut elements: Vec<Element>, places: NodePlaces) -> Self {
        let is_street: Vec<bool> = ways.iter().map(|way| is_street(&way.info.tags)).collect();
        let numbered = || ways.iter().zip(0_u32..).zip(&is_street);
        let streets = numbered().filter(|(_, is_street)| **is_street).map(|(way, _)| way);
        let mut junctions: Vec<(i64, u32, u32)> = streets
            .flat_map(|(way, line)| way.refs.iter().zip(0_u32..).map(move |(node, at)| (*node, line, at)))
            .collect();
        let lines = |of_streets: bool| {
            let chosen: Vec<_> =
                numbered().filter(|(_, is_street)| **is_street == of_streets).map(|(way, _)| way).collect();
            let pieces = chosen.into_par_iter().flat_map_iter(|(way, line)| pieces_of(way, line, &places));
            NearLines::new(pieces.collect())
        };
        let (streets, paths) = rayon::join(
            || {
                junctions.par_sort_unstable();
                lines(true)
            },
            || lines(false),
        );
        let (mut nodes, mut named) = (HashMap::new(), HashMap::new());
        for (element, number) in elements.iter_mut().zip(0_u32..) {
            if let ElementId::Node(id) = element.id {
                nodes.insert(id, number);
                element.is_on_road = !through(&junctions, id).is_empty();
            }
            if let Some(feature) = element.info.tags.get("mapillary:map_feature") {
                for id in feature.split(';').filter_map(|id| id.trim().parse::<i64>().ok()) {
                    named.entry(id).or_insert(number);
                }
            }
        }
        let positions = elements.iter().map(|element| element.at).collect();
        Self { ways, places, junctions, streets, paths, elements, positions, nodes, named }
    }

    /// What finds elements by their position.
    pub(super) fn bands(&self) -> Bands<'_> {
        Bands::new(&self.positions, FARTHEST_M)
    }

    /// The ways within reach, the nearest first.
    pub(super) fn ways_near(
        &self,
        at: Position,
        reach_m: f64,
        on: Ground,
    ) -> Vec<(LinePiece, crate::metric::Foot)> {
        match on {
            Ground::Roads => self.streets.within(at, reach_m),
            Ground::Paths => {
                let mut all = self.streets.within(at, reach_m);
                all.extend(self.paths.within(at, reach_m));
                all.sort_by(|(a, one), (b, other)| {
                    one.distance_m
                        .total_cmp(&other.distance_m)
                        .then((a.line, a.number).cmp(&(b.line, b.number)))
                });
                all
            }
        }
    }

    pub(super) fn way(&self, line: u32) -> Option<&OsmWay> {
        self.ways.get(line as usize)
    }

    pub(super) fn element(&self, number: u32) -> Option<&Element> {
        self.elements.get(number as usize)
    }

    /// The tagged node of an id.
    pub(super) fn node(&self, id: i64) -> Option<&Element> {
        self.element(*self.nodes.get(&id)?)
    }

    /// The element that says it was made from a map feature.
    pub(super) fn named(&self, feature: i64) -> Option<&Element> {
        self.element(*self.named.get(&feature)?)
    }

    pub(super) fn place(&self, node: i64) -> Option<Position> {
        self.places.get(node)
    }

    /// The streets through a node, and at which of their nodes.
    pub(super) fn through(&self, node: i64) -> impl Iterator<Item = (u32, u32)> {
        through(&self.junctions, node).iter().map(|(_, line, at)| (*line, *at))
    }

    /// Direction and length of a piece of a way.
    pub(super) fn piece(&self, line: u32, number: u32) -> Option<(f64, f64)> {
        let refs = &self.way(line)?.refs;
        let [from, to] = [number, number + 1].map(|at| self.place(*refs.get(at as usize)?));
        let (from, to) = (from?, to?);
        Some((bearing(from, to), distance_m(from, to)))
    }
}

/// Those of sorted nodes of streets that are one node.
fn through(junctions: &[(i64, u32, u32)], node: i64) -> &[(i64, u32, u32)] {
    let from = junctions.partition_point(|(id, ..)| *id < node);
    let rest = junctions.get(from..).unwrap_or_default();
    let count = rest.iter().take_while(|(id, ..)| *id == node).count();
    rest.get(..count).unwrap_or_default()
}

/// The straight pieces of a way, as far as its nodes are known.
fn pieces_of(way: &OsmWay, line: u32, places: &NodePlaces) -> Vec<LinePiece> {
    let at: Vec<Option<Position>> = way.refs.iter().map(|node| places.get(*node)).collect();
    let pairs = at.iter().zip(at.iter().skip(1)).zip(0_u32..);
    pairs
        .filter_map(|((from, to), number)| Some(LinePiece { line, number, from: (*from)?, to: (*to)? }))
        .collect()
}

/// Whether cars drive on a way.
fn is_street(tags: &OsmTags) -> bool {
    let class = tags.get("highway").unwrap_or_default();
    STREETS.contains(&class) || (class == "pedestrian" && tags.get("vehicle").is_some())
}

/// Whether a way is a thing that can also be a node.
fn is_small_thing(tags: &OsmTags) -> bool {
    SMALL_THINGS.iter().any(|key| tags.get(key).is_some())
}

/// The middle of the box around corners.
fn middle(corners: &[Position]) -> Option<Position> {
    let first = corners.first()?;
    let [mut west, mut south] = *first;
    let [mut east, mut north] = *first;
    for [lon, lat] in corners {
        (west, south, east, north) = (west.min(*lon), south.min(*lat), east.max(*lon), north.max(*lat));
    }
    Some([f64::midpoint(west, east), f64::midpoint(south, north)])
}
