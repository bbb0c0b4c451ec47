//! Every format, read back by somebody else's reader.

use std::io::Cursor;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, RecordBatch};
use arrow_ipc::reader::StreamReader;
use mly::sink::{self, Destination, Format};
use mly::{Client, Query};
use mly_emulator::{Emulator, World};
use serde_json::{Value, json};

use crate::run::{features, options, town, write};

#[tokio::test]
async fn all_formats_hold_the_same_images() {
    let emulator = Emulator::start(World::demo()).unwrap();
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
        ["{\"type\":\"FeatureCollection\",\"features\":[\n]}\n", "", "id,longitude,latitude\r\n"]
    );
    let (bytes, _) = write(options(&emulator), &query, Format::Arrow).await.unwrap();
    assert_eq!(StreamReader::try_new(Cursor::new(bytes), None).unwrap().count(), 0);
}

#[tokio::test]
async fn a_file_is_whole_or_absent() {
    let folder = tempfile::tempdir().unwrap();
    let emulator = Emulator::start(World::demo()).unwrap();
    for format in Format::ALL {
        let path = folder.path().join("town").with_extension(format.extensions()[0]);
        emulator.clear_faults();
        emulator.fail(mly_emulator::Fault::status(403).tile(14, 8602, 5412).always());
        for complete in [false, true] {
            if complete {
                emulator.clear_faults();
            }
            let batches =
                Client::new(options(&emulator)).unwrap().run(&Query::images(town()).plan().unwrap());
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
    let emulator = Emulator::start(World::demo()).unwrap();
    let plan = Query::images(town()).plan().unwrap();
    let last = plan.requests().last().unwrap().tile().unwrap();
    let never = std::time::Duration::from_secs(3600);
    emulator.fail(mly_emulator::Fault::delay(never).tile(last.z(), last.x(), last.y()).always());
    let batches = Client::new(options(&emulator)).unwrap().run(&plan);
    assert!(matches!(batches.write_to(Box::new(Full)).await, Err(mly::Error::Cancelled)));
}
