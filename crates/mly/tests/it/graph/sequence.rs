//! Whole sequences: what tiles cut or leave out comes from the graph, and nothing else does.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use mly::{Area, FilterValue, Filters, ImageType, Query, TileId};
use mly_emulator::{Emulator, Endpoint, Limits, World};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::drive::{drives, name};
use super::search::filters;
use super::{asked, client, features_of, town_images};
use crate::support::truth::{features_around, graph, lines};
use crate::support::{TOWN, demo, town};

async fn rows(emulator: &Emulator, query: &Query) -> Vec<Value> {
    features_of(&client(emulator), &query.plan().unwrap()).await.unwrap().0
}

fn bbox([w, s, e, n]: [f64; 4]) -> Query {
    Query::sequences(Area::bbox(w, s, e, n).unwrap())
}

/// Tiles of a box.
fn tiles_of([w, s, e, n]: [f64; 4]) -> BTreeSet<TileId> {
    let (a, b) = (TileId::containing(w, n, 14), TileId::containing(e, s, 14));
    (a.x()..=b.x()).flat_map(|x| (a.y()..=b.y()).filter_map(move |y| TileId::new(14, x, y))).collect()
}

/// Every sequence that touches the box is there once and whole; none that keeps away from it is.
fn check(area: [f64; 4], rows: &[Value]) {
    // A tile's position is half a metre off at most, and its lines leave out what is not far off.
    let [w, s, e, n] = area;
    let margin = 3e-5;
    let wide = [w - margin, s - margin, e + margin, n + margin];
    let narrow = [w + margin, s + margin, e - margin, n - margin];
    let found: BTreeSet<&str> = rows.iter().map(name).collect();
    assert_eq!(found.len(), rows.len(), "each once");
    for (id, drive) in drives() {
        let is_found = found.contains(id.as_str());
        assert!(is_found || !(drive.touches(narrow) && drive.touches(area)), "{id} is missing in {area:?}");
        assert!(!is_found || drive.touches(wide), "{id} is not in {area:?}");
    }
}

/// Lines go through all images: exactly where the graph was asked, as tiles show them elsewhere.
fn check_lines(area: [f64; 4], rows: &[Value], asked: &BTreeSet<String>) {
    let fetched = tiles_of(area);
    for row in rows {
        let drive = &drives()[name(row)];
        let lines = lines(row);
        if asked.contains(name(row)) {
            let mut want = drive.positions();
            if want.len() == 1 {
                want.push(want[0]);
            }
            assert_eq!(lines, [want], "{}", name(row));
        } else {
            assert!(drive.tiles().is_subset(&fetched), "{} goes on", name(row));
            let near = |at: &[f64; 2]| {
                lines.iter().any(|line| line.windows(2).any(|ends| distance(*at, ends[0], ends[1]) < 3e-5))
            };
            assert!(drive.positions().iter().all(near), "{} is not whole", name(row));
        }
    }
}

/// Distance of a position from a straight piece, in degrees.
fn distance(at: [f64; 2], a: [f64; 2], b: [f64; 2]) -> f64 {
    let (d, p) = ([b[0] - a[0], b[1] - a[1]], [at[0] - a[0], at[1] - a[1]]);
    let length = d[0] * d[0] + d[1] * d[1];
    let t = if length > 0.0 { ((p[0] * d[0] + p[1] * d[1]) / length).clamp(0.0, 1.0) } else { 0.0 };
    (p[0] - t * d[0]).hypot(p[1] - t * d[1])
}

/// Ids of the sequences whose images were asked for.
fn asked_sequences(emulator: &Emulator, before: usize) -> BTreeSet<String> {
    let seen = asked(emulator, Endpoint::Entity);
    let list = seen[before..].iter().filter_map(|q| q.strip_prefix("/image_ids?sequence_id="));
    list.map(str::to_owned).collect()
}

#[tokio::test]
async fn every_sequence_of_a_box_is_there_once_and_whole() {
    let emulator = demo();
    for area in [
        [9.003, 51.996, 9.006, 51.998],
        [9.0, 51.99, 9.02, 52.0],
        [9.008, 51.998, 9.0095, 51.999],
        [9.0086, 51.9982, 9.009, 51.9986],
        [8.985, 51.985, 8.99, 51.999],
        TOWN,
    ] {
        let before = asked(&emulator, Endpoint::Entity).len();
        let rows = rows(&emulator, &bbox(area)).await;
        assert!(!rows.is_empty(), "{area:?}");
        check(area, &rows);
        check_lines(area, &rows, &asked_sequences(&emulator, before));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_box_has_the_sequences_that_touch_it(lon in 8.985..9.025_f64, lat in 51.983..52.007_f64, w in 0.0002..0.01_f64, h in 0.0002..0.006_f64) {
        static TOWN: LazyLock<(tokio::runtime::Runtime, Emulator)> = LazyLock::new(|| {
            (tokio::runtime::Runtime::new().unwrap(), demo())
        });
        let (runtime, emulator) = &*TOWN;
        let area = [lon, lat, lon + w, lat + h];
        let before = asked(emulator, Endpoint::Entity).len();
        let rows = runtime.block_on(rows(emulator, &bbox(area)));
        check(area, &rows);
        check_lines(area, &rows, &asked_sequences(emulator, before));
    }
}

#[tokio::test]
async fn a_sequence_within_the_fetched_tiles_costs_no_request() {
    let emulator = demo();
    let all = rows(&emulator, &Query::sequences(town())).await;
    let asked = asked_sequences(&emulator, 0);
    let in_tiles = features_around(&emulator, "mly1_public", "sequence", TOWN);
    let alone: Vec<&Value> = in_tiles.iter().filter(|f| drives()[name(f)].tiles().len() == 1).collect();
    assert!(alone.len() > 10, "{}", alone.len());
    for tile in &alone {
        assert!(!asked.contains(name(tile)), "{}", name(tile));
        let row = all.iter().find(|row| name(row) == name(tile)).unwrap();
        assert_eq!(row["properties"], tile["properties"]);
        let (got, want) = (lines(row), lines(tile));
        let same = |a: &[f64; 2], b: &[f64; 2]| (a[0] - b[0]).abs() < 1e-12 && (a[1] - b[1]).abs() < 1e-12;
        assert!(got.iter().flatten().zip(want.iter().flatten()).all(|(a, b)| same(a, b)));
        assert_eq!(got.concat().len(), want.concat().len());
    }
    assert!(asked.len() < all.len() / 3, "{} of {}", asked.len(), all.len());
}

#[tokio::test]
async fn cut_sequences_ask_nothing_of_the_graph() {
    let emulator = demo();
    for area in [TOWN, [9.003, 51.996, 9.006, 51.998], [9.00879, 51.99841, 9.0089, 51.9985]] {
        let rows = rows(&emulator, &bbox(area).with_cut(true)).await;
        check(area, &rows);
    }
    assert!(asked(&emulator, Endpoint::Entity).is_empty());
}

#[tokio::test]
async fn sequences_without_a_line_begin_with_their_earliest_image() {
    let emulator = demo();
    let all = rows(&emulator, &Query::sequences(town())).await;
    assert_eq!(all.len(), drives().len());
    let mut singles = 0;
    for row in &all {
        let (properties, drive) = (&row["properties"], &drives()[name(row)]);
        let (id, moment, at) = drive.images[0];
        assert_eq!(
            (properties["image_id"].as_i64(), properties["captured_at"].as_i64()),
            (Some(id), Some(moment))
        );
        let image = &town_images()[&id];
        assert_eq!(properties["is_pano"], image["is_pano"]);
        let number = |value: &Value| value.as_str().map(|text| text.parse::<i64>().unwrap());
        assert_eq!(properties["organization_id"].as_i64(), number(&image["organization"]["id"]));
        assert_eq!(properties["creator_id"].as_i64(), number(&image["creator"]["id"]));
        if drive.images.len() == 1 {
            singles += 1;
            // A line of two equal positions would not be valid.
            assert_eq!(row["geometry"], json!({"type": "MultiPoint", "coordinates": [at]}));
        }
    }
    assert!(singles >= 4);
}

/// Whether a row is wanted.
type Fits = Box<dyn Fn(&Value) -> bool>;

/// Filters, and which of these rows they let through.
fn cases(within: &[Value]) -> Vec<(Filters, Fits)> {
    let first = |row: &Value| town_images()[&drives()[name(row)].images[0].0].clone();
    let creator: i64 = first(&within[0])["creator"]["id"].as_str().unwrap().parse().unwrap();
    let mut moments: Vec<i64> = within.iter().map(|row| drives()[name(row)].images[0].1).collect();
    moments.sort_unstable();
    let middle = moments[moments.len() / 2];
    let organization = within.iter().find_map(|row| row["properties"]["organization_id"].as_i64()).unwrap();
    let some: Vec<String> = within
        .iter()
        .step_by(3)
        .map(|row| name(row).to_owned())
        .chain(["zzzzzzzzzzzzzzzzzzzzzz".into()])
        .collect();
    let listed = some.clone();
    vec![
        (
            filters([("since", FilterValue::Since(middle.into()))]),
            Box::new(move |row| row["properties"]["captured_at"].as_i64().unwrap() >= middle),
        ),
        (
            filters([("until", FilterValue::Until((middle - 1).into()))]),
            Box::new(move |row| row["properties"]["captured_at"].as_i64().unwrap() < middle),
        ),
        (
            filters([("image-type", ImageType::Pano.into())]),
            Box::new(|row| row["properties"]["is_pano"] == true),
        ),
        (
            filters([("image-type", ImageType::Flat.into())]),
            Box::new(|row| row["properties"]["is_pano"] == false),
        ),
        (
            filters([("creator", vec![creator, 1].into())]),
            Box::new(move |row| row["properties"]["creator_id"] == creator),
        ),
        (
            filters([("organization", vec![organization].into())]),
            Box::new(move |row| row["properties"]["organization_id"] == organization),
        ),
        (filters([("sequence", some.into())]), Box::new(move |row| listed.contains(&name(row).to_owned()))),
    ]
}

#[tokio::test]
async fn filters_see_lines_and_single_images_alike() {
    let emulator = demo();
    // The middle of the town, where some sequences have one image in a tile.
    let area = [9.0, 51.99, 9.02, 52.0];
    let within = rows(&emulator, &bbox(area)).await;
    for (filters, fits) in cases(&within) {
        let query = bbox(area).with_filters(filters);
        let got = rows(&emulator, &query).await;
        let want: Vec<Value> = within.iter().filter(|row| fits(row)).cloned().collect();
        assert!(!want.is_empty() && want.len() < within.len(), "{query}");
        assert_eq!(got, want, "{query}");
    }
}

#[tokio::test]
async fn a_sequence_that_cannot_be_completed_is_told() {
    let limits = Limits::default().with_stale_one_in(1);
    let emulator = Emulator::builder(World::demo()).with_limits(limits).start().unwrap();
    let plan = bbox([9.003, 51.996, 9.006, 51.998]).plan().unwrap();
    let (_, summary) = super::features_of(&super::client(&emulator), &plan).await.unwrap();
    let asked = asked_sequences(&emulator, 0);
    assert!(!asked.is_empty());
    assert!(asked.iter().all(|id| summary.not_found.contains(id)), "{:?}", summary.not_found);
}

#[tokio::test]
async fn deleted_images_are_left_out_of_lines_and_whole_sequences_stay_as_shown() {
    let area = [9.003, 51.996, 9.006, 51.998];
    for one_in in [3, 1] {
        let limits = Limits::default().with_stale_one_in(one_in);
        let emulator = Emulator::builder(World::demo()).with_limits(limits).start().unwrap();
        let rows = rows(&emulator, &bbox(area)).await;
        let asked = asked_sequences(&emulator, 0);
        assert!(!asked.is_empty());
        for row in rows.iter().filter(|row| asked.contains(name(row))) {
            let list = graph(&emulator, &format!("/image_ids?sequence_id={}", name(row)));
            let left: Vec<i64> = list["data"]
                .as_array()
                .unwrap()
                .iter()
                .map(|i| i["id"].as_str().unwrap().parse().unwrap())
                .collect();
            let want: Vec<[f64; 2]> = drives()[name(row)]
                .images
                .iter()
                .filter(|(id, ..)| left.contains(id))
                .map(|(_, _, at)| *at)
                .collect();
            match want.as_slice() {
                [] => assert!(!lines(row).is_empty()),
                [only] => assert_eq!(lines(row), [[*only, *only]]),
                many => assert_eq!(lines(row), [many]),
            }
        }
        let whole = demo();
        let names = |rows: &[Value]| rows.iter().map(|row| name(row).to_owned()).collect::<BTreeSet<_>>();
        let all = names(&self::rows(&whole, &bbox(area)).await);
        assert!(names(&rows).is_subset(&all) && rows.len() > all.len() / 2);
    }
}

#[tokio::test]
async fn a_limit_gives_the_first_sequences_and_asks_for_few() {
    let emulator = demo();
    let area = [9.0, 51.99, 9.02, 52.0];
    let all = rows(&emulator, &bbox(area)).await;
    let for_all = asked(&emulator, Endpoint::Entity).len();
    for limit in [1, 3, 5] {
        let before = asked(&emulator, Endpoint::Entity).len();
        let some = rows(&emulator, &bbox(area).with_limit(limit)).await;
        assert_eq!(some, all[..limit as usize]);
        assert!(asked(&emulator, Endpoint::Entity).len() - before < for_all / 2);
    }
}
