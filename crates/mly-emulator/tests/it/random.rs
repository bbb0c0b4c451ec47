//! Random worlds.

use std::collections::HashSet;

use mly_emulator::{Emulator, World};

use crate::support::{error, get, json, layer, tile};

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
    assert_eq!(error, "no world \"random:7\": it should be random:SEED:IMAGES, two numbers");
}
