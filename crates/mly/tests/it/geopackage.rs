//! GeoPackage, looked at with SQL.

#![expect(clippy::cast_possible_wrap, reason = "numbers of tests are small")]

use std::path::Path;

use arrow_array::RecordBatch;
use mly::sink::{self, Destination, Format};
use rusqlite::types::FromSql;
use rusqlite::{Connection, Row};

use crate::files::{position, rows, save, sequences};
use crate::sinks::entities;

fn open(path: &Path) -> Connection {
    Connection::open(path).unwrap()
}

/// What a query gives, its first column.
fn all<T: FromSql>(database: &Connection, sql: &str) -> Vec<T> {
    let mut statement = database.prepare(sql).unwrap();
    let first = |row: &Row<'_>| row.get(0);
    statement.query_map([], first).unwrap().map(Result::unwrap).collect()
}

fn one<T: FromSql>(database: &Connection, sql: &str) -> T {
    all(database, sql).remove(0)
}

/// A table as text, a line for each row.
fn table(database: &Connection, sql: &str) -> String {
    let mut statement = database.prepare(sql).unwrap();
    let columns = statement.column_count();
    let line = |row: &Row<'_>| -> rusqlite::Result<String> {
        let values = (0..columns).map(|at| row.get::<_, rusqlite::types::Value>(at));
        let texts = values.map(|value| {
            Ok(match value? {
                rusqlite::types::Value::Null => "-".to_owned(),
                rusqlite::types::Value::Integer(value) => value.to_string(),
                rusqlite::types::Value::Real(value) => format!("{value:?}"),
                rusqlite::types::Value::Text(value) => value,
                rusqlite::types::Value::Blob(value) => format!("{} bytes", value.len()),
            })
        });
        Ok(texts.collect::<rusqlite::Result<Vec<_>>>()?.join(" | "))
    };
    statement.query_map([], line).unwrap().map(Result::unwrap).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_type_of_column_has_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("entities.gpkg");
    save(Format::GeoPackage, &path, &[entities()]).unwrap();
    let database = open(&path);
    insta::assert_snapshot!(table(&database, "SELECT name, type, \"notnull\", pk FROM pragma_table_info('features')"), @r"
    fid | INTEGER | 1 | 1
    id | INTEGER | 1 | 0
    creator_id | INTEGER | 0 | 0
    camera_parameters | TEXT | 0 | 0
    polygons | TEXT | 0 | 0
    mesh | TEXT | 0 | 0
    computed_geometry | TEXT | 0 | 0
    geom | POINT | 0 | 0
    ");
    insta::assert_snapshot!(table(&database, "SELECT id, creator_id, camera_parameters, polygons, mesh, computed_geometry, hex(geom) FROM features ORDER BY id"), @r#"
    -1 | 9223372036854775807 | [null,null] | [] | "say \"hi\"" | - | 47500001E6100000010100000000000000008066C00000000000805640
    176197977731970 | 7 | [0.85,0,-0.000066499673206348] | [[[0,0.5],[1,0.25],[0.125,1],[0,0.5]],[]] | {"id":"5",
    "n":[1.50,"a,b"]} | {"type":"Point","coordinates":[8.5,-0.25]} | 47500001E6100000010100000000000000000022400000000000004A40
    9007199254740993 | - | - | - | - | - |
    "#);

    let path = folder.path().join("rows.gpkg");
    save(Format::GeoPackage, &path, &[rows(8)]).unwrap();
    let columns = "number, sequence_id, captured_at, compass_angle, is_pano, geom IS NULL";
    insta::assert_snapshot!(table(&open(&path), &format!("SELECT {columns} FROM features ORDER BY number")), @r#"
    0 | sequence 0 "ä😀" | 2020-09-13T12:26:40.123Z | 0.0 | 1 | 0
    1 | sequence 0 "ä😀" | 2020-09-13T12:26:41.100Z | 0.14285714285714285 | 0 | 0
    2 | sequence 0 "ä😀" | 2020-09-13T12:26:42.077Z | 0.2857142857142857 | 1 | 0
    3 | - | - | - | - | 0
    4 | sequence 0 "ä😀" | 2020-09-13T12:26:44.031Z | 0.5714285714285714 | 1 | 0
    5 | sequence 0 "ä😀" | 2020-09-13T12:26:45.008Z | 0.7142857142857143 | 0 | 0
    6 | sequence 0 "ä😀" | 2020-09-13T12:26:45.985Z | 0.8571428571428571 | 1 | 0
    7 | sequence 0 "ä😀" | 2020-09-13T12:26:46.962Z | 1.0 | 0 | 1
    "#);
}

#[test]
fn the_tables_of_the_standard_describe_the_layer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sequences.gpkg");
    save(Format::GeoPackage, &path, &[sequences()]).unwrap();
    let database = open(&path);
    assert_eq!(one::<i64>(&database, "PRAGMA application_id"), i64::from(u32::from_be_bytes(*b"GPKG")));
    assert_eq!(one::<i64>(&database, "PRAGMA user_version"), 10_400);
    insta::assert_snapshot!(table(&database, "SELECT * FROM gpkg_contents"), @"features | features | features |  | 1970-01-01T00:00:00.000Z | -179.9 | -16.5 | 8.6 | 47.3 | 4326");
    insta::assert_snapshot!(table(&database, "SELECT * FROM gpkg_geometry_columns"), @"features | geom | GEOMETRY | 4326 | 0 | 0");
    insta::assert_snapshot!(table(&database, "SELECT * FROM gpkg_extensions"), @"features | geom | gpkg_rtree_index | http://www.geopackage.org/spec120/#extension_rtree | write-only");
    // An envelope, no envelope because the geometry is empty, and no geometry.
    insta::assert_snapshot!(table(&database, "SELECT id, hex(substr(geom, 1, 8)), length(geom) FROM features ORDER BY id"), @r"
    a | 47500003E6100000 | 147
    b | 47500003E6100000 | 90
    c | 47500011E6100000 | 17
    d |  | -
    ");
    assert_eq!(all::<i64>(&database, "SELECT count(*) FROM rtree_features_geom"), [2]);
    assert!(all::<String>(&database, "PRAGMA foreign_key_check").is_empty());
}

#[test]
fn the_packed_index_is_sound_and_finds_what_a_look_at_every_row_finds() {
    let folder = tempfile::tempdir().unwrap();
    // A root alone, with and without cells, a full one, one too many, and three levels.
    for count in [0, 1, 51, 53, 54, 6_000] {
        let path = folder.path().join(format!("{count}.gpkg"));
        save(Format::GeoPackage, &path, &[rows(count)]).unwrap();
        let database = open(&path);
        assert_eq!(one::<String>(&database, "SELECT rtreecheck('rtree_features_geom')"), "ok", "{count}");
        assert_eq!(one::<String>(&database, "PRAGMA integrity_check"), "ok", "{count}");
        for [west, south, east, north] in
            [[8.2, 47.2, 8.3, 47.5], [8.0, 47.0, 9.0, 48.0], [1.0, 2.0, 3.0, 4.0]]
        {
            let found: Vec<i64> = all(&database, &format!(
                "SELECT number FROM features JOIN rtree_features_geom ON fid = rtree_features_geom.id
                 WHERE maxx >= {west} AND minx <= {east} AND maxy >= {south} AND miny <= {north} ORDER BY number"
            ));
            let is_inside = |row: &usize| {
                position(*row)
                    .is_some_and(|[lon, lat]| west <= lon && lon <= east && south <= lat && lat <= north)
            };
            let wanted: Vec<_> = (0..count).filter(is_inside).map(|row| row as i64).collect();
            assert_eq!(found, wanted, "{count}");
        }
    }
}

#[test]
fn the_triggers_keep_the_index_right_when_rows_are_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.gpkg");
    save(Format::GeoPackage, &path, &[rows(3_000)]).unwrap();
    let database = open(&path);
    // Changing an index that was packed: nodes overflow, underflow and go away.
    database.execute_batch("DELETE FROM features WHERE fid % 3 > 0").unwrap();
    assert_eq!(
        one::<i64>(&database, "SELECT count(*) FROM rtree_features_geom"),
        one::<i64>(&database, "SELECT count(geom) FROM features")
    );
    let more = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
        INSERT INTO rtree_features_geom SELECT 100000 + i, 8.5, 8.6, 47.5, 47.6 FROM n";
    database.execute_batch(more).unwrap();
    assert_eq!(one::<String>(&database, "SELECT rtreecheck('rtree_features_geom')"), "ok");
    // The other triggers call functions that readers of the format bring with them.
    let error = database.execute_batch("UPDATE features SET geom = NULL").unwrap_err().to_string();
    assert!(error.contains("no such function: ST_IsEmpty"), "{error}");
}

#[test]
fn rows_without_a_geometry_are_attributes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plain.gpkg");
    let plain = rows(3).project(&[0, 1, 2]).unwrap();
    save(Format::GeoPackage, &path, &[plain]).unwrap();
    let database = open(&path);
    insta::assert_snapshot!(table(&database, "SELECT * FROM gpkg_contents"), @"features | attributes | features |  | 1970-01-01T00:00:00.000Z | - | - | - | - | -");
    insta::assert_snapshot!(table(&database, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"), @r"
    features
    gpkg_contents
    gpkg_extensions
    gpkg_geometry_columns
    gpkg_spatial_ref_sys
    sqlite_sequence
    ");
}

#[test]
fn a_style_for_qgis_is_in_the_table_where_it_looks_for_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("images.gpkg");
    save(Format::GeoPackage, &path, &[rows(200)]).unwrap();
    let database = open(&path);
    insta::assert_snapshot!(table(&database, "SELECT id, f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, useAsDefault FROM layer_styles"), @"1 |  |  | features | geom | features | 1");
    assert_eq!(
        one::<String>(&database, "SELECT update_time FROM layer_styles"),
        one::<String>(&database, "SELECT last_change FROM gpkg_contents WHERE data_type = 'features'")
    );
    assert_eq!(
        all::<String>(&database, "SELECT data_type FROM gpkg_contents ORDER BY table_name"),
        ["features", "attributes"]
    );
    // The expression has signs that XML does not allow.
    let qml: String = one(&database, "SELECT styleQML FROM layer_styles");
    assert!(qml.contains("&quot;captured_at&quot; &gt; now()"), "{qml}");
    assert_eq!(qml.matches("<category ").count(), qml.matches("<symbol ").count());
    // It is no table of rows.
    let rows: usize = mly::source::rows(&path).unwrap().map(|rows| rows.unwrap().num_rows()).sum();
    assert_eq!(rows, 200);
}

#[test]
fn results_of_several_kinds_are_tables_of_one_package() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all.gpkg");
    let named = |rows: &RecordBatch, name: &str| {
        let schema = sink::with_layer(&rows.schema(), name).unwrap();
        rows.clone().with_schema(schema).unwrap()
    };
    let plain = rows(3).project(&[0, 1, 2]).unwrap();
    let tables = [
        named(&rows(1_000), "images"),
        named(&sequences(), "lines"),
        named(&plain, "plain"),
        named(&rows(0), "empty"),
        named(&rows(300), "more"),
    ];
    let destination = Destination::file(&path, false).unwrap();
    let mut sink = sink::open(Format::GeoPackage, destination, &tables[0].schema()).unwrap();
    sink.write(&tables[0]).unwrap();
    for rows in &tables[1..] {
        sink.next_table(&rows.schema()).unwrap();
        sink.write(rows).unwrap();
    }
    let error = sink.next_table(&named(&plain, "IMAGES").schema()).unwrap_err();
    assert_eq!(error.to_string(), "cannot write gpkg: two tables have the name IMAGES");
    sink.finish().unwrap();

    let database = open(&path);
    for rows in &tables {
        let name = sink::layer_of(&rows.schema()).unwrap().to_owned();
        let alone = folder.path().join("alone.gpkg");
        let _ = std::fs::remove_file(&alone);
        save(Format::GeoPackage, &alone, std::slice::from_ref(rows)).unwrap();
        for sql in [
            format!("SELECT * FROM {name} ORDER BY fid"),
            format!("SELECT * FROM gpkg_contents WHERE table_name = '{name}'"),
            format!("SELECT * FROM gpkg_geometry_columns WHERE table_name = '{name}'"),
            format!("SELECT f_table_name, styleQML FROM layer_styles WHERE f_table_name = '{name}'"),
            format!(
                "SELECT m.metadata FROM gpkg_metadata m JOIN gpkg_metadata_reference ON md_file_id = m.id WHERE table_name = '{name}'"
            ),
        ] {
            let is_there = |database: &Connection| database.prepare(&sql).is_ok();
            let alone = open(&alone);
            let want = if is_there(&alone) { table(&alone, &sql) } else { String::new() };
            assert_eq!(table(&database, &sql), want, "{sql}");
        }
    }
    assert_eq!(one::<i64>(&database, "SELECT count(*) FROM rtree_images_geom"), 980);
    assert_eq!(one::<String>(&database, "SELECT rtreecheck('rtree_more_geom')"), "ok");
    assert_eq!(all::<String>(&database, "PRAGMA integrity_check"), ["ok"]);
    assert!(all::<String>(&database, "PRAGMA foreign_key_check").is_empty());
    assert_eq!(
        all::<i64>(&database, "SELECT count(*) FROM sqlite_schema WHERE name = 'gpkg_unfinished'"),
        [0]
    );
}

#[test]
fn other_formats_have_one_table_only() {
    for format in Format::of_any_rows().filter(|format| !format.has_tables()) {
        let rows = rows(1);
        let mut sink = sink::open(format, Destination::stream(std::io::sink()), &rows.schema()).unwrap();
        assert!(sink.next_table(&rows.schema()).is_err(), "{format}");
    }
}
