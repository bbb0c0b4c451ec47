//! Formats for analysis: what holds for all of them. Their contents are looked at format by format.

#![expect(clippy::cast_precision_loss, clippy::cast_possible_wrap, reason = "numbers of tests are small")]

use std::path::Path;
use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, BinaryArray, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMillisecondArray, new_null_array,
};
use mly::Error;
use mly::sink::{self, Destination, Format};

use crate::sinks::{JSON, POINT, batch, entities, points, polygons};

pub(crate) const LINES: &[(&str, &str)] = &[("geometry_type", "MultiLineString")];

const FORMATS: [Format; 4] = [Format::Parquet, Format::FlatGeobuf, Format::GeoPackage, Format::PmTiles];

/// Writes batches into a file.
pub(crate) fn save(format: Format, path: &Path, batches: &[RecordBatch]) -> Result<(), Error> {
    let mut sink = sink::open(format, Destination::file(path, false)?, &batches[0].schema())?;
    batches.iter().try_for_each(|batch| sink.write(batch))?;
    sink.finish()
}

/// A pseudo-random number for each number, evenly spread (`SplitMix64`).
pub(crate) fn random(seed: u64) -> u64 {
    let z = seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Where the row of a number is: somewhere in a box of 1 by 1 degree, or nowhere, which happens to one of fifty.
pub(crate) fn position(row: usize) -> Option<[f64; 2]> {
    let row = row as u64;
    let part = |seed| (random(seed) % 1_000_003) as f64 / 1_000_003.0;
    (row % 50 != 7).then(|| [8.0 + part(2 * row), 47.0 + part(2 * row + 1)])
}

/// Rows with a column of every plain type; each value is missing in some.
pub(crate) fn rows(count: usize) -> RecordBatch {
    let every = |gap: usize| (0..count).map(move |row| (row % gap != 3).then_some(row));
    let texts = every(5).map(|row| row.map(|row| format!("sequence {} \"ä\u{1F600}\"", row / 40)));
    let times = every(6).map(|row| row.map(|row| 1_600_000_000_123 + 977 * row as i64));
    let places: Vec<_> = (0..count).map(position).collect();
    batch(vec![
        ("id", &[], Arc::new((0..count).map(|row| (random(row as u64) >> 8) as i64).collect::<Int64Array>())),
        ("number", &[], Arc::new((0..count).map(|row| row as i64).collect::<Int64Array>())),
        ("sequence_id", &[], Arc::new(texts.collect::<StringArray>())),
        ("captured_at", &[], Arc::new(times.collect::<TimestampMillisecondArray>().with_timezone("UTC"))),
        (
            "compass_angle",
            &[],
            Arc::new(every(7).map(|row| row.map(|row| row as f64 / 7.0)).collect::<Float64Array>()),
        ),
        ("is_pano", &[], Arc::new(every(9).map(|row| row.map(|row| row % 2 == 0)).collect::<BooleanArray>())),
        ("geometry", POINT, points(&places)),
    ])
}

/// A multi line string as well-known binary.
pub(crate) fn lines_wkb(lines: &[&[[f64; 2]]]) -> Vec<u8> {
    let mut wkb = [&[1, 5, 0, 0, 0][..], &(lines.len() as u32).to_le_bytes()].concat();
    for line in lines {
        wkb.extend([&[1, 2, 0, 0, 0][..], &(line.len() as u32).to_le_bytes()].concat());
        wkb.extend(line.as_flattened().iter().flat_map(|n| n.to_le_bytes()));
    }
    wkb
}

/// Two sequences, one without vertices, and one that has no geometry.
pub(crate) fn sequences() -> RecordBatch {
    let two = lines_wkb(&[&[[8.1, 47.1], [8.3, 47.2]], &[[8.4, 47.0], [8.5, 47.05], [8.6, 47.3]]]);
    let one = lines_wkb(&[&[[-179.9, -16.5], [-179.8, -16.4]]]);
    let shapes = BinaryArray::from(vec![Some(&*two), Some(&*one), Some(&*lines_wkb(&[])), None]);
    batch(vec![
        ("id", &[], Arc::new(StringArray::from(vec!["a", "b", "c", "d"]))),
        ("geometry", LINES, Arc::new(shapes)),
    ])
}

/// The same columns without a single value, in as many rows.
fn without_values(rows: &RecordBatch) -> RecordBatch {
    let fields = rows.schema_ref().fields().iter();
    let fields: Vec<_> = fields.map(|field| field.as_ref().clone().with_nullable(true)).collect();
    let columns = rows.columns().iter().map(|c| new_null_array(c.data_type(), rows.num_rows()));
    RecordBatch::try_new(Arc::new(arrow_schema::Schema::new(fields)), columns.collect()).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = names.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn the_same_rows_give_the_same_bytes_however_they_are_cut_into_batches() {
    let folder = tempfile::tempdir().unwrap();
    // Two row groups, of which FlatGeobuf and tiles have none.
    for (format, count) in [
        (Format::Parquet, 100_500),
        (Format::FlatGeobuf, 5_000),
        (Format::GeoPackage, 100_500),
        (Format::PmTiles, 5_000),
    ] {
        let all = rows(count);
        let begins = (0..count).step_by(7_001);
        let pieces = begins.map(|begin| all.slice(begin, 7_001.min(count - begin))).collect();
        let mut first = None;
        for (number, batches) in [vec![all.clone()], pieces].iter().enumerate() {
            let path = folder.path().join(format!("{number}.{format}"));
            save(format, &path, batches).unwrap();
            let bytes = std::fs::read(&path).unwrap();
            assert!(*first.get_or_insert_with(|| bytes.clone()) == bytes, "{format} {number}");
        }
    }
}

#[test]
fn any_rows_make_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let plain = batch(vec![("id", &[], Arc::new(Int64Array::from(vec![1])))]);
    let all =
        [rows(100), sequences(), entities(), without_values(&rows(60)), without_values(&entities()), plain];
    for format in FORMATS {
        // FlatGeobuf and tiles are for features.
        let is_for_features = matches!(format, Format::FlatGeobuf | Format::PmTiles);
        let count = if is_for_features { all.len() - 1 } else { all.len() };
        for (number, rows) in
            all[..count].iter().flat_map(|rows| [rows.clone(), rows.slice(0, 0)]).enumerate()
        {
            let path = folder.path().join(format!("{number}.{format}"));
            save(format, &path, &[rows]).unwrap_or_else(|e| panic!("{format} {number}: {e:?}"));
        }
    }
    assert_eq!(names(folder.path()).len(), 4 * 12 - 4, "nothing is left besides");
}

#[test]
fn a_name_that_was_taken_meanwhile_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    for format in FORMATS {
        let path = folder.path().join("town");
        let rows = rows(10);
        let mut sink = sink::open(format, Destination::file(&path, false).unwrap(), &rows.schema()).unwrap();
        sink.write(&rows).unwrap();
        std::fs::write(&path, "somebody else's").unwrap();
        let error = sink.finish().unwrap_err();
        assert!(matches!(error, Error::Output { path: Some(_), .. }), "{error:?}");
        assert_eq!(std::fs::read(&path).unwrap(), b"somebody else's");
        assert_eq!(names(folder.path()), ["town"], "{format}");
        std::fs::remove_file(&path).unwrap();
    }
}

#[test]
fn an_unfinished_file_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for format in FORMATS {
        let rows = rows(100_001);
        let destination = Destination::file(&folder.path().join("town"), false).unwrap();
        let mut sink = sink::open(format, destination, &rows.schema()).unwrap();
        sink.write(&rows).unwrap();
        assert_eq!(names(folder.path()), ["town.mly.part"], "{format}");
        drop(sink);
        assert_eq!(names(folder.path()), [""; 0], "{format}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_is_written_under_a_name_of_ours_and_not_through_links() {
    let folder = tempfile::tempdir().unwrap();
    let [path, part, own, precious] =
        ["town", "town.part", "town.mly.part", "precious"].map(|name| folder.path().join(name));
    std::fs::write(&part, "somebody else's").unwrap();
    std::fs::write(&precious, "precious").unwrap();
    for format in FORMATS {
        save(format, &path, &[rows(10)]).unwrap();
        assert_eq!(std::fs::read(&part).unwrap(), b"somebody else's", "{format}");
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink(&precious, &own).unwrap();
        let error = save(format, &path, &[rows(10)]).unwrap_err();
        assert!(error.to_string().contains("is a link"), "{format}: {error}");
        assert_eq!(std::fs::read(&precious).unwrap(), b"precious", "{format}");
        std::fs::remove_file(&own).unwrap();
        // What an earlier process has left is replaced.
        std::fs::write(&own, "left over").unwrap();
        save(format, &path, &[rows(10)]).unwrap();
        std::fs::remove_file(&path).unwrap();
    }
    assert_eq!(names(folder.path()), ["precious", "town.part"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
    let full = Path::new("/dev/full");
    for format in [Format::Parquet, Format::FlatGeobuf, Format::PmTiles] {
        let error = save(format, full, &[rows(1000)]).unwrap_err();
        let Error::Output { source, .. } = &error else { panic!("{error:?}") };
        let source =
            source.downcast_ref::<std::io::Error>().unwrap_or_else(|| panic!("{format}: {source:?}"));
        assert_eq!(source.kind(), std::io::ErrorKind::StorageFull, "{format}");
    }
}

#[test]
fn a_database_is_refused_by_streams_and_devices() {
    let schema = rows(1).schema();
    let said = |destination| match sink::open(Format::GeoPackage, destination, &schema).err() {
        Some(Error::InvalidQuery { what, hint }) => format!("{what}\nhint: {}", hint.unwrap()),
        other => panic!("{other:?}"),
    };
    insta::assert_snapshot!(said(Destination::stream(std::io::sink())), @r"
    cannot write gpkg to a stream: it is a database
    hint: name a file, or choose another format
    ");
    #[cfg(unix)]
    insta::assert_snapshot!(said(Destination::file(Path::new("/dev/null"), false).unwrap()), @r"
    cannot write gpkg to /dev/null: it is a database
    hint: name a file, or choose another format
    ");
}

#[test]
fn features_without_geometries_are_refused() {
    let schema = rows(1).project(&[0, 1]).unwrap().schema();
    let error = sink::open(Format::FlatGeobuf, Destination::stream(std::io::sink()), &schema).err().unwrap();
    assert_eq!(error.to_string(), "cannot write fgb: the rows have no geometry");
}

#[test]
fn a_geometry_of_another_kind_is_null_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let line: ArrayRef = Arc::new(BinaryArray::from_vec(vec![&lines_wkb(&[&[[1.0, 2.0], [3.0, 4.0]]])]));
    let polygon: ArrayRef = Arc::new(BinaryArray::from_vec(vec![&[1, 3, 0, 0, 0, 0, 0, 0, 0][..]]));
    let cut: ArrayRef = Arc::new(BinaryArray::from_vec(vec![&[1, 5, 0, 0, 0, 255, 255, 255, 255][..]]));
    // Tiles take every kind, and a row without a geometry is in none of them.
    for format in FORMATS.into_iter().filter(|format| *format != Format::PmTiles) {
        for (geometry, kind) in
            [(&line, POINT), (&points(&[Some([1.0, 2.0])]), LINES), (&polygon, LINES), (&cut, LINES)]
        {
            let rows = batch(vec![("geometry", kind, Arc::clone(geometry))]);
            let path = folder.path().join("town");
            let mut sink =
                sink::open(format, Destination::file(&path, true).unwrap(), &rows.schema()).unwrap();
            sink.write(&rows).unwrap();
            let losses = sink.take_losses();
            sink.finish().unwrap();
            assert_eq!(
                (losses.values, losses.rows, losses.first[0].id.as_str()),
                (1, 0, "row 1"),
                "{format}"
            );
            let back: Vec<_> = mly::source::rows(&path).unwrap().map(Result::unwrap).collect();
            assert_eq!((back.len(), back[0].column(0).null_count()), (1, 1), "{format}");
        }
    }
}

#[test]
fn columns_with_awkward_names_keep_their_values() {
    let folder = tempfile::tempdir().unwrap();
    let text = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text])) };
    let names = ["fid", "FID", "geom", "bbox", "a\"b", "rowid", "Bbox", "a b,c"];
    let mut columns: Vec<_> = names.iter().map(|name| (*name, &[][..], text(name))).collect();
    columns.push(("value", JSON, text("{\"a\":1}")));
    columns.push(("polygons", &[], polygons(&[Some(vec![vec![[0.0, 1.0]]])])));
    columns.push(("geometry", POINT, points(&[Some([1.0, 2.0])])));
    for format in FORMATS {
        save(format, &folder.path().join(format.name()), &[batch(columns.clone())]).unwrap();
    }
}
