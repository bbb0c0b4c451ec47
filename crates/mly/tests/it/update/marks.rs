//! Rows that the service shows no more are marked with the time at which it last showed them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use mly::{Area, FilterValue, Layer, Query, TileId, ValuePattern};
use mly_emulator::Fault;
use serde_json::{Value, json};

use super::{Desk, FORMATS, by_id, gone, id, lost, query};

/// When the earlier files of these tests were written.
const WRITTEN_MS: i64 = 1_700_000_000_000;

fn set_written(path: &Path) {
    let at = SystemTime::UNIX_EPOCH + Duration::from_millis(WRITTEN_MS.cast_unsigned());
    fs::File::options().write(true).open(path).unwrap().set_modified(at).unwrap();
}

fn marked(mut feature: Value, ms: i64) -> Value {
    feature["properties"]["last_crawled_at"] = json!(ms);
    feature
}

/// The marks of features by their ids; features without a mark are left out.
fn marks(features: &[Value]) -> BTreeMap<String, i64> {
    let mark = |feature: &Value| Some((id(feature), feature["properties"]["last_crawled_at"].as_i64()?));
    features.iter().filter_map(mark).collect()
}

#[tokio::test]
async fn rows_that_tiles_do_not_hold_any_more_are_marked_and_no_others() {
    let desk = Desk::new();
    for layer in Layer::ALL {
        let query = query(layer).with_cut(layer == Layer::Sequences);
        let today = desk.today(&query).await;
        let mut rows = today.clone();
        // Two that have come back, three that are gone, of which one was before, and two far away, one with a mark.
        rows[1] = marked(rows[1].clone(), 5_000);
        rows[3] = marked(rows[3].clone(), 6_000);
        rows.extend([lost(&today[0], 1), marked(lost(&today[0], 2), 7_000), lost(&today[5], 3)]);
        rows.extend([gone(&today[0], 4), marked(gone(&today[0], 5), 8_000)]);
        let name = |number: usize| id(&rows[today.len() + number]);
        let want: BTreeMap<_, _> =
            [(name(0), WRITTEN_MS), (name(1), 7_000), (name(2), WRITTEN_MS), (name(4), 8_000)].into();
        for format in FORMATS {
            let file = desk.store(&rows, format);
            set_written(&file);
            let (got, summary) = desk.update(&query, &file).await.unwrap();
            assert_eq!(marks(&got), want, "{layer} {format}");
            // Marks are no change of a row, and nothing else changes.
            assert_eq!((summary.kept, summary.unchanged), (5, today.len() as u64), "{layer} {format}");
            let without = |mut feature: Value| {
                feature["properties"].as_object_mut().unwrap().remove("last_crawled_at");
                feature
            };
            let (got, rows): (Vec<_>, Vec<_>) =
                (got.into_iter().map(without).collect(), rows.iter().cloned().map(without).collect());
            assert_eq!(by_id(&got), by_id(&rows), "{layer} {format}");
        }
    }
}

#[tokio::test]
async fn marks_stay_when_the_updated_file_is_updated_again() {
    let desk = Desk::new();
    let query = query(Layer::Signs);
    let today = desk.today(&query).await;
    let mut rows = today.clone();
    rows.push(lost(&today[0], 1));
    let file = desk.store(&rows, format_of("csv"));
    set_written(&file);
    let (once, _) = desk.update(&query, &file).await.unwrap();
    for format in FORMATS {
        // The file that is updated now was written just now.
        let (twice, _) = desk.update(&query, &desk.store(&once, format)).await.unwrap();
        assert_eq!(marks(&twice), [(id(&rows[today.len()]), WRITTEN_MS)].into(), "{format}");
    }
}

fn format_of(extension: &str) -> mly::sink::Format {
    mly::sink::Format::of_path(Path::new(&format!("x.{extension}"))).unwrap()
}

#[tokio::test]
async fn rows_that_are_shown_and_not_looked_up_again_are_not_marked() {
    let desk = Desk::new();
    for layer in [Layer::Images, Layer::Signs, Layer::Sequences] {
        let query = match layer {
            Layer::Images => query(layer).with_fields(["captured_at", "quality_score", "make"]),
            Layer::Signs => query(layer).with_fields(["last_seen_at", "value", "aligned_direction"]),
            _ => query(layer),
        };
        let today = desk.today(&query).await;
        let mut rows: Vec<Value> = today.iter().cloned().map(|row| marked(row, 3_000)).collect();
        rows.push(lost(&today[0], 1));
        let file = desk.store(&rows, format_of("arrow"));
        set_written(&file);
        let (got, summary) = desk.update(&query, &file).await.unwrap();
        assert!(summary.kept > 3, "{layer}: {summary:?}");
        assert_eq!(marks(&got), [(id(&rows[today.len()]), WRITTEN_MS)].into(), "{layer}");
    }
}

#[tokio::test]
async fn what_a_run_cannot_judge_keeps_what_it_has() {
    let desk = Desk::new();
    let today = desk.today(&query(Layer::Signs)).await;
    let rows: Vec<_> = today.iter().cloned().chain((0..3).map(|number| lost(&today[40], number))).collect();
    let file = desk.store(&rows, format_of("parquet"));
    set_written(&file);
    let value = today[40]["properties"]["value"].as_str().unwrap().to_owned();
    let of_value = |pattern: &str| {
        query(Layer::Signs).with_filter("value", vec![ValuePattern::new(pattern).unwrap()]).unwrap()
    };
    let [lon, lat] = [0, 1].map(|at| rows[today.len()]["geometry"]["coordinates"][at].as_f64().unwrap());
    let seen = FilterValue::Since(mly::query::Moment::earliest("2099").unwrap());
    for (query, is_marked) in [
        (query(Layer::Signs), true),
        (of_value(&value), true),
        (of_value("warning--nothing-of-the-kind"), false),
        (query(Layer::Signs).with_filter("last-seen-since", seen).unwrap(), false),
        (Query::signs(Area::near(lon, lat, 60.0).unwrap()), true),
        (Query::signs(Area::bbox(lon + 0.001, lat, lon + 0.002, lat + 0.001).unwrap()), false),
        (query(Layer::Signs).with_prune(13), false),
    ] {
        let (got, _) = desk.update(&query, &file).await.unwrap();
        let lost: Vec<_> = rows.iter().skip(today.len()).map(id).collect();
        let found = marks(&got);
        assert_eq!(lost.iter().filter(|id| found.contains_key(*id)).count(), 3 * usize::from(is_marked));
    }
}

#[tokio::test]
async fn a_tile_that_is_missing_marks_nothing() {
    let desk = Desk::new();
    let query = query(Layer::Points);
    let today = desk.today(&query).await;
    let tile = |feature: &Value| {
        let at = |place: usize| feature["geometry"]["coordinates"][place].as_f64().unwrap();
        TileId::containing(at(0), at(1), 14)
    };
    let missing = tile(&today[0]);
    assert!(today.iter().any(|row| tile(row) != missing));
    let mut rows: Vec<Value> = today.clone();
    rows.extend((0..).zip(&today).map(|(number, row)| lost(row, number)));
    let file = desk.store(&rows, format_of("fgb"));
    set_written(&file);
    desk.emulator.fail(Fault::status(404).tile(14, missing.x(), missing.y()).always());
    let (got, summary) = desk.update(&query, &file).await.unwrap();
    assert_eq!(summary.missing, [missing]);
    let want: BTreeMap<_, _> = rows
        .iter()
        .skip(today.len())
        .filter(|row| tile(row) != missing)
        .map(|row| (id(row), WRITTEN_MS))
        .collect();
    assert_eq!(marks(&got), want);
}
