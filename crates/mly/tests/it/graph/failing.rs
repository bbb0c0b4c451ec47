//! Ids that the service cannot answer: the others come, these are told. A service that answers nothing stops the run.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use mly::sink::Format;
use mly::{
    Area, Client, Clouds, Download, Earlier, Error, Layer, Lookup, Outlines, PhotoSize, Query, Subject,
};

use super::{answer, features_of, ids};
use crate::support::frail::{SEQUENCE, TILE, asked, error, frail};
use crate::support::{Reply, Request, Server};

/// The image that the service cannot answer.
const BAD: &str = "1005";

/// Ways in which the service says so.
const WAYS: [(&str, i64, &str); 10] = [
    ("500 Oops", 1, "An unknown error occurred"),
    ("500 Oops", 1, "Please reduce the amount of data you're asking for, then retry your request"),
    ("500 Oops", 2, "Service temporarily unavailable"),
    ("400 Bad", -2, "Timeout"),
    ("403 No", 10, "Application does not have permission for this action"),
    ("403 No", 200, "Permissions error"),
    ("400 Bad", 100, "Invalid parameter"),
    ("500 Oops", 0, ""),
    ("504 Late", 0, ""),
    ("403 No", 0, ""),
];

/// A service of the images 1001 to 1010 that fails in one way for everything about `bad`.
fn one_fails(bad: &'static str, (status, code, message): (&'static str, i64, &'static str)) -> Server {
    frail((1001, 1010), move |request| {
        asked(request).iter().any(|id| id == bad).then(|| error(status, code, message))
    })
}

fn all() -> Vec<i64> {
    (1001..=1010).collect()
}

fn good() -> Vec<i64> {
    all().into_iter().filter(|id| id.to_string() != BAD).collect()
}

fn names(failed: &[(String, String)]) -> Vec<&str> {
    failed.iter().map(|(id, _)| id.as_str()).collect()
}

#[tokio::test]
async fn an_id_that_the_service_cannot_answer_is_told_and_the_others_come() {
    for way in WAYS {
        let client = one_fails(BAD, way).client();
        for subject in [Subject::Image, Subject::MapFeature, Subject::Organization] {
            let (rows, summary) = answer(&client, &Lookup::new(subject, all())).await.unwrap();
            assert_eq!(ids(&rows), good(), "{way:?} {subject}");
            assert_eq!((names(&summary.failed), summary.not_found.len()), (vec![BAD], 0), "{way:?}");
            let why = &summary.failed[0].1;
            assert!(why.contains(way.2) && !why.contains("http") && !why.contains("token"), "{why}");
            assert_eq!(summary.to_json()["failed"], serde_json::json!([BAD]));
        }
    }
}

#[tokio::test]
async fn an_unknown_id_or_field_of_one_id_is_not_a_failure() {
    let unknown = "Some of the aliases you requested do not exist: 1005";
    let field = "(#100) Tried accessing nonexisting field (make) on node type (ChunkObject)";
    for way in [("404 None", 803, unknown), ("400 Bad", 100, unknown), ("400 Bad", 100, field)] {
        let client = one_fails(BAD, way).client();
        let (rows, summary) = answer(&client, &Lookup::new(Subject::Image, all())).await.unwrap();
        assert_eq!(
            (ids(&rows), summary.not_found, summary.failed),
            (good(), vec![BAD.to_owned()], vec![]),
            "{way:?}"
        );
    }
}

#[tokio::test]
async fn detections_of_the_other_images_come() {
    for way in WAYS {
        for concurrency in [1, 8] {
            for bad in ["1001", BAD, "1010"] {
                let server = one_fails(bad, way);
                let client = Client::new(server.options().with_concurrency(concurrency)).unwrap();
                for outlines in [Outlines::Normalised, Outlines::Pixels] {
                    let lookup = Lookup::new(Subject::DetectionsOfImage, all()).with_outlines(outlines);
                    let (rows, summary) = answer(&client, &lookup).await.unwrap();
                    assert_eq!((rows.len(), names(&summary.failed)), (9, vec![bad]), "{way:?}");
                    assert!(summary.not_found.is_empty());
                }
            }
        }
    }
}

#[tokio::test]
async fn a_sequence_comes_without_the_image_that_fails_and_others_without_the_sequence() {
    for way in WAYS {
        let client = one_fails(BAD, way).client();
        let (rows, summary) = answer(&client, &Lookup::new(Subject::Sequence, [SEQUENCE])).await.unwrap();
        assert_eq!((ids(&rows), names(&summary.failed)), (good(), vec![BAD]), "{way:?}");
        let other = "otherAAAAAAAAAAAAAAAA1";
        let client = one_fails(other, way).client();
        let both = Lookup::new(Subject::Sequence, [other, SEQUENCE]);
        let (rows, summary) = answer(&client, &both).await.unwrap();
        assert_eq!((ids(&rows), names(&summary.failed)), (all(), vec![other]), "{way:?}");
    }
}

#[tokio::test]
async fn rows_of_an_area_keep_what_tiles_have_where_a_look_up_fails() {
    let area = || Area::tile(TILE.parse().unwrap());
    for way in WAYS {
        for layer in [Layer::Images, Layer::Points, Layer::Signs] {
            let field = if layer == Layer::Images { "make" } else { "object_type" };
            let query = Query::new(layer, area()).with_fields([field]);
            let (rows, summary) =
                features_of(&one_fails(BAD, way).client(), &query.plan().unwrap()).await.unwrap();
            assert_eq!(ids(&rows), all(), "{way:?} {layer}");
            let without: Vec<_> =
                rows.iter().filter(|row| row["properties"][field].is_null()).cloned().collect();
            assert_eq!((ids(&without), names(&summary.failed)), (vec![1005], vec![BAD]), "{way:?} {layer}");
        }
        let plan = Query::sequences(area()).plan().unwrap();
        for bad in [BAD, SEQUENCE] {
            let server = frail((1001, 1010), move |request| {
                let is_bad = !request.target.contains("/maps/") && asked(request).iter().any(|id| id == bad);
                is_bad.then(|| error(way.0, way.1, way.2))
            });
            let (rows, summary) = features_of(&server.client(), &plan).await.unwrap();
            assert_eq!((rows.len(), names(&summary.failed)), (1, vec![bad]), "{way:?}");
        }
    }
}

#[tokio::test]
async fn photos_and_clouds_of_the_other_images_are_written() {
    let jpeg = {
        let emulator = crate::support::demo();
        let id = super::every(3000)[0];
        let image = crate::support::truth::graph(&emulator, &format!("/{id}?fields=thumb_256_url"));
        crate::support::truth::get(image["thumb_256_url"].as_str().unwrap(), None)
    };
    for (status, code, message) in WAYS {
        let jpeg = jpeg.clone();
        let server = frail((1001, 1010), move |request| match request.target.as_str() {
            "/photo.jpg" => Some(crate::support::ok(jpeg.clone())),
            "/cluster" => Some(error("404 None", 0, "")),
            _ => asked(request).iter().any(|id| id == BAD).then(|| error(status, code, message)),
        });
        let client = server.client();
        for layout in mly::Layout::ALL {
            let folder = tempfile::tempdir().unwrap();
            let download = Download::into(folder.path()).with_size(PhotoSize::W256).with_layout(layout);
            let done = client.download(all(), &download).unwrap().finish().await.unwrap();
            assert_eq!((done.written, names(&done.failed)), (9, vec![BAD]), "{status} {code} {layout}");
            assert_eq!(names(&done.summary.failed), [BAD]);
            assert!(done.failed[0].1.contains(message), "{:?}", done.failed);
        }
        let folder = tempfile::tempdir().unwrap();
        let clouds = Clouds::into(folder.path());
        let done = client.download_clouds(all(), &clouds).unwrap().finish().await.unwrap();
        let why = &done.failed.iter().find(|(id, _)| id == BAD).unwrap().1;
        assert!(why.contains(message) && done.failed.len() == 10, "{:?}", done.failed);
    }
}

/// Everything that asks the graph about the images, in a folder of its own; the requests that a service got for it.
async fn everything(server: &Server, images: &[i64], folder: &Path) -> Vec<(String, Error, usize)> {
    let client = server.client();
    let mut told = Vec::new();
    for lookup in [
        Lookup::new(Subject::Image, images),
        Lookup::new(Subject::DetectionsOfImage, images),
        Lookup::new(Subject::Image, images).with_fields(["sfm_cluster"]),
        Lookup::new(Subject::Sequence, (0..images.len()).map(|n| format!("frailAAAAAAAAAAAAA{n:04}"))),
    ] {
        let before = server.requests().len();
        let error = answer(&client, &lookup).await.unwrap_err();
        told.push((lookup.to_string(), error, server.requests().len() - before));
    }
    for query in [
        Query::images(Area::tile(TILE.parse().unwrap())).with_fields(["make"]),
        Query::sequences(Area::tile(TILE.parse().unwrap())),
    ] {
        let before = server.requests().len();
        let error = features_of(&client, &query.plan().unwrap()).await.unwrap_err();
        told.push((query.to_string(), error, server.requests().len() - before));
    }
    let before = server.requests().len();
    let download = client.download(images, &Download::into(folder.join("photos"))).unwrap();
    told.push(("download".into(), download.finish().await.unwrap_err(), server.requests().len() - before));
    let before = server.requests().len();
    let clouds = client.download_clouds(images, &Clouds::into(folder.join("clouds"))).unwrap();
    told.push(("clouds".into(), clouds.finish().await.unwrap_err(), server.requests().len() - before));
    told
}

#[tokio::test]
async fn a_service_that_answers_nothing_is_given_up_after_a_few_dozen_requests() {
    for images in [1, 10, 1000] {
        for (status, code, message) in WAYS {
            let server = frail((1001, 1000 + images), move |request| {
                (!request.target.contains("/maps/")).then(|| error(status, code, message))
            });
            let folder = tempfile::tempdir().unwrap();
            let images: Vec<i64> = (1001..=1000 + images).collect();
            for (what, error, requests) in everything(&server, &images, folder.path()).await {
                let is_right = match error {
                    Error::Auth { .. } => status == "403 No",
                    Error::Api { .. } | Error::Transport { .. } => status != "403 No",
                    _ => false,
                };
                assert!(is_right, "{what}: {status} {code}: {error:?}");
                // Two retries of each of the eight requests that go out at once, and the search for an id that is answered.
                assert!(requests <= 3 * 8 + 30, "{what} of {}: {status} {code}: {requests}", images.len());
            }
        }
    }
}

#[tokio::test]
async fn a_refused_token_is_no_matter_of_one_id() {
    for (status, code) in [("401 No", 0), ("400 Bad", 190), ("403 No", 190)] {
        let server = one_fails(BAD, (status, code, "Invalid OAuth 2.0 Access Token"));
        let lookup = Lookup::new(Subject::Image, all());
        let refused = answer(&server.client(), &lookup).await.unwrap_err();
        assert!(matches!(refused, Error::Auth { .. }), "{status}: {refused}");
        assert_eq!(server.requests().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_network_that_is_gone_fails_no_id() {
    let gone = frail((1, 2), |_| None).url;
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nowhere = format!("http://127.0.0.1:{port}");
    assert_ne!(gone, nowhere);
    let client =
        Client::new(crate::support::options_at(&nowhere, crate::support::TOKEN).with_retries(0)).unwrap();
    let failure = answer(&client, &Lookup::new(Subject::Image, 1..=200)).await.unwrap_err();
    assert!(failure.to_string().starts_with("cannot connect"), "{failure}");
}

#[tokio::test]
async fn many_ids_that_fail_side_by_side_do_not_end_the_run() {
    let is_bad =
        |id: &String| (1100..1230).contains(&id.parse::<i64>().unwrap_or(0)) || id == "1001" || id == "1400";
    let server = frail((1001, 1400), move |request| {
        asked(request).iter().any(is_bad).then(|| error("403 No", 10, "Application does not have permission"))
    });
    let list: Vec<i64> = (1001..=1400).collect();
    let want: Vec<i64> = list.iter().copied().filter(|id| !is_bad(&id.to_string())).collect();
    for concurrency in [1, 8] {
        let client = Client::new(server.options().with_concurrency(concurrency)).unwrap();
        for subject in [Subject::Image, Subject::DetectionsOfImage] {
            let (rows, summary) = answer(&client, &Lookup::new(subject, &list)).await.unwrap();
            assert_eq!((rows.len(), summary.failed.len()), (want.len(), 132), "{subject}");
        }
    }
}

#[tokio::test]
async fn the_short_way_gives_the_error_of_an_id_that_fails() {
    let client = one_fails(BAD, WAYS[6]).client();
    for error in [
        client.image(1005).await.unwrap_err(),
        client.image_opt(1005).await.unwrap_err(),
        client.images([1005, 1006]).rows().await.unwrap_err(),
        client.images([1005, 1006]).found_rows().await.unwrap_err(),
        client.thumbnail(1005, PhotoSize::W256).await.map(drop).unwrap_err(),
    ] {
        assert!(matches!(error, Error::Api { status: 400, code: Some(100), .. }), "{error:?}");
    }
    assert_eq!(client.images([1006]).rows().await.unwrap().num_rows(), 1);
}

/// A service of 300 images that cannot answer some, and nothing while it is down.
fn moody(is_down: &Arc<AtomicBool>, answers_left: &Arc<AtomicUsize>) -> Server {
    let (is_down, answers_left) = (Arc::clone(is_down), Arc::clone(answers_left));
    frail((1001, 1300), move |request: &Request| -> Option<Reply> {
        if request.target.contains("/maps/") {
            return None;
        }
        let one_less =
            answers_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if is_down.load(Ordering::SeqCst) && one_less.is_err() {
            return Some(error("503 Down", 0, ""));
        }
        let is_bad = asked(request).iter().any(|id| ["1001", "1133", "1134", "1300"].contains(&id.as_str()));
        is_bad.then(|| error("500 Oops", 1, "An unknown error occurred"))
    })
}

#[tokio::test]
async fn a_service_that_is_down_for_a_while_fails_no_id_and_the_file_is_the_same() {
    let (is_down, answers_left) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let server = moody(&is_down, &answers_left);
    let folder = tempfile::tempdir().unwrap();
    let list: Vec<i64> = (1001..=1300).collect();
    let plans = [
        Lookup::new(Subject::Image, &list).with_fields(["make"]).plan().unwrap(),
        Lookup::new(Subject::DetectionsOfImage, &list).plan().unwrap(),
        Lookup::new(Subject::Sequence, [SEQUENCE]).with_fields(["make"]).plan().unwrap(),
        Query::images(Area::tile(TILE.parse().unwrap())).with_fields(["make"]).plan().unwrap(),
    ];
    for plan in plans {
        is_down.store(false, Ordering::SeqCst);
        let whole = folder.path().join("whole.csv");
        let client = Client::new(server.options().with_concurrency(3).with_retries(0)).unwrap();
        let want = client.run(&plan).write_file(&whole, Format::Csv, true).await.unwrap();
        assert_eq!(names(&want.failed), ["1001", "1133", "1134", "1300"], "{plan}");
        let path = folder.path().join("resumed.csv");
        is_down.store(true, Ordering::SeqCst);
        for answers in 0.. {
            answers_left.store(3 + answers * 7, Ordering::SeqCst);
            match client.run(&plan).write_file(&path, Format::Csv, false).await {
                Ok(done) => {
                    assert_eq!(done.failed, want.failed, "{plan}");
                    break;
                }
                Err(error) => assert!(matches!(error, Error::Transport { .. }), "{plan}: {error}"),
            }
        }
        assert_eq!(std::fs::read(&path).unwrap(), std::fs::read(&whole).unwrap(), "{plan}");
        std::fs::remove_file(&path).unwrap();
    }
}

#[tokio::test]
async fn an_update_goes_on_where_a_look_up_fails_and_keeps_the_earlier_row() {
    let query = Query::images(Area::tile(TILE.parse().unwrap())).with_fields(["captured_at", "make"]);
    let plan = query.plan().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let earlier = folder.path().join("earlier.geojsonl");
    let healthy = frail((1001, 1009), |_| None).client();
    healthy.run(&plan).write_file(&earlier, Format::GeoJsonSeq, false).await.unwrap();
    for bad in [BAD, "1010"] {
        let path = folder.path().join(format!("{bad}.geojsonl"));
        let client = one_fails(bad, WAYS[0]).client();
        let mut batches = client.run(&plan).updating(Earlier::open(&earlier).unwrap()).unwrap();
        let summary = batches.write_file(&path, Format::GeoJsonSeq, false).await.unwrap();
        assert_eq!((summary.rows, names(&summary.failed)), (10, vec![bad]));
        let text = std::fs::read_to_string(&path).unwrap();
        let rows: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let mut found = ids(&rows);
        found.sort_unstable();
        assert_eq!(found, all());
        let lacking: Vec<_> =
            rows.iter().filter(|row| row["properties"]["make"].is_null()).cloned().collect();
        // The earlier result has 1005 with its make, and has no 1010.
        assert_eq!(ids(&lacking), if bad == BAD { vec![] } else { vec![1010] });
    }
}
