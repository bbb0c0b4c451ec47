//! The demo world is what its users are told.

use std::collections::{BTreeSet, HashMap, HashSet};

use mly_emulator::{Emulator, World};
use serde_json::Value;

use crate::support::{demo, demo_tiles, json, layer};

/// All images of a box by quartering it until a search returns fewer than its limit.
fn searched(emulator: &Emulator, [w, s, e, n]: [f64; 4]) -> Vec<Value> {
    let path = format!(
        "/images?bbox={w},{s},{e},{n}&limit=500&fields=captured_at,geometry,sequence,is_pano,compass_angle,creator,organization,quality_score,make,camera_type"
    );
    let rows = json(emulator, &path)["data"].as_array().unwrap().clone();
    if rows.len() < 500 {
        return rows;
    }
    let (lon, lat) = (f64::midpoint(w, e), f64::midpoint(s, n));
    [[w, s, lon, lat], [lon, s, e, lat], [w, lat, lon, n], [lon, lat, e, n]]
        .into_iter()
        .flat_map(|quarter| searched(emulator, quarter))
        .collect()
}

fn all_images(emulator: &Emulator) -> HashMap<String, Value> {
    let rows = searched(emulator, [8.98, 51.98, 9.03, 52.01]);
    rows.into_iter().map(|row| (row["id"].as_str().unwrap().to_owned(), row)).collect()
}

#[test]
fn tiles_and_searches_hold_the_same_images() {
    let emulator = demo();
    let images = all_images(&emulator);
    let mut in_tiles = HashSet::new();
    for ([x, y], bytes) in demo_tiles(&emulator, "mly1_public") {
        for feature in layer(&bytes, "image") {
            let image = &images[feature.text("id")];
            in_tiles.insert(feature.text("id").to_owned());
            assert_eq!(image["captured_at"].to_string(), feature.text("captured_at"));
            assert_eq!(image["sequence"], feature.text("sequence_id"));
            assert_eq!(image["is_pano"].to_string(), feature.text("is_pano"));
            assert_eq!(image["creator"]["id"], feature.text("creator_id"));
            assert_eq!(
                image.get("compass_angle").is_some(),
                feature.properties.contains_key("compass_angle")
            );
            let organization =
                feature.properties.get("organization_id").map(|_| feature.text("organization_id"));
            assert_eq!(image["organization"]["id"].as_str(), organization);
            // The cell by the formula of the OpenStreetMap wiki, in f64, floor.
            let [lon, lat] = [0, 1].map(|axis| image["geometry"]["coordinates"][axis].as_f64().unwrap());
            let side = f64::from(1 << 14);
            let row = (1.0 - lat.to_radians().tan().asinh() / std::f64::consts::PI) / 2.0 * side;
            let cell = [(lon + 180.0) / 360.0 * side - f64::from(x), row - f64::from(y)]
                .map(|part| (part * 4096.0).floor().to_string());
            assert_eq!(cell, feature.point().map(|part| part.to_string()), "{image}");
        }
    }
    assert_eq!(in_tiles.len(), images.len());
}

#[test]
fn the_town_has_the_variety_that_is_promised() {
    let emulator = demo();
    assert_eq!(
        World::demo().bbox().map(|[w, s, e, n]| w > 8.98 && s > 51.98 && e < 9.03 && n < 52.01),
        Some(true)
    );
    let images = all_images(&emulator);
    let count = |matches: &dyn Fn(&Value) -> bool| images.values().filter(|image| matches(image)).count();
    let distinct =
        |key: &str| images.values().map(|image| image[key].to_string()).collect::<BTreeSet<_>>().len();
    assert!((3000..=4000).contains(&images.len()), "{}", images.len());
    assert!((95..=120).contains(&distinct("sequence")), "{}", distinct("sequence"));
    assert_eq!(distinct("creator"), 8);
    assert_eq!(distinct("organization"), 4, "three and none");
    let share = |part: usize| part * 100 / images.len();
    assert!((12..=30).contains(&share(count(&|image| image["is_pano"] == true))));
    let without_angle = count(&|image| image.get("compass_angle").is_none());
    assert!((20..500).contains(&without_angle), "{without_angle}");
    assert_eq!(count(&|image| image["captured_at"] == 0), 4);
    assert!(count(&|image| image["id"].as_str().unwrap().parse::<u64>().unwrap() > 1 << 50) > 2000);
    assert!(distinct("make") >= 6 && distinct("camera_type") == 4);
    let years: BTreeSet<i64> =
        images.values().map(|image| 1970 + image["captured_at"].as_i64().unwrap() / 31_556_952_000).collect();
    assert_eq!(
        years.iter().copied().filter(|year| *year > 1970).collect::<Vec<_>>(),
        (2016..=2025).collect::<Vec<_>>()
    );
    for image in images.values() {
        assert_eq!(image["sequence"].as_str().unwrap().len(), 22);
    }
    let lower_case = count(&|image| !image["sequence"].as_str().unwrap().contains(char::is_uppercase));
    assert!(lower_case > 500 && lower_case < images.len() - 500);
}

#[test]
fn images_are_spread_over_six_tiles() {
    let emulator = demo();
    let tiles = demo_tiles(&emulator, "mly1_public");
    assert_eq!(tiles.iter().filter(|(_, bytes)| !bytes.is_empty()).count(), 6);
}

#[test]
fn every_feature_has_detections_on_images_nearby() {
    let emulator = demo();
    let mut checked = 0;
    for (set, name) in [("mly_map_feature_point", "point"), ("mly_map_feature_traffic_sign", "traffic_sign")]
    {
        for (_, bytes) in demo_tiles(&emulator, set) {
            for feature in layer(&bytes, name).iter().step_by(20) {
                let id = feature.text("id");
                let entity = json(&emulator, &format!("/{id}?fields=geometry,images,object_value"));
                let images = entity["images"]["data"].as_array().unwrap();
                let detections = json(&emulator, &format!("/{id}/detections?fields=image,value,geometry"));
                let detections = detections["data"].as_array().unwrap();
                assert!(!images.is_empty() && images.len() == detections.len());
                for (image, detection) in images.iter().zip(detections) {
                    assert_eq!(detection["value"], entity["object_value"]);
                    assert_eq!(detection["image"], *image);
                    let away = distance_m(&image["geometry"], &entity["geometry"]);
                    assert!(away < 60.0, "{away} m");
                }
                checked += 1;
            }
        }
    }
    assert!(checked > 60, "{checked}");
}

fn distance_m(a: &Value, b: &Value) -> f64 {
    let part = |point: &Value, axis: usize| point["coordinates"][axis].as_f64().unwrap();
    let east = (part(a, 0) - part(b, 0)) * 111_195.0 * part(a, 1).to_radians().cos();
    east.hypot((part(a, 1) - part(b, 1)) * 111_195.0)
}

#[test]
fn two_emulators_give_the_same_bytes() {
    let emulators = [demo(), demo()];
    let [a, b] = emulators.each_ref().map(|emulator| demo_tiles(emulator, "mly1_public"));
    assert_eq!(a, b);
    let [a, b] = emulators
        .each_ref()
        .map(|emulator| json(emulator, "/images?bbox=8.99,51.99,9.01,52.0&fields=geometry"));
    assert_eq!(a, b);
}
