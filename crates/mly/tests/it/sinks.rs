//! Every format, read back by somebody else's reader.

use std::collections::HashMap;
use std::io::Cursor;
use std::sync::Arc;

use arrow_array::builder::{FixedSizeListBuilder, Float64Builder, ListBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef, BinaryArray, Int64Array, RecordBatch, StringArray};
use arrow_ipc::reader::StreamReader;
use arrow_schema::{Field, Schema};
use mly::Query;
use mly::sink::{self, Destination, Format};
use mly_emulator::{Emulator, World};
use serde_json::{Value, json};

use crate::support::{Bytes, client, demo, features, options, town, write};

#[tokio::test]
async fn all_formats_hold_the_same_images() {
    let emulator = demo();
    let query = Query::images(town());
    let lines = features(options(&emulator), &query).await.unwrap();

    let (text, _) = write(options(&emulator), &query, Format::GeoJson).await.unwrap();
    let collection: Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(collection["type"], "FeatureCollection");
    assert_eq!(collection["features"], Value::Array(lines.clone()));

    let (bytes, _) = write(options(&emulator), &query, Format::Arrow).await.unwrap();
    let batches: Vec<_> =
        StreamReader::try_new(Cursor::new(bytes), None).unwrap().map(Result::unwrap).collect();
    let rows: Vec<_> = batches.iter().flat_map(features_of).collect();
    assert_eq!(rows, lines);

    let (text, _) = write(options(&emulator), &query, Format::Csv).await.unwrap();
    let mut reader = csv::Reader::from_reader(text.as_slice());
    let header = reader.headers().unwrap().clone();
    let records: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), lines.len());
    for (record, feature) in records.iter().zip(&lines) {
        for (name, field) in header.iter().zip(record) {
            let value = match name {
                "longitude" => &feature["geometry"]["coordinates"][0],
                "latitude" => &feature["geometry"]["coordinates"][1],
                name => &feature["properties"][name],
            };
            let text = value.as_str().map_or_else(
                || if value.is_null() { String::new() } else { value.to_string() },
                str::to_owned,
            );
            if let (Ok(a), Some(b)) = (field.parse::<f64>(), value.as_f64()) {
                assert!(a == b, "{name}: {field}, {text}");
            } else {
                assert_eq!(field, text, "{name}");
            }
        }
    }
}

/// Rows of a batch as GeoJSON, made by hand.
fn features_of(batch: &RecordBatch) -> Vec<Value> {
    let ints = |name: &str, row: usize| {
        let column = batch.column_by_name(name).unwrap().as_primitive::<Int64Type>();
        column.is_valid(row).then(|| json!(column.value(row)))
    };
    let floats = |name: &str, row: usize| {
        let column = batch.column_by_name(name).unwrap().as_primitive::<Float64Type>();
        // Whole numbers are written without a fraction, as the service does.
        let plain = |v: f64| if v.fract() == 0.0 { json!(v as i64) } else { json!(v) };
        column.is_valid(row).then(|| plain(column.value(row)))
    };
    let bools = |name: &str, row: usize| {
        let column = batch.column_by_name(name).unwrap().as_boolean();
        column.is_valid(row).then(|| json!(column.value(row)))
    };
    let column = |row: usize| {
        let times = batch.column_by_name("captured_at").unwrap().as_primitive::<TimestampMillisecondType>();
        let texts = batch.column_by_name("sequence_id").unwrap().as_string::<i32>();
        let properties = [
            ("id", ints("id", row)),
            ("sequence_id", Some(json!(texts.value(row)))),
            ("captured_at", Some(json!(times.value(row)))),
            ("compass_angle", floats("compass_angle", row)),
            ("is_pano", bools("is_pano", row)),
            ("organization_id", ints("organization_id", row)),
            ("creator_id", ints("creator_id", row)),
            ("quality_score", floats("quality_score", row)),
            ("foot", bools("foot", row)),
        ];
        let properties: serde_json::Map<_, _> =
            properties.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        let wkb = batch.column_by_name("geometry").unwrap().as_binary::<i32>().value(row);
        let number = |at: usize| f64::from_le_bytes(wkb[at..at + 8].try_into().unwrap());
        let geometry = json!({"type": "Point", "coordinates": [number(5), number(13)]});
        json!({"type": "Feature", "geometry": geometry, "properties": properties})
    };
    (0..batch.num_rows()).map(column).collect()
}

#[tokio::test]
async fn a_column_that_never_has_a_value_is_left_out_of_csv_and_null_elsewhere() {
    let file = std::path::Path::new("../../fixtures/tiles/mly1_public-14-8574-5735.mvt");
    let emulator = Emulator::start(World::open(file).unwrap()).unwrap();
    // The real tile of 2021 knows neither creators nor quality.
    let query = Query::images(mly::Area::tile("14/8574/5735".parse().unwrap()));
    let (text, _) = write(options(&emulator), &query, Format::Csv).await.unwrap();
    let text = String::from_utf8(text).unwrap();
    let header = text.lines().next().unwrap();
    assert!(header.starts_with("id,sequence_id,captured_at,compass_angle,is_pano"), "{header}");
    assert!(header.ends_with(",longitude,latitude") && !header.contains("creator_id"), "{header}");
    assert_eq!(text.matches("\r\n").count(), 3013);

    let (bytes, _) = write(options(&emulator), &query, Format::Arrow).await.unwrap();
    let reader = StreamReader::try_new(Cursor::new(bytes), None).unwrap();
    assert_eq!(reader.schema().fields().len(), 10);
    for batch in reader.map(Result::unwrap) {
        assert_eq!(batch.column_by_name("creator_id").unwrap().null_count(), batch.num_rows());
    }
}

#[tokio::test]
async fn an_empty_result_is_a_whole_file_in_every_format() {
    let emulator = Emulator::start(World::empty()).unwrap();
    let query = Query::images(town());
    let mut texts = Vec::new();
    for format in [Format::GeoJson, Format::GeoJsonSeq, Format::Csv] {
        let (bytes, summary) = write(options(&emulator), &query, format).await.unwrap();
        assert_eq!(summary.rows, 0);
        texts.push(String::from_utf8(bytes).unwrap());
    }
    assert_eq!(
        texts,
        [
            "{\"type\":\"FeatureCollection\",\"features\":[\n]}\n",
            "",
            "id,sequence_id,captured_at,compass_angle,is_pano,organization_id,creator_id,quality_score,foot,longitude,latitude\r\n"
        ]
    );
    let (bytes, _) = write(options(&emulator), &query, Format::Arrow).await.unwrap();
    assert_eq!(StreamReader::try_new(Cursor::new(bytes), None).unwrap().count(), 0);
}

#[tokio::test]
async fn a_file_is_whole_or_absent() {
    let folder = tempfile::tempdir().unwrap();
    let emulator = demo();
    for format in Format::of_any_rows() {
        let path = folder.path().join("town").with_extension(format.extensions()[0]);
        emulator.clear_faults();
        emulator.fail(mly_emulator::Fault::status(403).tile(14, 8602, 5412).always());
        for complete in [false, true] {
            if complete {
                emulator.clear_faults();
            }
            let batches = client(&emulator).run(&Query::images(town()).plan().unwrap());
            let destination = Destination::file(&path, false).unwrap();
            assert!(Destination::file(&path, false).is_err(), "a second writer is refused");
            let sink = sink::open(format, destination, &batches.schema()).unwrap();
            assert_eq!(batches.write_to(sink).await.is_ok(), complete);
            assert_eq!(path.exists(), complete, "{format}");
            let names = std::fs::read_dir(folder.path()).unwrap().count();
            assert_eq!(names, usize::from(complete), "no part is left behind");
        }
        std::fs::remove_file(&path).unwrap();
    }
}

/// A sink that fails at its first batch.
struct Full;

impl sink::Sink for Full {
    fn write(&mut self, _: &RecordBatch) -> Result<(), mly::Error> {
        Err(mly::Error::Cancelled)
    }

    fn finish(self: Box<Self>) -> Result<(), mly::Error> {
        // A sink that has failed is not finished, so this is another error than the one expected.
        "none".parse::<Format>().map(drop)
    }
}

#[tokio::test]
async fn a_sink_that_fails_stops_the_crawl_while_tiles_are_still_on_their_way() {
    let emulator = demo();
    let plan = Query::images(town()).plan().unwrap();
    let last = plan.requests().last().unwrap().tile().unwrap();
    let never = std::time::Duration::from_secs(3600);
    emulator.fail(mly_emulator::Fault::delay(never).tile(last.z(), last.x(), last.y()).always());
    let batches = client(&emulator).run(&plan);
    assert!(matches!(batches.write_to(Box::new(Full)).await, Err(mly::Error::Cancelled)));
}

/// What a sink makes of batches.
pub(crate) fn written(format: Format, batches: &[RecordBatch]) -> Result<Vec<u8>, mly::Error> {
    let bytes = Bytes::default();
    let schema = batches[0].schema();
    let mut sink = sink::open(format, Destination::stream(bytes.clone()), &schema)?;
    batches.iter().try_for_each(|batch| sink.write(batch))?;
    sink.finish()?;
    Ok(bytes.take())
}

/// A column with its name and its metadata.
pub(crate) type Column<'a> = (&'a str, &'a [(&'a str, &'a str)], ArrayRef);

/// A batch of columns.
pub(crate) fn batch(columns: Vec<Column<'_>>) -> RecordBatch {
    let fields = columns.iter().map(|(name, metadata, array)| {
        let metadata = metadata.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let field = Field::new(*name, array.data_type().clone(), *name != "id");
        field.with_metadata(metadata.collect::<HashMap<_, _>>())
    });
    let schema = Schema::new(fields.collect::<Vec<_>>());
    RecordBatch::try_new(Arc::new(schema), columns.into_iter().map(|(.., array)| array).collect()).unwrap()
}

/// Points as well-known binary.
pub(crate) fn points(positions: &[Option<[f64; 2]>]) -> ArrayRef {
    let wkb = |[lon, lat]: [f64; 2]| [&[1, 1, 0, 0, 0][..], &lon.to_le_bytes(), &lat.to_le_bytes()].concat();
    Arc::new(positions.iter().map(|at| at.map(wkb)).collect::<BinaryArray>())
}

/// Lists of rings of positions.
pub(crate) fn polygons(rows: &[Option<Vec<Vec<[f64; 2]>>>]) -> ArrayRef {
    let mut rings = ListBuilder::new(ListBuilder::new(FixedSizeListBuilder::new(Float64Builder::new(), 2)));
    for row in rows {
        for ring in row.iter().flatten() {
            for position in ring {
                rings.values().values().values().append_slice(position);
                rings.values().values().append(true);
            }
            rings.values().append(true);
        }
        rings.append(row.is_some());
    }
    Arc::new(rings.finish())
}

pub(crate) const POINT: &[(&str, &str)] = &[("geometry_type", "Point")];
const AS_TEXT: &[(&str, &str)] = &[("as_text", "true")];
pub(crate) const JSON: &[(&str, &str)] = &[("ARROW:extension:name", "arrow.json")];

/// Three looked up images: one with everything, one with nothing, one with what is unusual.
pub(crate) fn entities() -> RecordBatch {
    let mut camera = ListBuilder::new(Float64Builder::new());
    camera.append_value([Some(0.85), Some(0.0), Some(-6.649_967_320_634_8e-5)]);
    camera.append_null();
    camera.append_value([None, Some(f64::NAN)]);
    let triangle = vec![[0.0, 0.5], [1.0, 0.25], [0.125, 1.0], [0.0, 0.5]];
    batch(vec![
        ("id", AS_TEXT, Arc::new(Int64Array::from(vec![176_197_977_731_970, 9_007_199_254_740_993, -1]))),
        ("creator_id", AS_TEXT, Arc::new(Int64Array::from(vec![Some(7), None, Some(i64::MAX)]))),
        ("camera_parameters", &[], Arc::new(camera.finish())),
        ("polygons", &[], polygons(&[Some(vec![triangle, vec![]]), None, Some(vec![])])),
        (
            "mesh",
            JSON,
            Arc::new(StringArray::from(vec![
                Some("{\"id\":\"5\",\r\n\"n\":[1.50,\"a,b\"]}"),
                None,
                Some("\"say \\\"hi\\\"\""),
            ])),
        ),
        ("computed_geometry", POINT, points(&[Some([8.5, -0.25]), None, None])),
        ("geometry", POINT, points(&[Some([9.0, 52.0]), None, Some([-180.0, 90.0])])),
    ])
}

#[test]
fn entities_are_features_with_nested_properties() {
    let text = String::from_utf8(written(Format::GeoJsonSeq, &[entities()]).unwrap()).unwrap();
    insta::assert_snapshot!(text, @r#"
    {"type":"Feature","geometry":{"type":"Point","coordinates":[9,52]},"properties":{"id":"176197977731970","creator_id":"7","camera_parameters":[0.85,0,-0.000066499673206348],"polygons":[[[0,0.5],[1,0.25],[0.125,1],[0,0.5]],[]],"mesh":{"id":"5",  "n":[1.50,"a,b"]},"computed_geometry":{"type":"Point","coordinates":[8.5,-0.25]}}}
    {"type":"Feature","geometry":null,"properties":{"id":"9007199254740993"}}
    {"type":"Feature","geometry":{"type":"Point","coordinates":[-180,90]},"properties":{"id":"-1","creator_id":"9223372036854775807","camera_parameters":[null,null],"polygons":[],"mesh":"say \"hi\""}}
    "#);
}

#[test]
fn entities_are_lines_of_csv_with_a_place_for_each_point() {
    let text = String::from_utf8(written(Format::Csv, &[entities()]).unwrap()).unwrap();
    insta::assert_snapshot!(text.replace("\r\n", "\n"), @r#"
    id,creator_id,camera_parameters,polygons,mesh,computed_longitude,computed_latitude,longitude,latitude
    176197977731970,7,"[0.85,0,-0.000066499673206348]","[[[0,0.5],[1,0.25],[0.125,1],[0,0.5]],[]]","{""id"":""5"",
    ""n"":[1.50,""a,b""]}",8.5,-0.25,9,52
    9007199254740993,,,,,,,,
    -1,9223372036854775807,"[null,null]",[],"say ""hi""",,,-180,90
    "#);
    // Columns that wait for a value go through the spool and come back the same.
    let rows = entities();
    let apart = [rows.slice(1, 1), rows.slice(2, 1), rows.slice(0, 1)];
    let mut got: Vec<_> = csv::Reader::from_reader(&*written(Format::Csv, &apart).unwrap())
        .into_records()
        .map(Result::unwrap)
        .collect();
    got.rotate_right(1);
    let want: Vec<_> = csv::Reader::from_reader(text.as_bytes()).into_records().map(Result::unwrap).collect();
    assert_eq!(want.iter().map(csv::StringRecord::len).collect::<Vec<_>>(), [9; 3]);
    let fields = |records: &[csv::StringRecord]| {
        records.iter().map(|r| r.iter().map(str::to_owned).collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    assert_eq!(fields(&got), fields(&want));
}

#[test]
fn arrow_brings_entities_back_as_they_were() {
    let rows = entities();
    let bytes = written(Format::Arrow, std::slice::from_ref(&rows)).unwrap();
    let back: Vec<_> = StreamReader::try_new(Cursor::new(bytes), None).unwrap().map(Result::unwrap).collect();
    // Not a number is not equal to itself, so the columns are compared as they print.
    assert_eq!(format!("{back:?}"), format!("{:?}", [rows]));
}

#[test]
fn slices_of_nested_columns_are_written_from_where_they_begin() {
    let rows = entities();
    let whole = String::from_utf8(written(Format::GeoJsonSeq, std::slice::from_ref(&rows)).unwrap()).unwrap();
    for (row, line) in whole.lines().enumerate() {
        let text = written(Format::GeoJsonSeq, &[rows.slice(row, 1)]).unwrap();
        assert_eq!(String::from_utf8(text).unwrap().trim_end(), line);
    }
}

#[test]
fn rows_without_a_geometry_are_features_without_one() {
    let rows = batch(vec![
        ("id", AS_TEXT, Arc::new(Int64Array::from(vec![1]))),
        ("slug", &[], Arc::new(StringArray::from(vec!["city"]))),
    ]);
    let json = written(Format::GeoJsonSeq, std::slice::from_ref(&rows)).unwrap();
    let want = json!({"type": "Feature", "geometry": null, "properties": {"id": "1", "slug": "city"}});
    assert_eq!(serde_json::from_slice::<Value>(&json).unwrap(), want);
    assert_eq!(written(Format::Csv, &[rows]).unwrap(), b"id,slug\r\n1,city\r\n");
}
