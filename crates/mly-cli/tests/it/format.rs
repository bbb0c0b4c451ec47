//! Four formats, one result: columns, order and values.

use arrow_ipc::reader::StreamReader;
use arrow_schema::{DataType, Field, TimeUnit};
use serde_json::Value as Json;

use crate::read::{Row, arrow, csv, geojson, geojsonseq};
use crate::support::{TOWN, demo, everything, mly};

const LAYERS: [&str; 4] = ["images", "sequences", "points", "signs"];

/// The promised columns without geometry, in their order.
fn columns(layer: &str) -> &'static [(&'static str, &'static str)] {
    match layer {
        "images" => &[
            ("id", "i64"),
            ("sequence_id", "str"),
            ("captured_at", "ts"),
            ("compass_angle", "f64"),
            ("is_pano", "bool"),
            ("organization_id", "i64"),
            ("creator_id", "i64"),
            ("quality_score", "f64"),
            ("foot", "bool"),
        ],
        "sequences" => &[
            ("id", "str"),
            ("image_id", "i64"),
            ("captured_at", "ts"),
            ("is_pano", "bool"),
            ("organization_id", "i64"),
            ("creator_id", "i64"),
            ("quality_score", "f64"),
            ("foot", "bool"),
        ],
        _ => &[("id", "i64"), ("value", "str"), ("first_seen_at", "ts"), ("last_seen_at", "ts")],
    }
}

fn names(layer: &str) -> Vec<&'static str> {
    columns(layer).iter().map(|(name, _)| *name).collect()
}

fn written(layer: &str, options: &str) -> Vec<u8> {
    mly(&format!("{layer} {TOWN} {options}")).at(demo()).done().out
}

fn header(bytes: &[u8]) -> Vec<String> {
    csv::Reader::from_reader(bytes).headers().unwrap().iter().map(str::to_owned).collect()
}

#[test]
fn every_format_has_the_same_rows_in_the_same_order() {
    for layer in LAYERS {
        let rows = everything(layer);
        assert!(rows.len() > 50);
        assert_eq!(geojson(&written(layer, "-f geojson")), rows, "{layer}");
        assert_eq!(geojsonseq(&written(layer, "-f geojsonseq")), rows, "{layer}");
        assert_eq!(csv(&written(layer, "-f csv")), rows, "{layer}");
    }
}

#[test]
fn arrow_columns_have_their_names_types_and_order() {
    for layer in LAYERS {
        let bytes = written(layer, "-f arrow");
        let schema = StreamReader::try_new(bytes.as_slice(), None).unwrap().schema();
        let attributes = columns(layer).iter().map(|(name, kind)| {
            let data_type = match *kind {
                "i64" => DataType::Int64,
                "f64" => DataType::Float64,
                "bool" => DataType::Boolean,
                "str" => DataType::Utf8,
                _ => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
            };
            ((*name).to_owned(), data_type)
        });
        let want: Vec<_> = attributes.chain([("geometry".to_owned(), DataType::Binary)]).collect();
        let got: Vec<_> = schema.fields().iter().map(|f| (f.name().clone(), f.data_type().clone())).collect();
        assert_eq!(got, want);
        let metadata = schema.field_with_name("geometry").map(Field::metadata).unwrap();
        assert_eq!(metadata["ARROW:extension:name"], "geoarrow.wkb");
        assert!(metadata["ARROW:extension:metadata"].contains("OGC:CRS84"));
    }
}

#[test]
fn csv_has_a_header_in_order_and_ends_lines_as_rfc_4180_says() {
    for layer in LAYERS {
        let bytes = written(layer, "-f csv");
        let geometry: &[&str] = if layer == "sequences" { &["wkt"] } else { &["longitude", "latitude"] };
        assert_eq!(header(&bytes), [names(layer), geometry.to_vec()].concat());
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
        assert_eq!(text.lines().count(), everything(layer).len() + 1);
        assert!(text.ends_with("\r\n"));
    }
}

#[test]
fn geojson_properties_come_in_order_and_absent_ones_are_absent() {
    for layer in LAYERS {
        let text = String::from_utf8(written(layer, "-f geojsonseq")).unwrap();
        let mut absent = 0;
        for line in text.lines() {
            let keys: Vec<_> =
                line.split_once("\"properties\":").unwrap().1.split('"').skip(1).step_by(2).collect();
            let known: Vec<_> = names(layer).into_iter().filter(|name| keys.contains(name)).collect();
            let found: Vec<_> = keys.into_iter().filter(|key| known.contains(key)).collect();
            assert_eq!(found, known, "{line}");
            absent += names(layer).len() - known.len();
            assert!(!line.contains("null"), "{line}");
        }
        // Some images and sequences of the town have no organization.
        assert_eq!(absent > 0, matches!(layer, "images" | "sequences"));
    }
}

#[test]
fn geojson_is_one_collection_with_one_feature_a_line() {
    let text = String::from_utf8(written("points", "")).unwrap();
    assert!(text.starts_with("{\"type\":\"FeatureCollection\",\"features\":[\n{\"type\":\"Feature\","));
    assert!(text.ends_with("}\n]}\n"));
    assert_eq!(text.lines().count(), everything("points").len() + 2);
    let feature: Json = serde_json::from_str(text.lines().nth(1).unwrap().trim_end_matches(',')).unwrap();
    assert!(feature["properties"]["id"].is_i64() && feature["properties"]["first_seen_at"].is_i64());
}

#[test]
fn a_column_that_was_never_sent_is_left_out_of_text_and_null_in_arrow() {
    let organization = |row: &Row| row.values.contains_key("organization_id");
    let without = everything("images").into_iter().find(|row| !organization(row)).unwrap();
    let options = format!("--sequence {}", without.text("sequence_id"));
    let bytes = written("images", &format!("{options} -f csv"));
    assert!(!header(&bytes).contains(&"organization_id".to_owned()));
    assert!(!String::from_utf8(written("images", &options)).unwrap().contains("organization_id"));
    let bytes = written("images", &format!("{options} -f arrow"));
    let reader = StreamReader::try_new(bytes.as_slice(), None).unwrap();
    for batch in reader.map(Result::unwrap) {
        let column = batch.column_by_name("organization_id").unwrap();
        assert!(batch.num_rows() > 0 && arrow_array::Array::null_count(column) == batch.num_rows());
    }
}

#[test]
fn an_empty_result_is_a_whole_file_in_every_format() {
    let options = "--bbox 20,30,20.01,30.01";
    let empty =
        |format: &str, layer: &str| mly(&format!("{layer} {options} -f {format}")).at(demo()).done().out;
    assert_eq!(empty("geojson", "images"), b"{\"type\":\"FeatureCollection\",\"features\":[\n]}\n");
    assert_eq!(empty("geojsonseq", "images"), b"");
    let header =
        "id,sequence_id,captured_at,compass_angle,is_pano,organization_id,creator_id,quality_score,foot";
    assert_eq!(empty("csv", "images"), format!("{header},longitude,latitude\r\n").as_bytes());
    let header = "id,image_id,captured_at,is_pano,organization_id,creator_id,quality_score,foot,wkt";
    assert_eq!(empty("csv", "sequences"), format!("{header}\r\n").as_bytes());
    let bytes = empty("arrow", "signs");
    let reader = StreamReader::try_new(bytes.as_slice(), None).unwrap();
    assert_eq!(reader.schema().fields().len(), 5);
    assert_eq!(reader.count(), 0);
}

#[test]
fn fields_choose_columns_and_the_order_stays() {
    let bytes = written("images", "--fields is_pano,captured_at -f csv");
    assert_eq!(header(&bytes), ["id", "captured_at", "is_pano", "longitude", "latitude"]);
    let mut want = everything("images");
    for row in &mut want {
        row.values.retain(|name, _| ["id", "captured_at", "is_pano"].contains(&name.as_str()));
    }
    assert_eq!(csv(&bytes), want);
    assert_eq!(geojson(&written("images", "--fields captured_at --fields is_pano")), want);
    assert_eq!(arrow(&written("images", "--fields id,captured_at,is_pano,geometry -f arrow")), want);
    assert_eq!(header(&written("sequences", "--fields image_id -f csv")), ["id", "image_id", "wkt"]);
    assert_eq!(header(&written("signs", "--fields id -f csv")), ["id", "longitude", "latitude"]);
}

#[test]
fn a_filter_works_on_columns_that_are_not_shown() {
    let want: Vec<_> =
        everything("images").iter().filter(|r| r.bool("is_pano")).map(|r| r.int("id")).collect();
    let got = csv(&written("images", "--fields id --image-type pano -f csv"));
    assert_eq!(got.iter().map(|row| row.int("id")).collect::<Vec<_>>(), want);
}

#[test]
fn ids_beyond_two_to_the_53_stay_exact() {
    let ids: Vec<_> = everything("signs").iter().map(|row| row.int("id").unwrap()).collect();
    assert!(ids.iter().any(|id| *id > 1 << 53 && id % 2 == 1));
    let text = String::from_utf8(written("signs", "")).unwrap();
    assert!(ids.iter().all(|id| text.contains(&format!("\"id\":{id},"))));
}

#[test]
fn the_name_of_the_file_tells_the_format_and_an_option_is_stronger() {
    let folder = tempfile::tempdir().unwrap();
    let rows = everything("points");
    let read = |name: &str, options: &str, reader: fn(&[u8]) -> Vec<Row>| {
        let path = folder.path().join(name);
        let outcome = mly(&format!("points {TOWN} {options}")).to(&path).at(demo()).done();
        assert!(outcome.out.is_empty());
        assert_eq!(reader(&std::fs::read(path).unwrap()), rows, "{name} {options}");
    };
    for (name, reader) in [
        ("a.geojson", geojson as fn(&[u8]) -> Vec<Row>),
        ("a.json", geojson),
        ("b.GeoJSON", geojson),
        ("a.geojsonl", geojsonseq),
        ("a.geojsonseq", geojsonseq),
        ("a.ndjson", geojsonseq),
        ("a.csv", csv),
        ("a.arrow", arrow),
    ] {
        read(name, "", reader);
    }
    // What is in these is read by others in the tests of the library.
    for (name, magic) in
        [("a.parquet", b"PAR1".as_slice()), ("a.fgb", b"fgb\x03fgb"), ("a.gpkg", b"SQLite format 3\0")]
    {
        let path = folder.path().join(name);
        let done = mly(&format!("points {TOWN}")).to(&path).at(demo()).done();
        assert!(std::fs::read(&path).unwrap().starts_with(magic), "{name}");
        assert!(done.err.starts_with(&format!("{} points from 9 requests ", rows.len())), "{}", done.err);
    }
    for (format, magic) in [("parquet", b"PAR1".as_slice()), ("fgb", b"fgb\x03fgb")] {
        assert!(written("points", &format!("-f {format}")).starts_with(magic), "{format} into a pipe");
    }
    read("b.json", "-f csv", csv);
    read("without", "-f geojsonseq", geojsonseq);
    assert_eq!(geojson(&written("points", "-o -")), rows, "- is standard output");
}
