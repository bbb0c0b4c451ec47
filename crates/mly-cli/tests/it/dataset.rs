//! `mly dataset`: photos and labels, as trainers read them, compared with what `mly detections` and the photos say.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use mly_emulator::{Emulator, Endpoint, Fault, World};
use serde_json::Value as Json;
use tempfile::TempDir;

use crate::graph::get;
use crate::lookup::{NOBODY, still};
use crate::support::{Mly, Outcome, mly, names_in, own_demo};

/// A small area with images of several sequences.
const NEAR: &str = "--near 9.005,51.998 --radius 60";

/// A folder with a file of images.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Self::of("images", NEAR)
    }

    fn of(layer: &str, area: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        mly(&format!("{layer} {area}")).to(&folder.path().join("in.geojson")).at(still()).done();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, options: &str) -> Mly {
        let line = format!("dataset --size 256 {options}");
        mly(&line).arg(self.path("in.geojson")).arg("--to").arg(self.path("out"))
    }

    fn made(&self, options: &str) -> Outcome {
        self.command(options).at(still()).done()
    }

    /// Every file of the data set that is not hidden, by its path in it.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut found = BTreeMap::new();
        files(&self.path("out"), "", &mut found);
        found
    }

    fn ids(&self) -> Vec<i64> {
        let text = fs::read(self.path("in.geojson")).unwrap();
        let features: Json = serde_json::from_slice(&text).unwrap();
        let all = features["features"].as_array().unwrap();
        all.iter().map(|feature| feature["properties"]["id"].as_i64().unwrap()).collect()
    }

    /// What `mly detections` says of the file, in shares of width and height.
    fn detections(&self) -> Vec<Detected> {
        let outcome = mly("detections -f geojson --from").arg(self.path("in.geojson")).at(still()).done();
        let found: Json = serde_json::from_slice(&outcome.out).unwrap();
        let one = |feature: &Json| {
            let of = &feature["properties"];
            let rings = of["polygons"].as_array().unwrap();
            let corners = rings.iter().flat_map(|ring| ring.as_array().unwrap());
            let corners: Vec<[f64; 2]> =
                corners.map(|at| [at[0].as_f64().unwrap(), at[1].as_f64().unwrap()]).collect();
            let least = |axis: usize| corners.iter().map(|at| at[axis]).fold(f64::MAX, f64::min);
            let most = |axis: usize| corners.iter().map(|at| at[axis]).fold(f64::MIN, f64::max);
            Detected {
                id: number(&of["id"]),
                image: number(&of["image_id"]),
                value: of["value"].as_str().unwrap().to_owned(),
                corners: [least(0), least(1), most(0), most(1)],
            }
        };
        found["features"].as_array().unwrap().iter().map(one).collect()
    }
}

#[derive(Debug)]
struct Detected {
    id: i64,
    image: i64,
    value: String,
    corners: [f64; 4],
}

fn number(json: &Json) -> i64 {
    json.as_i64().or_else(|| json.as_str()?.parse().ok()).unwrap()
}

fn files(folder: &Path, within: &str, found: &mut BTreeMap<String, Vec<u8>>) {
    for name in names_in(folder).into_iter().filter(|name| !name.starts_with('.')) {
        let path = folder.join(&name);
        if path.is_dir() {
            files(&path, &format!("{within}{name}/"), found);
        } else {
            found.insert(format!("{within}{name}"), fs::read(&path).unwrap());
        }
    }
}

/// Width and height, from the first frame of a JPEG without progression.
fn pixels(jpeg: &[u8]) -> [u16; 2] {
    let frame =
        jpeg.windows(4).position(|w| w[0] == 0xFF && w[1] == 0xC0 && w[2] == 0 && w[3] == 17).unwrap();
    let number = |at: usize| u16::from_be_bytes([jpeg[at], jpeg[at + 1]]);
    [number(frame + 7), number(frame + 5)]
}

fn sequence_of(id: i64) -> String {
    get(still(), &format!("/{id}?fields=sequence"))["sequence"].as_str().unwrap().to_owned()
}

/// The documents of all parts, by their names.
fn documents(files: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Json> {
    let of_coco = files.iter().filter(|(name, _)| is_of(name, "json"));
    of_coco.map(|(name, text)| (name.clone(), serde_json::from_slice(text).unwrap())).collect()
}

/// A list of ids, one a line.
fn lines(ids: &[i64]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n") + "\n"
}

/// Whether a name has an extension.
fn is_of(name: &str, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|found| found == extension)
}

fn list(json: &Json) -> &Vec<Json> {
    json.as_array().unwrap()
}

#[test]
fn coco_has_every_detection_once_in_pixels_of_the_photo_as_saved() {
    let place = Place::new();
    let outcome = place.made("-f coco");
    let found = place.files();
    let want: BTreeMap<i64, Detected> = place.detections().into_iter().map(|d| (d.id, d)).collect();
    let mut seen = BTreeSet::new();
    for (name, document) in documents(&found) {
        assert_eq!(document["licenses"][0]["name"], "CC BY-SA 4.0");
        assert!(document["info"]["description"].is_string(), "{}", document["info"]);
        let names: BTreeMap<i64, &str> = list(&document["categories"])
            .iter()
            .map(|category| (number(&category["id"]), category["name"].as_str().unwrap()))
            .collect();
        let mut sizes = BTreeMap::new();
        for image in list(&document["images"]) {
            let file = image["file_name"].as_str().unwrap();
            let part = name.strip_suffix(".json").unwrap();
            assert!(file.starts_with(&format!("images/{part}/")), "{file}");
            let size = pixels(&found[file]);
            assert_eq!(size.map(u64::from), ["width", "height"].map(|side| image[side].as_u64().unwrap()));
            sizes.insert(number(&image["id"]), size);
        }
        for annotation in list(&document["annotations"]) {
            let id = number(&annotation["id"]);
            assert!(seen.insert(id), "{id} stands twice");
            let want = &want[&id];
            assert_eq!(number(&annotation["image_id"]), want.image);
            assert_eq!(names[&number(&annotation["category_id"])], want.value);
            let [width, height] = sizes[&want.image].map(f64::from);
            let [x0, y0, x1, y1] = want.corners;
            let corners = [x0 * width, y0 * height, (x1 - x0) * width, (y1 - y0) * height];
            for (got, want) in list(&annotation["bbox"]).iter().zip(corners) {
                assert!((got.as_f64().unwrap() - want).abs() < 1e-6, "{annotation} and not {corners:?}");
            }
        }
    }
    assert_eq!(seen, want.keys().copied().collect());
    assert!(outcome.err.starts_with("asking for "), "{}", outcome.err);
    assert!(outcome.err.contains(&format!(" with {} labels from ", want.len())), "{}", outcome.err);
}

#[test]
fn no_sequence_is_in_two_parts_and_shares_are_within_five_points() {
    let place = Place::of("images", "--near 9.005,51.998 --radius 250");
    for (split, by) in [("80,10,10", "sequence"), ("60,20,20", "sequence"), ("50,50", "image")] {
        let _ = fs::remove_dir_all(place.path("out"));
        place.made(&format!("-f coco --negatives --split {split} --by {by}"));
        let found = place.files();
        let mut parts = BTreeMap::new();
        let mut counts = BTreeMap::new();
        for (name, document) in documents(&found) {
            for image in list(&document["images"]) {
                let sequence = image["sequence_id"].as_str().unwrap().to_owned();
                parts.entry(sequence).or_insert_with(BTreeSet::new).insert(name.clone());
                *counts.entry(name.clone()).or_insert(0_usize) += 1;
            }
        }
        let all: usize = counts.values().sum();
        assert_eq!(all, place.ids().len());
        for (name, want) in ["train.json", "val.json", "test.json"].iter().zip(split.split(',')) {
            let count = counts.get(*name).copied().unwrap_or(0);
            let want: usize = want.parse().unwrap();
            assert!((100 * count).abs_diff(want * all) <= 5 * all, "{name}: {count} of {all} by {by}");
        }
        if by == "sequence" {
            assert!(parts.values().all(|parts| parts.len() == 1), "{parts:?}");
        }
    }
}

#[test]
fn yolo_has_a_text_for_each_photo_and_paths_without_a_root() {
    let place = Place::new();
    place.made("-f yolo --negatives");
    let found = place.files();
    let text = |name: &str| std::str::from_utf8(&found[name]).unwrap();
    let yaml = text("data.yaml");
    assert!(!yaml.contains("path:") && yaml.contains("\ntrain: images/train\n"), "{yaml}");
    let classes: Vec<&str> = text("classes.txt").lines().collect();
    for (number, class) in classes.iter().enumerate() {
        assert!(yaml.contains(&format!("\n  {number}: \"{class}\"")), "{yaml}");
    }
    let photos: Vec<&String> = found.keys().filter(|name| is_of(name, "jpg")).collect();
    assert_eq!(photos.len(), place.ids().len());
    let mut by_image: BTreeMap<i64, Vec<Detected>> = BTreeMap::new();
    place.detections().into_iter().for_each(|d| by_image.entry(d.image).or_default().push(d));
    for photo in photos {
        let label = photo.replace("images/", "labels/").replace(".jpg", ".txt");
        let id: i64 = photo.rsplit('/').next().unwrap().strip_suffix(".jpg").unwrap().parse().unwrap();
        let mut want = by_image.remove(&id).unwrap_or_default();
        want.sort_by_key(|detected| detected.id);
        let lines: Vec<&str> = text(&label).lines().collect();
        assert_eq!(lines.len(), want.len(), "{label}");
        for (line, want) in lines.iter().zip(&want) {
            let mut words = line.split(' ');
            let class: usize = words.next().unwrap().parse().unwrap();
            assert_eq!(classes[class], want.value);
            let numbers: Vec<f64> = words.map(|word| word.parse().unwrap()).collect();
            let [x0, y0, x1, y1] = want.corners;
            let corners = [f64::midpoint(x0, x1), f64::midpoint(y0, y1), x1 - x0, y1 - y0];
            assert!(numbers.iter().zip(corners).all(|(a, b)| (a - b).abs() < 1e-6), "{line}");
        }
    }
    assert!(by_image.is_empty());
}

#[test]
fn archives_are_named_by_their_part_and_hold_photos_and_labels() {
    let place = Place::new();
    place.made("-f webdataset");
    let found = place.files();
    let mut labels = 0;
    let mut images = BTreeSet::new();
    for (name, bytes) in found.iter().filter(|(name, _)| is_of(name, "tar")) {
        assert!(["train-", "val-", "test-"].iter().any(|part| name.starts_with(part)), "{name}");
        let mut members = tar_members(bytes);
        while let Some((json_name, text)) = members.pop() {
            let (photo_name, photo) = members.pop().unwrap();
            let json: Json = serde_json::from_slice(&text).unwrap();
            let id = json["id"].as_str().unwrap();
            assert_eq!((photo_name, json_name), (format!("{id}.jpg"), format!("{id}.json")));
            assert_eq!(
                pixels(&photo).map(u64::from),
                ["width", "height"].map(|side| json[side].as_u64().unwrap())
            );
            labels += list(&json["annotations"]).len();
            images.insert(id.to_owned());
        }
    }
    let want = place.detections();
    assert_eq!(labels, want.len());
    assert_eq!(images, want.iter().map(|detected| detected.image.to_string()).collect());
    assert!(found.contains_key("train-00000.tar") && !found.keys().any(|name| is_of(name, "jpg")));
}

/// Names and contents of the files of an archive (POSIX.1-1988, ustar).
fn tar_members(mut bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut members = Vec::new();
    while bytes[0] != 0 {
        let text = |range: std::ops::Range<usize>| {
            std::str::from_utf8(&bytes[range]).unwrap().trim_end_matches(['\0', ' ']).to_owned()
        };
        let size = usize::from_str_radix(&text(124..136), 8).unwrap();
        members.push((text(0..100), bytes[512..512 + size].to_vec()));
        bytes = &bytes[512 + size.div_ceil(512) * 512..];
    }
    members
}

#[test]
fn of_signs_the_images_that_show_them_are_found_and_only_they_are_labelled() {
    let place = Place::of("signs", "--near 9.005,51.998 --radius 80");
    place.made("-f coco");
    let want: BTreeSet<i64> = place.detections().iter().map(|detected| detected.id).collect();
    let found = place.files();
    let documents = documents(&found);
    let annotations = documents.values().flat_map(|document| list(&document["annotations"]));
    assert_eq!(annotations.map(|annotation| number(&annotation["id"])).collect::<BTreeSet<_>>(), want);
    assert!(!want.is_empty());
}

#[test]
fn classes_have_the_order_of_their_file_and_absent_ones_are_told() {
    let place = Place::new();
    let values: BTreeSet<String> = place.detections().into_iter().map(|detected| detected.value).collect();
    let mut order: Vec<String> = values.iter().rev().take(2).cloned().collect();
    order.insert(1, "regulatory--nothing--g1".to_owned());
    fs::write(place.path("classes.txt"), order.join("\n")).unwrap();
    let command = place.command("-f yolo").arg("--classes").arg(place.path("classes.txt"));
    let outcome = command.at(still()).done();
    assert!(
        outcome.err.contains("no detection is of the classes regulatory--nothing--g1\n"),
        "{}",
        outcome.err
    );
    assert_eq!(
        String::from_utf8(place.files()["classes.txt"].clone()).unwrap().lines().collect::<Vec<_>>(),
        order
    );
    let of_classes = |d: &Detected| order.contains(&d.value);
    let want: BTreeSet<i64> = place.detections().iter().filter(|d| of_classes(d)).map(|d| d.image).collect();
    let photos = place.files().keys().filter(|name| is_of(name, "jpg")).count();
    assert_eq!(photos, want.len(), "images without a label are left out");

    fs::remove_dir_all(place.path("out")).unwrap();
    fs::write(place.path("classes.yaml"), "'*': thing\n").unwrap();
    place.command("-f coco").arg("--classes").arg(place.path("classes.yaml")).at(still()).done();
    let found = place.files();
    let train = &documents(&found)["train.json"];
    assert_eq!(
        train["categories"],
        serde_json::json!([{"id": 1, "name": "thing", "supercategory": "thing"}])
    );
}

#[test]
fn the_same_call_asks_for_nothing_and_changes_nothing() {
    for format in ["coco", "yolo", "webdataset"] {
        let place = Place::new();
        let emulator = own_demo();
        place.command(&format!("-f {format}")).at(&emulator).done();
        let (before, asked) = (place.files(), emulator.requests().len());
        place.command(&format!("-f {format}")).at(&emulator).done();
        assert!(before == place.files(), "{format}");
        assert_eq!(emulator.requests().len(), asked, "{format}");
    }
}

#[test]
fn an_interrupted_data_set_becomes_the_same_as_one_that_was_not() {
    for format in ["coco", "webdataset"] {
        let whole = Place::new();
        whole.made(&format!("-f {format} --negatives"));
        let place = Place::new();
        let emulator = Emulator::builder(World::demo()).with_clock(|| 1_760_000_000_000).start().unwrap();
        let command = || place.command(&format!("-f {format} --negatives --retries 0 --concurrency 2"));
        for fault in [
            Fault::block().on(Endpoint::Entity).every(5),
            Fault::status(500).on(Endpoint::Entity).every(7),
            Fault::status(500).on(Endpoint::Thumbnail).every(3),
        ] {
            emulator.fail(fault);
            let outcome = command().at(&emulator).run();
            assert!(outcome.code != 2, "{}", outcome.err);
            emulator.clear_faults();
        }
        let outcome = command().at(&emulator).run();
        assert_eq!(outcome.code, 0, "{}", outcome.err);
        assert!(whole.files() == place.files(), "{format}");
        assert!(!place.path("out.failed").exists());
    }
}

#[test]
fn what_fails_is_listed_and_found_later_in_its_place() {
    for format in ["yolo", "webdataset"] {
        let place = Place::new();
        let ids = place.ids();
        let list = lines(&ids);
        fs::write(place.path("in.geojson"), format!("{list}{NOBODY}\n")).unwrap();
        let emulator = own_demo();
        emulator.fail(Fault::status(500).on(Endpoint::Thumbnail).every(4));
        let line = format!("-f {format} --negatives --retries 0");
        let outcome = place.command(&line).at(&emulator).run();
        assert_eq!(outcome.code, 7, "{}", outcome.err);
        let failed = fs::read_to_string(place.path("out.failed")).unwrap();
        assert!(failed.lines().any(|id| id == NOBODY) && failed.lines().count() > 2, "{failed}");
        assert!(outcome.err.contains("all are listed in "), "{}", outcome.err);
        emulator.clear_faults();
        let outcome = place.command(&line).at(&emulator).run();
        assert_eq!(outcome.code, 7, "{}", outcome.err);
        assert_eq!(fs::read_to_string(place.path("out.failed")).unwrap(), format!("{NOBODY}\n"));
        let later = place.files();
        fs::remove_dir_all(place.path("out")).unwrap();
        assert_eq!(place.command(&line).at(&emulator).run().code, 7);
        assert!(later == place.files(), "{format}");
    }
}

#[test]
fn the_order_of_the_ids_does_not_matter() {
    let place = Place::new();
    place.made("-f coco");
    let mut ids = place.ids();
    ids.reverse();
    let other = Place { folder: tempfile::tempdir().unwrap() };
    let list = lines(&ids);
    fs::write(other.path("in.geojson"), list).unwrap();
    other.made("-f coco");
    let (one, two) = (place.files(), other.files());
    let labels = |files: &BTreeMap<String, Vec<u8>>| {
        documents(files).into_iter().map(|(name, d)| (name, d["annotations"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(labels(&one), labels(&two));
    assert_eq!(one.keys().collect::<Vec<_>>(), two.keys().collect::<Vec<_>>());
}

#[test]
fn another_data_set_and_other_files_are_left_alone() {
    let place = Place::new();
    place.made("-f coco");
    for (options, what) in [
        ("-f yolo", "its format: coco"),
        ("-f coco --crops-of-pano 4x90", "its views of panoramas: none"),
        ("-f coco --split 50,50", "its split: 80,10,10"),
        ("-f coco --negatives", "it differs in --negatives"),
    ] {
        let outcome = place.command(options).at(still()).fails(2);
        assert!(outcome.err.contains(&format!("it holds another data set; {what}")), "{}", outcome.err);
    }
    fs::write(place.path("in.geojson"), "7\n").unwrap();
    let outcome = place.command("-f coco").at(still()).fails(2);
    assert!(outcome.err.contains("it is made of "), "{}", outcome.err);
    let other = Place::new();
    fs::create_dir(other.path("out")).unwrap();
    fs::write(other.path("out").join("precious.txt"), "mine").unwrap();
    let outcome = other.command("-f coco").at(still()).fails(2);
    assert!(outcome.err.contains("it holds other files"), "{}", outcome.err);
    assert_eq!(names_in(&other.path("out")), ["precious.txt"]);
}

#[test]
fn wrong_options_are_refused_before_anything_is_asked() {
    let place = Place::new();
    let emulator = own_demo();
    for (options, what) in [
        ("-f coco --split 80,10", "sum to 90 and not to 100"),
        ("-f coco --split 80;20", "is not a split"),
        ("-f cocoa", "unknown format `cocoa`"),
        ("-f coco --by photo", "unknown grouping `photo`"),
        ("-f coco --value a,b,?", "is not a value of a map feature"),
        ("-f coco --classes no-such-file", "cannot read no-such-file"),
    ] {
        let outcome = place.command(options).at(&emulator).fails(2);
        assert!(outcome.err.contains(what), "{options}: {}", outcome.err);
    }
    fs::write(place.path("bad.yaml"), "a: [b\n").unwrap();
    let outcome =
        place.command("-f coco").arg("--classes").arg(place.path("bad.yaml")).at(&emulator).fails(2);
    assert!(outcome.err.contains("bad.yaml: neither a list of values nor a mapping"), "{}", outcome.err);
    assert!(emulator.requests().is_empty() && !place.path("out").exists());
}

#[test]
fn a_split_that_whole_sequences_cannot_have_is_told() {
    let place = Place::new();
    let first = place.ids()[0];
    let sequence = sequence_of(first);
    let of_one: Vec<i64> = place.ids().into_iter().filter(|id| sequence_of(*id) == sequence).collect();
    let list = lines(&of_one);
    fs::write(place.path("in.geojson"), list).unwrap();
    let outcome = place.made("-f yolo --negatives");
    assert!(
        outcome
            .err
            .contains("the split is 100.0,0.0,0.0: a division by sequence cannot be nearer to 80,10,10"),
        "{}",
        outcome.err
    );
    let yaml = String::from_utf8(place.files()["data.yaml"].clone()).unwrap();
    assert!(yaml.contains("\nval: images/train\n") && !yaml.contains("test:"), "{yaml}");
}

#[test]
fn without_labels_the_data_set_is_empty_and_says_what_there_is() {
    let place = Place::new();
    let outcome = place.made("-f yolo --value none--such");
    assert!(outcome.err.contains("there are no labels; what was recognised: "), "{}", outcome.err);
    assert!(!place.files().keys().any(|name| is_of(name, "jpg")));
}

#[test]
fn the_datasheet_tells_question_counts_licence_and_whom_to_name() {
    let place = Place::new();
    mly(&format!("images {NEAR}")).to(&place.path("in.parquet")).at(still()).done();
    let command = mly("dataset --size 256 -f coco").arg(place.path("in.parquet"));
    command.arg("--to").arg(place.path("out")).at(still()).done();
    let sheet = String::from_utf8(place.files()["datasheet.md"].clone()).unwrap();
    for words in
        ["- Question: images ", "CC BY-SA 4.0", "| train | ", "- Format: coco", "| photos by | photos |"]
    {
        assert!(sheet.contains(words), "{words}\n{sheet}");
    }
    assert!(sheet.contains(&format!(" with {} labels of ", place.detections().len())), "{sheet}");
}

#[test]
fn panoramas_become_views_with_the_labels_that_are_in_them() {
    let place = Place::of("images", "--near 9.01,51.995 --radius 500 --image-type pano --limit 30");
    let whole = place.detections();
    assert!(!whole.is_empty());
    for format in ["coco", "webdataset"] {
        let _ = fs::remove_dir_all(place.path("out"));
        place.made(&format!("-f {format} --negatives --crops-of-pano 4x90"));
        let before = place.files();
        place.made(&format!("-f {format} --negatives --crops-of-pano 4x90"));
        assert!(before == place.files(), "{format}");
        if format == "webdataset" {
            let archives = before.iter().filter(|(name, _)| is_of(name, "tar"));
            let members = archives.flat_map(|(_, bytes)| tar_members(bytes));
            let views = members.filter(|(name, _)| name.ends_with("-3.jpg")).count();
            assert_eq!(views, place.ids().len());
            continue;
        }
        assert_eq!(before.keys().filter(|name| is_of(name, "jpg")).count(), 4 * place.ids().len());
        let mut labels = BTreeSet::new();
        for document in documents(&before).values() {
            let mut images = BTreeMap::new();
            for image in list(&document["images"]) {
                let size = pixels(&before[image["file_name"].as_str().unwrap()]);
                assert_eq!(size, [64, 64], "a quarter of 256 pixels");
                assert!(images.insert(number(&image["id"]), number(&image["image_id"])).is_none());
            }
            for annotation in list(&document["annotations"]) {
                let bbox: Vec<f64> =
                    list(&annotation["bbox"]).iter().map(|number| number.as_f64().unwrap()).collect();
                assert!(bbox[0] >= 0.0 && bbox[0] + bbox[2] <= 64.0 + 1e-9, "{annotation}");
                assert!(labels.insert(number(&annotation["id"])), "{annotation}");
                assert!(place.ids().contains(&images[&number(&annotation["image_id"])]));
            }
        }
        // What is near the horizon and large enough is in some view.
        let is_near =
            |d: &&Detected| d.corners[1] > 0.4 && d.corners[3] < 0.6 && d.corners[2] - d.corners[0] > 0.02;
        let near: Vec<_> = whole.iter().filter(is_near).collect();
        assert!(near.iter().all(|detected| labels.contains(&detected.id)));
    }
}
