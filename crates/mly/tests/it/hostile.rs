//! Answers that the emulator does not give.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use mly::{Area, Error, Layer, Options, Query};
use mly_mvt::{LayerWriter, TileWriter, Value};
use serde_json::Value as Json;

use crate::support::{Reply, Server, features, ok, property};

const TILE: &str = "14/8601/5411";

/// Settings for a service that answers every request with this head (status and headers) and body.
fn server(head: &'static str, body: Vec<u8>) -> Options {
    Server::start(move |_| (head, body.clone())).options()
}

async fn ask(options: Options, layer: Layer) -> Result<Vec<Json>, Error> {
    features(options, &Query::new(layer, Area::tile(TILE.parse().unwrap()))).await
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A tile of one layer of points, each with an id and where it is.
fn tile(layer: &str, extent: u32, points: &[(i64, [i32; 2])]) -> Vec<u8> {
    let mut writer = LayerWriter::new(layer, extent);
    for (id, at) in points {
        writer.point(None, *at, &[("id", Value::Int(*id))]);
    }
    let mut tile = TileWriter::new();
    tile.layer(writer);
    tile.finish()
}

#[tokio::test]
async fn an_error_that_comes_compressed_is_the_same_error() {
    let body = |code: i64| gzip(format!(r#"{{"error":{{"message":"m","code":{code}}}}}"#).as_bytes());
    for head in ["500 Oops", "400 Bad", "200 OK"] {
        let error = ask(server(head, body(190)), Layer::Images).await.unwrap_err();
        assert!(matches!(error, Error::Auth { code: Some(190), .. }), "{head}: {error}");
    }
    let error = ask(server("403 No", body(4)), Layer::Images).await.unwrap_err();
    assert!(matches!(error, Error::RateLimited { .. }), "{error}");
    let error = ask(server("200 OK", gzip(b"<html>log in</html>")), Layer::Images).await.unwrap_err();
    assert!(matches!(error, Error::RateLimited { .. }), "{error}");
}

#[tokio::test]
async fn a_layer_without_features_has_no_rows() {
    for layer in Layer::ALL {
        let empty = tile(layer.tile_layer(), 4096, &[]);
        assert_eq!(ask(server("200 OK", empty), layer).await.unwrap(), Vec::<Json>::new(), "{layer}");
    }
}

#[tokio::test]
async fn other_extents_and_points_beyond_the_edge_are_placed_where_they_are() {
    let plain =
        ask(server("200 OK", tile("image", 4096, &[(1, [2048, 1024])])), Layer::Images).await.unwrap();
    for extent in [512_u32, 1000, 8192] {
        let at = [0.5, 0.25].map(|part| (f64::from(extent) * part) as i32);
        let same = ask(server("200 OK", tile("image", extent, &[(1, at)])), Layer::Images).await.unwrap();
        assert_eq!(same, plain, "{extent}");
    }
    // The buffer of a tile is not what the tile holds.
    let beyond = tile("image", 4096, &[(1, [-5, 10]), (2, [5000, 10]), (3, [10, 4100]), (4, [0, 0])]);
    let rows = ask(server("200 OK", beyond), Layer::Images).await.unwrap();
    assert_eq!(property(&rows, "id"), [4]);
}

#[tokio::test]
async fn an_id_of_several_tiles_comes_once_as_the_first_of_them_has_it() {
    // Every tile holds the same two images and none of its own.
    let options = server("200 OK", tile("image", 4096, &[(0, [7, 7]), (5, [9, 9]), (5, [11, 11])]));
    let four_tiles = Query::images(Area::tile("13/4300/2705".parse().unwrap()));
    assert_eq!(four_tiles.plan().unwrap().cost().tiles, 4);
    let first = four_tiles.plan().unwrap().requests().next().unwrap().tile().unwrap();
    let rows = features(options.clone(), &four_tiles).await.unwrap();
    assert_eq!(property(&rows, "id"), [0, 5]);
    assert_eq!(rows, features(options, &Query::images(Area::tile(first))).await.unwrap());
}

#[tokio::test]
async fn ids_may_be_text_and_features_without_one_are_left_out() {
    let mut writer = LayerWriter::new("image", 4096);
    writer.point(None, [1, 1], &[("id", Value::String("58631433896620902"))]);
    writer.point(None, [2, 2], &[("id", Value::String("no number"))]);
    writer.point(None, [3, 3], &[("captured_at", Value::Int(5))]);
    writer.point(
        None,
        [4, 4],
        &[
            ("id", Value::Int(7)),
            ("new", Value::Double(f64::NAN)),
            ("compass_angle", Value::Double(f64::NAN)),
        ],
    );
    let mut tile = TileWriter::new();
    tile.layer(writer);
    let rows = ask(server("200 OK", tile.finish()), Layer::Images).await.unwrap();
    assert_eq!(property(&rows, "id"), [&Json::from(58_631_433_896_620_902_i64), &Json::from(7)]);
    assert_eq!(rows[1]["properties"].as_object().unwrap().len(), 1);
}

/// What a property may be written as, and what it is then; `None` when it cannot be read.
fn forms(name: &str) -> Vec<(Value<'static>, Option<Json>)> {
    let (time, unsigned, float) = (1_600_000_000_001_i64, 1_600_000_000_001_u64, 1_600_000_000_001.0);
    let date = Value::String("2020-09-13T12:26:40.001Z");
    match name {
        "captured_at" | "first_seen_at" | "last_seen_at" => vec![
            (Value::Int(time), Some(time.into())),
            (Value::UInt(unsigned), Some(time.into())),
            (Value::SInt(time), Some(time.into())),
            (Value::Double(float), Some(time.into())),
            (Value::String("1600000000001"), Some(time.into())),
            (date, Some(time.into())),
            (Value::Double(0.5), None),
            (Value::Double(f64::NAN), None),
            (Value::String("yesterday"), None),
            (Value::Bool(true), None),
        ],
        "organization_id" | "creator_id" | "image_id" => vec![
            (Value::Double(7.0), Some(7.into())),
            (Value::Float(7.0), Some(7.into())),
            (Value::String("58631433896620902"), Some(58_631_433_896_620_902_i64.into())),
            (Value::Double(1e300), None),
            (Value::String("x"), None),
        ],
        "is_pano" | "foot" => vec![
            (Value::Bool(true), Some(true.into())),
            (Value::Int(1), Some(true.into())),
            (Value::UInt(0), Some(false.into())),
            (Value::Double(1.0), Some(true.into())),
            (Value::String("true"), Some(true.into())),
            (Value::String("0"), Some(false.into())),
            (Value::Int(2), None),
            (Value::String("yes"), None),
        ],
        "compass_angle" | "quality_score" => vec![
            (Value::Int(90), Some(90.into())),
            (Value::Float(0.5), Some(0.5.into())),
            (Value::String("0.5"), Some(0.5.into())),
            (Value::Double(f64::NAN), None),
            (Value::String("north"), None),
            (Value::Bool(true), None),
        ],
        _ => vec![
            (Value::String("abc"), Some("abc".into())),
            (Value::Int(7), Some("7".into())),
            (Value::Double(7.0), Some("7".into())),
            (Value::Bool(true), None),
            (Value::Double(0.5), None),
        ],
    }
}

#[tokio::test]
async fn every_known_property_is_taken_in_other_forms_and_what_cannot_be_read_is_told() {
    for layer in Layer::ALL {
        for column in layer.columns().iter().filter(|c| !matches!(c.name, "id" | "geometry")) {
            for (value, want) in forms(column.name) {
                let name = format!("{column:?} of {layer} as {value:?}");
                let id = if layer == Layer::Sequences { Value::String("a") } else { Value::Int(5) };
                let properties = [("id", id), (column.name, value)];
                let mut writer = LayerWriter::new(layer.tile_layer(), 4096);
                if layer == Layer::Sequences {
                    let line = mly_mvt::Geometry::Lines(vec![vec![[1, 1], [9, 9]]]);
                    writer.feature(None, &line, &properties).unwrap();
                } else {
                    writer.point(None, [1, 1], &properties);
                }
                let mut tile = TileWriter::new();
                tile.layer(writer);
                let client = mly::Client::new(server("200 OK", tile.finish())).unwrap();
                let plan = Query::new(layer, Area::tile(TILE.parse().unwrap())).plan().unwrap();
                let (rows, summary) = crate::support::features_of(&client, &plan).await.unwrap();
                assert_eq!(rows.len(), 1, "{name}");
                let unread = u64::from(want.is_none());
                assert_eq!(rows[0]["properties"][column.name], want.unwrap_or_default(), "{name}");
                assert_eq!(summary.misfits, unread, "{name}");
                assert_eq!(summary.unread.get(column.name).copied().unwrap_or_default(), unread, "{name}");
            }
        }
    }
}

#[tokio::test]
async fn ids_may_be_whole_floats_and_features_with_others_are_left_out() {
    let mut writer = LayerWriter::new("image", 4096);
    for id in [Value::Double(2.0), Value::Float(3.0), Value::Double(1.5), Value::Bool(true)] {
        writer.point(None, [1, 1], &[("id", id)]);
    }
    let mut tile = TileWriter::new();
    tile.layer(writer);
    let client = mly::Client::new(server("200 OK", tile.finish())).unwrap();
    let plan = Query::images(Area::tile(TILE.parse().unwrap())).plan().unwrap();
    let (rows, summary) = crate::support::features_of(&client, &plan).await.unwrap();
    assert_eq!(property(&rows, "id"), [2, 3]);
    assert_eq!((summary.misfits, summary.unread.len()), (2, 0));
}

#[tokio::test]
async fn filters_see_values_in_other_forms() {
    let mut writer = LayerWriter::new("image", 4096);
    for (n, part, text) in [(0, 0.0, "0"), (1, 1.0, "1"), (2, 2.0, "2")] {
        let properties = [
            ("id", Value::Int(n)),
            ("is_pano", Value::Int(n % 2)),
            ("captured_at", Value::Double(1_600_000_000_000.0 + part)),
            ("compass_angle", Value::Int(90 * n)),
            ("organization_id", Value::Double(part)),
            ("creator_id", Value::String(text)),
        ];
        writer.point(None, [1, 1], &properties);
    }
    let mut tile = TileWriter::new();
    tile.layer(writer);
    let options = server("200 OK", tile.finish());
    let all = || Query::images(Area::tile(TILE.parse().unwrap()));
    for (query, want) in [
        (all().with_filter("image-type", mly::ImageType::Pano), vec![1]),
        (all().with_filter("image-type", mly::ImageType::Flat), vec![0, 2]),
        (all().with_filter("since", mly::FilterValue::Since(1_600_000_000_001.into())), vec![1, 2]),
        (all().with_filter("until", mly::FilterValue::Until(1_600_000_000_001.into())), vec![0, 1]),
        (all().with_filter("compass", mly::Sector::new(80.0, 100.0).unwrap()), vec![1]),
        (all().with_filter("organization", vec![2]), vec![2]),
        (all().with_filter("creator", vec![1, 2]), vec![1, 2]),
    ] {
        let query = query.unwrap();
        assert_eq!(property(&features(options.clone(), &query).await.unwrap(), "id"), want, "{query}");
    }
}

#[tokio::test]
async fn a_point_without_a_geometry_is_left_out_alone() {
    // A layer `image` of version 2 with two points, one of which has no geometry; id 7 and 8.
    let mut bytes = tile("image", 4096, &[(7, [9, 9]), (8, [9, 9])]);
    let geometry = [0x22, 3, 9, 18, 18];
    let at = bytes.windows(5).position(|w| w == geometry).unwrap();
    // The geometry becomes a field that no reader knows.
    bytes[at] = 0x7a;
    let rows = ask(server("200 OK", bytes), Layer::Images).await.unwrap();
    assert_eq!(property(&rows, "id"), [8]);
}

#[tokio::test]
async fn a_few_long_texts_in_many_rows_do_not_fill_the_memory() {
    let long = "x".repeat(1 << 20);
    let mut writer = LayerWriter::new("image", 4096);
    for id in 0..1900 {
        writer.point(None, [1, 1], &[("id", Value::Int(id)), ("sequence_id", Value::String(&long))]);
    }
    let mut tile = TileWriter::new();
    tile.layer(writer);
    let error = ask(server("200 OK", gzip(&tile.finish())), Layer::Images).await.unwrap_err();
    assert!(error.to_string().contains("bytes of text"), "{error}");
}

#[tokio::test]
async fn a_wait_longer_than_a_life_is_told_and_not_waited() {
    let head = "429 Slow down\r\nRetry-After: 18446744073709551615";
    let error = ask(server(head, Vec::new()), Layer::Images).await.unwrap_err();
    assert!(matches!(error, Error::RateLimited { retry_after: Some(_), .. }), "{error}");
}

#[tokio::test]
async fn a_connection_that_ends_or_stalls_without_an_answer_is_retried() {
    for fail in [|| Reply::Close, || Reply::Stall] {
        let (body, calls) = (tile("image", 4096, &[(1, [7, 7])]), AtomicUsize::new(0));
        let server = Server::start(move |_| match calls.fetch_add(1, Ordering::SeqCst) {
            0 => fail(),
            _ => ok(body.clone()),
        });
        let options = server.options().with_timeout(Duration::from_millis(300));
        let rows = ask(options, Layer::Images).await.unwrap();
        assert_eq!(property(&rows, "id"), [1]);
        assert_eq!(server.requests().len(), 2);
    }
}
