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
