//! A service that cannot answer some ids, and answers all others.

use mly_mvt::{Geometry, LayerWriter, TileWriter, Value};
use serde_json::{Map, Value as Json, json};

use super::{Reply, Request, Server, ok};

/// The sequence of all images.
pub(crate) const SEQUENCE: &str = "frailAAAAAAAAAAAAAAAA1";

/// The tile that shows the images.
pub(crate) const TILE: &str = "14/8601/5411";

/// The ids that a request to the graph is about: of images, map features, organizations, or of a sequence.
pub(crate) fn asked(request: &Request) -> Vec<String> {
    let url = url(request);
    let parameter = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, v)| v.into_owned());
    match (parameter("ids"), parameter("sequence_id")) {
        (Some(ids), _) => ids.split(',').map(str::to_owned).collect(),
        (None, Some(sequence)) => vec![sequence],
        (None, None) => vec![url.path().trim_matches('/').split('/').next().unwrap().to_owned()],
    }
}

fn url(request: &Request) -> url::Url {
    url::Url::parse("http://x").unwrap().join(&request.target).unwrap()
}

/// Starts a service of the images `from` to `to`, whose answers `fails` may replace.
pub(crate) fn frail(
    (from, to): (i64, i64),
    fails: impl Fn(&Request) -> Option<Reply> + Send + Sync + 'static,
) -> Server {
    Server::start(move |request| match fails(request) {
        Some(reply) => reply,
        None => healthy(request, from, to),
    })
}

/// An error of the graph; code 0 stands for an answer without a body.
pub(crate) fn error(status: &str, code: i64, message: &str) -> Reply {
    let body = json!({"error": {"message": message, "type": "MLYApiException", "code": code}});
    let body = if code == 0 { String::new() } else { body.to_string() };
    (status, body).into()
}

fn healthy(request: &Request, from: i64, to: i64) -> Reply {
    let url = url(request);
    let path: Vec<&str> = url.path().trim_matches('/').split('/').collect();
    if path[0] == "maps" {
        let is_shown = url.path().ends_with(TILE);
        return ok(if is_shown { tile(path[2], from, to) } else { Vec::new() });
    }
    if path[0] == "image_ids" {
        let list: Vec<Json> = (from..=to).map(|id| json!({"id": id.to_string()})).collect();
        return ok(json!({ "data": list }).to_string());
    }
    let ids = asked(request);
    if path.last() == Some(&"detections") {
        let value = json!({
            "id": format!("9{}", ids[0]), "value": "object--bench", "created_at": "2021-05-22T15:20:45+0000",
            "image": {"id": ids[0], "geometry": {"type": "Point", "coordinates": [9.0, 52.0]}}
        });
        return ok(json!({ "data": [value] }).to_string());
    }
    let entity = |id: &String| {
        json!({
            "id": id, "make": "GoPro", "captured_at": 1_600_000_000_000_i64, "sequence": SEQUENCE, "width": 64,
            "height": 48, "geometry": {"type": "Point", "coordinates": [9.0, 52.0]}, "object_value": "object--bench", "object_type": "trafficsign",
            "slug": "org", "thumb_256_url": format!("{}/photo.jpg", request.base),
            "sfm_cluster": {"id": "7", "url": format!("{}/cluster", request.base)}
        })
    };
    if url.query_pairs().any(|(name, _)| name == "ids") {
        let all: Map<String, Json> = ids.iter().map(|id| (id.clone(), entity(id))).collect();
        return ok(Json::Object(all).to_string());
    }
    ok(entity(&ids[0]).to_string())
}

/// A tile with the images, and a line of their sequence that leaves it; map features for the other sets.
fn tile(set: &str, from: i64, to: i64) -> Vec<u8> {
    let mut tile = TileWriter::new();
    let name = match set {
        "mly_map_feature_point" => "point",
        "mly_map_feature_traffic_sign" => "traffic_sign",
        _ => "image",
    };
    let mut points = LayerWriter::new(name, 4096);
    for id in from..=to {
        let at = [100 + (id - from) as i32, 100];
        let properties = [
            ("id", Value::Int(id)),
            ("sequence_id", Value::String(SEQUENCE)),
            ("captured_at", Value::Int(1_600_000_000_000 + id)),
            ("value", Value::String("object--bench")),
        ];
        points.point(None, at, &properties);
    }
    tile.layer(points);
    if name == "image" {
        let mut lines = LayerWriter::new("sequence", 4096);
        let line = Geometry::Lines(vec![vec![[100, 100], [4096, 100]]]);
        lines
            .feature(None, &line, &[("id", Value::String(SEQUENCE)), ("image_id", Value::Int(from))])
            .unwrap();
        tile.layer(lines);
    }
    tile.finish()
}
