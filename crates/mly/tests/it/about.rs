//! What files say about themselves: the layer, the question, and whom to name.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use arrow_array::RecordBatch;
use flatgeobuf::FgbReader;
use mly::plan::Question;
use mly::sink::{self, Destination, Format};
use mly::{Area, Error, Layer, Lookup, Query, Subject};
use mly_emulator::{Emulator, World};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use rusqlite::Connection;
use serde_json::Value;

use crate::support::{client, demo, options, town, write};

/// A query of a layer in a small part of the town.
fn part(layer: Layer) -> Query {
    Query::new(layer, Area::near(9.005, 51.998, 100.0).unwrap())
}

/// Runs a query into a file.
async fn file(emulator: &Emulator, query: &Query, path: &Path) {
    let plan = query.plan().unwrap();
    let format = Format::of_path(path).unwrap();
    client(emulator).run(&plan).write_file(path, format, false).await.unwrap();
}

/// What a file says, by another reader where there is one.
fn said(path: &Path) -> BTreeMap<String, String> {
    let of_json = |text: &str| -> BTreeMap<String, String> {
        let found: BTreeMap<String, Value> = serde_json::from_str(text).unwrap();
        found.into_iter().filter_map(|(key, value)| Some((key, value.as_str()?.to_owned()))).collect()
    };
    match Format::of_path(path).unwrap() {
        Format::Parquet => {
            let file = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
            let pairs = file.metadata().file_metadata().key_value_metadata().unwrap();
            let pairs: BTreeMap<_, _> =
                pairs.iter().map(|pair| (pair.key.clone(), pair.value.clone().unwrap())).collect();
            for (key, value) in file.schema().metadata() {
                assert_eq!(pairs[key], *value, "the footer and the schema in it say the same");
            }
            pairs
        }
        Format::Arrow => {
            let file = arrow_ipc::reader::FileReader::try_new(File::open(path).unwrap(), None).unwrap();
            file.schema().metadata().iter().map(|(key, value)| (key.clone(), value.clone())).collect()
        }
        Format::GeoPackage => {
            let database = Connection::open(path).unwrap();
            let text: String =
                database.query_row("SELECT metadata FROM gpkg_metadata", [], |row| row.get(0)).unwrap();
            of_json(&text)
        }
        Format::FlatGeobuf => {
            let file = FgbReader::open(std::io::BufReader::new(File::open(path).unwrap())).unwrap();
            of_json(file.header().metadata().unwrap())
        }
        Format::GeoJson => of_json(&std::fs::read_to_string(path).unwrap()),
        Format::PmTiles => {
            let bytes = std::fs::read(path).unwrap();
            let number = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap()) as usize;
            let packed = &bytes[number(24)..number(24) + number(32)];
            of_json(&std::io::read_to_string(flate2::read::GzDecoder::new(packed)).unwrap())
        }
        _ => BTreeMap::new(),
    }
}

const TOLD: [Format; 6] = [
    Format::GeoJson,
    Format::Arrow,
    Format::Parquet,
    Format::FlatGeobuf,
    Format::GeoPackage,
    Format::PmTiles,
];

#[tokio::test]
async fn every_format_that_has_metadata_names_the_licence_the_layer_and_the_question() {
    let (folder, emulator) = (tempfile::tempdir().unwrap(), demo());
    for layer in Layer::ALL {
        let query = match layer {
            Layer::Images | Layer::Sequences => part(layer).with_since("2015").unwrap(),
            _ => part(layer).with_limit(3),
        };
        for format in TOLD {
            let path = folder.path().join(format!("{layer}.{}", format.extensions()[0]));
            file(&emulator, &query, &path).await;
            let said = said(&path);
            assert_eq!(said["license"], "CC BY-SA 4.0", "{format}");
            // Maps show what tiles say here, and nothing else.
            let licence = if format == Format::PmTiles { "CC BY-SA 4.0, " } else { "" };
            assert_eq!(said["attribution"], format!("{licence}Mapillary (https://www.mapillary.com)"));
            assert_eq!(said["mly:layer"], layer.name());
            assert_eq!(said["description"], query.to_string());
            let question: Question = serde_json::from_str(&said["mly:question"]).unwrap();
            assert_eq!(question, Question::Query(Box::new(query.clone())));
            if !format.can_be_read() {
                continue;
            }
            // A conversion carries it on.
            let rows = mly::source::rows(&path).unwrap();
            let schema = rows.schema();
            assert_eq!(sink::layer_of(&schema), Some(layer.name()), "{format}");
            assert_eq!(schema.metadata()["mly:question"], said["mly:question"]);
        }
    }
}

#[tokio::test]
async fn a_border_that_is_too_long_for_a_header_is_told_in_words_only() {
    let corners = 60_000;
    let corner = |at: usize| {
        let turn =
            f64::from(u32::try_from(at % corners).unwrap()) / f64::from(u32::try_from(corners).unwrap());
        let (sin, cos) = (turn * std::f64::consts::TAU).sin_cos();
        format!("[{},{}]", 9.005 + 0.002 * cos, 51.998 + 0.002 * sin)
    };
    let ring: Vec<_> = (0..=corners).map(corner).collect();
    let border = format!(r#"{{"type":"Polygon","coordinates":[[{}]]}}"#, ring.join(","));
    let query = Query::images(Area::geojson(&border).unwrap());
    let (folder, emulator) = (tempfile::tempdir().unwrap(), demo());
    let path = folder.path().join("images.fgb");
    file(&emulator, &query, &path).await;
    let said = said(&path);
    assert!(
        said["description"].contains("60001 positions") && !said.contains_key("mly:question"),
        "{said:?}"
    );
}

#[tokio::test]
async fn tables_and_layers_are_named_after_their_rows_or_as_the_caller_says() {
    let (folder, emulator) = (tempfile::tempdir().unwrap(), demo());
    let ids: Vec<String> = crate::support::features(options(&emulator), &part(Layer::Signs))
        .await
        .unwrap()
        .iter()
        .map(|row| row["properties"]["id"].to_string())
        .collect();
    let plans = [
        (part(Layer::Images).plan().unwrap(), "images"),
        (part(Layer::Signs).plan().unwrap(), "signs"),
        (Lookup::new(Subject::MapFeature, &ids[..2]).plan().unwrap(), "map_features"),
        (Lookup::new(Subject::DetectionsOfMapFeature, &ids[..2]).plan().unwrap(), "detections"),
    ];
    for (plan, own) in plans {
        for given in [None, Some("Mine; \"a\" 'b'")] {
            let name = given.unwrap_or(own);
            let path = |extension: &str| folder.path().join(format!("{own}{}.{extension}", given.is_some()));
            for extension in ["gpkg", "fgb"] {
                let mut batches = client(&emulator).run(&plan);
                if let Some(name) = given {
                    batches.set_layer(name).unwrap();
                }
                let path = path(extension);
                batches.write_file(&path, Format::of_path(&path).unwrap(), false).await.unwrap();
                assert!(
                    mly::source::rows(&path).unwrap().map(|rows| rows.unwrap().num_rows()).sum::<usize>() > 0
                );
            }
            let database = Connection::open(path("gpkg")).unwrap();
            let one = |sql: &str| database.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
            assert_eq!(one("SELECT table_name FROM gpkg_contents WHERE data_type = 'features'"), name);
            assert_eq!(one("SELECT table_name FROM gpkg_geometry_columns"), name);
            assert_eq!(one("PRAGMA integrity_check"), "ok");
            assert_eq!(
                database
                    .query_row("SELECT rtreecheck(?)", [format!("rtree_{name}_geom")], |row| row
                        .get::<_, String>(0))
                    .unwrap(),
                "ok"
            );
            let triggers = "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?";
            assert_eq!(database.query_row(triggers, [name], |row| row.get::<_, i64>(0)).unwrap(), 7);
            let file = FgbReader::open(std::io::BufReader::new(File::open(path("fgb")).unwrap())).unwrap();
            assert_eq!(file.header().name(), Some(name));
        }
    }
    for name in ["", "gpkg_contents", "RTREE_x", "sqlite_x", "a\nb", &"x".repeat(300)] {
        let refused = client(&emulator).run(&part(Layer::Images).plan().unwrap()).set_layer(name);
        assert!(matches!(refused, Err(Error::InvalidQuery { .. })), "{name}");
    }
}

#[tokio::test]
async fn unfinished_work_is_not_gone_on_with_under_another_layer() {
    let (folder, emulator) = (tempfile::tempdir().unwrap(), demo());
    let plan = Query::images(town()).plan().unwrap();
    let path = folder.path().join("images.gpkg");
    let last = plan.requests().last().unwrap().tile().unwrap();
    let fault = || mly_emulator::Fault::status(403).tile(last.z(), last.x(), last.y()).always();
    emulator.fail(fault());
    client(&emulator).run(&plan).write_file(&path, Format::GeoPackage, false).await.unwrap_err();
    emulator.clear_faults();
    let mut other = client(&emulator).run(&plan);
    other.set_layer("photos").unwrap();
    let error = other.write_file(&path, Format::GeoPackage, false).await.unwrap_err();
    assert!(error.to_string().contains("its layer has another name"), "{error}");
    client(&emulator).run(&plan).write_file(&path, Format::GeoPackage, false).await.unwrap();
}

#[tokio::test]
async fn columns_that_are_named_are_there_even_if_no_row_has_them() {
    // The real tile of 2021 knows neither creators nor quality.
    let file = Path::new("../../fixtures/tiles/mly1_public-14-8574-5735.mvt");
    let emulator = Emulator::start(World::open(file).unwrap()).unwrap();
    let query = Query::images(Area::tile("14/8574/5735".parse().unwrap()))
        .with_fields(["captured_at", "quality_score"])
        .with_limit(3);
    let (csv, _) = write(options(&emulator), &query, Format::Csv).await.unwrap();
    assert_eq!(
        csv.split(|byte| *byte == b'\r').next().unwrap(),
        b"id,captured_at,quality_score,longitude,latitude"
    );
    let (lines, _) = write(options(&emulator), &query, Format::GeoJsonSeq).await.unwrap();
    for line in std::str::from_utf8(&lines).unwrap().lines() {
        let feature: Value = serde_json::from_str(line).unwrap();
        assert_eq!(feature["properties"].as_object().unwrap().get("quality_score"), Some(&Value::Null));
    }
    // Without names they are left out.
    let (lines, _) =
        write(options(&emulator), &query.clone().with_fields(["captured_at"]), Format::GeoJsonSeq)
            .await
            .unwrap();
    assert!(!std::str::from_utf8(&lines).unwrap().contains("quality_score"));
}

#[tokio::test]
async fn an_empty_result_has_the_columns_of_its_layer() {
    let emulator = Emulator::start(World::empty()).unwrap();
    for (layer, want) in [
        (
            Layer::Images,
            "id,sequence_id,captured_at,compass_angle,is_pano,organization_id,creator_id,quality_score,foot,longitude,latitude\r\n",
        ),
        (
            Layer::Sequences,
            "id,image_id,captured_at,is_pano,organization_id,creator_id,quality_score,foot,wkt\r\n",
        ),
        (Layer::Signs, "id,value,first_seen_at,last_seen_at,longitude,latitude\r\n"),
    ] {
        let (text, _) = write(options(&emulator), &Query::new(layer, town()), Format::Csv).await.unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), want);
    }
}

/// The columns of batches.
fn plain(batches: Vec<RecordBatch>) -> Vec<Vec<arrow_array::ArrayRef>> {
    batches.into_iter().map(|rows| rows.columns().to_vec()).collect()
}

/// The rows of an Arrow file by another reader, which goes by the footer.
fn by_footer(path: &Path) -> Vec<RecordBatch> {
    let file = arrow_ipc::reader::FileReader::try_new(File::open(path).unwrap(), None).unwrap();
    let count = file.num_batches();
    let batches: Vec<_> = file.map(Result::unwrap).collect();
    assert_eq!(batches.len(), count);
    batches
}

#[tokio::test]
async fn arrow_is_a_file_under_a_name_and_a_stream_elsewhere_with_the_same_rows() {
    let (folder, emulator) = (tempfile::tempdir().unwrap(), demo());
    let query = Query::images(town());
    let (stream, _) = write(options(&emulator), &query, Format::Arrow).await.unwrap();
    let stream: Vec<_> =
        arrow_ipc::reader::StreamReader::try_new(&*stream, None).unwrap().map(Result::unwrap).collect();
    for name in ["images.arrow", "images.feather"] {
        let path = folder.path().join(name);
        file(&emulator, &query, &path).await;
        assert_eq!(plain(by_footer(&path)), plain(stream.clone()));
        let bytes = std::fs::read(&path).unwrap();
        assert!(bytes.starts_with(b"ARROW1\0\0") && bytes.ends_with(b"ARROW1"));
        // Any batch can be read by itself.
        let mut reader = arrow_ipc::reader::FileReader::try_new(File::open(&path).unwrap(), None).unwrap();
        reader.set_index(stream.len() - 1).unwrap();
        let last = reader.next().unwrap().unwrap();
        assert_eq!(last.columns(), stream[stream.len() - 1].columns());
        // By this member, geopandas reads the file as a table with geometries.
        assert!(last.schema().metadata()["geo"].contains("\"primary_column\":\"geometry\""));
        let ours: Vec<_> = mly::source::rows(&path).unwrap().map(Result::unwrap).collect();
        assert_eq!(
            ours.iter().map(RecordBatch::num_rows).sum::<usize>(),
            stream.iter().map(RecordBatch::num_rows).sum::<usize>()
        );
    }
    let path = folder.path().join("empty.arrow");
    let schema = stream[0].schema();
    sink::open(Format::Arrow, Destination::file(&path, false).unwrap(), &schema).unwrap().finish().unwrap();
    assert!(by_footer(&path).is_empty());
    assert_eq!(mly::source::rows(&path).unwrap().count(), 0);
}
