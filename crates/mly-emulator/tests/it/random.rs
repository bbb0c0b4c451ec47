//! Random worlds.

use std::collections::HashSet;

use base64::{Engine, engine::general_purpose::STANDARD};
use mly_emulator::{Emulator, World};
use mly_mvt::{Geometry, Tile};
use serde_json::Value;

use crate::support::{error, get, json, layer, tile};

/// Every documented field of an image but the point cloud, which comes only one image at a time.
const FIELDS: &str = "altitude,atomic_scale,camera_parameters,camera_type,captured_at,compass_angle,computed_altitude,\
                      computed_compass_angle,computed_geometry,computed_rotation,creator,exif_orientation,geometry,height,\
                      make,model,thumb_256_url,thumb_1024_url,thumb_2048_url,thumb_original_url,merge_cc,mesh,\
                      quality_score,sequence,width,is_pano,organization,detections";

#[test]
fn a_tile_holds_twenty_thousand_images_and_the_rest_is_in_the_last() {
    let emulator = Emulator::start(World::random(7, 45_000)).unwrap();
    let counts: Vec<usize> = [(8601, 5389), (8602, 5389), (8601, 5390), (8602, 5390)]
        .iter()
        .map(|&(x, y)| layer(&tile(&emulator, "mly1_public", 14, x, y), "image").len())
        .collect();
    assert_eq!(counts, [20_000, 20_000, 5_000, 0]);
    let bytes = tile(&emulator, "mly1_public", 14, 8601, 5389);
    assert!((1_200_000..1_700_000).contains(&bytes.len()), "{}", bytes.len());
    let images = layer(&bytes, "image");
    assert_eq!(images.iter().map(|image| image.text("id")).collect::<HashSet<_>>().len(), 20_000);
    assert!(images.iter().all(|image| image.text("sequence_id").len() == 22 && image.properties.len() >= 8));
    let of_organizations =
        images.iter().filter(|image| image.properties.contains_key("organization_id")).count();
    assert!((2_000..8_000).contains(&of_organizations), "{of_organizations}");
    assert_eq!(layer(&bytes, "sequence").len(), 200);
}

#[test]
fn ids_of_a_tile_are_entities_of_a_huge_world() {
    let emulator = Emulator::start(World::random(7, 20_000_000)).unwrap();
    // The last tile of the block: 1,000 tiles in rows of 32.
    let bytes = tile(&emulator, "mly1_public", 14, 8601 + 999 % 32, 5389 + 999 / 32);
    for image in layer(&bytes, "image").iter().step_by(1999) {
        let entity = json(
            &emulator,
            &format!("/{}?fields=captured_at,sequence,compass_angle,computed_geometry", image.text("id")),
        );
        assert_eq!(entity["captured_at"].to_string(), image.text("captured_at"));
        assert_eq!(entity["sequence"], image.text("sequence_id"));
        assert!(entity["computed_geometry"].is_object());
    }
    assert_eq!(error(get(&emulator, "/123")).1["error_subcode"], 33);
}

#[test]
fn sequences_cross_tiles_and_list_their_images_in_order() {
    let emulator = Emulator::start(World::random(9, 400_000)).unwrap();
    let [a, b] = [8601, 8602].map(|x| layer(&tile(&emulator, "mly1_public", 14, x, 5389), "sequence"));
    let ids = |features: &[crate::support::Feature]| -> HashSet<String> {
        features.iter().map(|f| f.text("id").to_owned()).collect()
    };
    assert_eq!(ids(&a), ids(&b));
    // Lines of neighbouring tiles meet at the border.
    for line in &a[..20] {
        let other = b.iter().find(|other| other.text("id") == line.text("id")).unwrap();
        let rows = |feature: &crate::support::Feature, x: i32| -> Vec<i32> {
            feature.lines().iter().flatten().filter(|vertex| vertex[0] == x).map(|vertex| vertex[1]).collect()
        };
        let (east, west) = (rows(line, 4096), rows(other, 0));
        assert!(east.len() == 1 && west.len() == 1 && (east[0] - west[0]).abs() <= 2, "{east:?} {west:?}");
    }
    let answer = json(&emulator, &format!("/image_ids?sequence_id={}", a[0].text("id")));
    let members = answer["data"].as_array().unwrap();
    assert_eq!(members.len(), 400);
    assert_eq!(members[0]["id"], a[0].text("image_id"));
}

#[test]
fn searches_agree_with_tiles() {
    let world = World::random(3, 30_000);
    let [w, _, _, n] = world.bbox().unwrap();
    let emulator = Emulator::start(world).unwrap();
    let (e, s) = (w + 0.002, n - 0.002);
    let path = format!("/images?bbox={w},{s},{e},{n}&fields=geometry,creator");
    let rows = json(&emulator, &path)["data"].as_array().unwrap().clone();
    assert!(!rows.is_empty() && rows.len() < 2000, "{}", rows.len());
    let in_tile: HashSet<String> = layer(&tile(&emulator, "mly1_public", 14, 8601, 5389), "image")
        .iter()
        .map(|image| image.text("id").to_owned())
        .collect();
    assert!(rows.iter().all(|row| in_tile.contains(row["id"].as_str().unwrap())));
    let username = rows[0]["creator"]["username"].as_str().unwrap();
    let of_creator = json(&emulator, &format!("/images?creator_username={username}&limit=2000"));
    assert!(of_creator["data"].as_array().unwrap().len() >= 100);
}

#[test]
fn look_ups_have_every_field_that_those_of_the_demo_world_have() {
    let emulator = Emulator::start(World::random(7, 20_000)).unwrap();
    let ids = some_ids(&emulator, 199);
    let images: Vec<Value> = ids
        .chunks(50)
        .map(|ids| json(&emulator, &format!("/?ids={}&fields={FIELDS}", ids.join(","))))
        .flat_map(|mut batch| ids.iter().map(|id| batch[id].take()).collect::<Vec<_>>())
        .filter(|image| !image.is_null())
        .collect();
    assert_eq!(images.len(), ids.len());
    for field in FIELDS.split(',') {
        let with = images.iter().filter(|image| image.get(field).is_some()).count();
        // Not every camera has a name and parameters, and not every image an organization.
        let some = ["make", "model", "camera_parameters", "organization"].contains(&field);
        assert!(if some { with > 5 } else { with == images.len() }, "{field}: {with}");
    }
    for id in &ids[..20] {
        let clustered = json(&emulator, &format!("/{id}?fields=sfm_cluster"));
        assert!(clustered["sfm_cluster"]["id"].is_string());
    }
    for image in &images {
        let [width, height] = ["width", "height"].map(|key| image[key].as_u64().unwrap());
        assert!(!image["is_pano"].as_bool().unwrap() || width == 2 * height);
        assert!(image["creator"]["username"].is_string());
    }
}

#[test]
fn images_have_up_to_four_detections_which_can_be_looked_up() {
    let emulator = Emulator::start(World::random(7, 20_000)).unwrap();
    let fields = "value,created_at,geometry,image{id,geometry,width,height,sequence}";
    let (mut counts, mut versions) = ([0; 5], [0; 3]);
    let mut seen = HashSet::new();
    for id in some_ids(&emulator, 251) {
        let rows = json(&emulator, &format!("/{id}/detections?fields={fields}"));
        let rows = rows["data"].as_array().unwrap();
        counts[rows.len()] += 1;
        for row in rows {
            assert_eq!(row["image"]["id"], id.as_str());
            assert_eq!(row["image"].as_object().unwrap().len(), 5);
            let bytes = STANDARD.decode(row["geometry"].as_str().unwrap()).unwrap();
            let layer = Tile::new(&bytes).layer("mpy-or").unwrap().unwrap();
            versions[layer.version() as usize] += 1;
            for feature in layer.features() {
                let Geometry::Polygons(polygons) = feature.unwrap().geometry().unwrap() else {
                    panic!("{row}")
                };
                assert!(polygons[0].exterior.iter().flatten().all(|part| (0..=4096).contains(part)));
            }
            let detection = row["id"].as_str().unwrap();
            assert!(seen.insert(detection.to_owned()));
            let alone = json(&emulator, &format!("/{detection}?fields={fields}"));
            assert_eq!(&alone, row);
        }
        if rows.len() == 4 {
            let two = json(&emulator, &format!("/{id}/detections?limit=2"));
            assert_eq!(two["data"].as_array().unwrap().len(), 2);
        }
    }
    assert!(counts.iter().all(|&count| count > 5), "{counts:?}");
    assert!(versions[1] > 30 && versions[2] > 30, "{versions:?}");
    let stranger = seen.iter().next().unwrap().parse::<u64>().unwrap() + 1;
    assert_eq!(error(get(&emulator, &format!("/{stranger}"))).1["error_subcode"], 33);
}

/// Each nth image of a tile.
fn some_ids(emulator: &Emulator, nth: usize) -> Vec<String> {
    let images = layer(&tile(emulator, "mly1_public", 14, 8601, 5389), "image");
    images.iter().step_by(nth).map(|image| image.text("id").to_owned()).collect()
}

#[test]
fn the_seed_decides_everything() {
    let bytes =
        |seed| tile(&Emulator::start(World::random(seed, 20_000)).unwrap(), "mly1_public", 14, 8601, 5389);
    assert_eq!(bytes(1), bytes(1));
    assert_ne!(bytes(1), bytes(2));
}

#[test]
fn worlds_are_named_on_the_command_line() {
    assert_eq!(World::parse("random:7:40_000").unwrap().bbox(), World::random(7, 40_000).bbox());
    assert!(World::parse("demo").unwrap().bbox().is_some());
    assert!(World::parse("empty").unwrap().bbox().is_none() && World::random(1, 0).bbox().is_none());
    let error = World::parse("random:7").unwrap_err().to_string();
    assert_eq!(error, "invalid world \"random:7\": it should be random:SEED:IMAGES, two numbers");
}
