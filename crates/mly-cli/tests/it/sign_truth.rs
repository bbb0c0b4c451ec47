//! Inventories and comparisons against what the invented worlds really have, sign by sign.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use mly_emulator::{Emulator, MapEntry, TrueSign, World};
use serde_json::{Map, Value};

use crate::support::{TOWN, demo, mly};

type Properties = Map<String, Value>;

/// Properties and position of each feature of a collection.
fn rows_of(path: &Path) -> Vec<(Properties, [f64; 2])> {
    let collection: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let one = |feature: &Value| {
        let at = &feature["geometry"]["coordinates"];
        (
            feature["properties"].as_object().unwrap().clone(),
            [at[0].as_f64().unwrap(), at[1].as_f64().unwrap()],
        )
    };
    collection["features"].as_array().unwrap().iter().map(one).collect()
}

/// Metres between places of the invented worlds.
fn metres([x0, y0]: [f64; 2], [x1, y1]: [f64; 2]) -> f64 {
    ((x1 - x0) * 68_685.0).hypot((y1 - y0) * 111_267.0)
}

/// The signs of the avenue, its map, and its inventory, by the command.
fn avenue(folder: &Path) {
    let emulator = Emulator::start(World::avenue()).unwrap();
    let path = |name: &str| folder.join(name);
    mly(&format!("signs {TOWN}")).to(&path("signs.parquet")).at(&emulator).done();
    mly("emulate --world avenue --osm").arg(path("map.json")).done();
    let roads = |args: &str| mly(args).arg(path("signs.parquet")).arg("--roads").arg(path("map.json"));
    roads("assets --detections").to(&path("assets.geojson")).at(&emulator).done();
}

/// The row of the inventory for each true sign.
fn inventory(folder: &Path) -> Vec<(TrueSign, Properties, [f64; 2])> {
    let rows = rows_of(&folder.join("assets.geojson"));
    let truth = World::avenue_signs();
    assert_eq!(rows.len(), truth.len(), "one row for each sign");
    let one = |sign: TrueSign| {
        let ids: BTreeSet<u64> = sign.features.iter().copied().collect();
        let is_row = |row: &&(Properties, [f64; 2])| {
            let members = row.0["members"].as_array().unwrap().iter().map(|id| id.as_u64().unwrap());
            members.collect::<BTreeSet<_>>() == ids
        };
        let (row, at) = rows.iter().find(is_row).unwrap_or_else(|| panic!("no row for {sign:?}")).clone();
        (sign, row, at)
    };
    truth.into_iter().map(one).collect()
}

#[test]
fn the_inventory_of_the_avenue_is_what_stands_there() {
    let folder = tempfile::tempdir().unwrap();
    avenue(folder.path());
    let mut posts: BTreeMap<i64, BTreeSet<usize>> = BTreeMap::new();
    let all = inventory(folder.path());
    for (sign, row, at) in &all {
        let told = format!("{sign:?} {row:?}");
        assert_eq!(row["value"], sign.value, "{told}");
        assert!(metres(*at, sign.position) < 1.0, "{told}");
        let turn = (row["facing"].as_f64().unwrap() - sign.faces_deg + 180.0).rem_euclid(360.0) - 180.0;
        assert!(turn.abs() < 45.0, "{told}");
        assert_eq!(row["side"], if sign.is_right { "right" } else { "left" }, "{told}");
        assert_eq!(row["road_id"].to_string(), sign.street.to_string(), "{told}");
        assert!((row["road_offset_m"].as_f64().unwrap() - 5.0).abs() < 1.0, "{told}");
        let on_post = all.iter().filter(|(other, ..)| other.post == sign.post).count();
        assert_eq!(row["post_size"], on_post, "{told}");
        posts.entry(row["post_id"].as_i64().unwrap()).or_default().insert(sign.post);
    }
    assert!(posts.values().all(|posts| posts.len() == 1), "{posts:?}");
    assert_eq!(posts.len(), all.iter().map(|(sign, ..)| sign.post).collect::<BTreeSet<_>>().len());
}

#[test]
fn photos_of_the_avenue_attest_signs_as_the_emulator_says() {
    let folder = tempfile::tempdir().unwrap();
    avenue(folder.path());
    let emulator = Emulator::start(World::avenue()).unwrap();
    let mut signs_by_photo: BTreeMap<String, usize> = BTreeMap::new();
    let mut on_seam = 0;
    for (sign, row, _) in inventory(folder.path()) {
        let mut images = BTreeSet::new();
        let mut detections = 0;
        for id in &sign.features {
            let path = format!("/{id}/detections?fields=image");
            let found = crate::graph::get(&emulator, &path);
            for detection in found["data"].as_array().unwrap() {
                images.insert(detection["image"]["id"].as_str().unwrap().to_owned());
                detections += 1;
            }
        }
        assert_eq!(
            (&row["images"], &row["detections"]),
            (&images.len().into(), &detections.into()),
            "{sign:?}"
        );
        let corners: Vec<f64> = row["box"].as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect();
        if corners[2] > 1.0 {
            assert!(corners[0] < 1.0 && corners[2] - corners[0] < 0.05, "{corners:?}");
            assert_eq!(detections, images.len() + 1, "the seam divides it");
            on_seam += 1;
        }
        for image in images {
            *signs_by_photo.entry(image).or_default() += 1;
        }
    }
    assert_eq!(on_seam, 1);
    assert!(signs_by_photo.values().max() > Some(&7), "{signs_by_photo:?}");
}

/// What the comparison says of a sign of the avenue whose status is known.
fn status_on_avenue(sign: &TrueSign) -> &'static str {
    match sign.value {
        "complementary--distance--g1" => "unmapped",
        // The limit of 20 stands beside the road works, since they are there.
        "warning--roadworks--g1" | "regulatory--maximum-speed-limit-20--g1" => "temporary",
        _ => match sign.entry {
            MapEntry::Missing => "missing",
            MapEntry::Node(_) | MapEntry::Way(_) => "confirmed",
            MapEntry::WrongNode(_) => "conflicting",
        },
    }
}

#[test]
fn the_map_of_the_avenue_has_and_lacks_what_is_told() {
    let folder = tempfile::tempdir().unwrap();
    avenue(folder.path());
    let path = |name: &str| folder.path().join(name);
    mly("osm").arg(path("assets.geojson")).arg(path("map.json")).to(&path("osm.geojson")).done();
    let rows = rows_of(&path("osm.geojson"));
    let by_id: BTreeMap<u64, &Properties> =
        rows.iter().map(|(row, _)| (row["asset_id"].as_u64().unwrap(), row)).collect();
    let truth = World::avenue_signs();
    assert_eq!(by_id.len(), truth.len());
    for sign in truth {
        let row = by_id[sign.features.iter().min().unwrap()];
        assert_eq!(row["status"], status_on_avenue(&sign), "{sign:?} {row:?}");
        let id = match sign.entry {
            MapEntry::Missing => continue,
            MapEntry::Node(id) | MapEntry::WrongNode(id) => format!("node/{id}"),
            MapEntry::Way(id) => format!("way/{id}"),
        };
        assert_eq!(row["osm_id"], id, "{sign:?} {row:?}");
    }
}

/// How the map of the town writes a sign or an object: a tag, how far from a sign a node with it stands for the sign, and
/// whether such a node alone decides.
const TAGS: [(&str, &str, &str, f64, bool); 17] = [
    ("regulatory--stop", "traffic_sign", "DE:206", 20.0, true),
    ("regulatory--yield", "traffic_sign", "DE:205", 20.0, true),
    ("regulatory--priority-road", "traffic_sign", "DE:306", 20.0, true),
    ("regulatory--no-entry", "traffic_sign", "DE:267", 20.0, false),
    ("regulatory--maximum-speed-limit-30", "traffic_sign", "DE:274-30", 20.0, false),
    ("regulatory--maximum-speed-limit-50", "traffic_sign", "DE:274-50", 20.0, true),
    ("regulatory--maximum-speed-limit-70", "traffic_sign", "DE:274-70", 20.0, true),
    ("regulatory--no-parking", "traffic_sign", "DE:286", 20.0, true),
    ("regulatory--no-stopping", "traffic_sign", "DE:283", 20.0, true),
    ("regulatory--keep-right", "traffic_sign", "DE:222", 20.0, true),
    ("information--pedestrians-crossing", "traffic_sign", "DE:350", 20.0, true),
    ("object--bench", "amenity", "bench", 10.0, true),
    ("object--bike-rack", "amenity", "bicycle_parking", 15.0, true),
    ("object--fire-hydrant", "emergency", "fire_hydrant", 15.0, true),
    ("object--mailbox", "amenity", "post_box", 15.0, true),
    ("object--street-light", "highway", "street_lamp", 10.0, true),
    ("object--trash-can", "amenity", "waste_basket", 15.0, true),
];

/// Compares a layer of the town with its map; gives the rows, and the nodes of the map with their tags.
fn town(folder: &Path, layer: &str) -> [Vec<(Properties, [f64; 2])>; 2] {
    let path = |name: &str| folder.join(name);
    mly(&format!("{layer} {TOWN}")).to(&path("in.parquet")).at(demo()).done();
    mly("emulate --osm").arg(path("map.json")).done();
    mly("osm").arg(path("in.parquet")).arg(path("map.json")).to(&path("osm.geojson")).done();
    let map: Value = serde_json::from_str(&fs::read_to_string(path("map.json")).unwrap()).unwrap();
    let tagged = map["elements"].as_array().unwrap().iter().filter(|element| element["tags"].is_object());
    let nodes = tagged.filter(|element| element["type"] == "node").map(|node| {
        let mut tags = node["tags"].as_object().unwrap().clone();
        tags.insert("id".to_owned(), format!("node/{}", node["id"]).into());
        (tags, [node["lon"].as_f64().unwrap(), node["lat"].as_f64().unwrap()])
    });
    [rows_of(&path("osm.geojson")), nodes.collect()]
}

#[test]
fn what_the_map_of_the_town_has_is_confirmed_and_what_it_has_wrongly_is_not() {
    let map = World::demo_map();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for layer in ["signs", "points"] {
        let folder = tempfile::tempdir().unwrap();
        let [rows, _] = town(folder.path(), layer);
        for (row, _) in rows {
            let [status, value] = ["status", "value"].map(|name| row[name].as_str().unwrap());
            match map.entry(row["id"].as_u64().unwrap()) {
                MapEntry::Missing => *counts.entry("missing").or_default() += 1,
                MapEntry::Node(_) | MapEntry::Way(_) => {
                    assert_eq!(status, "confirmed", "{row:?}");
                    *counts.entry("right").or_default() += 1;
                }
                MapEntry::WrongNode(id) => {
                    // Road works come before what contradicts, and so does a limit of the street.
                    let is_way = row["osm_id"].as_str().is_some_and(|osm| osm.starts_with("way/"));
                    let is_named = row["osm_id"] == format!("node/{id}");
                    assert!(status == "temporary" || status == "conflicting", "{row:?}");
                    assert!(
                        status == "temporary" || is_named || (is_way && value.contains("limit")),
                        "{row:?}"
                    );
                    *counts.entry("wrong").or_default() += 1;
                }
            }
        }
    }
    assert_eq!(counts, [("missing", 1272), ("right", 222), ("wrong", 6)].into());
}

#[test]
fn nothing_that_the_map_of_the_town_has_nearby_is_missing() {
    let (mut missing, mut confirmed) = (0, 0);
    for layer in ["signs", "points"] {
        let folder = tempfile::tempdir().unwrap();
        let [rows, nodes] = town(folder.path(), layer);
        for (row, at) in rows {
            let value = row["value"].as_str().unwrap();
            let name = value.rsplit_once("--g").map_or(value, |(name, _)| name);
            let Some((_, key, tag, reach_m, is_alone)) = TAGS.iter().find(|(known, ..)| *known == name)
            else {
                continue;
            };
            let near: Vec<&Value> = nodes
                .iter()
                .filter(|(tags, place)| {
                    tags.get(*key).is_some_and(|v| v == tag) && metres(at, *place) <= *reach_m
                })
                .map(|(tags, _)| &tags["id"])
                .collect();
            if row["status"] == "confirmed" {
                assert!(near.contains(&&row["osm_id"]) || (near.is_empty() && !is_alone), "{row:?} {near:?}");
                confirmed += 1;
            } else {
                assert!(near.is_empty(), "{row:?} {near:?}");
                missing += 1;
            }
        }
    }
    assert!(confirmed > 200 && missing > 300, "{confirmed} {missing}");
}
