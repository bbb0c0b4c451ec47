//! Point clouds of the clusters of images.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use mly::cloud::{Cloud, CloudFormat};
use mly::{Clouds, Downloaded, Error};
use mly_emulator::{Emulator, Endpoint, Fault};
use serde_json::{Value, json};

use super::{client, get, ids, known, seen, tree, why};
use crate::support::{Server, demo, ok, status};

/// What the service has for some images.
#[derive(Default)]
struct Truth {
    /// Points of the clusters that have some, by id.
    points: BTreeMap<String, usize>,
    /// Reasons of images without a cloud.
    lacking: BTreeMap<i64, &'static str>,
    /// Clusters that several of the images belong to.
    shared: usize,
}

fn truth(emulator: &Emulator, ids: &[i64]) -> Truth {
    let mut truth = Truth::default();
    let mut met = BTreeSet::new();
    for id in ids {
        let image = known(emulator, *id, "sfm_cluster");
        let lacking = match (image["sfm_cluster"]["id"].as_str(), image["sfm_cluster"]["url"].as_str()) {
            (None, _) => "the image was not reconstructed",
            (Some(_), None) => "the service gives no file of its cluster",
            (Some(cluster), Some(url)) => {
                truth.shared += usize::from(!met.insert(cluster.to_owned()));
                let mut json = Vec::new();
                flate2::read::ZlibDecoder::new(&*get(url, None)).read_to_end(&mut json).unwrap();
                let list: Value = serde_json::from_slice(&json).unwrap();
                if let Some(first) = list.get(0) {
                    let points = first["points"].as_object().unwrap().len();
                    truth.points.insert(cluster.to_owned(), points);
                    continue;
                }
                "its cluster has no points"
            }
        };
        truth.lacking.insert(*id, lacking);
    }
    truth
}

async fn run(emulator: &Emulator, ids: &[i64], clouds: &Clouds) -> Result<Downloaded, Error> {
    client(emulator).download_clouds(ids, clouds)?.finish().await
}

/// Points of a written cloud, counted by the header of a PLY or a reader of LAS.
fn points(format: CloudFormat, bytes: &[u8]) -> usize {
    if format == CloudFormat::Ply {
        let text = String::from_utf8_lossy(bytes);
        let count = text.lines().find_map(|line| line.strip_prefix("element vertex "));
        return count.unwrap().parse().unwrap();
    }
    let mut reader = las::Reader::new(std::io::Cursor::new(bytes.to_vec())).unwrap();
    reader.read_all().unwrap().points().map(Result::unwrap).count()
}

#[tokio::test]
async fn clusters_are_written_once_and_images_without_a_cloud_are_listed() {
    let emulator = demo();
    let mut ids = ids(100).await;
    ids.push(1);
    let truth = truth(&emulator, &ids[..100]);
    assert!(truth.shared > 0);
    for reason in ["not reconstructed", "no file", "no points"] {
        assert!(truth.lacking.values().any(|why| why.contains(reason)), "{reason}");
    }
    for format in CloudFormat::ALL {
        let before = seen(&emulator, Endpoint::File);
        let folder = tempfile::tempdir().unwrap();
        let clouds = Clouds::into(folder.path()).with_format(format);
        let done = run(&emulator, &ids, &clouds).await.unwrap();
        let files = tree(folder.path());
        let names: Vec<_> = truth.points.keys().map(|id| format!("{id}.{format}")).collect();
        assert_eq!(files.keys().cloned().collect::<Vec<_>>(), names);
        assert_eq!(done.written, names.len() as u64);
        for (name, count) in names.iter().zip(truth.points.values()) {
            assert_eq!(points(format, &files[name]), *count, "{name}");
        }
        assert_eq!(done.failed.len(), truth.lacking.len() + 1);
        assert_eq!(why(&done, 1), "no image has this id");
        for (id, reason) in &truth.lacking {
            assert_eq!(why(&done, *id), *reason);
        }
        let empty: BTreeSet<_> = truth.lacking.values().filter(|why| why.contains("no points")).collect();
        assert!(!empty.is_empty());
        assert!(seen(&emulator, Endpoint::File) - before < 100 - truth.shared, "one request a cluster");

        let again = run(&emulator, &ids, &clouds).await.unwrap();
        assert_eq!((again.written, again.skipped), (0, done.written));
        assert!(tree(folder.path()) == files);
    }
}

#[tokio::test]
async fn a_cloud_that_is_there_is_not_fetched() {
    let emulator = demo();
    let ids = with_clouds(&emulator).await;
    let folder = tempfile::tempdir().unwrap();
    let clouds = Clouds::into(folder.path());
    run(&emulator, &ids, &clouds).await.unwrap();
    let before = seen(&emulator, Endpoint::File);
    let again = run(&emulator, &ids, &clouds).await.unwrap();
    assert_eq!((again.skipped, again.summary.files, seen(&emulator, Endpoint::File)), (3, 0, before));
}

/// Three images of different clusters that have points.
async fn with_clouds(emulator: &Emulator) -> Vec<i64> {
    let ids = ids(60).await;
    let mut clusters = BTreeSet::new();
    let mut found = Vec::new();
    for id in ids {
        let truth = truth(emulator, &[id]);
        if truth.points.keys().any(|cluster| clusters.insert(cluster.clone())) {
            found.push(id);
        }
    }
    found.truncate(3);
    found
}

#[tokio::test]
async fn passing_faults_leave_no_trace_in_the_clouds() {
    let emulator = demo();
    let ids = with_clouds(&emulator).await;
    let folder = tempfile::tempdir().unwrap();
    run(&emulator, &ids, &Clouds::into(folder.path())).await.unwrap();
    let whole = tree(folder.path());
    for fault in [
        Fault::status(500).next(2),
        Fault::throttle().next(2),
        Fault::cut_body().next(2),
        Fault::short_length().next(2),
        Fault::expired().next(2),
        Fault::gone_410().next(2),
        Fault::garbled().next(1),
    ] {
        emulator.clear_faults();
        emulator.fail(fault.clone().on(Endpoint::File));
        let folder = tempfile::tempdir().unwrap();
        let done = run(&emulator, &ids, &Clouds::into(folder.path())).await.unwrap();
        assert!(done.failed.is_empty(), "{fault:?}: {:?}", done.failed);
        assert!(tree(folder.path()) == whole, "{fault:?}");
    }
}

#[tokio::test]
async fn lasting_faults_are_listed_for_every_image_of_the_cluster() {
    let emulator = demo();
    let ids = with_clouds(&emulator).await;
    for (fault, reason) in [
        (Fault::status(500), "the file server responded 500, after 6 attempts"),
        (Fault::expired(), "its cluster's URL answered 403, and so did new ones"),
        (Fault::not_found_404(), "its cluster's URL answered 404, and so did new ones"),
        (Fault::garbled(), "its cluster cannot be read: "),
        (Fault::short_length(), "its cluster cannot be read: broken zlib"),
        (Fault::empty_200(), "its cluster cannot be read: "),
    ] {
        emulator.clear_faults();
        emulator.fail(fault.on(Endpoint::File));
        let folder = tempfile::tempdir().unwrap();
        let done = run(&emulator, &ids, &Clouds::into(folder.path())).await.unwrap();
        assert_eq!((done.written, done.failed.len()), (0, 3));
        assert!(ids.iter().all(|id| why(&done, *id).starts_with(reason)), "{:?}", done.failed);
        assert!(tree(folder.path()).is_empty());
    }
}

#[tokio::test]
async fn any_image_of_a_cluster_may_have_its_address_and_bad_files_are_listed() {
    let good = include_bytes!("../../../../../fixtures/sfm/reconstruction_example.json.zlib").to_vec();
    let points = Cloud::decode(&good).unwrap().points().len();
    let server = Server::start(move |request| {
        let path = request.target.split('?').next().unwrap();
        // The URL stands in the answer of the second image only.
        let cluster = match path {
            "/1" => json!({"id": "70", "url": null}),
            "/2" => json!({"id": "70", "url": format!("{}/good", request.base)}),
            "/3" => json!({"id": "80", "url": "no address"}),
            "/4" => json!({"id": "90"}),
            "/5" => return ok(json!({"id": "5"}).to_string()),
            "/good" => return ok(good.clone()),
            _ => return status("500 Oops"),
        };
        ok(json!({"id": &path[1..], "sfm_cluster": cluster}).to_string())
    });
    let folder = tempfile::tempdir().unwrap();
    let clouds = Clouds::into(folder.path());
    let done = server.client().download_clouds([1, 2, 3, 4, 5], &clouds).unwrap().finish().await.unwrap();
    assert_eq!((done.written, done.failed.len()), (1, 3), "{:?}", done.failed);
    assert_eq!(super::clouds::points(CloudFormat::Ply, &tree(folder.path())["70.ply"]), points);
    assert!(why(&done, 3).contains("it is not an http URL"), "{}", why(&done, 3));
    assert_eq!(why(&done, 4), "the service gives no file of its cluster");
    assert_eq!(why(&done, 5), "the image was not reconstructed");
}
