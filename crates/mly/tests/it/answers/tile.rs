//! Answers to requests for tiles: empty ones, parts, and what only looks like a tile.

use std::sync::atomic::{AtomicUsize, Ordering};

use mly::{Area, Client, Error, Layer, Query, Summary};
use mly_mvt::{LayerWriter, TileWriter, Value};
use serde_json::Value as Json;

use super::keeping;
use crate::support::{Request, Server, features, features_of};

const PROTOBUF: &str = "200 OK\r\nContent-Type: application/x-protobuf";

/// A tile with one point in a layer of this name.
fn tile(layer: &str) -> Vec<u8> {
    let mut writer = LayerWriter::new(layer, 4096);
    writer.point(None, [7, 7], &[("id", Value::Int(1))]);
    let mut tile = TileWriter::new();
    tile.layer(writer);
    tile.finish()
}

fn query(layer: Layer) -> Query {
    Query::new(layer, Area::tile("14/8601/5411".parse().unwrap()))
}

async fn rows(server: &Server, layer: Layer) -> Result<(Vec<Json>, Summary), Error> {
    features_of(&Client::new(server.options())?, &query(layer).plan()?).await
}

#[tokio::test]
async fn every_kind_of_empty_tile_is_empty() {
    // The layer `mapillary-empty` as version 3 of the service wrote it.
    let empty: Vec<u8> = vec![
        0x1a, 0x16, 0x78, 0x01, 0x0a, 0x0f, 0x6d, 0x61, 0x70, 0x69, 0x6c, 0x6c, 0x61, 0x72, 0x79, 0x2d, 0x65,
        0x6d, 0x70, 0x74, 0x79, 0x28, 0x80, 0x20,
    ];
    let answers = [
        ("204 Nothing", Vec::new()),
        ("200 OK", Vec::new()),
        ("200 OK\r\nContent-Type: text/plain", Vec::new()),
        ("200 OK\r\nContent-Type: text/html", Vec::new()),
        (PROTOBUF, tile("water")),
        (PROTOBUF, empty),
    ];
    for (head, body) in answers {
        for layer in Layer::ALL {
            let server = Server::start({
                let body = body.clone();
                move |_: &Request| (head, body.clone())
            });
            let (rows, summary) = rows(&server, layer).await.unwrap();
            assert_eq!((rows.len(), summary.missing.len()), (0, 0), "{head} {layer}");
            assert_eq!(server.requests().len(), 1, "{head} {layer}");
        }
    }
    let server = Server::start(|_: &Request| ("404 Nothing", ""));
    let (rows, summary) = rows(&server, Layer::Signs).await.unwrap();
    assert_eq!((rows.len(), summary.missing.len()), (0, 1), "a gap that is told");
}

#[tokio::test]
async fn the_types_that_tiles_were_seen_with_are_read() {
    for kind in [
        "application/x-protobuf",
        "application/vnd.mapbox-vector-tile",
        "application/octet-stream",
        "Application/X-Protobuf; charset=binary",
    ] {
        let server =
            Server::start(move |_: &Request| (format!("200 OK\r\nContent-Type: {kind}"), tile("image")));
        assert_eq!(rows(&server, Layer::Images).await.unwrap().0.len(), 1, "{kind}");
    }
}

#[tokio::test]
async fn a_part_or_another_type_is_asked_for_again_and_told_when_it_lasts() {
    for (head, told) in [
        ("206 Partial Content\r\nContent-Range: bytes 0-9/99", "answered 206 Partial Content, for which mly"),
        ("202 Accepted", "answered 202 Accepted, for which mly does not ask"),
        ("200 OK\r\nContent-Type: text/plain", "its content type `text/plain` is not that of a vector tile"),
        ("200 OK\r\nContent-Type: application/json; charset=UTF-8", "its content type `application/json`"),
        ("200 OK\r\nContent-Type: image/png", "its content type `image/png`"),
    ] {
        let server = Server::start(move |_: &Request| (head, tile("image")));
        let error = rows(&server, Layer::Images).await.unwrap_err();
        assert!(error.to_string().contains(told), "{head}: {error}");
        assert!(matches!(error, Error::Transport { .. } | Error::Decode { .. }), "{head}: {error}");
        assert_eq!(server.requests().len(), 3, "{head}");

        let calls = AtomicUsize::new(0);
        let server = Server::start(move |_: &Request| match calls.fetch_add(1, Ordering::Relaxed) {
            0 => (head, tile("image")),
            _ => (PROTOBUF, tile("image")),
        });
        let (found, summary) = rows(&server, Layer::Images).await.unwrap();
        assert_eq!((found.len(), summary.retries), (1, 1), "{head}");
    }
}

#[tokio::test]
async fn a_tile_of_unknown_layers_only_is_not_an_empty_tile() {
    let text = b"*\x0bhello world".to_vec(); // valid protobuf: field 5 with eleven bytes
    for (body, told) in [
        (tile("places"), "it has only layers that the service does not have: `places`"),
        (text, "it has no layer"),
    ] {
        for layer in Layer::ALL {
            let server = Server::start({
                let body = body.clone();
                move |_: &Request| ("200 OK", body.clone())
            });
            let error = rows(&server, layer).await.unwrap_err();
            assert!(matches!(error, Error::Decode { .. }), "{layer}: {error}");
            assert!(error.to_string().contains(told), "{layer}: {error}");
            assert_eq!(server.requests().len(), 3, "{layer}");
            assert!(server.client().get_tile("/maps/vtp/mly1_public/2/14/1/1", "").await.is_err());
        }
    }
    // A known layer beside it is enough.
    let both = [tile("places"), tile("image")].concat();
    let server = Server::start(move |_: &Request| ("200 OK", both.clone()));
    assert_eq!(rows(&server, Layer::Images).await.unwrap().0.len(), 1);
    assert_eq!(rows(&server, Layer::Signs).await.unwrap().0.len(), 0);
}

#[tokio::test]
async fn what_is_no_tile_is_never_kept() {
    for (head, body) in [
        ("206 Partial Content", tile("image")),
        ("200 OK\r\nContent-Type: text/plain", tile("image")),
        ("200 OK", tile("places")),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let calls = AtomicUsize::new(0);
        let server = Server::start(move |_: &Request| match calls.fetch_add(1, Ordering::Relaxed) {
            0 => (head, body.clone()),
            _ => (PROTOBUF, tile("image")),
        });
        let options = keeping(&server, folder.path());
        assert!(features(options.clone().with_retries(0), &query(Layer::Images)).await.is_err(), "{head}");
        for _ in 0..2 {
            let found = features(options.clone(), &query(Layer::Images)).await.unwrap();
            assert_eq!(found.len(), 1, "{head}");
        }
        assert_eq!(server.requests().len(), 2, "{head}: the right tile is kept");
    }
}
