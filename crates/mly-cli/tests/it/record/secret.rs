//! Nothing secret is written: a service that repeats the token, names users and signs URLs in every place that it can.

use std::fs;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::thread;

use mly_emulator::{Emulator, World};
use mly_mvt::{LayerWriter, TileWriter, Value};

use crate::support::{demo, head_of, mly, names_in};

const TOKEN: &str = "MLY|4242424242424242|00112233445566778899aabbccddeeff";

/// What must not be found anywhere, in any case of letters.
const SECRETS: [&str; 8] = [
    "4242424242",
    "0011223344",
    "8899aabbccdd",
    "jane_doe",
    "jane doe",
    "j%c3%bcrgen",
    "signature",
    "secret-path",
];

/// A service whose bodies hold everything that must not be written. `BASE` in a text stands for its own URL.
fn hostile() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let base = url.clone();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let base = base.clone();
            thread::spawn(move || serve(stream, &base));
        }
    });
    url
}

fn serve(mut stream: TcpStream, base: &str) -> Option<()> {
    let head = head_of(&mut stream)?;
    let target = head.split(' ').nth(1)?.to_owned();
    let (status, kind, body) = answer(&target, base);
    let head = format!(
        "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\
         ETag: \"{TOKEN}\"\r\nServer: of jane_doe_7 and {}\r\nX-Other: {TOKEN}\r\nSet-Cookie: user=jane_doe_7\r\n\
         X-App-Usage: {{\"call_count\":1,\"token\":\"{TOKEN}\"}}\r\n\r\n",
        body.len(),
        TOKEN.replace('|', "%7c"),
    );
    stream.write_all(&[head.as_bytes(), &body].concat()).ok()
}

fn answer(target: &str, base: &str) -> (u16, &'static str, Vec<u8>) {
    const JSON: &str = "application/json";
    let json = |text: &str| (200, JSON, text.replace("BASE", base).replace("TOKEN", TOKEN).into_bytes());
    if target.contains("/mly1_computed_public/") {
        return (
            200,
            "application/x-protobuf",
            images(Some(("note", "see https://cdn/secret-path?oh=signature"))),
        );
    }
    if target.contains("/mly_map_feature_point/") {
        return (200, "application/x-protobuf", images(Some(("username", "Jane Doe"))));
    }
    if target.contains("/mly_map_feature_traffic_sign/") {
        return (200, "application/x-protobuf", images(Some(("value", TOKEN))));
    }
    if target.contains("/maps/") {
        return (200, "application/x-protobuf", images(None));
    }
    if target.starts_with("/mesh") {
        return (
            200,
            "application/octet-stream",
            [b"\x0d\x00\xff\xfe".as_slice(), TOKEN.as_bytes()].concat(),
        );
    }
    if target.starts_with("/cluster") {
        let text =
            r#"[{"shots":{},"owner":"jane_doe_7","by":{"username":"Jane Doe"},"at":"BASE/x?oh=signature"}]"#;
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        zlib.write_all(text.as_bytes()).unwrap();
        return (200, "application/octet-stream", zlib.finish().unwrap());
    }
    if target.starts_with("/detections") {
        let page = format!(
            "<html>jane_doe_7 {TOKEN} <a href='https:\\/\\/cdn\\/secret-path-secret-path-secret-path-z?oh=signature'>next=https%3A%2F%2Fcdn%2Fsecret-path</a>"
        );
        return (500, "text/plain", page.into_bytes());
    }
    if target.contains("image_ids=") {
        let message = r#"{"error":{"message":"Jürgen Müller has no 00112233445566778899AABBCCDDEEFF of MLY\u007c4242424242424242","type":"x","code":100,"fbtrace_id":"signature"}}"#;
        return (400, JSON, message.as_bytes().to_vec());
    }
    if target.starts_with("/images") {
        return json(
            r#"{"data":[{"id":"100000000000001","creator":{"username":"jane_doe_7","name":"Jane Doe","id":"5"},"camera_type":"brown of jane_doe_7","title":"by jane_doe_7, TOKEN","thumb_256_url":"https://scontent.xx/m1/secret-path-secret-path-secret-path-x?stp=s256&oh=signature&oe=66"}],"paging":{"next":"BASE/images?access_token=TOKEN&creator_username=jane_doe_7","cursors":{"after":"TOKEN"}},"TOKEN":{"user":"Jürgen Müller","j":"J%C3%BCrgen+M%C3%BCller"}}"#,
        );
    }
    json(
        r#"{"id":"100000000000001","mesh":{"id":"1","url":"BASE/mesh/secret-path-secret-path-secret-path-y?oh=signature"},"sfm_cluster":{"url":"BASE/cluster?oh=signature&TOKEN=1"},"author":"Jane Doe"}"#,
    )
}

/// A tile with images, and one more text on each.
fn images(more: Option<(&str, &str)>) -> Vec<u8> {
    let mut tile = TileWriter::new();
    for name in ["image", "overview"] {
        let mut layer = LayerWriter::new(name, 4096);
        for number in 0..60 {
            let mut properties = vec![("id", Value::Int(100_000_000_000_001 + i64::from(number)))];
            properties.extend(more.map(|(key, text)| (key, Value::String(text))));
            layer.point(None, [2048 + number, 2048], &properties);
        }
        tile.layer(layer);
    }
    tile.finish()
}

/// Everything that was written or printed, in lower case.
fn written(folder: &Path, printed: &str) -> String {
    let mut all = printed.to_owned();
    for name in names_in(folder) {
        let bytes = fs::read(folder.join(&name)).unwrap();
        all = format!("{all}\n{name}\n{}", String::from_utf8_lossy(&bytes));
    }
    all.to_lowercase()
}

#[test]
fn no_token_no_name_and_no_signature_is_written_whatever_the_service_sends() {
    let (url, folder) = (hostile(), tempfile::tempdir().unwrap());
    let command = mly("doctor --retries 0 --record").arg(folder.path()).variable("MAPILLARY_TOKEN", TOKEN);
    let outcome = command.variable("MAPILLARY_GRAPH_URL", &url).variable("MAPILLARY_TILES_URL", &url).done();
    let all = written(folder.path(), &format!("{}{}", outcome.text(), outcome.err));
    for secret in SECRETS {
        let lines: Vec<_> = all.lines().filter(|line| line.contains(secret)).collect();
        assert!(lines.is_empty(), "{secret}: {lines:?}");
    }
    assert!(!all.contains("jürgen") && !all.contains("müller"), "names are found by what they stand for");
    // What is harmless is there.
    for harmless in ["scontent.xx", "camera_type", "100000000000001", "code 100", "\"oh=***", "set-cookie"] {
        let is_there = all.contains(harmless) || harmless == "\"oh=***" && all.contains("oh=***");
        assert!(is_there, "{harmless}");
    }
    let report: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.path().join("report.json")).unwrap()).unwrap();
    let withheld: Vec<_> = report["requests"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|request| request["withheld"].is_string())
        .map(|request| request["request"].as_str().unwrap())
        .collect();
    for request in ["tile-computed", "tile-points", "tile-signs", "mesh"] {
        assert!(withheld.contains(&request), "{request} of {withheld:?}");
    }
    assert!(!withheld.contains(&"tile"));
}

#[test]
fn what_the_emulator_sends_has_no_name_and_no_signature_either() {
    let folder = tempfile::tempdir().unwrap();
    mly("doctor --record").arg(folder.path()).at(demo()).done();
    let all = written(folder.path(), "");
    let secret = demo().token().rsplit('|').next().unwrap();
    assert!(!all.contains(secret) && !all.contains("oh=00_ay") && all.contains("oh=***"));
    for name in ["kartenfuchs", "weserwalker", "dashcam_dora", "nordlicht23"] {
        assert!(!all.contains(name), "{name}");
    }
}

#[test]
fn a_token_of_a_user_is_as_secret() {
    let token = "MLYARBLx2ZCoQ9pXf8s3kd01ZAbcDEF";
    let emulator = Emulator::builder(World::demo()).with_token(token).start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let outcome = mly("doctor --record").arg(folder.path()).at(&emulator).done();
    let all = written(folder.path(), &format!("{}{}", outcome.text(), outcome.err));
    assert!(!all.contains("q9pxf8s3"));
}
