//! The town as OpenStreetMap would have it: its streets, and a part of its signs and objects, some of them wrong.

use super::network::{Network, Place, geographic, place};
use crate::{
    dice::{Dice, mix},
    openstreetmap::{MapEntry, MapExtract, Node, Way},
    world::record::MapFeature,
};

/// Ids begin here, so that nobody takes them for ids of real elements.
pub(super) const FIRST_NODE: i64 = 900_000_000_000;
const FIRST_SIGN: i64 = 900_000_100_000;
pub(super) const FIRST_WAY: i64 = 900_000_000_000;

/// One in so many signs and objects is mapped, and one in so many of these with another meaning.
const MAPPED_EACH: u64 = 3;
const WRONG_EACH: u64 = 10;

/// How far a mapped sign is from its true place at most, east and north, in metres.
const OFFSET_M: f64 = 3.0;

type Tags = Vec<(&'static str, String)>;

/// The town's map, always the same.
pub(super) fn map(network: &Network, features: &[MapFeature]) -> MapExtract {
    let node = |(number, at): (usize, &Place)| Node {
        id: FIRST_NODE + i64::try_from(number).unwrap_or(i64::MAX),
        at: rounded(geographic(*at)),
        tags: Vec::new(),
    };
    let mut nodes: Vec<Node> = network.nodes().iter().enumerate().map(node).collect();
    let ways = network.lines().into_iter().zip(0..).map(|(line, number)| Way {
        id: FIRST_WAY + number,
        nodes: line.nodes.iter().map(|node| nodes[*node].id).collect(),
        tags: street_tags(line.class, number),
    });
    let mut extract = MapExtract::default();
    extract.ways = ways.collect();
    for feature in features.iter().filter(|feature| mix(feature.id).is_multiple_of(MAPPED_EACH)) {
        let is_wrong = mix(feature.id.rotate_left(7)).is_multiple_of(WRONG_EACH);
        let Some(tags) = tags_of(&feature.value, is_wrong) else { continue };
        let is_wrong = is_wrong && tags_of(&feature.value, false).as_ref() != Some(&tags);
        let mut dice = Dice::new(feature.id);
        let [east, north] = place(feature.position);
        let at = [east + dice.between(-OFFSET_M, OFFSET_M), north + dice.between(-OFFSET_M, OFFSET_M)];
        let number = i64::try_from(nodes.len()).unwrap_or(i64::MAX);
        let id = FIRST_SIGN + number;
        let entry = if is_wrong { MapEntry::WrongNode(id) } else { MapEntry::Node(id) };
        extract.note(&[feature.id], entry);
        nodes.push(Node { id, at: rounded(geographic(at)), tags });
    }
    extract.nodes = nodes;
    extract
}

fn street_tags(class: &'static str, number: i64) -> Tags {
    let mut tags = vec![("highway", class.to_owned()), ("name", format!("Street {}", number + 1))];
    if class == "residential" && number % 5 == 2 {
        tags.push(("oneway", "yes".to_owned()));
    }
    if class == "residential" && number % 3 == 0 {
        tags.push(("maxspeed", "30".to_owned()));
    }
    tags
}

/// Tags of a sign or an object, after the German catalogue of signs; none for what mappers leave out.
fn tags_of(value: &str, is_wrong: bool) -> Option<Tags> {
    let sign = |code: &str| Some(vec![("traffic_sign", format!("DE:{code}"))]);
    let tag = |key: &'static str, value: &str| Some(vec![(key, value.to_owned())]);
    let name = value.rsplit_once("--g").map_or(value, |(name, _)| name);
    match name {
        "regulatory--stop" => sign(if is_wrong { "205" } else { "206" }),
        "regulatory--yield" => sign(if is_wrong { "206" } else { "205" }),
        "regulatory--priority-road" => sign(if is_wrong { "301" } else { "306" }),
        "regulatory--no-entry" => sign("267"),
        "regulatory--maximum-speed-limit-30" => sign(if is_wrong { "274-50" } else { "274-30" }),
        "regulatory--maximum-speed-limit-50" => sign(if is_wrong { "274-30" } else { "274-50" }),
        "regulatory--maximum-speed-limit-70" => sign("274-70"),
        "regulatory--no-parking" => sign("286"),
        "regulatory--no-stopping" => sign("283"),
        "regulatory--keep-right" => sign("222"),
        "information--pedestrians-crossing" => sign("350"),
        "object--bench" => tag("amenity", "bench"),
        "object--bike-rack" => tag("amenity", "bicycle_parking"),
        "object--fire-hydrant" => tag("emergency", "fire_hydrant"),
        "object--mailbox" => tag("amenity", "post_box"),
        "object--street-light" => tag("highway", "street_lamp"),
        "object--trash-can" => tag("amenity", "waste_basket"),
        _ => None,
    }
}

/// As OpenStreetMap stores positions, to seven decimals.
pub(super) fn rounded(at: [f64; 2]) -> [f64; 2] {
    at.map(|degrees| (degrees * 1e7).round() / 1e7)
}
