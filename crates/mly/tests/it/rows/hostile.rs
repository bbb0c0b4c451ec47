//! Files that are cut, damaged, made up, or something else.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use insta::assert_snapshot;
use mly::sink::Format;
use proptest::prelude::*;

use super::{file, read, said};
use crate::files::{rows, save, sequences};
use crate::sinks::{batch, entities};

/// Files in every format, of points, lines and entities.
fn files(folder: &Path, count: usize) -> Vec<(Format, std::path::PathBuf)> {
    let all = [("points", rows(count)), ("lines", sequences()), ("entities", entities())];
    let mut files = Vec::new();
    for format in Format::of_any_rows().filter(|format| format.can_be_read()) {
        for (name, rows) in &all {
            let path = file(folder, name, format);
            save(format, &path, std::slice::from_ref(rows)).unwrap();
            files.push((format, path));
        }
    }
    files
}

fn count(batches: &[RecordBatch]) -> usize {
    batches.iter().map(RecordBatch::num_rows).sum()
}

#[test]
fn a_file_that_is_cut_is_never_a_shorter_result() {
    let folder = tempfile::tempdir().unwrap();
    for (format, path) in files(folder.path(), 40) {
        let whole = std::fs::read(&path).unwrap();
        let rows = count(&read(&path).unwrap());
        let step = (whole.len() / 150).max(1);
        for length in (0..whole.len()).step_by(step).chain(whole.len().saturating_sub(20)..whole.len()) {
            std::fs::write(&path, &whole[..length]).unwrap();
            match read(&path) {
                Err(error) => {
                    assert!(matches!(error, mly::Error::Input { .. }), "{format}: {error:?}");
                }
                // Lines tell no end: a file that ends with one of them is whole, and so it is without its last line end.
                Ok(_) if matches!(format, Format::Csv | Format::GeoJsonSeq) => {}
                Ok(found) => assert_eq!(count(&found), rows, "{format} cut to {length} of {}", whole.len()),
            }
        }
    }
}

#[test]
fn lines_of_others_that_are_damaged_are_told_with_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let told = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        format!("{name}: {}", said(&path))
    };
    let point = r#"{"type":"Feature","properties":{"a":1},"geometry":{"type":"Point","coordinates":[1,2]}}"#;
    let polygon = r#"{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[0,1],[0,0]]]}}"#;
    let properties: Vec<_> = (0..5000).map(|n| format!("\"c{n}\":1")).collect();
    let columns =
        format!(r#"{{"type":"Feature","geometry":null,"properties":{{{}}}}}"#, properties.join(","));
    let all = [
        told("ragged.csv", b"id,x\n1,2\n\n3\n"),
        told("twice.csv", b"id,id\n1,2\n"),
        told("text.csv", b"id,x\n1,\xFF\n"),
        told("pair.csv", b"id,longitude,latitude\n1,2,\n"),
        told("polygon.csv", b"id,wkt\n1,\"POLYGON ((0 0, 1 0, 0 1, 0 0))\"\n"),
        told("empty.csv", b""),
        told("other.parquet", b"id,x\n1,2\n"),
        told("other.gpkg", b"PAR1 and so on"),
        told("polygon.geojson", format!("{point}\n{polygon}").as_bytes()),
        told(
            "height.geojson",
            br#"{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[1,2,3]}}"#,
        ),
        told(
            "text.geojson",
            br#"{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":["1",2]}}"#,
        ),
        told("geometry.geojson", br#"{"type":"Feature","properties":{"geometry":1},"geometry":null}"#),
        told("coco.json", br#"{"annotations":[]}"#),
        told("list.json", b"[1,2]"),
        told("columns.geojson", columns.as_bytes()),
        told("short.fgb", b"fgb\x03fgb\0"),
        told("version.fgb", b"fgb\x03xgb\0\x00\x00\x00\x00"),
        told("header.fgb", b"fgb\x03fgb\0\xFF\xFF\xFF\xFF"),
        told("lost.fgb", b"fgb\x03fgb\0\x08\0\0\0\xFF\xFF\xFF\x7F\0\0\0\0"),
        told("packed.csv", b"\x1F\x8B\x08\0"),
    ];
    assert_snapshot!(all.join("\n"), @r"
    ragged.csv: line 3: the header has 2 fields, this line has 1
    twice.csv: there are two columns id
    text.csv: line 2: this is no text in UTF-8
    pair.csv: line 2: column geometry: longitude and latitude are not two numbers
    polygon.csv: line 2: column geometry: the geometry is a POLYGON, and results have points and lines
    empty.csv: the file is empty
      hint: only a sequence of no features is an empty file, with the extension .geojsonl
    other.parquet: this is not parquet, although the name says so
      hint: tables have the extension .csv
    other.gpkg: after row 0: the Parquet file cannot be read: Parquet error: Invalid Parquet file. Corrupt footer
    polygon.geojson: feature 2: the geometry is a Polygon, and results have points and lines
    height.geojson: feature 1: a position is not two numbers
    text.geojson: feature 1: a position is not two numbers
    geometry.geojson: feature 1: a property has the name geometry
      hint: rename it
    coco.json: line 1: the GeoJSON cannot be read: found `no type`, expected a GeoJSON FeatureCollection or Feature, at column 18
    list.json: line 1: the GeoJSON cannot be read: invalid type: sequence, expected a GeoJSON FeatureCollection or Feature, at column 1
    columns.geojson: there are more than 4096 columns
    short.fgb: after feature 0: the FlatGeobuf file cannot be read: it ends too early
    version.fgb: after feature 0: the FlatGeobuf file cannot be read: it is of another version
    header.fgb: after feature 0: the FlatGeobuf file cannot be read: something in it has more than 10 MiB
    lost.fgb: after feature 0: the FlatGeobuf file cannot be read: a reference in it leads nowhere
    packed.csv: this is packed with gzip, which cannot be read
      hint: unpack it
    ");
}

#[test]
fn a_database_that_is_no_geopackage_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let told = |name: &str, sql: &str| {
        let path = folder.path().join(name);
        rusqlite::Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        said(&path)
    };
    let contents = "CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT);";
    let geometries = "CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, geometry_type_name TEXT, srs_id INTEGER, z INTEGER, m INTEGER);
        CREATE TABLE gpkg_spatial_ref_sys (srs_id INTEGER, organization TEXT, organization_coordsys_id INTEGER);
        INSERT INTO gpkg_spatial_ref_sys VALUES (1, 'EPSG', 25832), (4326, 'EPSG', 4326);
        INSERT INTO gpkg_contents VALUES ('t', 'features');";
    let table = |column: &str| {
        format!(
            "{contents} INSERT INTO gpkg_contents VALUES ('t', 'attributes'); CREATE TABLE t (fid INTEGER PRIMARY KEY, a {column});"
        )
    };
    let shapes = |about: &str, value: &str| {
        format!(
            "{contents} {geometries} INSERT INTO gpkg_geometry_columns VALUES ('t', 'g', {about}); CREATE TABLE t (fid INTEGER PRIMARY KEY, g BLOB); INSERT INTO t VALUES (1, {value});"
        )
    };
    let all = [
        told("a", "CREATE TABLE t (a)"),
        told("b", contents),
        told("c", &format!("{contents} INSERT INTO gpkg_contents VALUES ('t', 'attributes');")),
        told(
            "d",
            &format!("{contents} INSERT INTO gpkg_contents VALUES ('t', 'attributes'), ('u\"', 'features');"),
        ),
        told("e", &table("BLOB")),
        told("f", &(table("INTEGER") + "INSERT INTO t VALUES (1, 5), (2, 'six');")),
        told("g", &shapes("'POLYGON', 4326, 0, 0", "NULL")),
        told("h", &shapes("'POINT', 1, 0, 0", "NULL")),
        told("i", &shapes("'POINT', 4326, 1, 0", "NULL")),
        told("j", &shapes("'POINT', 4326, 0, 0", "'text'")),
        told("k", &shapes("'POINT', 4326, 0, 0", "x'4750000100000000'")),
        told("l", &shapes("'POINT', 4326, 0, 0", "x'47500001000000000105000000FFFFFFFF'")),
        told("m", &shapes("'GEOMETRY', 4326, 0, 0", "x'4750000100000000010300000000000000'")),
    ];
    assert_snapshot!(all.join("\n"), @r#"
    this is no GeoPackage that can be read: no such table: gpkg_contents
      hint: SQLite files need the table gpkg_contents to be a GeoPackage
    the GeoPackage has no table of features or attributes
    the table t of the GeoPackage is not there
    the GeoPackage has 2 layers: t, u\"
      hint: choose one of them: FILE#t
    column a is of type BLOB, which results do not have
      hint: leave it out, or make it a number or text
    row 2: column a: expected a whole number
    the geometry is a POLYGON, and results have points and lines
    the coordinates are in EPSG:25832, and not in longitude and latitude on WGS 84
      hint: reproject it: ogr2ogr -t_srs EPSG:4326 OUT IN
    the geometries have more than two dimensions, and results have two
      hint: ogr2ogr -dim XY OUT IN leaves heights out
    row 1: column geometry: this is no geometry
    row 1: column geometry: the geometry ends too early
    row 1: column geometry: the geometry ends too early
    row 1: column geometry: the geometry is a Polygon, and results have points and lines
    "#);
}

#[test]
fn something_without_an_end_is_not_kept_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("endless.csv");
    let mut text = b"id,x\n1,\"".to_vec();
    text.resize(40 << 20, b'x');
    std::fs::write(&path, &text).unwrap();
    assert_snapshot!(said(&path), @"the input cannot be read: something in it has more than 32 MiB");
    let mut text = br#"{"type":"Feature","properties":{"a":""#.to_vec();
    text.resize(40 << 20, b'x');
    std::fs::write(&path, &text).unwrap();
    assert_snapshot!(said(&path), @"the input cannot be read: something in it has more than 32 MiB");
}

#[test]
fn a_large_file_comes_in_small_batches() {
    let folder = tempfile::tempdir().unwrap();
    let many = rows(30_000);
    for format in Format::of_any_rows().filter(|format| format.can_be_read()) {
        let path = file(folder.path(), "many", format);
        save(format, &path, std::slice::from_ref(&many)).unwrap();
        let batches = read(&path).unwrap();
        assert_eq!(count(&batches), 30_000, "{format}");
        assert!(batches.len() >= 4 && batches.iter().all(|rows| rows.num_rows() <= 8192), "{format}");
    }
    // Long texts make for fewer rows.
    let text = "x".repeat(100_000);
    let long: ArrayRef = Arc::new(StringArray::from_iter_values((0..200).map(|_| text.as_str())));
    let long = batch(vec![("id", &[], Arc::new(Int64Array::from_iter_values(0..200))), ("text", &[], long)]);
    for format in [Format::GeoJson, Format::Csv, Format::GeoPackage] {
        let path = file(folder.path(), "long", format);
        save(format, &path, std::slice::from_ref(&long)).unwrap();
        let batches = read(&path).unwrap();
        assert!(count(&batches) == 200 && batches.iter().all(|rows| rows.num_rows() < 100), "{format}");
    }
}

#[test]
fn rows_that_nobody_wants_any_more_are_not_read() {
    let folder = tempfile::tempdir().unwrap();
    for format in Format::of_any_rows().filter(|format| format.can_be_read()) {
        let path = file(folder.path(), "many", format);
        save(format, &path, &[rows(20_000)]).unwrap();
        let mut some = mly::source::rows(&path).unwrap();
        assert!(some.next().unwrap().unwrap().num_rows() > 0);
        drop(some);
        // The thread that reads closes the file when it notices. Until then, Windows does not remove a database.
        while std::fs::remove_file(&path).is_err() {
            std::thread::yield_now();
        }
    }
}

#[test]
fn a_result_without_rows_stays_one_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    for rows in [rows(0), sequences().slice(0, 0), entities().slice(0, 0)] {
        for from in Format::of_any_rows().filter(|format| format.can_be_read()) {
            let source = file(folder.path(), "from", from);
            let _ = std::fs::remove_file(&source);
            save(from, &source, std::slice::from_ref(&rows)).unwrap();
            for to in Format::of_any_rows().filter(|format| format.can_be_read()) {
                match super::convert(&source, to, &file(folder.path(), "to", to)) {
                    // Tables leave out columns without values, the geometry too.
                    Err(error) if (from, to) == (Format::Csv, Format::FlatGeobuf) => {
                        assert_eq!(error.to_string(), "cannot write fgb: the rows have no geometry");
                    }
                    converted => assert_eq!(converted.unwrap(), 0, "{from} {to}"),
                }
            }
        }
    }
}

/// Whole files, to be damaged.
static WHOLE: LazyLock<Vec<(Format, Vec<u8>)>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    files(folder.path(), 20)
        .into_iter()
        .map(|(format, path)| (format, std::fs::read(path).unwrap()))
        .collect()
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn damaged_files_are_errors_or_rows(
        kind in 0..21_usize, changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
        early in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let (format, bytes) = &WHOLE[kind];
        let mut bytes = bytes.clone();
        // Most of a database is empty, and what tells most stands early.
        let range = if early { bytes.len().min(600) } else { bytes.len() };
        for (at, byte) in changes {
            let at = at.index(range);
            bytes[at] = byte;
        }
        let path = file(folder.path(), "damaged", *format);
        std::fs::write(&path, bytes).unwrap();
        match read(&path) {
            Ok(found) => prop_assert!(count(&found) <= 100),
            Err(error) => prop_assert!(matches!(error, mly::Error::Input { .. }), "{:?}", error),
        }
    }
}
