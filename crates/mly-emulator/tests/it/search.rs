//! API-V4 section 5: searches.

use mly_emulator::{Emulator, World};
use serde_json::Value;

use crate::support::{demo, error, get, json};

type Keep<'a> = &'a dyn Fn(&Value) -> bool;

const TOWN: &str = "bbox=8.98,51.98,9.03,52.01";

fn rows(emulator: &Emulator, path: &str) -> Vec<Value> {
    json(emulator, path)["data"].as_array().unwrap().clone()
}

fn code(emulator: &Emulator, path: &str) -> i64 {
    error(get(emulator, path)).1["code"].as_i64().unwrap()
}

#[test]
fn a_box_returns_at_most_its_limit_without_paging() {
    let emulator = demo();
    let answer = json(&emulator, &format!("/images?{TOWN}"));
    assert_eq!(answer["data"].as_array().unwrap().len(), 2000);
    assert!(answer.get("paging").is_none());
    assert_eq!(rows(&emulator, &format!("/images?{TOWN}&limit=7")).len(), 7);
    assert_eq!(rows(&emulator, "/images?bbox=0,0,0.01,0.01"), Vec::<Value>::new());
}

#[test]
fn boxes_and_parameters_are_checked() {
    let emulator = demo();
    for path in [
        "/images?bbox=8.9,51.9,9.1,52.0",
        "/images?bbox=9.03,51.98,8.98,52.01",
        "/images?bbox=8.98,51.98,9.03",
        "/images",
        &format!("/images?{TOWN}&limit=2001"),
        &format!("/images?{TOWN}&limit=0"),
        &format!("/images?{TOWN}&is_pano=maybe"),
        &format!("/images?{TOWN}&start_captured_at=yesterday"),
        &format!("/images?{TOWN}&fields=caption"),
        "/images?lat=51.995&lng=9.0&radius=51",
        "/map_features?object_values=object--bench",
    ] {
        assert_eq!(code(&emulator, path), 100, "{path}");
    }
    // 0.1 x 0.1 degrees is the first box that is too large; the documented limit is an area, not a side.
    assert_eq!(rows(&emulator, "/images?bbox=20,20,20.5,20.01").len(), 0);
}

#[test]
fn a_point_cloud_in_a_search_fails() {
    let emulator = demo();
    assert_eq!(code(&emulator, &format!("/images?{TOWN}&limit=1&fields=id,sfm_cluster")), 2);
}

#[test]
fn filters_narrow_a_box() {
    let emulator = demo();
    let fields = "fields=captured_at,is_pano,make,model,organization,creator,sequence";
    let all: Vec<Value> =
        ["8.98,51.98,8.998,52.01", "8.9980000001,51.98,9.003,52.01", "9.0030000001,51.98,9.03,52.01"]
            .iter()
            .flat_map(|bbox| rows(&emulator, &format!("/images?bbox={bbox}&{fields}")))
            .collect();
    let sequence = all[5]["sequence"].as_str().unwrap();
    let cases: [(String, Keep<'_>); 7] = [
        ("is_pano=true".into(), &|row| row["is_pano"] == true),
        ("make=GoPro&model=HERO9%20Black".into(), &|row| row["model"] == "HERO9 Black"),
        ("organization_id=2647395818226401".into(), &|row| row["organization"]["id"] == "2647395818226401"),
        ("creator_username=kartenfuchs".into(), &|row| row["creator"]["username"] == "kartenfuchs"),
        (format!("sequence_ids={sequence},other"), &|row| row["sequence"] == sequence),
        ("start_captured_at=2022-01-01T00:00:00Z".into(), &|row| {
            row["captured_at"].as_i64() >= Some(1_640_995_200_000)
        }),
        ("end_captured_at=2018-01-01T00:00:00Z".into(), &|row| {
            row["captured_at"].as_i64() <= Some(1_514_764_800_000)
        }),
    ];
    for (filter, keep) in cases {
        let expected = all.iter().filter(|row| keep(row)).count();
        let found = rows(&emulator, &format!("/images?{TOWN}&{filter}&{fields}"));
        assert!(expected > 0 && found.iter().all(keep), "{filter}");
        assert_eq!(found.len(), expected.min(2000), "{filter}");
    }
}

#[test]
fn the_end_of_a_time_span_is_inclusive() {
    let emulator = demo();
    let of_minute =
        rows(&emulator, &format!("/images?{TOWN}&fields=captured_at&limit=1&start_captured_at=2017-01-01"));
    let ms = of_minute[0]["captured_at"].as_i64().unwrap();
    // Rebuilt with another calendar than the emulator's: seconds since a known day.
    let day = ms / 86_400_000;
    let (mut year, mut left) = (1970, day);
    let length = |year: i64| if year % 4 == 0 { 366 } else { 365 };
    while left >= length(year) {
        left -= length(year);
        year += 1;
    }
    let months = [31, length(year) - 337, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while left >= months[month] {
        left -= months[month];
        month += 1;
    }
    let clock = ms % 86_400_000;
    let moment = format!(
        "{year}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        month + 1,
        left + 1,
        clock / 3_600_000,
        clock / 60_000 % 60,
        clock / 1000 % 60,
        clock % 1000
    );
    let found = rows(
        &emulator,
        &format!("/images?{TOWN}&fields=captured_at&start_captured_at={moment}&end_captured_at={moment}"),
    );
    assert!(!found.is_empty() && found.iter().all(|row| row["captured_at"] == ms), "{moment}");
}

#[test]
fn a_circle_returns_what_is_within_its_radius() {
    let emulator = demo();
    let one = &rows(&emulator, &format!("/images?{TOWN}&limit=1&fields=geometry"))[0];
    let [lng, lat] = [0, 1].map(|axis| one["geometry"]["coordinates"][axis].as_f64().unwrap());
    let found = rows(&emulator, &format!("/images?lat={lat}&lng={lng}&radius=50&fields=geometry"));
    assert!(found.iter().any(|row| row["id"] == one["id"]));
    for row in &found {
        let [x, y] = [0, 1].map(|axis| row["geometry"]["coordinates"][axis].as_f64().unwrap());
        let away = ((x - lng) * 111_195.0 * lat.to_radians().cos()).hypot((y - lat) * 111_195.0);
        assert!(away <= 50.2, "{away}");
    }
    assert!(found.len() > rows(&emulator, &format!("/images?lat={lat}&lng={lng}&radius=5")).len());
}

#[test]
fn ids_and_sequences_need_no_box() {
    let emulator = demo();
    let found = rows(&emulator, &format!("/images?{TOWN}&limit=3&fields=sequence"));
    let ids: Vec<&str> = found.iter().map(|row| row["id"].as_str().unwrap()).collect();
    let by_id = rows(&emulator, &format!("/images?image_ids={},77,{}&fields=sequence", ids[0], ids[2]));
    assert_eq!(by_id.len(), 2, "missing ids are left out");
    let sequence = found[0]["sequence"].as_str().unwrap();
    let by_sequence = rows(&emulator, &format!("/images?sequence_ids={sequence}"));
    assert_eq!(by_sequence.len(), rows(&emulator, &format!("/image_ids?sequence_id={sequence}")).len());
}

#[test]
fn images_of_a_creator_come_newest_first_in_pages_whose_url_has_no_token() {
    let emulator = demo();
    let mut path = "/images?creator_username=kartenfuchs&fields=captured_at&limit=100".to_owned();
    let mut times = Vec::new();
    let mut ids = std::collections::HashSet::new();
    loop {
        let answer = json(&emulator, &path);
        for row in answer["data"].as_array().unwrap() {
            times.push(row["captured_at"].as_i64().unwrap());
            assert!(ids.insert(row["id"].clone()), "pages do not overlap");
        }
        assert!(answer["paging"]["cursors"]["after"].is_string());
        let Some(next) = answer["paging"]["next"].as_str() else { break };
        assert!(next.starts_with(emulator.url()) && !next.contains("token"), "{next}");
        path = next.strip_prefix(emulator.url()).unwrap().to_owned();
    }
    assert!(times.len() > 300 && times.is_sorted_by(|a, b| a >= b));
    assert_eq!(rows(&emulator, "/images?creator_username=nobody").len(), 0);
}

#[test]
fn map_features_are_found_by_value_and_time() {
    let emulator = demo();
    let fields = "fields=object_value,first_seen_at,last_seen_at";
    let all = rows(&emulator, &format!("/map_features?{TOWN}&{fields}"));
    assert!((1450..=1500).contains(&all.len()), "{}", all.len());
    let of = |filter: &str| rows(&emulator, &format!("/map_features?{TOWN}&{fields}&{filter}"));
    let matching = |keep: &dyn Fn(&str) -> bool| {
        all.iter().filter(|row| keep(row["object_value"].as_str().unwrap())).count()
    };
    let benches = of("object_values=object--bench,regulatory--yield--*");
    assert_eq!(
        benches.len(),
        matching(&|value| value == "object--bench" || value.starts_with("regulatory--yield--"))
    );
    assert!(benches.len() > 20);
    assert_eq!(of("object_values=*--g1").len(), matching(&|value| value.ends_with("--g1")));
    let later = of("start_first_seen_at=2021-01-01T00:00:00Z");
    assert!(!later.is_empty() && later.iter().all(|row| row["first_seen_at"].as_str() >= Some("2021")));
    let early = of("end_last_seen_at=2019-12-31T23:59:59Z");
    assert!(!early.is_empty() && early.iter().all(|row| row["last_seen_at"].as_str() < Some("2020")));
}

#[test]
fn detections_are_found_by_value() {
    let emulator = demo();
    let found = rows(
        &emulator,
        "/detections?bbox=8.995,51.99,9.003,51.998&values=object--support--*&fields=value,image",
    );
    assert!(!found.is_empty());
    assert!(found.iter().all(|row| row["value"].as_str().unwrap().starts_with("object--support--")));
}

#[test]
fn dense_boxes_ask_for_less() {
    let emulator = Emulator::start(World::random(7, 40_000)).unwrap();
    let [w, _, _, n] = World::random(7, 40_000).bbox().unwrap();
    let (status, dense) =
        error(get(&emulator, &format!("/images?bbox={w},{},{},{n}&limit=1", n - 0.013, w + 0.021)));
    assert_eq!((status, dense["code"].as_i64()), (500, Some(1)));
    assert_eq!(
        dense["message"],
        "Please reduce the amount of data you're asking for, then retry your request"
    );
    let small = rows(&emulator, &format!("/images?bbox={w},{},{},{n}", n - 0.003, w + 0.003));
    assert!(!small.is_empty());
}
