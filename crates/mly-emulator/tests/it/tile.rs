//! API-V4 sections 3 and 11: what is in a tile.

use std::collections::{HashMap, HashSet};

use mly_emulator::{Emulator, World};

use crate::support::{DEMO_COLUMNS, decode, demo, demo_tiles, escaped, get, http, layer, tile};

#[test]
fn coverage_tiles_have_layers_value_types_and_ids_as_recorded() {
    let emulator = demo();
    let layers = decode(&tile(&emulator, "mly1_public", 14, 8601, 5412));
    assert_eq!(layers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["sequence", "image"]);
    let types = HashMap::from([
        ("captured_at", "Int"),
        ("compass_angle", "Double"),
        ("creator_id", "Int"),
        ("foot", "Bool"),
        ("id", "Int"),
        ("image_id", "Int"),
        ("is_pano", "Bool"),
        ("organization_id", "Int"),
        ("quality_score", "Double"),
        ("sequence_id", "String"),
    ]);
    let mut seen = HashSet::new();
    for (name, features) in &layers {
        for feature in features {
            for key in feature.properties.keys() {
                let expected = if name == "sequence" && key == "id" { "String" } else { types[key.as_str()] };
                assert_eq!(feature.wire_type(key), expected, "{name}.{key}");
                seen.insert((name.clone(), key.clone()));
            }
        }
    }
    // sequence: without compass_angle and sequence_id; image: without image_id.
    assert_eq!(seen.len(), 8 + 9, "{seen:?}");
    let ids: Vec<u64> =
        layers.iter().flat_map(|(_, features)| features.iter().map(|feature| feature.id)).collect();
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "ids run on over the layers");
    assert!(usize::try_from(*ids.last().unwrap()).unwrap() >= ids.len(), "ids have gaps");
}

#[test]
fn images_are_inside_their_tile_and_in_no_other() {
    let emulator = demo();
    for set in ["mly1_public", "mly1_computed_public"] {
        let mut seen = HashSet::new();
        for (_, bytes) in demo_tiles(&emulator, set) {
            for image in layer(&bytes, "image") {
                assert!(image.point().iter().all(|part| (0..4096).contains(part)));
                assert!(seen.insert(image.text("id").to_owned()), "{image:?} is in two tiles");
            }
        }
        assert!(seen.len() > 3000, "{set}: {}", seen.len());
    }
}

#[test]
fn sequence_lines_are_cut_at_the_border_and_left_out_below_two_images() {
    let emulator = demo();
    let (mut without_line, mut multi_part, mut on_border) = (0, 0, 0);
    let mut tiles_of_sequence: HashMap<String, HashSet<[u32; 2]>> = HashMap::new();
    for (at, bytes) in demo_tiles(&emulator, "mly1_public") {
        let mut images: HashMap<String, usize> = HashMap::new();
        for image in layer(&bytes, "image") {
            *images.entry(image.text("sequence_id").to_owned()).or_default() += 1;
        }
        let sequences = layer(&bytes, "sequence");
        let lines: HashSet<&str> = sequences.iter().map(|sequence| sequence.text("id")).collect();
        assert_eq!(lines.len(), sequences.len(), "one feature for each sequence");
        for (id, count) in images {
            assert_eq!(lines.contains(id.as_str()), count >= 2, "{id} has {count} images in {at:?}");
            without_line += usize::from(count < 2);
            tiles_of_sequence.entry(id).or_default().insert(at);
        }
        for sequence in &sequences {
            multi_part += usize::from(sequence.lines().len() > 1);
            for vertex in sequence.lines().iter().flatten() {
                assert!(vertex.iter().all(|part| (0..=4096).contains(part)), "{vertex:?}");
                on_border += usize::from(vertex.iter().any(|&part| part == 0 || part == 4096));
            }
        }
    }
    assert!(without_line >= 7, "corner cuts and lonely images: {without_line}");
    assert!(multi_part >= 3 && on_border >= 40, "{multi_part} {on_border}");
    assert!(tiles_of_sequence.values().filter(|tiles| tiles.len() > 1).count() >= 20);
}

#[test]
fn a_sequence_carries_its_earliest_image_wherever_that_is() {
    let emulator = demo();
    let tiles = demo_tiles(&emulator, "mly1_public");
    let mut earliest: HashMap<String, (i64, String)> = HashMap::new();
    for image in tiles.iter().flat_map(|(_, bytes)| layer(bytes, "image")) {
        let candidate = (image.text("captured_at").parse().unwrap(), image.text("id").to_owned());
        let known = earliest.entry(image.text("sequence_id").to_owned()).or_insert_with(|| candidate.clone());
        if candidate.0 < known.0 {
            *known = candidate;
        }
    }
    let mut checked = 0;
    for sequence in tiles.iter().flat_map(|(_, bytes)| layer(bytes, "sequence")) {
        let (captured_at, image) = &earliest[sequence.text("id")];
        assert_eq!(sequence.text("captured_at"), captured_at.to_string());
        assert_eq!(sequence.text("image_id"), image);
        checked += 1;
    }
    assert!(checked > 100);
}

#[test]
fn map_feature_tiles_hold_four_properties() {
    let emulator = demo();
    for (set, name, least) in
        [("mly_map_feature_point", "point", 800), ("mly_map_feature_traffic_sign", "traffic_sign", 550)]
    {
        let mut ids = HashSet::new();
        let mut beyond_f64 = 0;
        for (_, bytes) in demo_tiles(&emulator, set) {
            for feature in layer(&bytes, name) {
                assert_eq!(
                    feature.properties.keys().map(String::as_str).collect::<Vec<_>>(),
                    ["first_seen_at", "id", "last_seen_at", "value"]
                );
                assert_eq!(feature.wire_type("first_seen_at"), "Int");
                assert!(feature.text("value").contains("--"));
                let id: u64 = feature.text("id").parse().unwrap();
                beyond_f64 += u64::from(id > 1 << 53);
                assert!(ids.insert(id));
            }
        }
        assert!(ids.len() >= least && beyond_f64 > 100, "{set}: {} {beyond_f64}", ids.len());
    }
}

#[test]
fn an_empty_feature_tile_holds_water_and_an_empty_coverage_tile_nothing() {
    let emulator = Emulator::start(World::empty()).unwrap();
    for set in ["mly_map_feature_point", "mly_map_feature_traffic_sign"] {
        let layers = decode(&tile(&emulator, set, 14, 8601, 5412));
        assert_eq!(layers.len(), 1);
        let (name, features) = &layers[0];
        assert_eq!(name, "water");
        let mly_mvt::Geometry::Polygons(polygons) = &features[0].geometry else { panic!("{features:?}") };
        assert_eq!(polygons[0].exterior, [[0, 0], [4096, 0], [4096, 4096], [0, 4096], [0, 0]]);
        assert!(features[0].properties.is_empty());
    }
    for set in ["mly1_public", "mly1_computed_public"] {
        for z in [0, 5, 6, 13, 14] {
            assert!(tile(&emulator, set, z, 0, 0).is_empty());
        }
    }
}

#[test]
fn low_zooms_have_overview_then_sequences() {
    let emulator = demo();
    for z in 0..=13u8 {
        let shift = 14 - z;
        let layers = decode(&tile(&emulator, "mly1_public", z, 8601 >> shift, 5412 >> shift));
        let names: Vec<&str> = layers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, [if z < 6 { "overview" } else { "sequence" }], "zoom {z}");
    }
    let overview = &decode(&tile(&emulator, "mly1_public", 5, 8601 >> 9, 5412 >> 9))[0].1;
    // Each z14 tile with images shows up: 4096 units at z5 are 512 tiles at z14.
    let columns: HashSet<i32> =
        overview.iter().map(|image| image.point()[0] / 8 + (8601 >> 9 << 9)).collect();
    assert!([8600, 8601, 8602].iter().all(|column| columns.contains(column)), "{columns:?}");
    assert!(overview.iter().all(|image| image.properties.len() == 3));
}

#[test]
fn nearly_all_sequences_are_in_the_low_zooms() {
    let emulator = demo();
    let tiles = demo_tiles(&emulator, "mly1_public");
    let all: HashSet<String> = tiles
        .iter()
        .flat_map(|(_, bytes)| layer(bytes, "sequence"))
        .map(|sequence| sequence.text("id").to_owned())
        .collect();
    let of_zoom = |z: u8| -> HashSet<String> {
        let shift = 14 - z;
        let columns: HashSet<u32> = DEMO_COLUMNS.map(|x| x >> shift).collect();
        let rows: HashSet<u32> = crate::support::DEMO_ROWS.map(|y| y >> shift).collect();
        let at = columns.iter().flat_map(|&x| rows.iter().map(move |&y| (x, y)));
        at.flat_map(|(x, y)| layer(&tile(&emulator, "mly1_public", z, x, y), "sequence"))
            .map(|sequence| sequence.text("id").to_owned())
            .collect()
    };
    assert_eq!(of_zoom(13), all);
    let at_six = of_zoom(6).intersection(&all).count();
    assert!(at_six * 10 >= all.len() * 7 && at_six < all.len(), "{at_six} of {}", all.len());
}

#[test]
fn tiles_that_no_set_has_are_not_found() {
    let emulator = demo();
    for path in [
        "/maps/vtp/mly1_public/2/15/0/0",
        "/maps/vtp/mly1_public/2/14/16384/0",
        "/maps/vtp/mly2_public/2/14/0/0",
        "/maps/vtp/mly1_public/3/14/0/0",
        "/maps/vtp/mly1_public/2/14/0/0.mvt",
    ] {
        assert_eq!(get(&emulator, path).status(), 404, "{path}");
    }
}

#[test]
fn tiles_are_compressed_for_clients_that_accept_it() {
    use std::io::Read;

    let emulator = demo();
    let path = "/maps/vtp/mly1_public/2/14/8601/5412";
    let url = format!("{}{path}?access_token={}", emulator.url(), escaped(emulator.token()));
    let plain = http().get(&url).send().unwrap();
    assert!(!plain.headers().contains_key("content-encoding"));
    let packed = http().get(&url).header("accept-encoding", "br, gzip;q=0.8").send().unwrap();
    assert_eq!(packed.headers()["content-encoding"], "gzip");
    let (plain, packed) = (plain.bytes().unwrap(), packed.bytes().unwrap());
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&*packed).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain);
    assert!(packed.len() < plain.len());
    let refused = http().get(&url).header("accept-encoding", "gzip;q=0").send().unwrap();
    assert!(!refused.headers().contains_key("content-encoding"));
}
