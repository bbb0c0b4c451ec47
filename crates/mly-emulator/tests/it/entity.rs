//! API-V4 sections 4, 6 and 7: look-ups.

use base64::{Engine, engine::general_purpose::STANDARD};
use mly_emulator::{Emulator, World};
use mly_mvt::{Geometry, Tile, Value as MvtValue};
use serde_json::Value;

use crate::support::{demo, demo_tiles, error, get, json, layer};

/// Every documented field of an image.
const FIELDS: &str = "altitude,atomic_scale,camera_parameters,camera_type,captured_at,compass_angle,computed_altitude,\
                      computed_compass_angle,computed_geometry,computed_rotation,creator,exif_orientation,geometry,height,\
                      make,model,thumb_256_url,thumb_1024_url,thumb_2048_url,thumb_original_url,merge_cc,mesh,\
                      quality_score,sequence,sfm_cluster,width,is_pano,organization,detections";

fn image_ids(emulator: &Emulator) -> Vec<String> {
    let tiles = demo_tiles(emulator, "mly1_public");
    tiles
        .iter()
        .flat_map(|(_, bytes)| layer(bytes, "image"))
        .map(|image| image.text("id").to_owned())
        .collect()
}

fn sign_ids(emulator: &Emulator) -> Vec<String> {
    let tiles = demo_tiles(emulator, "mly_map_feature_traffic_sign");
    tiles
        .iter()
        .flat_map(|(_, bytes)| layer(bytes, "traffic_sign"))
        .map(|sign| sign.text("id").to_owned())
        .collect()
}

#[test]
fn an_image_has_all_documented_fields_in_the_order_of_the_request() {
    let emulator = demo();
    let mut met: Vec<&str> = Vec::new();
    for id in image_ids(&emulator).iter().step_by(37) {
        let text = get(&emulator, &format!("/{id}?fields={FIELDS}")).text().unwrap();
        let image: Value = serde_json::from_str(&text).unwrap();
        assert!(
            !text.contains("null") && !text.contains(".0,") && text.ends_with(&format!("\"id\":\"{id}\"}}"))
        );
        let places: Vec<usize> =
            FIELDS.split(',').filter_map(|field| text.find(&format!("\"{field}\":"))).collect();
        assert!(places.is_sorted(), "{text}");
        met.extend(FIELDS.split(',').filter(|field| image.get(field).is_some()));
        assert_eq!(image["geometry"]["type"], "Point");
        assert!(image["creator"]["username"].is_string() && image["creator"]["id"].is_string());
        match image["camera_type"].as_str().unwrap() {
            "spherical" | "equirectangular" => assert!(image.get("camera_parameters").is_none()),
            _ => assert_eq!(image["camera_parameters"].as_array().unwrap().len(), 3),
        }
        if image.get("computed_geometry").is_none() {
            assert_eq!(image["atomic_scale"], 1);
            assert!(image.get("sfm_cluster").is_none() && image.get("merge_cc").is_none());
        }
    }
    for field in FIELDS.split(',') {
        assert!(met.contains(&field), "no image has {field}");
    }
}

#[test]
fn numbers_have_at_most_fourteen_digits() {
    let emulator = demo();
    for id in image_ids(&emulator).iter().step_by(101) {
        let text = get(
            &emulator,
            &format!("/{id}?fields=computed_geometry,computed_rotation,merge_cc,atomic_scale"),
        )
        .text()
        .unwrap();
        for number in
            text.split(|letter: char| !"0123456789.e+-".contains(letter)).filter(|part| part.contains('.'))
        {
            let mantissa = number.split('e').next().unwrap();
            let digits =
                mantissa.trim_start_matches(['-', '0', '.']).chars().filter(char::is_ascii_digit).count();
            assert!(digits <= 14, "{number} in {text}");
        }
    }
}

#[test]
fn only_the_id_comes_without_fields() {
    let emulator = demo();
    let id = &image_ids(&emulator)[0];
    assert_eq!(get(&emulator, &format!("/{id}")).text().unwrap(), format!("{{\"id\":\"{id}\"}}"));
    assert_eq!(get(&emulator, &format!("/{id}/?fields=id")).text().unwrap(), format!("{{\"id\":\"{id}\"}}"));
}

#[test]
fn nested_fields_are_expanded() {
    let emulator = demo();
    let sign = &sign_ids(&emulator)[0];
    let detections =
        json(&emulator, &format!("/{sign}/detections?fields=image{{id,thumb_256_url,creator.username}}"));
    let image = &detections["data"][0]["image"];
    assert!(image["thumb_256_url"].as_str().unwrap().starts_with(emulator.url()));
    assert!(image["creator"]["username"].is_string() && image.get("geometry").is_none());
    let id = image["id"].as_str().unwrap();
    let image = json(&emulator, &format!("/{id}?fields=detections.value,sfm_cluster{{id}}"));
    let detection = &image["detections"]["data"][0];
    assert!(
        detection["value"].is_string() && detection["id"].is_string() && detection.get("geometry").is_none()
    );
    assert!(image["sfm_cluster"].as_object().is_none_or(|cluster| cluster.len() == 1));
}

#[test]
fn nested_fields_name_what_comes_and_nothing_else() {
    let emulator = Emulator::builder(World::demo()).with_clock(|| 1_780_000_000_000).start().unwrap();
    let rows = json(
        &emulator,
        "/images?bbox=8.995,51.99,9.005,51.998&fields=mesh{id,url},creator.username&limit=30",
    );
    let rows = rows["data"].as_array().unwrap();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert!(rows.iter().any(|row| row.get("mesh").is_some_and(|mesh| keys(mesh) == ["id", "url"])));
    for row in rows {
        let id = row["id"].as_str().unwrap();
        assert_eq!(keys(&row["creator"]), ["id", "username"]);
        let braces = json(&emulator, &format!("/{id}?fields=creator{{username}},mesh{{id}},mesh.url"));
        assert_eq!((&braces["creator"], braces.get("mesh")), (&row["creator"], row.get("mesh")));
        let fields = "fields=image{id,geometry,width,height,sequence}&limit=1";
        let found = json(&emulator, &format!("/{id}/detections?{fields}"));
        let found = found["data"].as_array().unwrap();
        assert!(found.len() <= 1);
        for detection in found {
            assert_eq!(keys(&detection["image"]), ["geometry", "height", "id", "sequence", "width"]);
        }
    }
    let id = rows[0]["id"].as_str().unwrap();
    for (field, message) in [
        ("creator.age", "Tried accessing nonexisting field (age) on node type (User)"),
        ("detections{x}", "Tried accessing nonexisting field (x) on node type (ImageDetection)"),
        ("sequence.x", "Subfields are not supported by sequence"),
    ] {
        let with_detections = rows.iter().map(|row| row["id"].as_str().unwrap());
        let id = if field.starts_with('d') { first_with_detections(&emulator, with_detections) } else { id };
        let refused = error(get(&emulator, &format!("/{id}?fields={field}"))).1;
        assert_eq!((refused["code"].as_i64(), refused["message"].as_str()), (Some(100), Some(message)));
    }
}

fn first_with_detections<'a>(emulator: &Emulator, mut ids: impl Iterator<Item = &'a str>) -> &'a str {
    let has = |id: &&str| json(emulator, &format!("/{id}/detections"))["data"][0].is_object();
    ids.find(has).unwrap()
}

#[test]
fn unknown_ids_and_fields_are_refused_as_recorded() {
    let emulator = demo();
    let (status, missing) = error(get(&emulator, "/1933525276802129?fields=id"));
    assert_eq!(
        (status, &missing["code"], &missing["error_subcode"]),
        (400, &Value::from(100), &Value::from(33))
    );
    assert_eq!(
        missing["message"],
        "Unsupported get request. Object with ID '1933525276802129' does not exist, cannot be loaded due to missing \
         permissions, or does not support this operation"
    );
    let id = &image_ids(&emulator)[0];
    let (status, unknown) = error(get(&emulator, &format!("/{id}?fields=geometry,caption")));
    assert_eq!((status, &unknown["code"]), (400, &Value::from(100)));
    assert_eq!(unknown["message"], "Tried accessing nonexisting field (caption) on node type (ChunkObject)");
    assert!(unknown.get("error_subcode").is_none());
}

#[test]
fn several_ids_answer_an_object_keyed_by_id_and_one_bad_id_fails_all() {
    let emulator = demo();
    let ids = image_ids(&emulator);
    let batch = json(&emulator, &format!("/?ids={}&fields=sequence", ids[..50].join(",")));
    assert_eq!(batch.as_object().unwrap().len(), 50);
    assert_eq!(batch[&ids[7]]["id"], ids[7].as_str());
    assert!(batch[&ids[7]]["sequence"].is_string());
    let bad = format!("/?ids={},77&fields=id", ids[0]);
    let missing = error(get(&emulator, &bad)).1;
    assert_eq!(missing["error_subcode"], 33);
    assert!(missing["message"].as_str().unwrap().starts_with(
        "Unsupported get request. Object with ID '77' does not exist, cannot be loaded due to missing permissions, or"
    ));
    let no_field = format!("/?ids={},{}&fields=id,caption", ids[0], ids[1]);
    let unknown = error(get(&emulator, &no_field)).1;
    assert_eq!(unknown["message"], "Tried accessing nonexisting field (caption) on node type (ChunkObject)");
    let many = format!("/?ids={}&fields=id", ids[..51].join(","));
    assert_eq!(error(get(&emulator, &many)).1["code"], 100);
    let mixed = format!("/?ids={},{}&fields=id", ids[0], sign_ids(&emulator)[0]);
    assert_eq!(error(get(&emulator, &mixed)).1["code"], 100);
}

#[test]
fn clusters_of_several_images_at_once_fail() {
    let emulator = demo();
    let ids = image_ids(&emulator);
    let (status, failed) = error(get(&emulator, &format!("/?ids={},{}&fields=sfm_cluster", ids[0], ids[1])));
    assert_eq!((status, &failed["code"]), (500, &Value::from(2)));
    for fields in ["geometry,sfm_cluster{id}", "sfm_cluster.url"] {
        let nested = format!("/?ids={},{}&fields={fields}", ids[0], ids[1]);
        assert_eq!(error(get(&emulator, &nested)).1["code"], 2, "{fields}");
    }
    assert_eq!(get(&emulator, &format!("/?ids={}&fields=sfm_cluster", ids[0])).status(), 200);
}

#[test]
fn map_features_are_as_recorded() {
    let emulator = demo();
    let fields = "first_seen_at,last_seen_at,object_value,object_type,geometry,images,aligned_direction";
    let mut directions = 0;
    for id in sign_ids(&emulator).iter().step_by(25) {
        let sign = json(&emulator, &format!("/{id}?fields={fields}"));
        assert_eq!(sign["object_type"], "trafficsign");
        let seen = sign["first_seen_at"].as_str().unwrap();
        assert!(seen.len() == 24 && seen.ends_with("+0000"), "{seen}");
        let image = sign["images"]["data"][0].as_object().unwrap();
        assert_eq!(image.keys().collect::<Vec<_>>(), ["geometry", "id"]);
        directions += usize::from(sign["aligned_direction"].is_number());
    }
    assert!(directions > 2);
}

#[test]
fn detections_come_from_two_encoders() {
    let emulator = demo();
    let (mut boxes, mut segments, mut several) = (0, 0, 0);
    for id in image_ids(&emulator).iter().step_by(6) {
        let answer = json(&emulator, &format!("/{id}/detections?fields=created_at,geometry,image,value"));
        for detection in answer["data"].as_array().unwrap() {
            assert_eq!(detection["image"]["id"], id.as_str());
            let bytes = STANDARD.decode(detection["geometry"].as_str().unwrap()).unwrap();
            let layer = Tile::new(&bytes).layer("mpy-or").unwrap().unwrap();
            assert_eq!(layer.extent(), 4096);
            let features: Vec<_> = layer.features().map(Result::unwrap).collect();
            for feature in &features {
                let Geometry::Polygons(polygons) = feature.geometry().unwrap() else { panic!("no polygon") };
                let corners = polygons[0].exterior.len();
                assert!(polygons[0].exterior.iter().flatten().all(|part| (0..=4096).contains(part)));
                if layer.version() == 1 {
                    assert_eq!((corners, layer.keys(), feature.id().unwrap_or(0)), (5, &["type"][..], 0));
                    assert_eq!(layer.values(), [MvtValue::String("polygon")]);
                    boxes += 1;
                } else {
                    assert_eq!((layer.version(), feature.id(), layer.keys().len()), (2, Some(1), 0));
                    // Layer field order 15, 1, 5, 2, after the tag and length of the layer itself.
                    assert!(bytes.windows(4).take(4).any(|head| head == [0x78, 2, 0x0a, 6]));
                    segments += 1;
                }
            }
            several += usize::from(features.len() > 1);
        }
    }
    assert!(boxes > 100 && segments > 100 && several > 5, "{boxes} {segments} {several}");
}

#[test]
fn a_sequence_lists_its_images_in_order_of_capture() {
    let emulator = demo();
    let first = &layer(&demo_tiles(&emulator, "mly1_public")[7].1, "sequence")[0];
    let answer = json(&emulator, &format!("/image_ids?sequence_id={}", first.text("id")));
    let ids: Vec<&str> =
        answer["data"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!(ids[0], first.text("image_id"));
    let batch = json(&emulator, &format!("/?ids={}&fields=captured_at", ids[..ids.len().min(50)].join(",")));
    let times: Vec<i64> = ids.iter().take(50).map(|id| batch[id]["captured_at"].as_i64().unwrap()).collect();
    assert!(times.is_sorted());
    assert_eq!(json(&emulator, "/image_ids?sequence_id=none"), serde_json::json!({ "data": [] }));
}

#[test]
fn organizations_and_users_are_entities() {
    let emulator = demo();
    let organization = json(&emulator, "/2647395818226401?fields=slug,name,description");
    assert_eq!(organization["slug"], "stadt-neubruck");
    assert_eq!(organization["name"], "Stadt Neubrück");
    let user = get(&emulator, "/102316268680032?fields=username").text().unwrap();
    assert_eq!(user, r#"{"username":"kartenfuchs","id":"102316268680032"}"#);
}
