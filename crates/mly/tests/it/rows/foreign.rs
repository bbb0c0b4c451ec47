//! Files that other programs write.

use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMillisecondType};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float32Array, Int16Array, Int32Array,
    LargeBinaryArray, LargeStringArray, NullArray, RecordBatch, StringViewArray, StructArray,
    TimestampMicrosecondArray, TimestampNanosecondArray, TimestampSecondArray, UInt64Array,
};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_schema::{DataType, Field, Schema};
use insta::assert_snapshot;
use mly::sink::Format;
use parquet::arrow::ArrowWriter;
use parquet::file::metadata::KeyValue;

use super::{convert, read, said};

/// Columns of any type, without metadata.
fn plain(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let fields = columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true));
    let schema = Schema::new(fields.collect::<Vec<_>>());
    RecordBatch::try_new(Arc::new(schema), columns.into_iter().map(|(_, array)| array).collect()).unwrap()
}

/// Writes Parquet as others do, with what it says of geometries.
fn parquet(path: &Path, rows: &RecordBatch, geo: Option<&str>) {
    let file = std::fs::File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, rows.schema(), None).unwrap();
    writer.write(rows).unwrap();
    if let Some(geo) = geo {
        writer.append_key_value_metadata(KeyValue::new("geo".to_owned(), geo.to_owned()));
    }
    writer.close().unwrap();
}

/// The rows of a file as GeoJSON.
fn lines(path: &Path) -> String {
    let out = path.with_extension("geojsonl");
    convert(path, Format::GeoJsonSeq, &out).unwrap();
    std::fs::read_to_string(out).unwrap()
}

/// Two rows of types that are not ours.
fn unusual() -> RecordBatch {
    let words: DictionaryArray<arrow_array::types::Int8Type> = [Some("a"), None].into_iter().collect();
    let moment = 1_614_834_367_123;
    plain(vec![
        ("small", Arc::new(Int16Array::from(vec![Some(-7), None]))),
        ("large", Arc::new(UInt64Array::from(vec![1, i64::MAX as u64]))),
        ("single", Arc::new(Float32Array::from(vec![0.5, 0.25]))),
        ("word", Arc::new(words)),
        ("text", Arc::new(LargeStringArray::from(vec![Some("b"), None]))),
        ("view", Arc::new(StringViewArray::from(vec!["short", "more than twelve bytes"]))),
        ("truth", Arc::new(BooleanArray::from(vec![true, false]))),
        ("s", Arc::new(TimestampSecondArray::from(vec![1, -1]))),
        ("us", Arc::new(TimestampMicrosecondArray::from(vec![moment * 1000, 0]).with_timezone("+02:00"))),
        (
            "ns",
            Arc::new(
                TimestampNanosecondArray::from(vec![Some(moment * 1_000_000), None]).with_timezone("UTC"),
            ),
        ),
        ("nothing", Arc::new(NullArray::new(2))),
    ])
}

#[test]
fn types_of_others_become_ours_where_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let rows = unusual();
    parquet(&path("a.parquet"), &rows, None);
    let mut stream = StreamWriter::try_new(Vec::new(), &rows.schema()).unwrap();
    stream.write(&rows).unwrap();
    std::fs::write(path("b.arrow"), stream.into_inner().unwrap()).unwrap();
    let mut file = FileWriter::try_new(Vec::new(), &rows.schema()).unwrap();
    file.write(&rows).unwrap();
    std::fs::write(path("c.feather"), file.into_inner().unwrap()).unwrap();
    let all = ["a.parquet", "b.arrow", "c.feather"].map(|name| lines(&path(name)));
    assert!(all.iter().all(|lines| *lines == all[0]), "{all:?}");
    assert_snapshot!(all[0], @r#"
    {"type":"Feature","geometry":null,"properties":{"small":-7,"large":1,"single":0.5,"word":"a","text":"b","view":"short","truth":true,"s":1000,"us":1614834367123,"ns":1614834367123}}
    {"type":"Feature","geometry":null,"properties":{"large":9223372036854775807,"single":0.25,"view":"more than twelve bytes","truth":false,"s":-1000,"us":0}}
    "#);
}

#[test]
fn what_would_be_lost_is_an_error_with_column_and_type() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let told = |name: &str, array: ArrayRef| {
        parquet(&path, &plain(vec![(name, array)]), None);
        said(&path)
    };
    let all = [
        told("large", Arc::new(UInt64Array::from(vec![1, u64::MAX]))),
        told("between", Arc::new(TimestampMicrosecondArray::from(vec![1000, 1001]))),
        told("far", Arc::new(TimestampSecondArray::from(vec![i64::MAX]))),
        told("day", Arc::new(Date32Array::from(vec![1]))),
        told("bytes", Arc::new(LargeBinaryArray::from(vec![&b"x"[..]]))),
        told(
            "struct",
            Arc::new(StructArray::from(vec![(
                Arc::new(Field::new("a", DataType::Int32, true)),
                Arc::new(Int32Array::from(vec![1])) as ArrayRef,
            )])),
        ),
    ];
    assert_snapshot!(all.join("\n"), @r#"
    row 2: column large: the number is greater than 2^63 - 1
    row 2: column between: the moment lies between two milliseconds
    row 1: column far: the moment is too far away
    column day is of type Date32, which results do not have
      hint: leave it out, or make it numbers, text or lists of floats
    column bytes is of type LargeBinary, which results do not have
      hint: leave it out, or make it numbers, text or lists of floats
    column struct is of type Struct("a": Int32), which results do not have
      hint: leave it out, or make it numbers, text or lists of floats
    "#);
}

/// A line of two positions, as others write it.
fn line() -> Vec<u8> {
    let mut wkb = vec![0, 0, 0, 0, 2, 0, 0, 0, 2];
    wkb.extend([1.0_f64, 2.0, 3.0, 4.5].iter().flat_map(|n| n.to_be_bytes()));
    wkb
}

#[test]
fn geometries_of_others_become_ours() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let about =
        |more: &str| format!(r#"{{"version":"1.1.0","primary_column":"g","columns":{{"g":{{{more}}}}}}}"#);
    let boxes: ArrayRef = Arc::new(StructArray::from(vec![(
        Arc::new(Field::new("xmin", DataType::Float32, true)),
        Arc::new(Float32Array::from(vec![1.0])) as ArrayRef,
    )]));
    let rows = |wkb: &[u8]| {
        plain(vec![("g", Arc::new(LargeBinaryArray::from(vec![wkb]))), ("box", ArrayRef::clone(&boxes))])
    };
    let covering = r#""covering":{"bbox":{"xmin":["box","xmin"],"ymin":["box","ymin"]}}"#;
    let degrees = r#""crs":{"id":{"authority":"EPSG","code":4326}}"#;
    let types = r#""encoding":"WKB","geometry_types":["LineString","MultiLineString"]"#;
    parquet(&path, &rows(&line()), Some(&about(&format!("{types},{degrees},{covering}"))));
    let found = read(&path).unwrap();
    assert_eq!(found[0].num_columns(), 1, "boxes are made anew");
    assert_eq!(found[0].schema().field(0).metadata()["geometry_type"], "MultiLineString");
    assert_snapshot!(lines(&path), @r#"{"type":"Feature","geometry":{"type":"MultiLineString","coordinates":[[[1,2],[3,4.5]]]},"properties":{}}"#);
    let told = |wkb: &[u8], more: &str| {
        parquet(&path, &rows(wkb), Some(&about(&format!("{more},{covering}"))));
        said(&path)
    };
    let polygon = [&[1, 3, 0, 0, 0][..], &[0; 4]].concat();
    let all = [
        told(&line(), r#""encoding":"WKB","geometry_types":["Point"]"#),
        told(&line(), r#""encoding":"WKB","geometry_types":["Polygon"]"#),
        told(&line(), r#""encoding":"WKB","geometry_types":["Point Z"]"#),
        told(&polygon, r#""encoding":"WKB","geometry_types":[]"#),
        told(&line(), r#""encoding":"point","geometry_types":["Point"]"#),
        told(
            &line(),
            r#""encoding":"WKB","geometry_types":[],"crs":{"id":{"authority":"EPSG","code":25832}}"#,
        ),
        told(&line()[..20], r#""encoding":"WKB","geometry_types":[]"#),
    ];
    assert_snapshot!(all.join("\n"), @r"
    row 1: column geometry: expected a Point
    column g: the geometry is a Polygon, and results have points and lines
    column g: the geometry is a Point Z, and results have points and lines
    row 1: column geometry: the geometry is a Polygon, and results have points and lines
    column g: the geometries are encoded as point, and not as WKB
    column g: the coordinates are in EPSG:25832, and not in longitude and latitude on WGS 84
      hint: reproject it: ogr2ogr -t_srs EPSG:4326 OUT IN
    row 1: column geometry: the geometry ends too early
    ");
}

#[test]
fn tables_of_others_keep_their_values() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    let text = "\u{feff}name,id,n,x,ok,code,list,when,longitude,latitude\n\
        \"a \"\"b\"\"\",9007199254740993,1,1,True,007,\"[1,2]\",2021-03-04T05:06:07Z,8.5,47\n\
        ,5,-2,2.5,False,+1,\"{\"\"a\"\":null}\",2021-03-04 05:06:07,,\n";
    std::fs::write(&path, text).unwrap();
    assert_snapshot!(lines(&path), @r#"
    {"type":"Feature","geometry":{"type":"Point","coordinates":[8.5,47]},"properties":{"name":"a \"b\"","id":9007199254740993,"n":1,"x":1,"ok":true,"code":"007","list":[1,2],"when":"2021-03-04T05:06:07Z"}}
    {"type":"Feature","geometry":null,"properties":{"id":5,"n":-2,"x":2.5,"ok":false,"code":"+1","list":{"a":null},"when":"2021-03-04 05:06:07"}}
    "#);
}

#[test]
fn features_of_others_keep_their_values() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.geojson");
    let text = r#"{"type":"FeatureCollection","name":"x","features":[
        {"type":"Feature","id":"7","properties":{"mixed":1,"empty":null,"n":9007199254740993},"geometry":{"coordinates":[[1,2],[3,4]],"type":"LineString"}},
        {"geometry":{"type":"Point","coordinates":[1,2]},"properties":{"mixed":"a","more":{"b":[true]},"n":18446744073709551615},"type":"Feature"},
        {"type":"Feature","properties":null,"geometry":null},
        {"type":"Feature","properties":{"mixed":null,"captured_at":"2021-03-04T05:06:07.5Z","n":1,"n":2},"geometry":{"type":"Point","coordinates":[]}}
    ]}"#;
    std::fs::write(&path, text).unwrap();
    assert_snapshot!(lines(&path), @r#"
    {"type":"Feature","geometry":{"type":"MultiLineString","coordinates":[[[1,2],[3,4]]]},"properties":{"id":7,"mixed":1,"n":9007199254740993}}
    {"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]},"properties":{"mixed":"a","more":{"b":[true]},"n":18446744073709551615}}
    {"type":"Feature","geometry":null,"properties":{}}
    {"type":"Feature","geometry":null,"properties":{"captured_at":1614834367500,"n":2}}
    "#);
    let found = read(&path).unwrap();
    let times = found[0].column_by_name("captured_at").unwrap().as_primitive::<TimestampMillisecondType>();
    assert_eq!(times.value(3), 1_614_834_367_500);
    assert!(found[0].column_by_name("empty").is_none());
}

#[test]
fn a_geopackage_of_others_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gpkg");
    let sql = "CREATE TABLE gpkg_contents (table_name TEXT, data_type TEXT);
        INSERT INTO gpkg_contents VALUES ('my \"t\"', 'features'), ('tiles', 'tiles');
        CREATE TABLE gpkg_spatial_ref_sys (srs_id INTEGER, organization TEXT, organization_coordsys_id INTEGER);
        INSERT INTO gpkg_spatial_ref_sys VALUES (4326, 'epsg', 4326);
        CREATE TABLE gpkg_geometry_columns (table_name TEXT, column_name TEXT, geometry_type_name TEXT, srs_id INTEGER, z INTEGER, m INTEGER);
        INSERT INTO gpkg_geometry_columns VALUES ('my \"t\"', 'Shape', 'LINESTRING', 4326, 0, 0);
        CREATE TABLE \"my \"\"t\"\"\" (ogc_fid INTEGER PRIMARY KEY, \"SHAPE\" BLOB, n MEDIUMINT, x DOUBLE, name TEXT(20), at DATETIME, ok BOOLEAN);";
    let database = rusqlite::Connection::open(&path).unwrap();
    database.execute_batch(sql).unwrap();
    // A box of four numbers stands before the geometry.
    let blob = [&b"GP\0\x03"[..], &4326_i32.to_le_bytes(), &[0; 32], &line()].concat();
    let insert = "INSERT INTO \"my \"\"t\"\"\" VALUES (?, ?, 5, 7, 'é', '2021-03-04T05:06:07Z', 1)";
    database.execute(insert, rusqlite::params![1, blob]).unwrap();
    database.execute(insert, rusqlite::params![2, rusqlite::types::Null]).unwrap();
    drop(database);
    assert_snapshot!(lines(&path), @r#"
    {"type":"Feature","geometry":{"type":"MultiLineString","coordinates":[[[1,2],[3,4.5]]]},"properties":{"n":5,"x":7,"name":"é","at":1614834367000,"ok":true}}
    {"type":"Feature","geometry":null,"properties":{"n":5,"x":7,"name":"é","at":1614834367000,"ok":true}}
    "#);
}

#[test]
fn ids_of_others_keep_all_of_their_digits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    std::fs::write(&path, "id,captured_at\n9007199254740993,1\n-1,\n").unwrap();
    let found = read(&path).unwrap();
    assert_eq!(found[0].column(0).as_primitive::<Int64Type>().values(), &[9_007_199_254_740_993, -1]);
    assert_eq!(found[0].column(1).null_count(), 1);
}

#[test]
fn text_that_is_no_table_is_refused_and_other_separators_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let told = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        format!("{name}: {}", said(&path))
    };
    let all = [
        told("a.csv", "id;make\n1;a\n"),
        told("b.csv", "\"id\"\t\"make\"\n1\ta\n"),
        told("c.csv", "name|population\nx|5\n"),
        told("d.csv", "id;lon 8,5;x\n1;2;3\n"),
        told("x.prj", "GEOGCS[\"GCS_WGS_1984\"]\n"),
        told("y.prj", "GEOGCS[\"WGS 84\",DATUM[\"x\"],UNIT[\"degree\",1]]"),
        told("z.csv", "Dear diary, today I went to the sea."),
        told("one.csv", "Dear diary\ntoday I went to the sea\n"),
        told("page.csv", "<html>\n<body>\n"),
        told("noise.csv", "a\u{1},b\n1,2\n"),
        told("letter.txt", "Dear diary"),
    ];
    assert_snapshot!(all.join("\n"), @r"
    a.csv: line 1: the fields have semicolons between them, and commas are expected
      hint: save the table as comma-separated CSV (RFC 4180)
    b.csv: line 1: the fields have tabs between them, and commas are expected
      hint: save the table as comma-separated CSV (RFC 4180)
    c.csv: line 1: the fields have bars between them, and commas are expected
      hint: save the table as comma-separated CSV (RFC 4180)
    d.csv: line 1: the fields have semicolons between them, and commas are expected
      hint: save the table as comma-separated CSV (RFC 4180)
    x.prj: this is no table: its first line names no column that results have
      hint: the header of a table has names such as id, longitude and latitude, with commas between them
    y.prj: this is no table: its first line names no column that results have
      hint: the header of a table has names such as id, longitude and latitude, with commas between them
    z.csv: this is no table: its first line names no column that results have
      hint: the header of a table has names such as id, longitude and latitude, with commas between them
    one.csv: this is no table: its first line names no column that results have
      hint: the header of a table has names such as id, longitude and latitude, with commas between them
    page.csv: this is no table: its first line names no column that results have
      hint: the header of a table has names such as id, longitude and latitude, with commas between them
    noise.csv: this is no table: its first line names no column that results have
      hint: the header of a table has names such as id, longitude and latitude, with commas between them
    letter.txt: this is no table: its first line names no column that results have
      hint: the header of a table has names such as id, longitude and latitude, with commas between them
    ");
    // Names that are not known are read as long as there are rows.
    let path = folder.path().join("towns.csv");
    std::fs::write(&path, "town,population (2020); estimate\nx,5\n").unwrap();
    assert_eq!(read(&path).unwrap()[0].num_rows(), 1);
}

/// The fixture with two shapefiles, unpacked.
fn shapefiles() -> (std::path::PathBuf, tempfile::TempDir) {
    let packed = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/foreign/roads-and-signs.zip")
        .canonicalize();
    let (packed, folder) = (packed.unwrap(), tempfile::tempdir().unwrap());
    let mut archive = zip::ZipArchive::new(std::fs::File::open(&packed).unwrap()).unwrap();
    archive.extract(folder.path()).unwrap();
    (packed, folder)
}

#[test]
fn a_shapefile_has_the_values_of_its_table_and_a_geometry_alone_and_in_an_archive() {
    let (packed, folder) = shapefiles();
    let out = folder.path().join("out.geojsonl");
    let of = |name: &Path| {
        convert(name, Format::GeoJsonSeq, &out).unwrap();
        std::fs::read_to_string(&out).unwrap()
    };
    let layer = |name: &str| std::path::PathBuf::from(format!("{}#{name}", packed.display()));
    let (roads, signs) = (of(&folder.path().join("roads.shp")), of(&folder.path().join("signs.shp")));
    assert_eq!([of(&layer("roads")), of(&layer("signs"))], [roads.clone(), signs.clone()]);
    assert_snapshot!(roads + &signs, @r#"
    {"type":"Feature","geometry":{"type":"MultiLineString","coordinates":[[[9,51.985],[9.004,52.005]]]},"properties":{"osm_id":12345678901,"highway":"residential","name":"Straße","width":3.5,"lanes":1}}
    {"type":"Feature","geometry":{"type":"MultiLineString","coordinates":[[[8.99,51.99],[9,51.99]],[[9.001,51.99],[9.01,51.991]]]},"properties":{"osm_id":7,"highway":"primary","name":"B 1","lanes":2}}
    {"type":"Feature","geometry":null,"properties":{"osm_id":9,"width":12.25}}
    {"type":"Feature","geometry":{"type":"Point","coordinates":[8.999996252772455,51.99999748691876]},"properties":{"id":11,"value":"regulatory--stop--g1"}}
    {"type":"Feature","geometry":{"type":"Point","coordinates":[9.000220831593484,51.99930615890027]},"properties":{"id":12,"value":"warning--roadworks--g1"}}
    "#);
}

/// Changes a file.
fn patch(path: &Path, from: &[u8], to: &[u8]) {
    let mut bytes = std::fs::read(path).unwrap();
    let at = bytes.windows(from.len()).position(|found| found == from).unwrap();
    bytes[at..at + to.len()].copy_from_slice(to);
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_deleted_record_takes_its_shape_with_it() {
    let (_packed, folder) = shapefiles();
    let roads = folder.path().join("roads.shp");
    let before = lines(&roads);
    let table = folder.path().join("roads.dbf");
    let bytes = std::fs::read(&table).unwrap();
    let [header, width] = [8, 10].map(|at| u16::from_le_bytes([bytes[at], bytes[at + 1]]) as usize);
    let first = bytes[header..header + width].to_vec();
    patch(&table, &first, b"*");
    let (_, rest) = before.split_once('\n').unwrap();
    assert_eq!(lines(&roads), rest);
}

#[test]
fn texts_of_a_shapefile_are_in_the_encoding_that_it_tells_or_in_that_of_windows() {
    let (_packed, folder) = shapefiles();
    let [roads, table, code_page] =
        ["roads.shp", "roads.dbf", "roads.cpg"].map(|name| folder.path().join(name));
    let want = lines(&roads);
    patch(&table, "Stra\u{df}e".as_bytes(), b"Stra\xdfe ");
    for label in ["ISO-8859-1", "8859_1", "1252", "CP1252", "windows-1252", "ANSI 1252"] {
        std::fs::write(&code_page, label).unwrap();
        assert_eq!(lines(&roads), want, "{label}");
    }
    std::fs::write(&code_page, "UTF-8").unwrap();
    assert_eq!(
        said(&roads),
        "row 1: column name: a text is not in UTF-8\n  hint: ogr2ogr OUT.gpkg IN.shp converts it"
    );
    std::fs::remove_file(code_page).unwrap();
    assert_eq!(lines(&roads), want);
}

#[test]
fn numbers_of_a_shapefile_keep_all_digits_and_days_that_there_are_not_are_null() {
    let (_packed, folder) = shapefiles();
    let [roads, table] = ["roads.shp", "roads.dbf"].map(|name| folder.path().join(name));
    let want = lines(&roads);
    // As floating point, which some programs call their numbers.
    for name in ["osm_id", "width"] {
        let about = [name.as_bytes(), &vec![0; 11 - name.len()]].concat();
        patch(&table, &[&about, &b"N"[..]].concat(), &[&about, &b"F"[..]].concat());
    }
    assert_eq!(lines(&roads), want);
    // A whole number that is written as a floating point number.
    patch(&table, b"       12345678901", b"1.2345678901000e10");
    assert_eq!(lines(&roads), want);
    patch(&table, b"1.2345678901000e10", b"112233445566778899");
    patch(&table, b"3.500000000000000", b"-1.7976931348e308");
    let about = [&b"name"[..], &[0; 7], b"C"].concat();
    patch(&table, &about, &[&about[..11], b"D"].concat());
    let found = lines(&roads);
    let first = found.lines().next().unwrap();
    let want = r#""osm_id":112233445566778899,"highway":"residential","width":-1.7976931348e+308,"#;
    assert!(first.contains(want), "{first}");
}

#[test]
fn shapefiles_that_results_cannot_have_are_refused() {
    let (packed, folder) = shapefiles();
    let path = |name: &str| folder.path().join(name);
    let polygons = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/areas/town.shp");
    // The header tells one record less than there are shapes.
    patch(&path("signs.dbf"), &[2, 0, 0, 0], &[1, 0, 0, 0]);
    let shapes = std::fs::read(path("roads.shp")).unwrap();
    std::fs::write(path("cut.shp"), &shapes[..shapes.len() - 9]).unwrap();
    std::fs::write(path("empty.zip"), b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0").unwrap();
    let all = [
        polygons,
        path("signs.shp"),
        path("cut.shp"),
        packed.clone(),
        std::path::PathBuf::from(format!("{}#rivers", packed.display())),
        std::path::PathBuf::from(format!("{}#roads", path("roads.shp").display())),
    ]
    .map(|path| said(&path));
    assert_snapshot!(all.join("\n"), @r"
    row 1: the geometry is a POLYGON, and results have points and lines
    the .shp and the .dbf have different numbers of features
      hint: ogr2ogr OUT.gpkg IN.shp tells which belong together
    after feature 2: the shapefile cannot be read: failed to fill whole buffer
      hint: write the file again
    the zip archive has 2 layers: roads, signs
      hint: choose one of them: FILE#roads
    unknown layer `rivers`
      hint: known: roads, signs
    there is no layer roads: this format has only one
      hint: name the file alone
    ");
}
