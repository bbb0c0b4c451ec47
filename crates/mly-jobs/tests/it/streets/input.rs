//! Roads and images that are not what they should be.

use std::fs;
use std::sync::Arc;

use arrow_array::{ArrayRef, BinaryArray, StringArray};
use mly::{ColumnKind, Wkb};
use mly_jobs::{Input, StreetAnswer, Streets};
use tempfile::TempDir;

use super::scene::{Image, answer, at, drive, images, is_near, lone, roads, rows, run, street, table};

fn try_roads(name: &str, text: &str) -> mly::Result<StreetAnswer> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    Streets::new(path, images(&[])).run()
}

/// What the error says after the name of the file, and its hint.
fn refusal(name: &str, text: &str) -> String {
    let error = try_roads(name, text).unwrap_err();
    let said = error.to_string();
    let (_, what) = said.split_once(name).unwrap_or_else(|| panic!("no file in {said}"));
    format!("{} ({:?})", what.trim_start_matches(": "), error.hint().unwrap())
}

fn feature(geometry: &str) -> String {
    format!(r#"{{"type":"Feature","properties":{{"highway":"residential"}},"geometry":{geometry}}}"#)
}

#[test]
fn roads_without_images_are_all_gaps_and_images_without_roads_an_error() {
    let streets = [street(1, &[(0.0, 0.0), (100.0, 0.0)])];
    let nothing = answer(&streets, &[]);
    let row = &rows(&nothing.streets)[0];
    assert_eq!((row.float("covered"), row.text("tier").as_deref()), (Some(0.0), Some("none")));
    assert_eq!((row.float("dated_share"), row.float("pano_share"), row.time("newest")), (None, None, None));
    assert_eq!(nothing.gaps.rows(), 1);
    let error = Streets::new(roads(&[]), images(&[lone(1, (0.0, 0.0))])).run().unwrap_err();
    assert!(error.to_string().starts_with("there are no streets in it"), "{error}");
}

#[test]
fn streets_of_other_kinds_only_are_an_empty_result() {
    let path = street(1, &[(0.0, 0.0), (100.0, 0.0)]).tag("highway", "path");
    let found = answer(&[path], &[]);
    assert_eq!((found.streets.rows(), found.gaps.rows(), found.counts.ways_read), (0, 0, 1));
}

#[test]
fn columns_in_capitals_and_those_of_geofabrik_are_understood() {
    let line = |x: f64, class: &str, name: &str| {
        format!(
            r#"{{"type":"Feature","properties":{{"OSM_ID":"7","FCLASS":"{class}","NAME":"{name}","ONEWAY":"B"}},
            "geometry":{{"type":"LineString","coordinates":[[{x},52],[{x},52.001]]}}}}"#
        )
    };
    let all = [line(9.0, "residential", "Weg"), line(9.1, "footway", "Pfad"), line(9.2, "footway", "Steig")];
    let text = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, all.join(","));
    let found = try_roads("a.geojson", &text).unwrap();
    let row = &rows(&found.streets)[0];
    assert_eq!(
        (row.text("class").as_deref(), row.text("name").as_deref()),
        (Some("residential"), Some("Weg"))
    );
    assert_eq!((found.streets.rows(), found.counts.ways_read, found.counts.ways_kept), (1, 3, 1));
    assert_eq!(found.counts.other_ways.into_iter().collect::<Vec<_>>(), [("footway".to_owned(), 2)]);
}

#[test]
fn roads_that_are_no_lines_are_refused_with_a_hint() {
    let polygon = feature(r#"{"type":"Polygon","coordinates":[[[9,52],[9.1,52],[9,52.1],[9,52]]]}"#);
    assert!(refusal("a.geojson", &polygon).contains("middle lines"), "{}", refusal("a.geojson", &polygon));
    let point = feature(r#"{"type":"Point","coordinates":[9,52]}"#);
    assert!(refusal("a.geojson", &point).starts_with("there are no streets in it"));
    refusal("a.osm", "<?xml version='1.0'?><osm version='0.6'></osm>");
    refusal("a.json", r#"{"elements":[{"type":"node","id":1,"lat":52,"lon":9,"tags":{"highway":"stop"}}]}"#);
}

#[test]
fn other_reference_systems_are_refused_and_web_mercator_is_understood() {
    let crs = |name: &str, line: &str| {
        let geometry = format!(r#"{{"type":"LineString","coordinates":{line}}}"#);
        format!(
            r#"{{"type":"FeatureCollection","crs":{{"type":"name","properties":{{"name":"{name}"}}}},"features":[{}]}}"#,
            feature(&geometry)
        )
    };
    refusal("a.geojson", &crs("urn:ogc:def:crs:EPSG::25832", "[[500000,5761000],[500100,5761000]]"));
    let metres = crs("EPSG:3857", "[[1001875.417,6800125.454],[1001986.737,6800125.454]]");
    let found = try_roads("a.geojson", &metres).unwrap();
    let row = &rows(&found.streets)[0];
    assert!((row.line()[0][0] - 9.0).abs() < 1e-6, "{row:?}");
    assert!((row.float("length_m").unwrap() - 68.68).abs() < 0.1, "{row:?}");
}

#[test]
fn streets_without_a_length_are_left_out_and_counted() {
    let point = street(1, &[(5.0, 5.0), (5.0, 5.0), (5.0, 5.0)]);
    let found = answer(&[point, street(2, &[(0.0, 0.0), (9.0, 0.0), (9.0, 0.0), (18.0, 0.0)])], &[]);
    assert_eq!((found.streets.rows(), found.counts.edges), (1, 1));
}

#[test]
fn a_street_of_ten_thousand_positions_is_like_any_other() {
    let line: Vec<_> = (0..10_000).map(|n| (f64::from(n) * 0.1, f64::from(n % 2) * 0.001)).collect();
    let found = run(&[street(1, &line)], &drive(1, &[(0.0, 0.0), (999.9, 0.0)], 8.0));
    assert!(
        found["1-0"].float("covered").unwrap() > 0.999
            && is_near(found["1-0"].float("covered_backward").unwrap(), 0.0)
    );
}

#[test]
fn lines_without_classes_are_taken_as_streets() {
    let line = |a, b| Wkb::Lines(vec![vec![at(a), at(b)]]).bytes();
    let lines = [line((0.0, 0.0), (100.0, 0.0)), line((0.0, 50.0), (100.0, 50.0))];
    let geometry: ArrayRef = Arc::new(BinaryArray::from_iter_values(lines));
    let plain = table(vec![ColumnKind::Lines.field("geometry", true)], vec![ArrayRef::clone(&geometry)]);
    let found = Streets::new(plain, images(&[lone(1, (50.0, 20.0))])).run().unwrap();
    let rows = rows(&found.streets);
    let ids: Vec<_> =
        rows.iter().map(|row| (row.text("edge_id").unwrap(), row.int("way_id"), row.int("images"))).collect();
    assert_eq!(ids, [("0".to_owned(), None, Some(1)), ("1".to_owned(), None, Some(0))]);
    // In a file that tells classes, a line without one is something else.
    let classes: ArrayRef = Arc::new(StringArray::from(vec![Some("primary"), None]));
    let fields = vec![ColumnKind::Text.field("highway", true), ColumnKind::Lines.field("geometry", true)];
    let found = Streets::new(table(fields, vec![classes, geometry]), images(&[])).run().unwrap();
    assert_eq!(found.streets.rows(), 1);
}

#[test]
fn ids_that_are_texts_stay_texts() {
    let line = Wkb::Lines(vec![vec![at((0.0, 0.0)), at((100.0, 0.0))]]).bytes();
    let fields = vec![ColumnKind::Text.field("id", true), ColumnKind::Lines.field("geometry", true)];
    let columns: Vec<ArrayRef> =
        vec![Arc::new(StringArray::from(vec!["A/7"])), Arc::new(BinaryArray::from_iter_values([line]))];
    let found = Streets::new(table(fields, columns), images(&[])).run().unwrap();
    let row = &rows(&found.streets)[0];
    assert_eq!((row.text("way_id").as_deref(), row.text("edge_id").as_deref()), (Some("A/7"), Some("A/7-0")));
}

#[test]
fn images_without_sequences_or_positions_are_told() {
    let streets = [street(1, &[(0.0, 0.0), (100.0, 0.0)])];
    let points = BinaryArray::from_iter([Some(Wkb::Point(at((50.0, 0.0))).bytes()), None]);
    let plain = table(vec![ColumnKind::Point.field("geometry", true)], vec![Arc::new(points)]);
    let found = Streets::new(roads(&streets), plain).run().unwrap();
    assert!(!found.counts.has_sequences);
    assert_eq!((found.counts.unplaced, found.counts.matched, found.counts.undated), (1, 1, 1));
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["x"]));
    let signs = table(vec![ColumnKind::Text.field("value", true)], vec![texts]);
    let error = Streets::new(roads(&streets), Input::from(signs)).run().unwrap_err();
    assert!(error.to_string().starts_with("these are no images"), "{error}");
}

#[test]
fn an_image_that_is_listed_twice_counts_once() {
    let streets = [street(1, &[(0.0, 0.0), (100.0, 0.0)])];
    let once = drive(1, &[(0.0, 0.0), (100.0, 0.0)], 5.0);
    let twice: Vec<Image> = once.iter().chain(&once).cloned().collect();
    let (one, other) = (answer(&streets, &once), answer(&streets, &twice));
    assert_eq!(one.streets.batches(), other.streets.batches());
    assert_eq!((one.counts.repeated, other.counts.repeated), (0, 21));
}
