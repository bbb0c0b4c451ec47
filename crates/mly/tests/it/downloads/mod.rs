//! Photos and point clouds by id, with the emulator's own bytes and answers as independent truth.

mod clouds;
mod disk;
mod faults;
mod files;
mod hosts;
#[cfg(unix)]
mod links;
#[cfg(target_os = "linux")]
mod memory;
mod metadata;
mod resume;
mod webdataset;

use std::collections::BTreeMap;
use std::path::Path;

use mly::{Client, Download, Downloaded, Error, PhotoSize, Query};
use mly_emulator::{Emulator, Endpoint};
use serde_json::{Map, Value, json};
use tokio::sync::OnceCell;

use crate::support::truth::{get, graph};
use crate::support::{Reply, Request, Server, client, demo, features, ok, options, property, town};

/// Ids of images of the demo town, from all over it.
async fn ids(count: usize) -> Vec<i64> {
    static ALL: OnceCell<Vec<i64>> = OnceCell::const_new();
    let all = ALL
        .get_or_init(|| async {
            let emulator = demo();
            let rows = features(options(&emulator), &Query::images(town())).await.unwrap();
            property(&rows, "id").iter().map(|id| id.as_i64().unwrap()).collect()
        })
        .await;
    all.iter().copied().step_by(all.len() / count).take(count).collect()
}

/// A service that has these fields of every image, `BASE` in them standing for its own URL and `ID` for the image, and
/// answers all other paths by `file`.
fn service(fields: Value, file: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Server {
    Server::start(move |request| images(request, &fields).unwrap_or_else(|| file(&request.target)))
}

/// The answer to a lookup of images.
fn images(request: &Request, fields: &Value) -> Option<Reply> {
    let (path, query) = request.target.split_once('?')?;
    let parameter = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name));
    parameter("fields=")?;
    let image = |id: &str| {
        let text = fields.to_string().replace("BASE", &request.base).replace("ID", id);
        let mut object: Map<String, Value> = serde_json::from_str(&text).unwrap();
        object.insert("id".into(), json!(id));
        Value::Object(object)
    };
    let body = match parameter("ids=") {
        Some(ids) => ids.split("%2C").map(|id| (id.to_owned(), image(id))).collect(),
        None => image(path.trim_start_matches('/')),
    };
    Some(ok(body.to_string()))
}

/// Small photos into a folder.
fn small(dir: &Path) -> Download {
    Download::into(dir).with_size(PhotoSize::W256)
}

async fn fetched(client: &Client, ids: &[i64], download: &Download) -> Result<Downloaded, Error> {
    client.download(ids, download)?.finish().await
}

/// Every file under a folder, by its path with slashes; what begins with a dot is not a result.
fn tree(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in dir.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            files.extend(tree(&path).into_iter().map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        } else if !name.starts_with('.') {
            match std::fs::read(&path) {
                // What is written while we look gets its name now.
                Err(e)
                    if e.kind() == std::io::ErrorKind::NotFound
                        && path.extension().is_some_and(|e| e == "part") => {}
                read => drop(files.insert(name, read.unwrap())),
            }
        }
    }
    files
}

/// The ids of photos in a tree, sorted.
fn photos(tree: &BTreeMap<String, Vec<u8>>) -> Vec<i64> {
    let stem = |name: &str| name.rsplit('/').next()?.strip_suffix(".jpg")?.parse().ok();
    let mut ids: Vec<i64> = tree.keys().filter_map(|name| stem(name)).collect();
    ids.sort_unstable();
    ids
}

fn sorted(ids: &[i64]) -> Vec<i64> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids
}

/// Requests of one kind that an emulator has seen.
fn seen(emulator: &Emulator, kind: Endpoint) -> usize {
    emulator.requests().iter().filter(|seen| seen.kind == kind).count()
}

/// What the graph says of an image.
fn known(emulator: &Emulator, id: i64, fields: &str) -> Value {
    graph(emulator, &format!("/{id}?fields={fields}"))
}

/// The photo that the service serves.
fn served(emulator: &Emulator, id: i64, size: PhotoSize) -> Vec<u8> {
    let field = size.field();
    get(known(emulator, id, field)[field].as_str().unwrap(), None)
}

/// Segments of a JPEG before its picture, and the picture with all that follows.
fn parts(jpeg: &[u8]) -> (Vec<(u8, &[u8])>, &[u8]) {
    let (mut segments, mut at) = (Vec::new(), 2);
    while jpeg[at + 1] != 0xDA {
        let end = at + 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        segments.push((jpeg[at + 1], &jpeg[at + 4..end]));
        at = end;
    }
    (segments, &jpeg[at..])
}

/// Width and height in pixels.
fn pixels(jpeg: &[u8]) -> [u16; 2] {
    let (segments, _) = parts(jpeg);
    let (_, frame) = segments.iter().find(|(marker, _)| (0xC0..=0xC2).contains(marker)).unwrap();
    [u16::from_be_bytes([frame[3], frame[4]]), u16::from_be_bytes([frame[1], frame[2]])]
}

/// Everything of a photo but what is written about it.
fn plain(jpeg: &[u8]) -> (Vec<(u8, &[u8])>, &[u8]) {
    let (segments, picture) = parts(jpeg);
    (segments.into_iter().filter(|(marker, _)| *marker != 0xE1).collect(), picture)
}

/// Why an image is not in the result.
fn why(done: &Downloaded, id: i64) -> &str {
    let found = done.failed.iter().find(|(failed, _)| *failed == id.to_string());
    &found.unwrap_or_else(|| panic!("{id} is not listed: {:?}", done.failed)).1
}
