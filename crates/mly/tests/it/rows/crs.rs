//! Reference systems of files: Web Mercator is converted, and everything but degrees is refused besides.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, BinaryArray, Int64Array, RecordBatch};
use arrow_ipc::writer::FileWriter;
use arrow_schema::{DataType, Field, Schema};
use flatbuffers::FlatBufferBuilder;
use insta::assert_snapshot;
use mly::sink::Format;
use parquet::arrow::ArrowWriter;
use parquet::file::metadata::KeyValue;

use super::{convert, read, said};

/// The example of EPSG Guidance Note 7-2 for Web Mercator, in centimetres.
const METRES: [f64; 2] = [-11_169_055.58, 2_800_000.0];
const DEGREES: [f64; 2] = [-100.333_333_33, 24.381_786_95];

fn wkb([x, y]: [f64; 2]) -> Vec<u8> {
    [&[1, 1, 0, 0, 0][..], &x.to_le_bytes(), &y.to_le_bytes()].concat()
}

/// The positions of all rows.
fn positions(path: &Path) -> Vec<[f64; 2]> {
    let float = |bytes: &[u8]| f64::from_le_bytes(bytes.try_into().unwrap());
    let position = |wkb: &[u8]| [float(&wkb[5..13]), float(&wkb[13..21])];
    let batches = read(path).unwrap();
    let column = |batch: &RecordBatch| ArrayRef::clone(batch.column_by_name("geometry").unwrap());
    batches
        .iter()
        .flat_map(|batch| column(batch).as_binary::<i32>().iter().flatten().map(position).collect::<Vec<_>>())
        .collect()
}

fn assert_converted(path: &Path) {
    let found = positions(path);
    let is_near = |at: &[f64; 2]| at.iter().zip(DEGREES).all(|(a, b)| (a - b).abs() < 1e-7);
    assert!(!found.is_empty() && found.iter().all(is_near), "{}: {found:?}", path.display());
}

fn store(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn feature(at: [f64; 2], more: &str) -> String {
    format!(
        r#"{{"type":"Feature","properties":{{"id":1}},"geometry":{{"type":"Point","coordinates":{at:?}}}{more}}}"#
    )
}

fn crs(name: &str) -> String {
    format!(r#","crs":{{"type":"name","properties":{{"name":"{name}"}}}}"#)
}

fn collection(features: &str, more: &str) -> String {
    format!(r#"{{"type":"FeatureCollection"{more},"features":[{features}]}}"#)
}

#[test]
fn a_member_crs_of_geojson_counts_wherever_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let mercator = crs("urn:ogc:def:crs:EPSG::3857");
    let metres = feature(METRES, "");
    let behind = format!(r#"{{"type":"FeatureCollection","features":[{metres}]{mercator}}}"#);
    for (name, text) in [
        ("before.geojson", collection(&metres, &mercator)),
        ("behind.geojson", behind.clone()),
        ("each.geojsonl", format!("{0}\n{0}\n", feature(METRES, &mercator))),
        ("within.geojson", collection(&feature(METRES, &mercator), "")),
        ("twice.geojson", collection(&feature(METRES, &mercator), &mercator)),
    ] {
        assert_converted(&store(folder.path(), name, &text));
    }
    for name in ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326"] {
        let path =
            store(folder.path(), "degrees.geojson", &collection(&feature([8.5, 47.0], ""), &crs(name)));
        assert_eq!(positions(&path), [[8.5, 47.0]], "{name}");
    }
    let told = |text: &str| said(&store(folder.path(), "a.geojson", text));
    let small = feature([8.5, 47.0], "");
    let all = [
        told(&collection(&small, &crs("urn:ogc:def:crs:EPSG::25832"))),
        told(&collection(&small, &crs("EPSG:4258"))),
        told(&format!(r#"{{"type":"FeatureCollection","features":[{small}]{}}}"#, crs("EPSG:31467"))),
        told(&collection(&small, r#","crs":{"type":"link","properties":{"href":"x.prj"}}"#)),
        told(&format!("{behind}\n{}", collection(&small, ""))),
        told(&collection(&feature([8.5, 47.0], &crs("EPSG:4326")), &mercator)),
        told(&collection(&format!("{small},{metres}"), "")),
        told(&collection(&feature([9e7, 0.0], ""), &mercator)),
        told(&collection(&feature([8.5, 97.0], ""), "")),
    ];
    assert_snapshot!(all.join("\n"), @r#"
    the coordinates are in urn:ogc:def:crs:EPSG::25832, and not in longitude and latitude on WGS 84
      hint: reproject it: ogr2ogr -t_srs EPSG:4326 OUT IN
    the coordinates are in EPSG:4258, and not in longitude and latitude on WGS 84
      hint: reproject it: ogr2ogr -t_srs EPSG:4326 OUT IN
    the coordinates are in EPSG:31467, and not in longitude and latitude on WGS 84
      hint: reproject it: ogr2ogr -t_srs EPSG:4326 OUT IN
    the coordinates are in {\"properties\":{\"href\":\"x.prj\"},\"type\":\"link\"}, and not in longitude and latitude on WGS 84
      hint: reproject it: ogr2ogr -t_srs EPSG:4326 OUT IN
    its parts are in different reference systems
      hint: give each of them a file of its own
    its parts are in different reference systems
      hint: give each of them a file of its own
    feature 2: longitude -11169055.58 is not within -180..180
      hint: longitude comes first, then latitude, both in degrees; if these are metres: ogr2ogr -s_srs EPSG:CODE -t_srs EPSG:4326 OUT IN
    feature 1: 90000000,0 is outside of EPSG:3857
      hint: longitude comes first, then latitude, both in degrees; if these are metres: ogr2ogr -s_srs EPSG:CODE -t_srs EPSG:4326 OUT IN
    feature 1: latitude 97 is not within -90..90
      hint: longitude comes first, then latitude, both in degrees; if these are metres: ogr2ogr -s_srs EPSG:CODE -t_srs EPSG:4326 OUT IN
    "#);
}

#[test]
fn a_line_is_converted_at_every_corner() {
    let folder = tempfile::tempdir().unwrap();
    let line = r#"{"type":"Feature","properties":{"id":"a"},"geometry":{"type":"LineString","coordinates":[[0,0],[20037508.342789244,0]]}}"#;
    let path = store(folder.path(), "a.geojson", &collection(line, &crs("EPSG:3857")));
    let out = folder.path().join("a.geojsonl");
    convert(&path, Format::GeoJsonSeq, &out).unwrap();
    assert_snapshot!(std::fs::read_to_string(out).unwrap(), @r#"{"type":"Feature","geometry":{"type":"MultiLineString","coordinates":[[[0,0],[180,0]]]},"properties":{"id":"a"}}"#);
}

/// One row with a geometry column of this name, and metadata of the schema and of the column.
fn row(at: [f64; 2], name: &str, of_schema: &[(&str, &str)], of_field: &[(&str, &str)]) -> RecordBatch {
    let pairs = |pairs: &[(&str, &str)]| -> HashMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    let fields = vec![
        Field::new("id", DataType::Int64, true),
        Field::new(name, DataType::Binary, true).with_metadata(pairs(of_field)),
    ];
    let schema = Schema::new(fields).with_metadata(pairs(of_schema));
    let columns: Vec<ArrayRef> =
        vec![Arc::new(Int64Array::from(vec![1])), Arc::new(BinaryArray::from(vec![&wkb(at)[..]]))];
    RecordBatch::try_new(Arc::new(schema), columns).unwrap()
}

fn parquet(path: &Path, rows: &RecordBatch, geo: Option<&str>) {
    let mut writer = ArrowWriter::try_new(std::fs::File::create(path).unwrap(), rows.schema(), None).unwrap();
    writer.write(rows).unwrap();
    if let Some(geo) = geo {
        writer.append_key_value_metadata(KeyValue::new("geo".to_owned(), geo.to_owned()));
    }
    writer.close().unwrap();
}

fn feather(path: &Path, rows: &RecordBatch) {
    let mut writer = FileWriter::try_new(std::fs::File::create(path).unwrap(), &rows.schema()).unwrap();
    writer.write(rows).unwrap();
    writer.finish().unwrap();
}

/// The metadata of GeoParquet with what is said of the reference system.
fn geo(crs: &str) -> String {
    format!(
        r#"{{"version":"1.1.0","primary_column":"g","columns":{{"g":{{"encoding":"WKB","geometry_types":["Point"]{crs}}}}}}}"#
    )
}

/// PROJJSON without an id, as some writers have it.
const MERCATOR: &str = r#","crs":{"type":"ProjectedCRS","name":"unnamed","base_crs":{"type":"GeographicCRS","name":"x","datum":{"name":"World Geodetic System 1984"}},"conversion":{"name":"x","method":{"name":"Popular Visualisation Pseudo Mercator"},"parameters":[]}}"#;

#[test]
fn geoparquet_and_feather_are_judged_by_the_same_metadata() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let each = |at: [f64; 2], crs: &str| {
        let rows = row(at, "g", &[("geo", &geo(crs))], &[]);
        feather(&path("a.feather"), &rows);
        parquet(&path("a.parquet"), &row(at, "g", &[], &[]), Some(&geo(crs)));
        [path("a.feather"), path("a.parquet")]
    };
    for crs in [
        "",
        r#","crs":null"#,
        r#","crs":{"id":{"authority":"EPSG","code":4326}}"#,
        r#","crs":{"type":"GeographicCRS","name":"WGS 84 (CRS84)"}"#,
    ] {
        for path in each([8.5, 47.0], crs) {
            assert_eq!(positions(&path), [[8.5, 47.0]], "{crs}");
        }
    }
    for crs in [r#","crs":{"id":{"authority":"EPSG","code":3857}}"#, MERCATOR] {
        for path in each(METRES, crs) {
            assert_converted(&path);
        }
    }
    let mut all = Vec::new();
    for crs in [
        r#","crs":{"type":"ProjectedCRS","name":"ETRS89 / UTM zone 32N"}"#,
        r#","crs":{"type":"GeographicCRS","name":"ETRS89","id":{"authority":"EPSG","code":4258}}"#,
        r#","crs":{}"#,
    ] {
        let [one, other] = each([8.5, 47.0], crs).map(|path| said(&path));
        assert_eq!(one, other);
        all.push(one);
    }
    let [one, other] = each(METRES, r#","crs":null"#).map(|path| said(&path));
    assert_eq!(one, other);
    all.push(one);
    assert_snapshot!(all.join("\n"), @r"
    column g: the coordinates are in ETRS89 / UTM zone 32N, and not in longitude and latitude on WGS 84
      hint: reproject it: ogr2ogr -t_srs EPSG:4326 OUT IN
    column g: the coordinates are in EPSG:4258, and not in longitude and latitude on WGS 84
      hint: reproject it: ogr2ogr -t_srs EPSG:4326 OUT IN
    column g: the coordinates are in an unnamed reference system, and not in longitude and latitude on WGS 84
      hint: reproject it: ogr2ogr -t_srs EPSG:4326 OUT IN
    row 1: column geometry: longitude -11169055.58 is not within -180..180
      hint: longitude comes first, then latitude, both in degrees; if these are metres: ogr2ogr -s_srs EPSG:CODE -t_srs EPSG:4326 OUT IN
    ");
}

#[test]
fn columns_of_geoarrow_name_their_own_system() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.arrow");
    let marked = |at: [f64; 2], metadata: &str| {
        let field = [("ARROW:extension:name", "geoarrow.wkb"), ("ARROW:extension:metadata", metadata)];
        feather(&path, &row(at, "geometry", &[], &field));
    };
    for metadata in ["", "{}", r#"{"crs":"OGC:CRS84"}"#, r#"{"crs":"EPSG:4326","crs_type":"authority_code"}"#]
    {
        marked([8.5, 47.0], metadata);
        assert_eq!(positions(&path), [[8.5, 47.0]], "{metadata}");
    }
    marked(METRES, r#"{"crs":"EPSG:3857"}"#);
    assert_converted(&path);
    marked([8.5, 47.0], r#"{"crs":"GEOGCRS[\"ETRS89\",ID[\"EPSG\",4258]]"}"#);
    assert_snapshot!(said(&path), @r"
    column geometry: the coordinates are in ETRS89, and not in longitude and latitude on WGS 84
      hint: reproject it: ogr2ogr -t_srs EPSG:4326 OUT IN
    ");
}

#[test]
fn a_geopackage_is_judged_by_the_organization_and_its_code() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gpkg");
    let store = |at: [f64; 2], number: i32, system: &str| {
        let _ = std::fs::remove_file(&path);
        let sql = format!(
            "CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT);
            INSERT INTO gpkg_contents VALUES ('t', 'features');
            CREATE TABLE gpkg_spatial_ref_sys (srs_id INTEGER, organization TEXT, organization_coordsys_id INTEGER);
            {system};
            CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, geometry_type_name TEXT, srs_id INTEGER, z INTEGER, m INTEGER);
            INSERT INTO gpkg_geometry_columns VALUES ('t', 'geom', 'POINT', {number}, 0, 0);
            CREATE TABLE t (fid INTEGER PRIMARY KEY, geom BLOB, id INTEGER);"
        );
        let database = rusqlite::Connection::open(&path).unwrap();
        database.execute_batch(&sql).unwrap();
        let blob = [&b"GP\0\x01"[..], &number.to_le_bytes(), &wkb(at)].concat();
        database.execute("INSERT INTO t VALUES (1, ?, 7)", [blob]).unwrap();
    };
    let system = |number: i32, organization: &str, code: i32| {
        format!("INSERT INTO gpkg_spatial_ref_sys VALUES ({number}, '{organization}', {code})")
    };
    for (number, system) in [
        (4326, system(4326, "EPSG", 4326)),
        (7, system(7, "epsg", 4326)),
        (0, system(0, "NONE", 0)),
        (99_999, system(99_999, "NONE", 99_999)),
        (4326, String::new()),
    ] {
        store([8.5, 47.0], number, &system);
        assert_eq!(positions(&path), [[8.5, 47.0]], "{system}");
    }
    store(METRES, 3857, &system(3857, "EPSG", 3857));
    assert_converted(&path);
    let told = |at: [f64; 2], number: i32, system: &str| {
        store(at, number, system);
        said(&path)
    };
    let all = [
        told([8.5, 47.0], 25832, &system(25832, "EPSG", 25832)),
        told([8.5, 47.0], 4258, &system(4258, "EPSG", 4258)),
        told([8.5, 47.0], -1, &system(-1, "NONE", -1)),
        told([8.5, 47.0], 31467, ""),
        told(METRES, 0, &system(0, "NONE", 0)),
    ];
    assert_snapshot!(all.join("\n"), @r"
    the coordinates are in EPSG:25832, and not in longitude and latitude on WGS 84
      hint: reproject it: ogr2ogr -t_srs EPSG:4326 OUT IN
    the coordinates are in EPSG:4258, and not in longitude and latitude on WGS 84
      hint: reproject it: ogr2ogr -t_srs EPSG:4326 OUT IN
    the coordinates are on a plane, and not in longitude and latitude
      hint: reproject it: ogr2ogr -t_srs EPSG:4326 OUT IN
    the coordinates are in EPSG:31467, and not in longitude and latitude on WGS 84
      hint: reproject it: ogr2ogr -t_srs EPSG:4326 OUT IN
    row 1: longitude -11169055.58 is not within -180..180
      hint: longitude comes first, then latitude, both in degrees; if these are metres: ogr2ogr -s_srs EPSG:CODE -t_srs EPSG:4326 OUT IN
    ");
}

/// What a header says of its reference system.
#[derive(Default)]
struct FgbCrs<'a> {
    org: Option<&'a str>,
    code: i32,
    name: Option<&'a str>,
    wkt: Option<&'a str>,
    code_string: Option<&'a str>,
}

/// The place of a field of a table by its number.
const fn slot(field: u16) -> u16 {
    4 + 2 * field
}

/// A file of one point.
fn fgb(at: [f64; 2], crs: &FgbCrs<'_>) -> Vec<u8> {
    let mut header = FlatBufferBuilder::new();
    let texts = [(0, crs.org), (2, crs.name), (4, crs.wkt), (5, crs.code_string)]
        .map(|(field, text)| (field, text.map(|text| header.create_string(text))));
    let table = header.start_table();
    header.push_slot_always(slot(1), crs.code);
    for (field, text) in texts {
        if let Some(text) = text {
            header.push_slot_always(slot(field), text);
        }
    }
    let crs = header.end_table(table);
    let table = header.start_table();
    header.push_slot_always(slot(2), 1_u8);
    header.push_slot_always(slot(8), 1_u64);
    header.push_slot_always(slot(9), 0_u16);
    header.push_slot_always(slot(10), crs);
    let root = header.end_table(table);
    header.finish_size_prefixed(root, None);
    let mut feature = FlatBufferBuilder::new();
    let xy = feature.create_vector(&at);
    let table = feature.start_table();
    feature.push_slot_always(slot(1), xy);
    let geometry = feature.end_table(table);
    let table = feature.start_table();
    feature.push_slot_always(slot(0), geometry);
    let root = feature.end_table(table);
    feature.finish_size_prefixed(root, None);
    [b"fgb\x03fgb\0", header.finished_data(), feature.finished_data()].concat()
}

#[test]
fn flatgeobuf_is_judged_by_code_or_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.fgb");
    let store = |at: [f64; 2], crs: FgbCrs<'_>| std::fs::write(&path, fgb(at, &crs)).unwrap();
    let none = FgbCrs::default;
    for crs in [
        none(),
        FgbCrs { code: 4326, ..none() },
        FgbCrs { org: Some("EPSG"), code: 4326, ..none() },
        FgbCrs { wkt: Some(r#"GEOGCS["WGS 84",AUTHORITY["EPSG","4326"]]"#), ..none() },
        FgbCrs { code_string: Some("OGC:CRS84"), ..none() },
        FgbCrs { name: Some("WGS 84"), ..none() },
    ] {
        store([8.5, 47.0], crs);
        assert_eq!(positions(&path), [[8.5, 47.0]]);
    }
    for crs in [FgbCrs { code: 3857, ..none() }, FgbCrs { org: Some("ESRI"), code: 102_100, ..none() }] {
        store(METRES, crs);
        assert_converted(&path);
    }
    let told = |at: [f64; 2], crs| {
        store(at, crs);
        said(&path)
    };
    let all = [
        told([8.5, 47.0], FgbCrs { code: 25832, ..none() }),
        told([8.5, 47.0], FgbCrs { org: Some("IGNF"), code: 4326, ..none() }),
        told([8.5, 47.0], FgbCrs { wkt: Some(r#"GEOGCS["ETRS89",AUTHORITY["EPSG","4258"]]"#), ..none() }),
        told(METRES, none()),
    ];
    assert_snapshot!(all.join("\n"), @r"
    the coordinates are in EPSG:25832, and not in longitude and latitude on WGS 84
      hint: reproject it: ogr2ogr -t_srs EPSG:4326 OUT IN
    the coordinates are in IGNF:4326, and not in longitude and latitude on WGS 84
      hint: reproject it: ogr2ogr -t_srs EPSG:4326 OUT IN
    the coordinates are in ETRS89, and not in longitude and latitude on WGS 84
      hint: reproject it: ogr2ogr -t_srs EPSG:4326 OUT IN
    feature 1: longitude -11169055.58 is not within -180..180
      hint: longitude comes first, then latitude, both in degrees; if these are metres: ogr2ogr -s_srs EPSG:CODE -t_srs EPSG:4326 OUT IN
    ");
}

#[test]
fn tables_are_in_degrees() {
    let folder = tempfile::tempdir().unwrap();
    let told = |text: &str| said(&store(folder.path(), "a.csv", text));
    let all = [
        told("id,longitude,latitude\n1,8.5,47\n2,1002286,6799688\n"),
        told("id,longitude,latitude\n1,8.5,-90.5\n"),
        told("id,wkt\n1,\"LINESTRING (1 2, 300 4)\"\n"),
    ];
    assert_snapshot!(all.join("\n"), @r"
    line 3: column geometry: longitude 1002286 is not within -180..180
      hint: longitude comes first, then latitude, both in degrees; if these are metres: ogr2ogr -s_srs EPSG:CODE -t_srs EPSG:4326 OUT IN
    line 2: column geometry: latitude -90.5 is not within -90..90
      hint: longitude comes first, then latitude, both in degrees; if these are metres: ogr2ogr -s_srs EPSG:CODE -t_srs EPSG:4326 OUT IN
    line 2: column geometry: longitude 300 is not within -180..180
      hint: longitude comes first, then latitude, both in degrees; if these are metres: ogr2ogr -s_srs EPSG:CODE -t_srs EPSG:4326 OUT IN
    ");
}
