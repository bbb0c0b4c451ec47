//! The demo town at earlier dates, and its map.

use std::collections::{BTreeMap, BTreeSet};

use mly_emulator::{Emulator, World};
use serde_json::Value;

use crate::support::{demo, json};

/// 2023-07-01 in milliseconds since 1970.
const SUMMER_2023: i64 = 1_688_169_600_000;

/// The map features of the town by id.
fn features(emulator: &Emulator) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for column in 0..20 {
        let west = 8.98 + f64::from(column) * 0.0025;
        for row in 0..12 {
            let south = 51.98 + f64::from(row) * 0.0025;
            let (east, north) = (west + 0.0025, south + 0.0025);
            let path = format!(
                "/map_features?bbox={west},{south},{east},{north}&limit=2000&fields=object_value,object_type,first_seen_at,last_seen_at,geometry,images"
            );
            for feature in json(emulator, &path)["data"].as_array().unwrap() {
                all.insert(feature["id"].as_str().unwrap().to_owned(), feature.clone());
            }
        }
    }
    all
}

fn ms(value: &Value) -> i64 {
    let text = value.as_str().unwrap();
    chrono::DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%z").unwrap().timestamp_millis()
}

#[test]
fn at_an_earlier_date_the_town_has_less_and_some_signs_are_others() {
    let (now, then) = (demo(), Emulator::start(World::demo_as_of(SUMMER_2023)).unwrap());
    let (now, then) = (features(&now), features(&then));
    assert!(then.values().all(|feature| ms(&feature["last_seen_at"]) <= SUMMER_2023));
    let ids = |all: &BTreeMap<String, Value>| all.keys().cloned().collect::<BTreeSet<_>>();
    let (now_ids, then_ids) = (ids(&now), ids(&then));
    let gone: Vec<_> = then_ids.difference(&now_ids).collect();
    let new: Vec<_> = now_ids.difference(&then_ids).collect();
    assert!(gone.len() > 20 && new.len() > 20, "{} gone, {} new", gone.len(), new.len());
    let value = |feature: &Value| feature["object_value"].as_str().unwrap().to_owned();
    let changed = then_ids.intersection(&now_ids).filter(|id| value(&now[*id]) != value(&then[*id])).count();
    assert!(changed > 5, "{changed} changed");
    assert!(
        gone.iter().all(|id| value(&then[*id]).contains("--") && !value(&then[*id]).starts_with("object"))
    );
    // Signs that were taken away are of a value of their own, so that they are not taken for others.
    let taken = gone.iter().filter(|id| value(&then[**id]) == "regulatory--no-overtaking--g1").count();
    assert!(taken > 5, "{taken} taken away");
}

#[test]
fn at_a_later_date_the_town_is_that_of_today() {
    let later = Emulator::start(World::demo_as_of(4_102_444_800_000)).unwrap();
    assert_eq!(features(&demo()), features(&later));
}

#[test]
fn the_map_has_streets_whose_nodes_are_there_and_signs_beside_them() {
    let map: Value = serde_json::from_str(&World::demo_map().to_overpass_json()).unwrap();
    let elements = map["elements"].as_array().unwrap();
    let of_type = |kind: &'static str| elements.iter().filter(move |element| element["type"] == kind);
    let nodes: BTreeMap<i64, &Value> =
        of_type("node").map(|node| (node["id"].as_i64().unwrap(), node)).collect();
    let mut uses: BTreeMap<i64, usize> = BTreeMap::new();
    for way in of_type("way") {
        assert!(way["tags"]["highway"].is_string() && way["version"] == 3, "{way}");
        let ids: Vec<i64> = way["nodes"].as_array().unwrap().iter().map(|id| id.as_i64().unwrap()).collect();
        assert!(ids.len() >= 2 && ids.iter().all(|id| nodes.contains_key(id)), "{way}");
        for id in &ids {
            *uses.entry(*id).or_default() += 1;
        }
    }
    assert!(uses.values().filter(|count| **count > 1).count() > 30, "streets meet at shared nodes");
    let signs = of_type("node").filter(|node| node["tags"]["traffic_sign"].is_string()).count();
    assert!(signs > 60, "{signs} signs are mapped");
    assert_eq!(World::demo_map().to_pbf(), World::demo_map().to_pbf());
}
