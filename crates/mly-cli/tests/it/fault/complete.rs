//! Faults that do no harm: the result is complete, or a warning says what is taken as empty.

use std::thread;

use fast_mvt::{MvtGeometry, MvtLayerBuilder};
use mly_emulator::{Emulator, Fault, World};
use serde_json::Value as Json;

use super::{TILE, on_tile, under};
use crate::read::geojson;
use crate::support::{TOWN, everything, mly, own_demo};

/// Runs every case at once: most of their time is waiting.
fn at_once<T: Send>(cases: impl IntoIterator<Item = T>, run: impl Fn(T) + Sync) {
    thread::scope(|scope| {
        for case in cases {
            scope.spawn(|| run(case));
        }
    });
}

/// Rows of the town that do not lie in [`TILE`].
fn images_outside_the_tile() -> usize {
    let (z, x, y) = TILE;
    let inside = mly(&format!("images --tile {z}/{x}/{y}")).at(&own_demo()).done();
    everything("images").len() - geojson(&inside.out).len()
}

#[test]
fn faults_that_pass_leave_no_trace_in_the_result() {
    let whole = under([], &format!("images {TOWN}")).out;
    let faults: [fn() -> Fault; 13] = [
        || Fault::status(500),
        || Fault::status(502),
        || Fault::status(503),
        || Fault::status(504),
        || Fault::status(408),
        || Fault::status(429),
        Fault::cut_body,
        Fault::short_length,
        Fault::garbled,
        Fault::wrong_type,
        Fault::throttle,
        Fault::transient,
        Fault::too_much_data,
    ];
    let cases = faults.into_iter().flat_map(|fault| [on_tile(fault()).next(1), fault().every(4)]);
    at_once(cases, |fault| {
        let outcome = under([fault.clone()], &format!("images {TOWN} --retries 4"));
        assert_eq!(outcome.code, 0, "{fault:?}: {}", outcome.err);
        assert!(outcome.out == whole, "{fault:?}");
    });
}

#[test]
fn a_tile_that_is_missing_only_once_is_asked_for_again() {
    let whole = under([], &format!("images {TOWN}")).out;
    // One after the other, so that no tile meets this fault twice: then it would be taken as empty.
    let outcome = under([Fault::not_found_404().every(2)], &format!("images {TOWN} --concurrency 1"));
    assert!(outcome.out == whole && !outcome.err.contains("warning"), "{}", outcome.err);
}

#[test]
fn what_was_asked_for_again_is_told() {
    let outcome = under([Fault::status(503).next(1)], &format!("images {TOWN} --concurrency 1"));
    assert!(outcome.err.contains(" images from 10 requests, including 1 retry ("), "{}", outcome.err);
}

#[test]
fn the_bytes_are_the_same_whatever_the_concurrency_and_the_faults() {
    let cases = ["images", "sequences", "signs"].into_iter().flat_map(|layer| {
        ["geojson", "geojsonseq", "csv", "arrow"]
            .map(|format| format!("{layer} {TOWN} --retries 9 -f {format}"))
    });
    at_once(cases, |args| {
        let whole = under([], &args).out;
        for concurrency in [1, 2, 16] {
            let faults =
                [Fault::status(503).every(7), Fault::cut_body().every(5), Fault::garbled().every(11)];
            let some = under(faults, &format!("{args} --concurrency {concurrency}"));
            assert!(some.code == 0 && some.out == whole, "{args} with {concurrency} at once: {}", some.err);
        }
    });
}

#[test]
fn a_pause_that_the_service_asks_for_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let summary = folder.path().join("summary.json");
    let args = format!("images {TOWN} --summary {}", summary.display());
    assert_eq!(under([Fault::status(429).with_retry_after(1).next(1)], &args).code, 0);
    let summary: Json = serde_json::from_slice(&std::fs::read(summary).unwrap()).unwrap();
    assert!(summary["waited"].as_f64().unwrap() >= 1.0, "{summary}");
    assert_eq!(summary["retries"], 1);
}

#[test]
fn a_huge_body_within_limits_is_read() {
    let huge = under([on_tile(Fault::huge_tile(3 << 20))], "images --tile 14/8601/5411 -f geojsonseq");
    assert_eq!(huge.code, 0, "{}", huge.err);
    assert!(huge.out.split(|byte| *byte == b'\n').count() > 100_000);
}

#[test]
fn an_empty_answer_is_an_empty_tile() {
    let outside = images_outside_the_tile();
    for fault in [Fault::empty_200(), Fault::no_content_204()] {
        let outcome = under([on_tile(fault)], &format!("images {TOWN}"));
        assert_eq!((outcome.code, geojson(&outcome.out).len()), (0, outside));
        assert!(!outcome.err.contains("warning"), "{}", outcome.err);
    }
}

#[test]
fn a_tile_that_stays_missing_is_taken_as_empty_warned_about_and_listed() {
    let folder = tempfile::tempdir().unwrap();
    let summary = folder.path().join("summary.json");
    let args = format!("images {TOWN} --quiet --summary {}", summary.display());
    let outcome = under([on_tile(Fault::not_found_404())], &args);
    assert_eq!((outcome.code, geojson(&outcome.out).len()), (0, images_outside_the_tile()));
    assert_eq!(outcome.err, "warning: 1 tile answered 404, treated as empty: 14/8601/5411\n");
    let summary: Json = serde_json::from_slice(&std::fs::read(summary).unwrap()).unwrap();
    assert_eq!(summary["missing"], serde_json::json!(["14/8601/5411"]));

    let all = under([Fault::not_found_404()], &format!("images {TOWN} --retries 0"));
    assert!(geojson(&all.out).is_empty());
    let warning = all.err.lines().next().unwrap();
    assert!(warning.starts_with("warning: 9 tiles answered 404, treated as empty: 14/"), "{warning}");
    assert!(warning.ends_with(", ..."), "{warning}");
}

/// A tile of one image with an id and two without.
fn odd_tile() -> Vec<u8> {
    let layer = MvtLayerBuilder::new("image").unwrap();
    let mut feature = layer.feature(&MvtGeometry::Point((7, 7).into())).unwrap();
    feature.tag_int("id", 1).unwrap();
    let mut feature = feature.end().feature(&MvtGeometry::Point((8, 8).into())).unwrap();
    feature.tag_bool("is_pano", true).unwrap();
    let mut feature = feature.end().feature(&MvtGeometry::Point((9, 9).into())).unwrap();
    feature.tag_string("id", "unknown").unwrap();
    feature.end().encode()
}

#[test]
fn images_without_an_id_are_left_out_and_warned_about() {
    let folder = tempfile::tempdir().unwrap();
    let tile = folder.path().join("mly1_public-14-8601-5411.mvt");
    std::fs::write(&tile, odd_tile()).unwrap();
    let emulator = Emulator::start(World::open(&tile).unwrap()).unwrap();
    let outcome = mly("images --tile 14/8601/5411 -q").at(&emulator).done();
    assert_eq!(geojson(&outcome.out).iter().map(|row| row.int("id")).collect::<Vec<_>>(), [Some(1)]);
    assert_eq!(outcome.err, "warning: skipped 2 features without a usable id or geometry\n");
}
