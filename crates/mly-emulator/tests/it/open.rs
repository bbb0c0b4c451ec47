//! Worlds from files, with the real tile of the fixtures.

use std::{
    fs,
    path::{Path, PathBuf},
};

use mly_emulator::{Emulator, World};
use serde_json::{Value, json};

use crate::support::{json, layer, tile};

fn real_tile() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/tiles/mly1_public-14-8574-5735.mvt")
}

/// A new empty folder.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn a_real_tile_is_served_byte_for_byte_and_its_images_are_entities() {
    let emulator = Emulator::start(World::open(&real_tile()).unwrap()).unwrap();
    let bytes = tile(&emulator, "mly1_public", 14, 8574, 5735);
    assert_eq!(bytes, fs::read(real_tile()).unwrap());
    let images = layer(&bytes, "image");
    assert_eq!(images.len(), 3012);
    for image in images.iter().step_by(100) {
        let entity = json(
            &emulator,
            &format!(
                "/{}?fields=captured_at,compass_angle,sequence,is_pano,organization,geometry,make",
                image.text("id")
            ),
        );
        assert_eq!(entity["captured_at"].to_string(), image.text("captured_at"));
        assert_eq!(entity["sequence"], image.text("sequence_id"));
        assert_eq!(entity["is_pano"].to_string(), image.text("is_pano"));
        assert_eq!(entity["organization"].is_object(), image.properties.contains_key("organization_id"));
        let angle: f64 = image.text("compass_angle").parse().unwrap();
        assert!((entity["compass_angle"].as_f64().unwrap() - angle).abs() < 1e-9);
        // West of Zurich: the tile spans 8.3935 to 8.4156 east, 47.3983 to 47.4133 north.
        let [lon, lat] = [0, 1].map(|axis| entity["geometry"]["coordinates"][axis].as_f64().unwrap());
        assert!((8.3935..8.4156).contains(&lon) && (47.3983..47.4133).contains(&lat), "{lon} {lat}");
        assert!(entity.get("make").is_none());
    }
}

#[test]
fn a_folder_of_tiles_may_be_flat_or_nested_and_gzipped() {
    use std::io::Write;

    let bytes = fs::read(real_tile()).unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&bytes).unwrap();
    let packed = packed.finish().unwrap();
    let nested = folder("nested");
    fs::create_dir_all(nested.join("mly1_public/14/8574")).unwrap();
    fs::write(nested.join("mly1_public/14/8574/5735"), &packed).unwrap();
    fs::write(nested.join("README.md"), "not data").unwrap();
    let flat = folder("flat");
    fs::write(flat.join("mly1_public-14-8574-5735.pbf"), &bytes).unwrap();
    for folder in [nested, flat] {
        let emulator = Emulator::start(World::open(&folder).unwrap()).unwrap();
        assert_eq!(tile(&emulator, "mly1_public", 14, 8574, 5735), bytes);
        assert!(tile(&emulator, "mly1_public", 14, 8575, 5735).is_empty());
    }
}

fn collection(features: &Value) -> String {
    json!({ "type": "FeatureCollection", "features": features }).to_string()
}

fn feature(at: [f64; 2], properties: &Value) -> Value {
    json!({ "type": "Feature", "geometry": { "type": "Point", "coordinates": at }, "properties": properties })
}

#[test]
fn geojson_becomes_tiles_and_entities() {
    let folder = folder("geojson");
    let image = |id: &Value, lon: f64, ms: i64| {
        feature(
            [lon, 52.0],
            &json!({ "id": id, "sequence_id": "abcdefghijklmnopqrstuv", "captured_at": ms, "compass_angle": 90.5, "is_pano": false, "organization_id": 5 }),
        )
    };
    let images = json!([
        image(&json!(11), 9.0, 2000),
        image(&json!("12"), 9.0005, 1000),
        image(&json!(13), 9.001, 3000)
    ]);
    fs::write(folder.join("images.geojson"), collection(&images)).unwrap();
    let sign = json!({ "id": 58_631_433_896_620_902_u64, "value": "regulatory--stop--g1", "first_seen_at": 0, "last_seen_at": 5 });
    fs::write(folder.join("signs.geojson"), collection(&json!([feature([9.0, 52.0], &sign)]))).unwrap();
    let emulator = Emulator::start(World::open(&folder).unwrap()).unwrap();

    let bytes = tile(&emulator, "mly1_public", 14, 8601, 5411);
    assert_eq!(layer(&bytes, "image").len(), 3);
    let sequence = &layer(&bytes, "sequence")[0];
    assert_eq!((sequence.text("image_id"), sequence.text("captured_at")), ("12", "1000"));
    let signs = layer(&tile(&emulator, "mly_map_feature_traffic_sign", 14, 8601, 5411), "traffic_sign");
    assert_eq!(signs[0].text("id"), "58631433896620902");
    assert_eq!(
        json(&emulator, "/58631433896620902?fields=object_value")["object_value"],
        "regulatory--stop--g1"
    );
    let image = json(&emulator, "/11?fields=geometry,organization");
    assert_eq!(image["geometry"]["coordinates"], json!([9, 52]));
    assert_eq!(image["organization"]["id"], "5");
}

#[test]
fn wrong_files_are_named() {
    let empty = folder("empty");
    let message = |path: &Path| World::open(path).unwrap_err().to_string();
    assert!(message(&empty).contains("this folder holds no data"));
    let missing = empty.join("missing");
    assert!(message(&missing).starts_with(&missing.display().to_string()));
    let cases = [
        ("tile.mvt", &b""[..], "does not name a tile"),
        ("mly1_public-14-1-99999.mvt", b"", "does not name a tile"),
        ("mly1_public-14-8574-5735.mvt", b"\x1a\x05garbage", "not a vector tile"),
        ("images.geojson", b"{", "EOF"),
        ("points.geojson", br#"{"features":[{"geometry":{"type":"Point","coordinates":[9]},"properties":{"id":1,"value":"a","first_seen_at":0,"last_seen_at":0}}]}"#, "feature 0"),
        ("notes.txt", b"", "not a file of a world"),
    ];
    for (name, content, why) in cases {
        let folder = folder("wrong");
        fs::write(folder.join(name), content).unwrap();
        let text = message(&folder.join(name));
        assert!(text.contains(name) && text.contains(why), "{text}");
        if name != "notes.txt" {
            assert_eq!(message(&folder), text, "the folder's error names the file");
        }
    }
}
