//! Dates that count back from now mean something else when the run is started again.

use std::fs;

use mly::sink::Format;
use mly::{Error, Lookup, Plan, Query, Subject};

use super::damage::Wreck;
use super::{Desk, unfinished};
use crate::support::town;

const FORMATS: [Format; 3] = [Format::Csv, Format::Parquet, Format::GeoPackage];

fn since(words: &str) -> Plan {
    Query::images(town()).with_since(words).unwrap().with_until("1d").unwrap().plan().unwrap()
}

/// A plan of the same words, made so much later that its dates are others.
fn later(plan: &Plan, words: &str) -> Plan {
    loop {
        let next = since(words);
        if next.to_json().unwrap() != plan.to_json().unwrap() {
            return next;
        }
    }
}

#[test]
fn a_run_since_so_many_days_ago_goes_on_with_the_dates_of_its_beginning() {
    for format in FORMATS {
        let plan = since("60y");
        let mut wreck = Wreck::after(5, Desk::demo(), &plan, format).unwrap();
        let path = wreck.copy();
        let again = later(&plan, "60y");
        let summary = wreck.desk.run(&wreck.desk.client(4), &again, (format, &path)).unwrap();
        assert!(summary.resumed > 0, "{format}");
        wreck.whole.is_at(&path, &format.to_string());
        wreck.whole.is_told(&summary, &format.to_string());
    }
}

#[test]
fn other_words_are_another_query_and_so_is_a_moment_in_digits() {
    let plan = since("60y");
    let mut wreck = Wreck::after(5, Desk::demo(), &plan, Format::Csv).unwrap();
    let moment = since("1000000000000");
    for other in [since("59y"), since("720m"), moment] {
        let path = wreck.copy();
        let error = wreck.desk.run(&wreck.desk.client(4), &other, (Format::Csv, &path)).unwrap_err();
        assert!(matches!(error, Error::Journal { .. }), "{error:?}");
    }
}

#[test]
fn a_file_that_may_be_overwritten_begins_anew_with_the_dates_of_now() {
    let plan = since("60y");
    let mut wreck = Wreck::after(5, Desk::demo(), &plan, Format::Parquet).unwrap();
    let path = wreck.copy();
    let again = later(&plan, "60y");
    let whole = wreck.desk.whole(&again, Format::Parquet).unwrap();
    let mut batches = wreck.desk.client(4).run(&again);
    let summary = wreck.desk.wait(batches.write_file(&path, Format::Parquet, true)).unwrap();
    assert_eq!(summary.resumed, 0);
    whole.is_at(&path, "anew");
}

#[test]
fn a_layer_keeps_its_name_when_a_run_takes_the_dates_of_its_beginning() {
    let plan = since("60y");
    let desk = Desk::demo();
    let path = desk.file("named.geojson");
    let written = |plan: &Plan, requests: u64| {
        let mut batches = desk.client(1).run(plan);
        batches.set_layer("streets of today").unwrap();
        let progress = batches.progress();
        desk.wait(async {
            tokio::select! {
                done = batches.write_file(&path, Format::GeoJson, false) => done.unwrap(),
                () = async {
                    while super::sent(&progress.summary()) < requests {
                        tokio::task::yield_now().await;
                    }
                } => progress.summary(),
            }
        })
    };
    written(&plan, 3);
    super::until_unlocked(&path);
    written(&later(&plan, "60y"), u64::MAX);
    assert!(fs::read_to_string(&path).unwrap().contains("streets of today") && !unfinished(&path).exists());
}

#[test]
fn unfinished_look_ups_are_no_work_of_a_query() {
    let lookup = Lookup::new(Subject::Image, ["1", "2"]).plan().unwrap();
    let mut wreck = Wreck::after(5, Desk::demo(), &since("60y"), Format::Csv).unwrap();
    let path = wreck.copy();
    let error = wreck.desk.run(&wreck.desk.client(1), &lookup, (Format::Csv, &path)).unwrap_err();
    assert!(matches!(error, Error::Journal { .. }), "{error:?}");
}
