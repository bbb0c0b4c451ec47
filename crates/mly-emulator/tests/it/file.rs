//! Signed addresses: API-V4 sections 6.7, 6.8 and 9.

use std::{
    collections::BTreeMap,
    io::Read,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use mly_emulator::{Emulator, Endpoint, TokenForm, World};
use serde_json::Value;

use crate::support::{demo_tiles, http, json, layer};

const NOW_MS: i64 = 1_780_000_000_000;
const DAY_MS: i64 = 86_400_000;

/// An emulator with a clock that the test turns.
fn with_clock() -> (Emulator, Arc<AtomicI64>) {
    let clock = Arc::new(AtomicI64::new(NOW_MS));
    let hand = Arc::clone(&clock);
    let emulator =
        Emulator::builder(World::demo()).with_clock(move || hand.load(Ordering::Relaxed)).start().unwrap();
    (emulator, clock)
}

fn images(emulator: &Emulator, fields: &str) -> Vec<Value> {
    let tiles = demo_tiles(emulator, "mly1_public");
    let ids =
        tiles.iter().flat_map(|(_, bytes)| layer(bytes, "image")).map(|image| image.text("id").to_owned());
    ids.step_by(400).map(|id| json(emulator, &format!("/{id}?fields={fields}"))).collect()
}

/// Width and height from the frame header of a JPEG.
fn jpeg_size(bytes: &[u8]) -> [u64; 2] {
    assert_eq!(bytes[..2], [0xFF, 0xD8]);
    assert_eq!(bytes[bytes.len() - 2..], [0xFF, 0xD9]);
    let mut at = 2;
    while !(0xC0..=0xC2).contains(&bytes[at + 1]) {
        at += 2 + usize::from(u16::from_be_bytes([bytes[at + 2], bytes[at + 3]]));
    }
    let two = |at: usize| u64::from(u16::from_be_bytes([bytes[at], bytes[at + 1]]));
    [two(at + 7), two(at + 5)]
}

#[test]
fn thumbnails_are_pictures_of_the_right_size_and_need_no_token() {
    let (emulator, _) = with_clock();
    let rows =
        images(&emulator, "thumb_256_url,thumb_1024_url,thumb_2048_url,thumb_original_url,width,height");
    let mut pictures = std::collections::HashSet::new();
    for image in &rows[..4] {
        let [width, height] = ["width", "height"].map(|key| image[key].as_u64().unwrap());
        for (name, wide) in [("256", 256), ("1024", 1024), ("2048", 2048), ("original", u64::MAX)] {
            let url = image[format!("thumb_{name}_url")].as_str().unwrap();
            let answer = http().get(url).send().unwrap();
            assert_eq!(answer.status(), 200);
            assert_eq!(answer.headers()["content-type"], "image/jpeg");
            let bytes = answer.bytes().unwrap();
            let wide = wide.min(width);
            let [w, h] = jpeg_size(&bytes);
            assert_eq!(w, wide);
            assert!(h.abs_diff(wide * height / width) <= 1, "{w} x {h} of {width} x {height}");
            assert!(pictures.insert(bytes) || wide == width, "each is different");
        }
    }
    let seen = emulator.requests();
    let thumbnails: Vec<_> = seen.iter().filter(|seen| seen.kind == Endpoint::Thumbnail).collect();
    assert_eq!(thumbnails.len(), 16);
    assert!(thumbnails.iter().all(|seen| seen.token == TokenForm::None && seen.status == 200));
}

#[test]
fn addresses_work_for_thirty_days() {
    let (emulator, clock) = with_clock();
    let url = images(&emulator, "thumb_256_url")[0]["thumb_256_url"].as_str().unwrap().to_owned();
    let oe = url.split("&oe=").nth(1).unwrap().split('&').next().unwrap();
    assert_eq!(i64::from_str_radix(oe, 16).unwrap() * 1000, NOW_MS + 30 * DAY_MS);
    let status = |url: &str| http().get(url).send().unwrap().status().as_u16();
    clock.store(NOW_MS + 30 * DAY_MS - 1, Ordering::Relaxed);
    assert_eq!(status(&url), 200);
    clock.store(NOW_MS + 30 * DAY_MS, Ordering::Relaxed);
    assert_eq!(status(&url), 403);
    clock.store(NOW_MS, Ordering::Relaxed);
    assert_eq!(status(&url.replace("/256", "/2048")), 403, "the signature covers the path");
    assert_eq!(status(url.split('?').next().unwrap()), 403);
}

#[test]
fn pictures_of_panoramas_are_twice_as_wide_as_high() {
    let (emulator, _) = with_clock();
    let path = "/images?bbox=8.98,51.98,9.03,52.01&is_pano=true&limit=5&fields=thumb_256_url,thumb_1024_url";
    let rows = json(&emulator, path)["data"].as_array().unwrap().clone();
    assert_eq!(rows.len(), 5);
    for image in &rows {
        for field in ["thumb_256_url", "thumb_1024_url"] {
            let answer = http().get(image[field].as_str().unwrap()).send().unwrap();
            let [width, height] = jpeg_size(&answer.bytes().unwrap());
            assert_eq!(width, 2 * height, "{field}");
        }
    }
}

#[test]
fn each_image_has_bytes_of_its_own_and_the_same_ones_each_time() {
    let (emulator, _) = with_clock();
    let path = "/images?bbox=8.98,51.98,9.03,52.01&limit=300&fields=thumb_256_url";
    let rows = json(&emulator, path)["data"].as_array().unwrap().clone();
    let picture = |row: &Value| {
        let url = row["thumb_256_url"].as_str().unwrap();
        http().get(url).send().unwrap().bytes().unwrap().to_vec()
    };
    let mut files = std::collections::HashMap::new();
    let mut streets = std::collections::HashSet::new();
    for row in &rows {
        let file = picture(row);
        let mark = format!("mly emulator, image {}", row["id"].as_str().unwrap()).into_bytes();
        let at = file.windows(mark.len()).position(|part| part == mark).unwrap();
        streets.insert([&file[..at], &file[at + mark.len()..]].concat());
        assert_eq!(jpeg_size(&file)[0], 256);
        assert!(files.insert(file, row).is_none(), "two images with the same bytes");
    }
    assert!(streets.len() > 40, "the pictures differ, not only their marks: {}", streets.len());
    for (file, row) in files.iter().take(20) {
        assert_eq!(&picture(row), file);
    }
    let (again, _) = with_clock();
    let first = json(&again, path)["data"][0].clone();
    assert_eq!(
        http().get(first["thumb_256_url"].as_str().unwrap()).send().unwrap().bytes().unwrap(),
        picture(&rows[0]),
        "another emulator has the same"
    );
}

/// The list of reconstructions at an address.
fn reconstructions(url: &str) -> Vec<Value> {
    let packed = http().get(url).send().unwrap().bytes().unwrap();
    let mut text = String::new();
    flate2::read::ZlibDecoder::new(&*packed).read_to_string(&mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Clusters of the demo world by id, each with the images that name it.
fn clusters(emulator: &Emulator, nth: usize) -> BTreeMap<String, Vec<Value>> {
    let tiles = demo_tiles(emulator, "mly1_public");
    let ids =
        tiles.iter().flat_map(|(_, bytes)| layer(bytes, "image")).map(|image| image.text("id").to_owned());
    let mut clusters: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for id in ids.step_by(nth) {
        let image = json(emulator, &format!("/{id}?fields=sfm_cluster,computed_rotation,sequence"));
        if let Some(cluster) = image["sfm_cluster"]["id"].as_str() {
            clusters.entry(cluster.to_owned()).or_default().push(image);
        }
    }
    clusters
}

#[test]
fn clusters_are_compressed_reconstructions_of_the_images_that_name_them() {
    let (emulator, _) = with_clock();
    let mut read = 0;
    for image in clusters(&emulator, 150).values().flatten() {
        let Some(url) = image["sfm_cluster"]["url"].as_str() else { continue };
        let list = reconstructions(url);
        let Some(reconstruction) = list.first() else { continue };
        read += 1;
        for key in ["cameras", "shots", "points"] {
            assert!(!reconstruction[key].as_object().unwrap().is_empty());
        }
        for key in ["latitude", "longitude", "altitude"] {
            assert!(reconstruction["reference_lla"][key].is_number());
        }
        let shot = &reconstruction["shots"][image["id"].as_str().unwrap()];
        assert_eq!(shot["rotation"], image["computed_rotation"]);
        assert!(reconstruction["cameras"].get(shot["camera"].as_str().unwrap()).is_some());
    }
    assert!(read > 10, "{read}");
}

#[test]
fn some_clusters_have_no_url_some_are_empty_and_most_have_several_images() {
    let (emulator, _) = with_clock();
    let clusters = clusters(&emulator, 10);
    let (mut without_address, mut read, mut empty, mut shared) = (0, 0, 0, 0);
    for images in clusters.values() {
        assert!(images.iter().all(|image| image["sfm_cluster"] == images[0]["sfm_cluster"]), "one file");
        assert!(images.iter().all(|image| image["sequence"] == images[0]["sequence"]));
        shared += usize::from(images.len() > 1);
        match images[0]["sfm_cluster"]["url"].as_str() {
            None => without_address += 1,
            Some(url) if read < 40 => {
                read += 1;
                empty += usize::from(reconstructions(url).is_empty());
            }
            Some(_) => {}
        }
    }
    let total = clusters.len();
    assert!(shared > total / 3, "{shared} of {total}");
    assert!((total / 14..total / 3).contains(&without_address), "one in 7: {without_address} of {total}");
    assert!((1..12).contains(&empty), "one in 11: {empty} of {read}");
}

#[test]
fn meshes_are_unpacked_fields_of_corners_and_triangles() {
    let (emulator, _) = with_clock();
    let image = images(&emulator, "mesh").into_iter().find(|image| image["mesh"]["url"].is_string()).unwrap();
    let bytes = http().get(image["mesh"]["url"].as_str().unwrap()).send().unwrap().bytes().unwrap();
    let (mut coordinates, mut corners) = (Vec::new(), Vec::new());
    let mut rest = &bytes[..];
    while let [tag, ..] = rest {
        if *tag == 0x0D {
            coordinates.push(f32::from_le_bytes(rest[1..5].try_into().unwrap()));
            rest = &rest[5..];
        } else {
            assert_eq!(*tag, 0x10);
            corners.push(usize::from(rest[1]));
            rest = &rest[2..];
        }
    }
    assert_eq!((coordinates.len() % 3, corners.len() % 3), (0, 0));
    assert!(!corners.is_empty() && corners.iter().all(|&corner| corner < coordinates.len() / 3));
}
