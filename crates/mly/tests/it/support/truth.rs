//! Reads tiles with an independent decoder and computes positions by the textbook formula, to compare results with.

use std::f64::consts::PI;
use std::io::{Read, Write};
use std::net::TcpStream;

use fast_mvt::{MvtReaderRef, MvtValueRef};
use mly::TileId;
use mly_emulator::Emulator;
use serde_json::{Map, Value, json};

/// The body of a tile.
pub(crate) fn tile(emulator: &Emulator, set: &str, tile: TileId) -> Vec<u8> {
    let token = emulator.token().replace('|', "%7C");
    get(&format!("{}/maps/vtp/{set}/2/{tile}?access_token={token}", emulator.url()), None)
}

/// The answer of the graph to a path with its query.
pub(crate) fn graph(emulator: &Emulator, path_and_query: &str) -> Value {
    let url = format!("{}{path_and_query}", emulator.url());
    serde_json::from_slice(&get(&url, Some(emulator.token()))).unwrap()
}

/// The body of an answer, by plain HTTP/1.0.
pub(crate) fn get(url: &str, token: Option<&str>) -> Vec<u8> {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let authorization = token.map(|token| format!("Authorization: OAuth {token}\r\n")).unwrap_or_default();
    write!(stream, "GET /{path} HTTP/1.0\r\nHost: {host}\r\n{authorization}\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let body = answer.split_off(end + 4);
    let head = String::from_utf8(answer).unwrap();
    assert!(head.contains(" 200 "), "{head} {}", String::from_utf8_lossy(&body));
    body
}

/// The features of a layer of a tile as GeoJSON.
pub(crate) fn features(bytes: &[u8], id: TileId, layer_name: &str) -> Vec<Value> {
    let reader = MvtReaderRef::new(bytes).unwrap();
    let layers = reader.layers().filter(|layer| layer.name() == layer_name);
    layers
        .flat_map(|layer| {
            let extent = f64::from(layer.extent());
            layer.features().map(move |feature| {
                let mut properties = Map::new();
                for property in feature.properties() {
                    let (key, value) = property.unwrap();
                    properties.insert(key.to_owned(), plain(value));
                }
                let geometry = feature.geometry().unwrap();
                json!({"properties": properties, "geometry": degrees(&geometry, id, extent)})
            })
        })
        .collect()
}

/// The features of a layer in all data tiles of a box.
pub(crate) fn features_around(
    emulator: &Emulator,
    set: &str,
    layer: &str,
    [w, s, e, n]: [f64; 4],
) -> Vec<Value> {
    let (first, last) = (TileId::containing(w, n, 14), TileId::containing(e, s, 14));
    let ids = (first.x()..=last.x()).flat_map(|x| (first.y()..=last.y()).map(move |y| (x, y)));
    ids.flat_map(|(x, y)| {
        let id = TileId::new(14, x, y).unwrap();
        features(&tile(emulator, set, id), id, layer)
    })
    .collect()
}

fn plain(value: MvtValueRef<'_>) -> Value {
    match value {
        MvtValueRef::String(text) => json!(text),
        MvtValueRef::Int(n) => json!(n),
        // Whole numbers are written without a fraction, as the service does in JSON.
        MvtValueRef::Double(n) if n.fract() == 0.0 => json!(n as i64),
        MvtValueRef::Double(n) => json!(n),
        MvtValueRef::Bool(b) => json!(b),
        other => panic!("the service sends no such value: {other:?}"),
    }
}

fn degrees(geometry: &geo_types::Geometry<i32>, id: TileId, extent: f64) -> Value {
    let side = f64::from(1_u32 << id.z());
    let at = |x: i32, y: i32| {
        let lon = (f64::from(id.x()) + f64::from(x) / extent) / side * 360.0 - 180.0;
        let turn = PI - 2.0 * PI * (f64::from(id.y()) + f64::from(y) / extent) / side;
        json!([lon, turn.sinh().atan().to_degrees()])
    };
    let line = |line: &geo_types::LineString<i32>| line.coords().map(|c| at(c.x, c.y)).collect::<Vec<_>>();
    match geometry {
        geo_types::Geometry::Point(p) => json!({"type": "Point", "coordinates": at(p.x(), p.y())}),
        geo_types::Geometry::LineString(l) => json!({"type": "MultiLineString", "coordinates": [line(l)]}),
        geo_types::Geometry::MultiLineString(all) => {
            json!({"type": "MultiLineString", "coordinates": all.iter().map(line).collect::<Vec<_>>()})
        }
        other => panic!("the service sends no such geometry: {other:?}"),
    }
}

/// Longitude and latitude of a point feature.
pub(crate) fn position(feature: &Value) -> [f64; 2] {
    let at = &feature["geometry"]["coordinates"];
    [at[0].as_f64().unwrap(), at[1].as_f64().unwrap()]
}

/// Lines of a feature. A point in place of a line counts as a line that stays where it is.
pub(crate) fn lines(feature: &Value) -> Vec<Vec<[f64; 2]>> {
    let pair = |at: &Value| [at[0].as_f64().unwrap(), at[1].as_f64().unwrap()];
    if feature["geometry"]["type"] == "MultiPoint" {
        let points = feature["geometry"]["coordinates"].as_array().unwrap();
        return points.iter().map(|at| vec![pair(at); 2]).collect();
    }
    let line = |line: &Value| line.as_array().unwrap().iter().map(pair).collect();
    feature["geometry"]["coordinates"].as_array().unwrap().iter().map(line).collect()
}

/// Sorts features by id and asserts that two lists are the same, positions to 1e-12 degrees.
pub(crate) fn assert_same_points(mut got: Vec<Value>, mut want: Vec<Value>) {
    let id = |f: &Value| f["properties"]["id"].as_i64().unwrap();
    got.sort_by_key(id);
    want.sort_by_key(id);
    assert_eq!(got.len(), want.len());
    for (got, want) in got.iter().zip(&want) {
        assert_eq!(got["properties"], want["properties"]);
        let (a, b) = (position(got), position(want));
        assert!((a[0] - b[0]).abs() < 1e-12 && (a[1] - b[1]).abs() < 1e-12, "{a:?} {b:?}");
    }
}
