//! What is not known of the service does not matter: under every answer to every question, every kind of query has the same
//! result.

use std::collections::BTreeMap;
use std::path::Path;

use mly::cloud::CloudFormat;
use mly::{
    Area, Client, Clouds, Download, FilterValue, Filters, Lookup, PhotoSize, Plan, Query, Subject, TileId,
    ValuePattern,
};
use mly_emulator::{Choice, Emulator, Limits, Question, World};
use serde_json::Value;

use crate::support::truth::{features_around, position};
use crate::support::{client, demo, features_of};

/// A box around the corner of four tiles, with points within a few metres of their edges.
const CORNER: [f64; 4] = [9.004, 51.9955, 9.0135, 52.001];

/// The town as it is under one answer. One in nine images is in the tiles only, and URLs do not change.
fn town(choice: Option<Choice>) -> Emulator {
    let builder = Emulator::builder(World::demo()).with_limits(Limits::default().with_stale_one_in(9));
    let builder = builder.with_clock(|| 1_780_000_000_000);
    choice.into_iter().fold(builder, mly_emulator::Builder::with_answer).start().unwrap()
}

fn corner() -> Area {
    let [west, south, east, north] = CORNER;
    Area::bbox(west, south, east, north).unwrap()
}

fn filters<const N: usize>(values: [(&str, FilterValue); N]) -> Filters {
    values.into_iter().fold(Filters::default(), |all, (name, value)| all.with(name, value).unwrap())
}

/// Ids of what the tiles at the corner show of a layer.
fn ids(set: &str, layer: &str, count: usize) -> Vec<String> {
    let all = features_around(&demo(), set, layer, CORNER);
    let mut ids: Vec<_> = all.iter().map(|f| f["properties"]["id"].as_i64().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    let step = (ids.len() / count).max(1);
    ids.iter().step_by(step).take(count).map(ToString::to_string).collect()
}

/// Every kind of query for an area, by its name.
fn areas() -> Vec<(&'static str, Plan)> {
    let plan = |query: Query| query.plan().unwrap();
    let makes = ["GoPro", "Apple", "samsung", "BlackVue", "Imajing", "RICOH"].map(str::to_owned).to_vec();
    let any_make = || filters([("make", FilterValue::Names(makes.clone()))]);
    let gopro = || filters([("make", FilterValue::Names(vec!["GoPro".into()]))]);
    let creator = || filters([("creator-username", FilterValue::Names(vec!["weserwalker".into()]))]);
    let sign = position(&features_around(&demo(), "mly_map_feature_traffic_sign", "traffic_sign", CORNER)[0]);
    let near = |radius_m| Area::near(9.0088, 51.9984, radius_m).unwrap();
    let nowhere = || Area::tile(TileId::new(14, 8650, 5440).unwrap());
    vec![
        ("images", plan(Query::images(corner()))),
        (
            "images with fields by id",
            plan(Query::images(corner()).with_fields(["make", "model", "captured_at"])),
        ),
        ("sequences", plan(Query::sequences(corner()))),
        ("sequences of a tile", plan(Query::sequences(Area::tile(TileId::new(14, 8602, 5412).unwrap())))),
        ("pruned images", plan(Query::images(corner()).with_prune(10))),
        ("points", plan(Query::points(corner()))),
        ("signs", plan(Query::signs(corner()))),
        (
            "signs by value",
            plan(Query::signs(corner()).with_filters(filters([(
                "value",
                FilterValue::Patterns(vec![ValuePattern::new("regulatory--*").unwrap()]),
            )]))),
        ),
        ("images of a camera", plan(Query::images(corner()).with_filters(gopro()))),
        // The edges of this area are those of boxes that are searched.
        (
            "images of some cameras in a tile",
            plan(Query::images(Area::tile(TileId::new(14, 8601, 5411).unwrap())).with_filters(any_make())),
        ),
        ("images of a creator", plan(Query::images(corner()).with_filters(creator()))),
        (
            "pages of a creator",
            plan(Query::images(Area::bbox(5.0, 45.0, 15.0, 55.0).unwrap()).with_filters(creator())),
        ),
        ("images around a point", plan(Query::images(near(45.0)))),
        ("signs around a point", plan(Query::signs(Area::near(sign[0], sign[1], 45.0).unwrap()))),
        ("no images", plan(Query::images(nowhere()))),
        ("no sequences", plan(Query::sequences(nowhere()))),
        ("no signs", plan(Query::signs(nowhere()))),
    ]
}

/// Every kind of look-up, by its name. Ids that are unknown or of another kind are among them.
fn look_ups() -> Vec<(&'static str, Plan)> {
    let images = ids("mly1_public", "image", 70);
    let signs = ids("mly_map_feature_traffic_sign", "traffic_sign", 60);
    let all = features_around(&demo(), "mly1_public", "sequence", CORNER);
    let sequences: Vec<String> =
        all.iter().take(3).map(|f| f["properties"]["id"].as_str().unwrap().to_owned()).collect();
    let with = |list: &[String], more: &[&str]| -> Vec<String> {
        list.iter().cloned().chain(more.iter().map(|id| (*id).to_owned())).collect()
    };
    let plan = |lookup: Lookup| lookup.plan().unwrap();
    let few = |list: &[String]| list[..4].to_vec();
    vec![
        (
            "images by id",
            plan(
                Lookup::new(Subject::Image, with(&images, &["77", &signs[0]]))
                    .with_fields(["captured_at", "make"]),
            ),
        ),
        ("images by id with all fields", plan(Lookup::new(Subject::Image, few(&images)))),
        ("map features by id", plan(Lookup::new(Subject::MapFeature, with(&signs, &["77", &images[0]])))),
        ("images of sequences", plan(Lookup::new(Subject::Sequence, sequences))),
        ("organizations", plan(Lookup::new(Subject::Organization, ["2647395818226401", "77"]))),
        ("detections in images", plan(Lookup::new(Subject::DetectionsOfImage, with(&few(&images), &["77"])))),
        (
            "detections of signs",
            plan(Lookup::new(Subject::DetectionsOfMapFeature, with(&few(&signs), &["77"]))),
        ),
    ]
}

/// Every file in a folder and in the folders inside it.
fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            files.extend(tree(&path).into_iter().map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        } else if !name.starts_with('.') {
            files.insert(name, std::fs::read(&path).unwrap());
        }
    }
    files
}

/// The rows of a plan by what they tell apart from their place, in an order of their own, and the ids that were not found.
async fn rows(client: &Client, plan: &Plan) -> (Vec<(String, Value)>, Vec<String>) {
    let (rows, summary) = features_of(client, plan).await.unwrap();
    let mut rows: Vec<_> = rows
        .into_iter()
        .map(|mut row| {
            // One answer is about these values, and URLs have the port of the emulator in them.
            let differs = |name: &str| name.starts_with("camera_") || name.ends_with("_url");
            row["properties"].as_object_mut().unwrap().retain(|name, _| !differs(name));
            (row["properties"].to_string(), row["geometry"].take())
        })
        .collect();
    // A tile that shows points of the next one too shows them earlier.
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    (rows, summary.not_found)
}

/// The positions in a geometry.
fn positions(geometry: &Value, found: &mut Vec<[f64; 2]>) {
    match geometry {
        Value::Object(members) => members.values().for_each(|inner| positions(inner, found)),
        Value::Array(list) => match list.as_slice() {
            [lon, lat] if lon.is_number() => found.push([lon.as_f64().unwrap(), lat.as_f64().unwrap()]),
            more => more.iter().for_each(|inner| positions(inner, found)),
        },
        _ => {}
    }
}

/// Whether two geometries are the same as far as tiles are exact: each position of one is near a position of the other or
/// near the straight piece between two of them.
fn are_near(a: &Value, b: &Value) -> bool {
    const NEAR: f64 = 3e-5;
    let [a, b] = [a, b].map(|geometry| {
        let mut found = Vec::new();
        positions(geometry, &mut found);
        found
    });
    let is_near = |at: &[f64; 2], line: &[[f64; 2]]| {
        let mut ends =
            line.windows(2).map(|pair| (pair[0], pair[1])).chain(line.first().map(|at| (*at, *at)));
        ends.any(|(from, to)| {
            let (d, p) = ([to[0] - from[0], to[1] - from[1]], [at[0] - from[0], at[1] - from[1]]);
            let length = d[0] * d[0] + d[1] * d[1];
            let along =
                if length > 0.0 { ((p[0] * d[0] + p[1] * d[1]) / length).clamp(0.0, 1.0) } else { 0.0 };
            (p[0] - along * d[0]).hypot(p[1] - along * d[1]) < NEAR
        })
    };
    a.is_empty() == b.is_empty() && a.iter().all(|at| is_near(at, &b)) && b.iter().all(|at| is_near(at, &a))
}

async fn photos_and_clouds(client: &Client, ids: &[String]) -> [BTreeMap<String, Vec<u8>>; 2] {
    let folder = tempfile::tempdir().unwrap();
    let [photos, clouds] = ["photos", "clouds"].map(|name| folder.path().join(name));
    let small = Download::into(&photos).with_size(PhotoSize::W256);
    client.download(&ids[..8], &small).unwrap().finish().await.unwrap();
    let ply = Clouds::into(&clouds).with_format(CloudFormat::Ply);
    client.download_clouds(&ids[..6], &ply).unwrap().finish().await.unwrap();
    [tree(&photos), tree(&clouds)]
}

/// Compares all results under the answers to some questions with those of the default answers.
async fn check(questions: &[Question]) {
    let plans: Vec<_> = areas().into_iter().chain(look_ups()).collect();
    let some = ids("mly1_public", "image", 40);
    let usual = town(None);
    let usual_client = client(&usual);
    let mut want = Vec::new();
    for (name, plan) in &plans {
        let rows = rows(&usual_client, plan).await;
        assert!(!rows.0.is_empty() || name.starts_with("no "), "{name} is no test");
        want.push(rows);
    }
    let want_files = photos_and_clouds(&usual_client, &some).await;
    assert!(want_files.iter().all(|files| files.len() > 2));
    for question in questions {
        for variant in &question.variants[1..] {
            let choice = Choice::new(question.name, variant.name).unwrap();
            let emulator = town(Some(choice));
            let client = client(&emulator);
            for ((name, plan), want) in plans.iter().zip(&want) {
                let got = rows(&client, plan).await;
                let under = format!("{name} under {}={}", question.name, variant.name);
                assert_eq!((got.0.len(), &got.1), (want.0.len(), &want.1), "{under}");
                for (got, want) in got.0.iter().zip(&want.0) {
                    assert_eq!(got.0, want.0, "{under}");
                    assert!(are_near(&got.1, &want.1), "{under}: {} is at\n{}\n{}", got.0, got.1, want.1);
                }
            }
            let files = photos_and_clouds(&client, &some).await;
            assert!(files == want_files, "files under {}={}", question.name, variant.name);
        }
    }
}

/// The questions from one part of their list to another, in thirds.
fn third(part: usize) -> &'static [Question] {
    let all = Question::ALL;
    &all[all.len() * part / 3..all.len() * (part + 1) / 3]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_about_tiles_gives_the_same_results() {
    check(third(0)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_about_headers_and_boxes_gives_the_same_results() {
    check(third(1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_about_ids_and_files_gives_the_same_results() {
    check(third(2)).await;
}
