//! What costs look-ups is asked for only where it is new or recent.

use std::time::{Duration, SystemTime};

use mly::sink::Format;
use mly::{Earlier, Layer};
use serde_json::json;

use super::{DAY_MS, Desk, FORMATS, aged, by_id, id, moment, query};
use crate::support::town;

const IMAGES: [&str; 4] = ["captured_at", "quality_score", "make", "model"];
const SIGNS: [&str; 3] = ["last_seen_at", "value", "aligned_direction"];

/// Ids of a look-up.
const AT_ONCE: u64 = 50;

/// The newest moment of some features minus 90 days.
fn since(earlier: &[serde_json::Value], layer: Layer) -> i64 {
    earlier.iter().map(|feature| moment(feature, layer)).max().unwrap() - 90 * DAY_MS
}

#[tokio::test]
async fn rows_are_looked_up_when_they_are_new_or_recent_or_were_seen_since() {
    let desk = Desk::new();
    for (layer, fields) in [(Layer::Images, &IMAGES[..]), (Layer::Signs, &SIGNS[..])] {
        let query = query(layer).with_fields(fields.iter().copied());
        let today = desk.today(&query).await;
        let mut file = aged(&today, layer);
        // The file was written when the newest rows were not there yet, and others had not been seen again.
        let moments: Vec<_> = file.iter().map(|feature| moment(feature, layer)).collect();
        let end = moments.iter().max().unwrap() - 300 * DAY_MS;
        match layer {
            Layer::Images => file.retain(|feature| moment(feature, layer) <= end),
            _ => file.iter_mut().filter(|feature| moment(feature, layer) > end).for_each(|feature| {
                feature["properties"]["last_seen_at"] = json!(end - 1000 * DAY_MS);
            }),
        }
        let since = since(&file, layer);
        let old = by_id(&file);
        let is_known = |now: &serde_json::Value| {
            old.get(&id(now)).is_some_and(|then| moment(then, layer) < since && moment(now, layer) < since)
        };
        let known = today.iter().filter(|now| is_known(now)).count();
        assert!(known > 50 && today.len() - known > 50, "{layer}: {known} of {}", today.len());
        for format in FORMATS {
            let path = desk.store(&file, format);
            let (got, summary) = desk.update(&query, &path).await.unwrap();
            let got = by_id(&got);
            let current = by_id(&today);
            assert_eq!(
                got.keys().len(),
                old.keys().chain(current.keys()).collect::<std::collections::BTreeSet<_>>().len()
            );
            for (id, got) in got {
                let want = current.get(&id).filter(|now| !is_known(now)).or(old.get(&id)).unwrap();
                assert_eq!(got["properties"], want["properties"], "{layer} {format}");
            }
            let asked = (today.len() - known) as u64;
            assert_eq!(
                (summary.tiles, summary.entities),
                (query.plan().unwrap().cost().tiles, asked.div_ceil(AT_ONCE)),
                "{layer} {format}"
            );
        }
    }
}

#[tokio::test]
async fn sequences_that_leave_the_area_are_completed_when_new_or_recent() {
    let (desk, layer) = (Desk::new(), Layer::Sequences);
    let mut before = desk.client().run(&query(layer).plan().unwrap());
    let full = before.write_file(&desk.file("full.csv"), Format::Csv, false).await.unwrap();
    let today = desk.today(&query(layer)).await;
    let shown = desk.today(&query(layer).with_cut(true)).await;
    let shown = by_id(&shown);
    let file = aged(&today, layer);
    let (since, old) = (since(&file, layer), by_id(&file));
    for format in FORMATS {
        let (got, summary) = desk.update(&query(layer), &desk.store(&file, format)).await.unwrap();
        let got = by_id(&got);
        let mut kept = 0;
        for now in &today {
            let got = got[&id(now)];
            // What tiles show whole costs nothing.
            let is_whole = shown.get(&id(now)).is_some_and(|shown| shown["geometry"] == now["geometry"]);
            let is_old = old.contains_key(&id(now)) && moment(now, layer) < since;
            kept += u64::from(got["properties"] != now["properties"]);
            if is_old && !is_whole {
                assert_eq!(got, old[&id(now)], "{format}");
            } else if !is_old {
                assert_eq!(got, now, "{format}");
            }
        }
        assert_eq!((summary.kept, summary.rows), (kept + 7, today.len() as u64 + 7), "{format}");
        assert!(kept > 0 && 0 < summary.entities && summary.entities < full.entities, "{format}");
    }
}

#[tokio::test]
async fn a_clock_that_was_wrong_does_not_hide_what_is_new() {
    let desk = Desk::new();
    let query = mly::Query::images(town()).with_fields(IMAGES);
    let today = desk.today(&query).await;
    let mut file = aged(&today, Layer::Images);
    file[3]["properties"]["captured_at"] = json!(4_000_000_000_000_i64);
    let path = desk.store(&file, Format::Csv);
    // All rows but that one were captured before the file was written.
    let newest =
        file.iter().map(|f| moment(f, Layer::Images)).filter(|ms| *ms < 4_000_000_000_000).max().unwrap();
    let written = SystemTime::UNIX_EPOCH + Duration::from_millis(newest.cast_unsigned());
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(written).unwrap();
    let (got, _) = desk.update(&query, &path).await.unwrap();
    let (got, since) = (by_id(&got), newest - 90 * DAY_MS);
    let recent: Vec<_> = today.iter().filter(|now| moment(now, Layer::Images) >= since).collect();
    assert!(recent.len() > 10);
    for now in recent {
        assert_eq!(got[&id(now)], now);
    }
}

#[tokio::test]
async fn a_file_that_does_not_tell_enough_is_looked_up_again_and_says_why() {
    let desk = Desk::new();
    let wanted = query(Layer::Images).with_fields(IMAGES);
    let today = desk.today(&wanted).await;
    let full = today.len() as u64;
    for (fields, why) in [
        (&["captured_at", "quality_score"][..], Some("does not have make, model")),
        (&["quality_score", "make", "model"], Some("does not have captured_at")),
        (&IMAGES, None),
    ] {
        let earlier = desk.today(&query(Layer::Images).with_fields(fields.iter().copied())).await;
        let path = desk.store(&earlier, Format::Csv);
        let plan = wanted.plan().unwrap();
        let batches = desk.client().run(&plan).updating(Earlier::open(&path).unwrap()).unwrap();
        assert_eq!(batches.full_refresh_reason(), why);
        let (got, summary) = desk.update(&wanted, &path).await.unwrap();
        assert_eq!(by_id(&got), by_id(&today));
        assert_eq!(summary.entities == full.div_ceil(AT_ONCE), why.is_some());
        // Rows that cost nothing need no such things.
        let plain = query(Layer::Images).with_fields(["captured_at", "quality_score", "compass_angle"]);
        if fields.contains(&"make") {
            continue;
        }
        let batches =
            desk.client().run(&plain.plan().unwrap()).updating(Earlier::open(&path).unwrap()).unwrap();
        assert_eq!(batches.full_refresh_reason(), None);
    }
    // Without a moment in the result there is nothing to tell by.
    let undated = query(Layer::Images).with_fields(["make"]);
    let path = desk.store(&desk.today(&undated).await, Format::Parquet);
    let batches =
        desk.client().run(&undated.plan().unwrap()).updating(Earlier::open(&path).unwrap()).unwrap();
    assert_eq!(batches.full_refresh_reason(), Some("does not tell captured_at"));
}

#[tokio::test]
async fn searches_are_merged_as_tiles_are() {
    let desk = Desk::new();
    let make = desk.today(&query(Layer::Images).with_fields(["make"])).await;
    let make = make.iter().find_map(|f| f["properties"]["make"].as_str()).unwrap();
    let query = mly::Query::images(town()).with_filter("make", make).unwrap();
    let today = desk.today(&query).await;
    let file = aged(&today, Layer::Images);
    let (got, summary) = desk.update(&query, &desk.store(&file, Format::FlatGeobuf)).await.unwrap();
    assert_eq!(by_id(&got[..today.len()]), by_id(&today));
    assert_eq!((summary.rows, summary.kept), (today.len() as u64 + 7, 7));
}
