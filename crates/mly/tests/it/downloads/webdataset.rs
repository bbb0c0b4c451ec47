//! Photos in archives, read back by another reader.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use mly::{Download, Layout, PhotoSize};
use mly_emulator::{Emulator, Endpoint, Fault, Limits, World};
use serde_json::{Value, json};

use super::{client, fetched, ids, known, seen, small, tree, why};
use crate::support::demo;

const FIELDS: &str = "sequence,captured_at,geometry,computed_geometry,altitude,compass_angle,computed_compass_angle,\
                      is_pano,camera_type,make,model,width,height,quality_score,creator,organization";

fn archives(dir: &Path) -> Download {
    small(dir).with_layout(Layout::WebDataset).with_photos_a_shard(25)
}

/// The files of an archive, in its order.
fn entries(tar: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = tar::Archive::new(tar);
    let read = |entry: std::io::Result<tar::Entry<'_, &[u8]>>| {
        let mut entry = entry.unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (entry.path().unwrap().to_str().unwrap().to_owned(), bytes)
    };
    archive.entries().unwrap().map(read).collect()
}

fn parsed(files: &BTreeMap<String, Vec<u8>>, name: &str) -> Value {
    serde_json::from_slice(&files[name]).unwrap()
}

/// What the graph says, with the names of columns.
fn flat(mut image: Value) -> Value {
    let object = image.as_object_mut().unwrap();
    for (name, inner) in [("creator", "id"), ("creator", "username"), ("organization", "id")] {
        let value = object.get(name).map(|found| found[inner].clone()).filter(|found| !found.is_null());
        if let Some(value) = value {
            object.insert(format!("{name}_{inner}"), value);
        }
    }
    object.remove("creator");
    object.remove("organization");
    image
}

/// The same with a fraction in every number that is no time and no size, as readers that infer types need it.
fn fractional(mut image: Value) -> Value {
    fn each(value: &mut Value) {
        match value {
            Value::Number(number) => *value = json!(number.as_f64().unwrap()),
            Value::Array(items) => items.iter_mut().for_each(each),
            _ => {}
        }
    }
    for (name, value) in image.as_object_mut().unwrap() {
        match name.as_str() {
            "captured_at" | "width" | "height" => {}
            "geometry" | "computed_geometry" => each(&mut value["coordinates"]),
            _ => each(value),
        }
    }
    image
}

#[tokio::test]
async fn archives_hold_photos_and_what_is_known_of_them_in_the_order_of_the_ids() {
    let emulator = demo();
    let mut ids = ids(60).await;
    ids.reverse();
    let [folder, as_files] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let done = fetched(&client(&emulator), &ids, &archives(folder.path())).await.unwrap();
    assert_eq!((done.written, done.failed.len()), (60, 0));
    fetched(&client(&emulator), &ids, &small(as_files.path())).await.unwrap();
    let (files, photos) = (tree(folder.path()), tree(as_files.path()));
    let names: Vec<_> = files.keys().map(|name| &**name).collect();
    assert_eq!(names.iter().filter(|name| name.contains(".tar")).count(), 3);
    assert_eq!(names.len(), 7, "{names:?}");
    let all: Vec<_> = (0..3).flat_map(|n| entries(&files[&format!("{n:05}.tar")])).collect();
    assert_eq!(all.len(), 120);
    for (id, pair) in ids.iter().zip(all.chunks(2)) {
        assert_eq!([&*pair[0].0, &*pair[1].0], [format!("{id}.jpg"), format!("{id}.json")]);
        let told: Value = serde_json::from_slice(&pair[1].1).unwrap();
        assert_eq!(told, fractional(flat(known(&emulator, *id, FIELDS))));
        let name = format!("{}/{id}.jpg", told["sequence"].as_str().unwrap());
        assert!(photos[&name] == pair[0].1, "the same photo as in the other layout");
    }
    let count = |n: usize| entries(&files[&format!("{n:05}.tar")]).len() / 2;
    assert_eq!([0, 1, 2].map(count), [25, 25, 10]);
    let manifest = parsed(&files, "manifest.json");
    let bytes: usize = (0..3).map(|n| files[&format!("{n:05}.tar")].len()).sum();
    assert_eq!(
        (&manifest["count"], &manifest["failed"], &manifest["bytes"]),
        (&json!(60), &json!(0), &json!(bytes))
    );
    assert_eq!(manifest["shards"][2]["name"], "00002.tar");
    assert_eq!(manifest["shards"][2]["count"], 10);
}

#[tokio::test]
async fn the_same_photos_are_the_same_bytes_whatever_the_timing() {
    let ids = ids(60).await;
    let mut trees = Vec::new();
    for at_once in [1, 7, 64] {
        let clock = 1_780_000_000_000 + i64::try_from(at_once).unwrap() * 86_400_000;
        let emulator = Emulator::builder(World::demo()).with_clock(move || clock).start().unwrap();
        emulator.fail(Fault::cut_body().on(Endpoint::Thumbnail).every(at_once as u32 + 3));
        let folder = tempfile::tempdir().unwrap();
        let download = archives(folder.path()).with_concurrency(at_once);
        assert_eq!(fetched(&client(&emulator), &ids, &download).await.unwrap().written, 60);
        trees.push(tree(folder.path()));
    }
    assert!(trees[0] == trees[1] && trees[1] == trees[2]);
}

#[tokio::test]
async fn what_is_gone_for_good_is_listed_again_and_not_asked_for_again() {
    let emulator =
        Emulator::builder(World::demo()).with_limits(Limits::default().with_stale_one_in(5)).start().unwrap();
    let ids = ids(60).await;
    let folder = tempfile::tempdir().unwrap();
    let done = fetched(&client(&emulator), &ids, &archives(folder.path())).await.unwrap();
    assert!(!done.failed.is_empty() && done.written + done.failed.len() as u64 == 60);
    let files = tree(folder.path());
    assert_eq!(parsed(&files, "manifest.json")["failed"], json!(done.failed.len()));
    let lacking =
        |n: usize| parsed(&files, &format!("{n:05}_stats.json"))["status_dict"]["not_found"].clone();
    let lacking: u64 = (0..3).filter_map(|n| lacking(n).as_u64()).sum();
    assert_eq!(lacking, done.failed.len() as u64);
    let again = fetched(&client(&emulator), &ids, &archives(folder.path())).await.unwrap();
    assert_eq!((again.skipped, again.summary.requests()), (done.written, 0));
    assert_eq!(again.failed, done.failed);
    assert!(tree(folder.path()) == files);
}

#[tokio::test]
async fn what_failed_comes_into_an_archive_of_its_own_the_next_time() {
    let emulator = demo();
    let ids = ids(50).await;
    let folder = tempfile::tempdir().unwrap();
    // The first photos fail until they are given up: those of the first archive.
    emulator.fail(Fault::not_jpeg().next(3));
    let done = fetched(&client(&emulator), &ids, &archives(folder.path())).await.unwrap();
    assert_eq!((done.written, done.failed.len()), (47, 3));
    let failed: Vec<i64> = done.failed.iter().map(|(id, _)| id.parse().unwrap()).collect();
    assert!(why(&done, failed[0]).contains("not a whole JPEG"));
    let files = tree(folder.path());
    assert_eq!(parsed(&files, "00000_stats.json")["status_dict"], json!({"failed": 3, "success": 22}));
    let before = seen(&emulator, Endpoint::Thumbnail);
    // The list of what failed is all that it takes.
    let again = fetched(&client(&emulator), &failed, &archives(folder.path())).await.unwrap();
    assert_eq!((again.written, again.skipped, again.failed.len()), (3, 0, 0));
    assert_eq!(seen(&emulator, Endpoint::Thumbnail) - before, 3);
    let now = tree(folder.path());
    assert_eq!(entries(&now["00002.tar"]).len(), 6);
    assert!(now["00000.tar"] == files["00000.tar"] && now["00001.tar"] == files["00001.tar"]);
    let manifest = parsed(&now, "manifest.json");
    assert_eq!((&manifest["count"], &manifest["failed"]), (&json!(50), &json!(0)));
}

#[tokio::test]
async fn another_list_leaves_what_is_there_and_adds_what_is_not() {
    let emulator = demo();
    let ids = ids(60).await;
    let folder = tempfile::tempdir().unwrap();
    fetched(&client(&emulator), &ids[..30], &archives(folder.path())).await.unwrap();
    let first = tree(folder.path());
    let mut other = ids[20..].to_vec();
    other.reverse();
    let done = fetched(&client(&emulator), &other, &archives(folder.path())).await.unwrap();
    assert_eq!((done.skipped, done.written), (10, 30));
    let now = tree(folder.path());
    assert!(["00000.tar", "00001.tar"].into_iter().all(|name| now[name] == first[name]));
    let held: usize = (0..4).map(|n| entries(&now[&format!("{n:05}.tar")]).len() / 2).sum();
    assert_eq!((held, &parsed(&now, "manifest.json")["count"]), (60, &json!(60)));
}

#[tokio::test]
async fn an_archive_that_was_cut_on_disk_is_made_again() {
    let emulator = demo();
    let ids = ids(50).await;
    let folder = tempfile::tempdir().unwrap();
    fetched(&client(&emulator), &ids, &archives(folder.path())).await.unwrap();
    let whole = tree(folder.path());
    let path = folder.path().join("00001.tar");
    std::fs::write(&path, &whole["00001.tar"][..9000]).unwrap();
    std::fs::write(folder.path().join("00001.tar.mly.part"), "unfinished").unwrap();
    let done = fetched(&client(&emulator), &ids, &archives(folder.path())).await.unwrap();
    assert_eq!((done.skipped, done.written), (25, 25));
    assert!(tree(folder.path()) == whole);
}

#[tokio::test]
async fn no_images_are_a_folder_with_a_manifest() {
    let emulator = demo();
    let folder = tempfile::tempdir().unwrap();
    let download = archives(folder.path()).with_size(PhotoSize::Original);
    fetched(&client(&emulator), &[], &download).await.unwrap();
    let files = tree(folder.path());
    assert_eq!(parsed(&files, "manifest.json")["shards"], json!([]));
    assert_eq!((files.len(), emulator.requests().len()), (1, 0));
}
