//! Results of different areas and filters: only where both looked is anything missing or new.

use std::path::Path;

use mly::sink::{Destination, Format};
use mly::{Area, FilterValue, Layer, Lookup, Query, Subject, ValuePattern};
use mly_jobs::{Diff, Table};

use super::support::{changes, noon, place, run, sign, signs};

const STOP: &str = "regulatory--stop--g1";
const CURVE: &str = "warning--curve-left--g1";

/// A table that says which question it answers.
fn answer(table: &Table, question: &str) -> Table {
    let mut metadata = table.schema().metadata().clone();
    metadata.insert("mly:question".to_owned(), question.to_owned());
    let schema = arrow_schema::Schema::new_with_metadata(table.schema().fields().clone(), metadata);
    let schema = std::sync::Arc::new(schema);
    let batches = table.batches().iter();
    let batches = batches.map(|batch| batch.clone().with_schema(std::sync::Arc::clone(&schema)).unwrap());
    Table::new(std::sync::Arc::clone(&schema), batches.collect())
}

fn of_query(table: &Table, query: &Query) -> Table {
    answer(table, &format!(r#"{{"query":{}}}"#, serde_json::to_string(query).unwrap()))
}

/// The box from the corner to so many metres to the east of it.
fn east_to(metres: f64) -> Area {
    let [east, _] = place(metres, 0.0);
    Area::bbox(8.99, 51.99, east, 52.01).unwrap()
}

#[test]
fn what_is_outside_the_area_of_the_other_result_is_unmeasured() {
    let old = signs(&[sign(1, STOP, place(0.0, 0.0), noon(1)), sign(2, STOP, place(300.0, 0.0), noon(1))]);
    let new = signs(&[sign(3, CURVE, place(0.0, 0.0), noon(1)), sign(4, CURVE, place(300.0, 0.0), noon(1))]);
    let (wide, narrow) = (Query::signs(east_to(400.0)), Query::signs(east_to(100.0)));
    let shrunk = Diff::new(of_query(&old, &wide), of_query(&new, &narrow));
    assert_eq!(changes(&shrunk), ["unseen 1", "unmeasured 2", "new 3", "new 4"]);
    let grown = Diff::new(of_query(&old, &narrow), of_query(&new, &wide));
    assert_eq!(changes(&grown), ["unseen 1", "unseen 2", "new 3", "unmeasured 4"]);
    assert!(run(&grown).1.notes().is_empty());
    // A given area counts more than that of the file.
    assert_eq!(changes(&shrunk.with_new_within(east_to(400.0)))[1], "unseen 2");
}

#[test]
fn without_areas_both_cover_everything_and_that_is_told() {
    let old = signs(&[sign(1, STOP, place(0.0, 0.0), noon(1))]);
    let diff = Diff::new(old.clone(), signs(&[]));
    let (rows, counts) = run(&diff);
    assert_eq!(rows[0].change, "unseen");
    assert_eq!(
        counts.notes(),
        ["the areas of OLD and NEW are not known, so that both are taken to cover everything"]
    );
    // A tile that failed can be left out of the area by hand.
    let (rows, counts) = run(&diff.with_new_within(Area::bbox(10.0, 51.0, 11.0, 53.0).unwrap()));
    assert_eq!(rows[0].change, "unmeasured");
    assert_eq!(counts.notes(), ["the area of OLD is not known, so that it is taken to cover everything"]);
}

#[test]
fn what_a_filter_of_the_other_result_leaves_out_is_unmeasured() {
    let old = signs(&[sign(1, STOP, place(0.0, 0.0), noon(1)), sign(2, CURVE, place(300.0, 0.0), noon(500))]);
    let all = || Query::signs(east_to(400.0));
    let stops = all().with_filter("value", vec![ValuePattern::new("regulatory--*").unwrap()]).unwrap();
    let recent = all().with_filter("last-seen-since", FilterValue::Since(noon(400).into())).unwrap();
    for (query, want) in [
        (all(), ["unseen 1", "unseen 2"]),
        (stops.clone(), ["unseen 1", "unmeasured 2"]),
        (recent, ["unmeasured 1", "unseen 2"]),
        (all().with_limit(1), ["unmeasured 1", "unmeasured 2"]),
    ] {
        let diff = Diff::new(of_query(&old, &all()), of_query(&signs(&[]), &query));
        assert_eq!(changes(&diff), want, "{query}");
    }
    // A filter that both have, the rows have passed.
    let diff = Diff::new(of_query(&old, &stops), of_query(&signs(&[]), &stops));
    assert_eq!(changes(&diff), ["unseen 1", "unseen 2"]);
}

#[test]
fn of_a_look_up_only_the_ids_that_were_asked_for_can_be_missing() {
    let old = signs(&[sign(1, STOP, place(0.0, 0.0), noon(1)), sign(2, CURVE, place(300.0, 0.0), noon(5))]);
    let lookup = Lookup::new(Subject::MapFeature, ["2", "3"]);
    let question = format!(r#"{{"lookup":{}}}"#, serde_json::to_string(&lookup).unwrap());
    let diff = Diff::new(old, answer(&signs(&[]), &question));
    assert_eq!(changes(&diff), ["unmeasured 1", "unseen 2"]);
}

#[test]
fn files_of_every_format_with_metadata_tell_their_area() {
    let folder = tempfile::tempdir().unwrap();
    let old = signs(&[sign(1, STOP, place(0.0, 0.0), noon(1)), sign(2, STOP, place(300.0, 0.0), noon(1))]);
    let new = signs(&[sign(1, STOP, place(0.0, 0.0), noon(1))]);
    let described = |table: &Table, query: &Query| {
        let table = of_query(table, query);
        let schema = mly::sink::with_description(&table.schema(), "signs", "CC BY-SA 4.0", "Mapillary");
        let schema = mly::sink::with_layer(&schema, Layer::Signs.name()).unwrap();
        Table::new(schema, table.batches().to_vec())
    };
    for format in [Format::GeoJson, Format::Parquet, Format::FlatGeobuf, Format::GeoPackage, Format::Arrow] {
        let path = |name: &str| folder.path().join(format!("{name}-{format}.{}", format.extensions()[0]));
        let write = |table: &Table, path: &Path| {
            table.write(format, Destination::file(path, false).unwrap()).unwrap();
        };
        let (before, after) = (path("old"), path("new"));
        write(&described(&old, &Query::signs(east_to(400.0))), &before);
        write(&described(&new, &Query::signs(east_to(100.0))), &after);
        let (rows, counts) = run(&Diff::new(before, after));
        assert_eq!(
            (rows.len(), rows[0].change.as_str(), rows[0].id.as_str()),
            (1, "unmeasured", "2"),
            "{format}"
        );
        assert!(counts.notes().is_empty(), "{format}: {:?}", counts.notes());
    }
}
