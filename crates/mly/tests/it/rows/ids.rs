//! Ids of formats that go through a temporary file.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use mly::sink::Format;
use mly::source::{self, Kind};

use super::file;
use crate::files::{rows, save, sequences};
use crate::sinks::{POINT, batch, points};

const FORMATS: [Format; 3] = [Format::Parquet, Format::FlatGeobuf, Format::GeoPackage];

// Ids of sequences have 22 characters or more.
const NAMES: [&str; 4] =
    ["aaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbb", "cccccccccccccccccccccc", "dddddddddddddddddddddd"];

#[test]
fn ids_come_back_from_files_with_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let ints = |values: Vec<Option<i64>>| -> ArrayRef { Arc::new(Int64Array::from(values)) };
    let detections = batch(vec![
        ("id", &[], ints(vec![Some(1), Some(2), Some(3)])),
        ("image_id", &[], ints(vec![Some(70), None, Some(71)])),
        ("map_feature_id", &[], ints(vec![None, None, Some(9)])),
        ("value", &[], Arc::new(StringArray::from(vec!["a", "b", "c"]))),
        ("geometry", POINT, points(&[None, Some([1.0, 2.0]), None])),
    ]);
    let mut columns = sequences().columns().to_vec();
    columns[0] = Arc::new(StringArray::from(NAMES.to_vec()));
    let named = RecordBatch::try_new(sequences().schema(), columns).unwrap();
    for format in FORMATS {
        let ids = |rows, wanted: &[Kind]| {
            let path = file(folder.path(), "rows", format);
            let _ = std::fs::remove_file(&path);
            save(format, &path, &[rows]).unwrap();
            source::ids(std::fs::File::open(path).unwrap(), wanted).unwrap()
        };
        let set = |ids: Vec<String>| ids.into_iter().collect::<BTreeSet<_>>();
        let text = |ids: &[&str]| ids.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
        let found = ids(detections.clone(), &[Kind::Image]);
        assert_eq!((found.kind, found.skipped), (Some(Kind::Image), 1), "{format}");
        assert_eq!(set(found.ids), text(&["70", "71"]), "{format}");
        assert_eq!(set(ids(detections.clone(), &[Kind::Detection]).ids), text(&["1", "2", "3"]), "{format}");
        assert_eq!(set(ids(named.clone(), &[Kind::Sequence]).ids), text(&NAMES), "{format}");
        assert_eq!(ids(rows(9_000), &[Kind::Image]).ids.len(), 9_000, "{format}");
    }
}

#[test]
fn files_with_an_index_and_without_ids_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let name: ArrayRef = Arc::new(StringArray::from(vec!["x"]));
    let number: ArrayRef = Arc::new(Float64Array::from(vec![1.5]));
    for format in FORMATS {
        for (column, array, want) in [
            ("name", &name, "there is no column id or image_id"),
            ("id", &number, "column id is of type Float64"),
        ] {
            let path = file(folder.path(), "rows", format);
            let _ = std::fs::remove_file(&path);
            let rows = batch(vec![(column, &[], Arc::clone(array)), ("geometry", POINT, points(&[None]))]);
            save(format, &path, &[rows]).unwrap();
            let error = source::ids(std::fs::File::open(path).unwrap(), &[Kind::Image]).unwrap_err();
            assert_eq!(error.to_string(), want, "{format}");
        }
    }
}
