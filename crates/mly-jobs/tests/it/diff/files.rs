//! Files of any two formats, and files with gaps and repetitions.

use std::path::{Path, PathBuf};

use mly::sink::{Destination, Format};
use mly_jobs::{Diff, Table};
use proptest::prelude::*;

use super::support::{Sign, changes, found, images, noon, pano, place, run, sign, signs};

const STOP: &str = "regulatory--stop--g1";

const FORMATS: [Format; 7] = [
    Format::GeoJson,
    Format::GeoJsonSeq,
    Format::Csv,
    Format::Parquet,
    Format::FlatGeobuf,
    Format::GeoPackage,
    Format::Arrow,
];

fn written(table: &Table, format: Format, folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(format!("{name}-{format}.{}", format.extensions()[0]));
    table.write(format, Destination::file(&path, true).unwrap()).unwrap();
    path
}

fn text(name: &str, text: &str, folder: &Path) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn any_two_formats_give_the_same_changes_as_tables_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let at = |number: i64| place(60.0 * f64::from(i32::try_from(number).unwrap()), 0.0);
    let row = |id: i64, number: i64| Sign {
        facing: Some(30.0),
        crawled_ms: (number == 0).then(|| noon(5)),
        ..sign(id, STOP, at(number), noon(100 + number))
    };
    let old: Vec<Sign> = (0..8).map(|number| row(number + 1, number)).collect();
    let new: Vec<Sign> =
        (0..8).map(|number| row(if number < 5 { number + 1 } else { number + 50 }, number)).collect();
    let (old, new) = (signs(&old), signs(&new[..7]));
    let want = found(&Diff::new(old.clone(), new.clone()).with_all(true).run().unwrap().0);
    assert_eq!(want.iter().filter(|row| row.change == "remade").count(), 2);
    for one in FORMATS {
        for other in FORMATS {
            let diff = Diff::new(
                written(&old, one, folder.path(), "old"),
                written(&new, other, folder.path(), "new"),
            );
            let (rows, _) = run(&diff.with_all(true));
            assert_eq!(rows, want, "{one} and {other}");
        }
    }
}

#[test]
fn ids_that_are_numbers_in_one_file_and_text_in_the_other_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let numbers =
        text("a.csv", "id,value,longitude,latitude\n9007199254740993,a,9,52\n2,b,9,52\n", folder.path());
    let texts = r#"{"type":"FeatureCollection","features":[
        {"type":"Feature","geometry":{"type":"Point","coordinates":[9,52]},"properties":{"id":"9007199254740993","value":"c"}}]}"#;
    let texts = text("b.geojson", texts, folder.path());
    assert_eq!(changes(&Diff::new(numbers, texts)), ["unseen 2", "changed 9007199254740993"]);
}

#[test]
fn rows_with_an_id_that_has_come_before_or_without_one_are_left_out_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let old =
        text("a.csv", "id,value,longitude,latitude\n1,a,9,52\n1,b,9,52\n,c,9,52\n1,d,9,52\n", folder.path());
    let new = text("b.csv", "id,value,longitude,latitude\n1,a,9,52\n", folder.path());
    let (rows, counts) = run(&Diff::new(old, new));
    assert!(rows.is_empty(), "{rows:?}");
    assert_eq!(
        counts.notes()[..2],
        [
            "rows of OLD whose id has come before; the first one of each counts: 2",
            "rows of OLD without an id; they are left out: 1"
        ]
    );
}

#[test]
fn empty_results_and_missing_columns_are_fine_and_missing_ids_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let empty = text("a.geojson", r#"{"type":"FeatureCollection","features":[]}"#, folder.path());
    let header = text("a.csv", "id,longitude,latitude\n", folder.path());
    let lines = text("a.geojsonl", "", folder.path());
    let bare = text("b.csv", "id,longitude,latitude\n1,9,52\n2,9,52\n", folder.path());
    let full =
        written(&signs(&[sign(1, STOP, [9.0, 52.0], noon(1))]), Format::Parquet, folder.path(), "full");
    for none in [&empty, &header, &lines] {
        assert_eq!(changes(&Diff::new(none.as_path(), full.as_path())), ["new 1"], "{none:?}");
        assert_eq!(changes(&Diff::new(full.as_path(), none.as_path())), ["unseen 1"], "{none:?}");
        assert_eq!(changes(&Diff::new(none.as_path(), none.as_path())), Vec::<String>::new());
    }
    // Values are compared where both files have them.
    let (rows, counts) = run(&Diff::new(bare.as_path(), full.as_path()));
    assert_eq!((rows.len(), rows[0].change.as_str(), rows[0].id.as_str()), (1, "unseen", "2"));
    assert_eq!(
        counts.notes()[0],
        "one of the files has no column value, so rows are compared by their ids alone"
    );
    let nameless = text("c.csv", "value,longitude,latitude\nx,9,52\n", folder.path());
    let error = Diff::new(nameless, full).run().unwrap_err();
    assert!(error.to_string().ends_with("c.csv: there is no column id"), "{error}");
}

#[test]
fn images_are_compared_by_id_alone() {
    let photo = |id: i64, east_m: f64, day: i64| pano(id, "a", place(east_m, 0.0), noon(day));
    let old =
        images(&[photo(1, 0.0, 1), photo(2, 5.0, 1), photo(3, 9.0, 1), photo(4, 0.0, 1), photo(6, 0.0, 1)]);
    let new =
        images(&[photo(1, 2.0, 1), photo(2, 9.0, 1), photo(3, 9.0, 2), photo(5, 0.0, 1), photo(6, 0.0, 1)]);
    let diff = Diff::new(old, new);
    assert_eq!(changes(&diff), ["changed 2", "changed 3", "deleted 4", "new 5"]);
    assert_eq!(
        changes(&diff.with_all(true)),
        ["same 1", "changed 2", "changed 3", "deleted 4", "new 5", "same 6"]
    );
}

#[test]
fn sequences_and_detections_are_compared_by_id_alone() {
    let folder = tempfile::tempdir().unwrap();
    let line = |id: &str, end: f64| {
        format!(
            r#"{{"type":"Feature","geometry":{{"type":"MultiLineString","coordinates":[[[9,52],[9.001,{end}]]]}},"properties":{{"id":"{id}","captured_at":1600000000000}}}}"#
        )
    };
    let of = |name: &str, rows: &[String]| {
        let all = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, rows.join(","));
        text(name, &all, folder.path())
    };
    let old = of("a.geojson", &[line("x1", 52.1), line("y", 52.1), line("-z", 52.1)]);
    let new = of("b.geojson", &[line("x1", 52.1), line("y", 52.2), line("w", 52.1)]);
    assert_eq!(changes(&Diff::new(old, new)), ["deleted -z", "new w", "changed y"]);

    let header = "id,image_id,map_feature_id,value,created_at,longitude,latitude\n";
    let old =
        text("a.csv", &format!("{header}1,7,8,a,5,9,52\n2,7,8,a,5,9,52\n3,7,,a,5,9,52\n"), folder.path());
    let new =
        text("b.csv", &format!("{header}1,7,8,a,5,9,52\n2,7,9,a,5,9,52\n4,7,,a,5,9,52\n"), folder.path());
    assert_eq!(changes(&Diff::new(old, new)), ["changed 2", "deleted 3", "new 4"]);
}

#[test]
fn the_columns_are_those_of_the_result_and_then_those_of_both_files() {
    let folder = tempfile::tempdir().unwrap();
    let old = text(
        "a.csv",
        "id,value,only_old,count,change,longitude,latitude\n1,a,x,3,c,9,52\n2,a,y,4,d,9,52\n",
        folder.path(),
    );
    let new = text(
        "b.csv",
        "id,count,value,only_new,longitude,latitude\n1,2.5,b,z,9,52\n3,9,b,z,8,52\n",
        folder.path(),
    );
    let (table, counts) = Diff::new(old, new).run().unwrap();
    let names: Vec<String> = table.schema().fields().iter().map(|field| field.name().clone()).collect();
    let own = ["change", "id", "old_id", "moved_m", "match", "looks", "look_sequences", "last_look"];
    let carried = ["count", "value", "only_new", "only_old", "geometry"];
    assert_eq!(names, [&own[..], &carried].concat());
    assert!(
        counts.notes().iter().any(|note| note.ends_with("the result has itself: change")),
        "{:?}",
        counts.notes()
    );
    let path = written(&table, Format::Csv, folder.path(), "changes");
    let lines = std::fs::read_to_string(path).unwrap().replace("\r\n", "\n");
    assert_eq!(
        lines,
        "change,id,old_id,moved_m,match,looks,look_sequences,last_look,count,value,only_new,only_old,longitude,latitude\n\
         changed,1,,0,id,,,,2.5,b,z,,9,52\n\
         unseen,2,,,,,,,4,a,,y,9,52\n\
         new,3,,,,,,,9,b,z,,8,52\n"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn a_file_is_the_same_in_every_format(rows in proptest::collection::btree_map(1..99_i64, 0.0..90.0_f64, 1..20)) {
        let folder = tempfile::tempdir().unwrap();
        let rows: Vec<Sign> = rows.into_iter().map(|(id, east)| sign(id, STOP, place(east, 0.0), noon(id))).collect();
        let table = signs(&rows);
        let csv = written(&table, Format::Csv, folder.path(), "one");
        for format in FORMATS {
            let other = written(&table, format, folder.path(), "other");
            prop_assert_eq!(changes(&Diff::new(csv.as_path(), other)), Vec::<String>::new(), "{}", format);
        }
    }
}
