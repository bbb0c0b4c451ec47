//! An id that the service cannot answer: the rest is written, and the id is named and listed.

use std::fs;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;

use serde_json::{Value as Json, json};

use crate::graph::rows;
use crate::support::{Mly, Outcome, head_of, mly, names_in};

/// The image that the service cannot answer.
const BAD: &str = "1005";

const SEQUENCE: &str = "failingAAAAAAAAAAAAAA1";

/// Starts a service of the images 1001 to 1010 that fails for one of them, or for all.
fn service(status: &'static str, code: i64, fails_for_all: bool) -> String {
    service_that_says("An unknown error occurred", status, code, fails_for_all)
}

fn service_that_says(what: &'static str, status: &'static str, code: i64, fails_for_all: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || serve(stream, what, status, code, fails_for_all));
        }
    });
    url
}

fn serve(mut stream: TcpStream, what: &str, status: &str, code: i64, fails_for_all: bool) -> Option<()> {
    let head = head_of(&mut stream)?;
    let target = head.split(' ').nth(1)?.to_owned();
    let (status, body) = if fails_for_all || target.contains(BAD) {
        let error = json!({"message": what, "type": "OAuthException", "code": code});
        (status, json!({ "error": error }))
    } else {
        ("200 OK", healthy(&target))
    };
    let body = body.to_string();
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(&[head, body].concat().into_bytes()).ok()
}

fn healthy(target: &str) -> Json {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    let ids = query.split('&').find_map(|pair| pair.strip_prefix("ids="));
    let entity = |id: &str| {
        json!({"id": id, "make": "GoPro", "captured_at": 1_600_000_000_000_i64, "sequence": SEQUENCE,
            "geometry": {"type": "Point", "coordinates": [9.0, 52.0]}, "object_value": "object--bench", "slug": "x",
            "thumb_1024_url": format!("http://127.0.0.1:9/{id}.jpg")})
    };
    match ids {
        _ if path.ends_with("/detections") => {
            json!({"data": [{"id": format!("9{first}"), "value": "a--b",
            "image": {"id": first}}]})
        }
        _ if path == "/image_ids" => {
            json!({"data": (1001..=1010).map(|id| json!({"id": id.to_string()})).collect::<Vec<_>>()})
        }
        Some(ids) => ids.split("%2C").map(|id| (id.to_owned(), entity(id))).collect(),
        None => entity(first),
    }
}

fn ask(line: &str, url: &str) -> Mly {
    mly(&format!("{line} --retries 1 --token MLY|1|2")).variable("MAPILLARY_GRAPH_URL", url)
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.csv");
    (folder, path)
}

fn all() -> String {
    let ids: Vec<String> = (1001..=1010).map(|id| id.to_string()).collect();
    format!(" {}", ids.join(" "))
}

fn incomplete(command: Mly) -> Outcome {
    let outcome = command.run();
    assert_eq!(outcome.code, 7, "{}", outcome.err);
    outcome
}

fn listed(path: &Path) -> String {
    fs::read_to_string(format!("{}.failed", path.display())).unwrap()
}

#[test]
fn the_rest_is_written_and_the_id_is_listed_with_exit_code_7() {
    for (status, code) in
        [("500 Oops", 1), ("500 Oops", 2), ("400 Bad", -2), ("403 No", 10), ("400 Bad", 100)]
    {
        let url = service(status, code, false);
        for line in ["image", "feature", "organization", "detections --image"] {
            let (folder, path) = folder();
            let summary = folder.path().join("s.json");
            let command = ask(&format!("{line}{}", all()), &url).to(&path).arg("--summary").arg(&summary);
            let outcome = incomplete(command);
            let warning = outcome.err.lines().next().unwrap();
            assert!(
                warning.starts_with("warning: 1 id failed: 1005 (An unknown error occurred"),
                "{warning}"
            );
            assert!(
                warning.ends_with(&format!("; all are listed in {}.failed", path.display())),
                "{warning}"
            );
            assert_eq!(listed(&path), "1005\n", "{line}");
            assert_eq!(rows("csv", &fs::read(&path).unwrap()).len(), 9, "{line}");
            assert_eq!(names_in(folder.path()), ["out.csv", "out.csv.failed", "s.json"]);
            let summary: Json = serde_json::from_slice(&fs::read(summary).unwrap()).unwrap();
            assert_eq!((&summary["failed"], &summary["not_found"]), (&json!(["1005"]), &json!([])));
        }
    }
}

#[test]
fn an_id_whose_detections_lack_a_field_is_one_that_failed() {
    for field in ["make", "geometry"] {
        let what = format!("(#100) Tried accessing nonexisting field ({field}) on node type (ChunkObject)");
        let url = service_that_says(what.clone().leak(), "400 Bad", 100, false);
        let (_folder, path) = folder();
        let outcome = incomplete(ask(&format!("detections --image{}", all()), &url).to(&path));
        assert!(outcome.err.starts_with(&format!("warning: 1 id failed: 1005 ({what}")), "{}", outcome.err);
        assert_eq!((rows("csv", &fs::read(&path).unwrap()).len(), listed(&path)), (9, "1005\n".to_owned()));

        let url = service_that_says(what.leak(), "400 Bad", 100, true);
        let (folder, path) = self::folder();
        ask(&format!("detections --image{}", all()), &url).to(&path).fails(5);
        assert_eq!(names_in(folder.path()), [""; 0]);
    }
}

#[test]
fn images_of_a_sequence_and_addresses_of_photos_go_on_too() {
    let url = service("500 Oops", 1, false);
    let (_folder, path) = folder();
    incomplete(ask(&format!("sequence {SEQUENCE}"), &url).to(&path));
    assert_eq!((rows("csv", &fs::read(&path).unwrap()).len(), listed(&path)), (9, "1005\n".to_owned()));
    let outcome = incomplete(ask(&format!("thumbnail{}", all()), &url));
    assert_eq!(outcome.text().lines().count(), 9);
    assert!(outcome.err.starts_with("warning: 1 id failed: 1005 ("), "{}", outcome.err);
}

#[test]
fn a_list_of_ids_that_failed_is_an_input_and_goes_away() {
    let (_folder, path) = folder();
    let sick = service("500 Oops", 1, false);
    incomplete(ask(&format!("image{}", all()), &sick).to(&path));
    let list = listed(&path);
    ask("image - 1006", &sick).input(list).to(&path).fails(2);
    ask("image 1006 --overwrite", &sick).to(&path).done();
    assert!(!Path::new(&format!("{}.failed", path.display())).exists());
}

#[test]
fn a_service_that_fails_for_everything_ends_with_5_or_3() {
    for (status, code, exit) in
        [("500 Oops", 1, 5), ("400 Bad", 100, 5), ("403 No", 10, 3), ("403 No", 190, 3)]
    {
        let url = service(status, code, true);
        for line in
            [format!("image{}", all()), format!("detections --image{}", all()), "image 1005".to_owned()]
        {
            let (folder, path) = folder();
            ask(&line, &url).to(&path).fails(exit);
            assert_eq!(names_in(folder.path()), [""; 0], "{line}");
        }
    }
}
