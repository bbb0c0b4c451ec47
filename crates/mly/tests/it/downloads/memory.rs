//! How much memory downloads take: of photos by their bytes, of clusters by the number of processors.

use std::process::Command;
use std::sync::Arc;

use mly::{Client, Clouds, Download, PhotoSize};
use serde_json::json;

use super::service;
use crate::support::{Reply, Server, TOKEN, ok, options_at};

const MIB: usize = 1 << 20;

/// What the process below downloads: `photos` or `clouds`, the URL of the service, and a folder.
const WORK: &str = "MLY_TEST_MEMORY";

/// A part of the tests below: downloads in a process of its own, and writes beside the folder how much memory it had at
/// most. Alone it does nothing.
#[tokio::test(flavor = "multi_thread")]
async fn downloads_of_a_measured_process() {
    let Ok(work) = std::env::var(WORK) else { return };
    let [kind, url, dir] = work.split('|').collect::<Vec<_>>().try_into().unwrap();
    let client = Client::new(options_at(url, TOKEN)).unwrap();
    let ids = |count: i64| 1..=count;
    let downloads = match kind {
        "photos" => {
            client.download(ids(PHOTOS), &Download::into(dir).with_size(PhotoSize::Original)).unwrap()
        }
        _ => client.download_clouds(ids(CLUSTERS), &Clouds::into(dir)).unwrap(),
    };
    let done = downloads.finish().await.unwrap();
    assert!(done.failed.is_empty(), "{:?}", done.failed);
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    std::fs::write(format!("{dir}.memory"), most.split_whitespace().next().unwrap()).unwrap();
}

/// The most memory that a process took for a download.
fn memory(command: &mut Command, kind: &str, server: &Server) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join(kind);
    command.args(["--exact", "downloads::memory::downloads_of_a_measured_process"]);
    // Otherwise each thread keeps memory of its own, as much as chance has it.
    command.env("MALLOC_ARENA_MAX", "1").env(WORK, format!("{kind}|{}|{}", server.url, dir.display()));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let kib = std::fs::read_to_string(dir.with_extension("memory")).unwrap();
    kib.parse::<usize>().unwrap() << 10
}

const PHOTOS: i64 = 40;

/// A photo of 12 MiB: the beginning of one, zeros, and the end.
fn large_photo() -> Vec<u8> {
    let begin = [
        &[0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0, 1, 0, 1, 1, 1, 0x11, 0][..],
        &[0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0],
    ];
    let mut photo = begin.concat();
    photo.resize(12 * MIB, 0);
    photo.extend([0xff, 0xd9]);
    photo
}

#[test]
fn photos_take_memory_by_their_bytes_and_not_by_their_number() {
    let photo = Arc::new(large_photo());
    let server = service(json!({"thumb_original_url": "BASE/photo/ID.jpg"}), move |_| {
        Reply::Shared(Arc::clone(&photo))
    });
    let mut command = Command::new(std::env::current_exe().unwrap());
    let most = memory(&mut command, "photos", &server);
    // All at once, and each of them twice, they would take 960 MiB.
    assert!(most < 480 * MIB, "{} MiB", most / MIB);
}

const CLUSTERS: i64 = 8;

/// A reconstruction of so many points, as JSON.
fn reconstruction(points: usize) -> Vec<u8> {
    let point = |n: usize| (n.to_string(), json!({"coordinates": [n, 1.5, 2.5], "color": [1, 2, 3]}));
    let points: serde_json::Map<_, _> = (0..points).map(point).collect();
    let shot = json!({"rotation": [0, 0, 0], "translation": [0, 0, 0], "camera": "c"});
    json!([{"cameras": {"c": {}}, "shots": {"s": shot}, "points": points,
        "reference_lla": {"latitude": 52.0, "longitude": 9.0, "altitude": 0.0}}])
    .to_string()
    .into_bytes()
}

/// The most memory for clusters of so many points, on one processor.
fn memory_of_clusters(points: usize) -> usize {
    let cluster = Arc::new(reconstruction(points));
    let server = Server::start(move |request| {
        let id = request.target.trim_start_matches('/').split('?').next().unwrap();
        if id.starts_with("cluster") {
            return Reply::Shared(Arc::clone(&cluster));
        }
        let cluster = json!({"id": format!("7{id}"), "url": format!("{}/cluster", request.base)});
        ok(json!({"id": id, "sfm_cluster": cluster}).to_string())
    });
    let mut command = Command::new("taskset");
    command.args(["-c", "0"]).arg(std::env::current_exe().unwrap());
    memory(&mut command, "clouds", &server)
}

#[test]
fn as_many_clusters_are_decoded_at_once_as_there_are_processors() {
    const POINTS: usize = 60_000;
    let (none, all) = (memory_of_clusters(1), memory_of_clusters(POINTS));
    let file = reconstruction(POINTS).len();
    // Their files wait together, and one of them takes a few times its size while it is decoded.
    let most = none + (CLUSTERS as usize + 4) * file;
    assert!(all < most, "{} KiB and not {} KiB for files of {} KiB", all >> 10, most >> 10, file >> 10);
}
