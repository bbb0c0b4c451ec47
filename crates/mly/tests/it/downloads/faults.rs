//! Faults of the service: a photo that cannot be had is listed, and never stops the others.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mly::{Client, Error, PhotoSize};
use mly_emulator::{Emulator, Endpoint, Fault, Limits, World};
use serde_json::json;

use super::{client, fetched, ids, images, photos, seen, served, service, small, sorted, tree, why};
use crate::support::{SECRET, Server, TOKEN, demo, ok, options_at, status};

const PHOTO: Endpoint = Endpoint::Thumbnail;

type Make = fn() -> Fault;

#[tokio::test]
async fn passing_faults_leave_no_trace_in_the_photos() {
    let emulator = demo();
    let ids = ids(12).await;
    let whole = tempfile::tempdir().unwrap();
    fetched(&client(&emulator), &ids, &small(whole.path())).await.unwrap();
    let whole = tree(whole.path());
    let faults: [(&str, Make); 9] = [
        ("500", || Fault::status(500).on(PHOTO)),
        ("429", || Fault::status(429).on(PHOTO)),
        ("cut", || Fault::cut_body().on(PHOTO)),
        ("short", || Fault::short_length().on(PHOTO)),
        ("empty", || Fault::empty_200().on(PHOTO)),
        ("expired", || Fault::expired().on(PHOTO)),
        ("gone", || Fault::gone_410().on(PHOTO)),
        ("graph overload", || Fault::transient().on(Endpoint::Entity)),
        ("graph cut", || Fault::cut_body().on(Endpoint::Entity)),
    ];
    for (name, fault) in faults {
        for fault in [fault().next(2), fault().every(4)] {
            emulator.clear_faults();
            emulator.fail(fault);
            let folder = tempfile::tempdir().unwrap();
            let done = fetched(&client(&emulator), &ids, &small(folder.path())).await.unwrap();
            assert!(done.failed.is_empty(), "{name}: {:?}", done.failed);
            assert!(tree(folder.path()) == whole, "{name}");
        }
    }
}

#[tokio::test]
async fn a_url_that_no_longer_works_is_looked_up_twice_more_and_then_given_up() {
    let emulator = demo();
    let id = ids(1).await[0];
    let faults: [(u16, Make); 3] =
        [(403, Fault::expired), (404, Fault::not_found_404), (410, Fault::gone_410)];
    for (code, fault) in faults {
        for (times, is_written) in [(1, true), (2, true), (3, false)] {
            emulator.clear_faults();
            emulator.fail(fault().on(PHOTO).next(times));
            let folder = tempfile::tempdir().unwrap();
            let done = fetched(&client(&emulator), &[id], &small(folder.path())).await.unwrap();
            assert_eq!(done.written == 1, is_written, "{code} {times}");
            let tries = u64::from(times) + u64::from(is_written);
            assert_eq!((done.summary.files, done.summary.entities), (tries, tries), "{code} {times}");
            if !is_written {
                assert_eq!(why(&done, id), format!("its URL answered {code}, and so did new ones"));
                assert!(tree(folder.path()).is_empty());
            }
        }
    }
}

#[tokio::test]
async fn a_host_that_asks_for_a_pause_gets_it() {
    let emulator = demo();
    let ids = ids(3).await;
    emulator.fail(Fault::throttle().with_retry_after(1).on(PHOTO).next(1));
    let folder = tempfile::tempdir().unwrap();
    let done = fetched(&client(&emulator), &ids, &small(folder.path())).await.unwrap();
    assert_eq!((done.written, done.summary.retries), (3, 1));
    assert!(done.summary.waited >= Duration::from_secs(1));
}

#[tokio::test]
async fn lasting_faults_are_listed_with_their_reasons() {
    let emulator = demo();
    let ids = ids(4).await;
    let faults: [(Make, u64, &str); 6] = [
        (|| Fault::status(500).on(PHOTO), 6, "the file server responded 500, after 6 attempts"),
        (|| Fault::throttle().on(PHOTO), 6, "the file server responded 429"),
        (|| Fault::cut_body().on(PHOTO), 6, "the response was cut off, after 6 attempts"),
        (|| Fault::short_length().on(PHOTO), 6, "not a whole JPEG"),
        (|| Fault::garbled().on(PHOTO), 1, "not a whole JPEG: it does not begin as one"),
        (Fault::not_jpeg, 1, "not a whole JPEG: it does not begin as one"),
    ];
    for (fault, attempts, reason) in faults {
        emulator.clear_faults();
        emulator.fail(fault());
        let folder = tempfile::tempdir().unwrap();
        let done = fetched(&client(&emulator), &ids, &small(folder.path())).await.unwrap();
        assert_eq!((done.written, done.failed.len(), done.summary.files), (0, 4, 4 * attempts), "{reason}");
        for id in &ids {
            let why = why(&done, *id);
            assert!(why.contains(reason), "{why}");
            assert!(!why.contains("oh=") && !why.contains(emulator.token()), "{why}");
        }
        assert!(tree(folder.path()).is_empty());
    }
}

#[tokio::test]
async fn a_host_that_fails_for_all_is_not_asked_for_all() {
    let ids = ids(150).await;
    for layout in [mly::Layout::Files, mly::Layout::WebDataset] {
        let emulator = demo();
        emulator.fail(Fault::status(429).on(PHOTO).always());
        let folder = tempfile::tempdir().unwrap();
        let options = crate::support::options(&emulator).with_retries(0);
        let download = small(folder.path()).with_layout(layout).with_concurrency(4);
        let stopped = fetched(&mly::Client::new(options).unwrap(), &ids, &download).await.unwrap_err();
        assert!(matches!(stopped, mly::Error::RateLimited { .. }), "{stopped}");
        assert!(emulator.requests().len() < 80, "{}", emulator.requests().len());
        // Once the host is well again, the same call goes on.
        emulator.clear_faults();
        let done = fetched(&client(&emulator), &ids, &download).await.unwrap();
        assert_eq!((done.written, done.failed.len()), (150, 0));
    }
}

#[tokio::test]
async fn a_part_of_a_photo_that_nobody_asked_for_is_asked_for_again() {
    let emulator = demo();
    let jpeg = served(&emulator, ids(1).await[0], PhotoSize::W256);
    let calls = AtomicUsize::new(0);
    // The whole photo under the status of a part: the status alone says that more may be missing.
    let server = service(json!({"thumb_256_url": "BASE/ID.jpg", "sequence": "s"}), move |_| {
        match calls.fetch_add(1, Ordering::Relaxed) {
            0 => ("206 Partial Content", &*jpeg).into(),
            _ => ok(&*jpeg),
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let done = fetched(&server.client(), &[1], &small(folder.path())).await.unwrap();
    assert_eq!((done.written, server.count("/1.jpg")), (1, 2), "{:?}", done.failed);
}

#[tokio::test]
async fn each_photo_fails_for_itself() {
    let emulator = demo();
    let jpeg = served(&emulator, ids(1).await[0], PhotoSize::W256);
    let long = vec![0xFF; 1000];
    let server = service(json!({"thumb_256_url": "BASE/ID.jpg", "sequence": "s"}), move |path| match path {
        "/2.jpg" => status("500 Oops"),
        "/3.jpg" => status("404 Nothing"),
        "/4.jpg" => ok("<html>log in</html>"),
        "/5.jpg" => ok(&jpeg[..jpeg.len() - 2]),
        "/6.jpg" => status("200 OK\r\nContent-Length: 99999999999"),
        "/7.jpg" => ok(&*long),
        "/8.jpg" => status("400 No"),
        "/9.jpg" => status("204 No Content"),
        "/10.jpg" => status("302 Found"),
        _ => ok(&*jpeg),
    });
    let ids: Vec<i64> = (1..=12).collect();
    let folder = tempfile::tempdir().unwrap();
    let done = fetched(&server.client(), &ids, &small(folder.path())).await.unwrap();
    assert_eq!((done.written, done.failed.len()), (3, 9), "{:?}", done.failed);
    assert_eq!(photos(&tree(folder.path())), [1, 11, 12]);
    for (id, reason) in [
        (2, "responded 500, after 3 attempts"),
        (3, "answered 404, and so did new ones"),
        (4, "not a whole JPEG"),
        (5, "it does not end as one"),
        (8, "responded 400, after 1 attempt"),
        (9, "not a whole JPEG"),
        (10, "responded 302, after 1 attempt"),
    ] {
        assert!(why(&done, id).contains(reason), "{}", why(&done, id));
    }
}

#[tokio::test]
async fn what_is_no_address_of_a_photo_is_listed() {
    for (field, reason) in [
        (json!("not a url"), "it is not an http URL"),
        (json!("ftp://127.0.0.1/7.jpg"), "it is not an http URL"),
        (json!("file:///etc/hostname"), "it is not an http URL"),
        (json!("http://127.0.0.1:9/7.jpg"), "cannot connect, after 3 attempts"),
        (json!(""), "the image has no photo of this size"),
        (json!(null), "the image has no photo of this size"),
    ] {
        let server = service(json!({ "thumb_256_url": field }), |_| status("500 Unasked"));
        let folder = tempfile::tempdir().unwrap();
        let done = fetched(&server.client(), &[7], &small(folder.path())).await.unwrap();
        assert!(why(&done, 7).contains(reason), "{field}: {:?}", done.failed);
        assert_eq!(server.requests().len(), 1, "{field}");
    }
}

#[tokio::test]
async fn ids_that_nothing_answers_to_are_listed_and_the_others_written() {
    let emulator =
        Emulator::builder(World::demo()).with_limits(Limits::default().with_stale_one_in(5)).start().unwrap();
    let mut ids = ids(150).await;
    ids.insert(60, 1);
    ids.push(i64::MAX);
    let folder = tempfile::tempdir().unwrap();
    let done = fetched(&client(&emulator), &ids, &small(folder.path())).await.unwrap();
    let written = photos(&tree(folder.path()));
    assert_eq!(done.written + done.failed.len() as u64, 152);
    assert!((12..60).contains(&done.failed.len()), "one in five is gone: {}", done.failed.len());
    assert!(done.failed.iter().all(|(_, why)| why == "no image has this id"), "{:?}", done.failed);
    let mut all: Vec<i64> = done.failed.iter().map(|(id, _)| id.parse().unwrap()).chain(written).collect();
    all.sort_unstable();
    assert_eq!(all, sorted(&ids), "each id is written or listed, and none both");
}

#[tokio::test]
async fn a_refused_token_stops_everything() {
    let emulator = Emulator::builder(World::demo()).with_known_tokens_only(true).start().unwrap();
    let wrong = Client::new(options_at(emulator.url(), TOKEN)).unwrap();
    let ids = ids(400).await;
    for layout in mly::Layout::ALL {
        let folder = tempfile::tempdir().unwrap();
        let error = fetched(&wrong, &ids, &small(folder.path()).with_layout(layout)).await.unwrap_err();
        assert!(matches!(error, Error::Auth { .. }), "{error}");
        assert!(!format!("{error} {error:?}").contains(SECRET));
        assert!(tree(folder.path()).is_empty());
    }
    let folder = tempfile::tempdir().unwrap();
    let clouds = mly::Clouds::into(folder.path());
    let error = wrong.download_clouds(&ids, &clouds).unwrap().finish().await.unwrap_err();
    assert!(matches!(error, Error::Auth { .. }), "{error}");
    assert_eq!(seen(&emulator, PHOTO), 0);
}

#[tokio::test]
async fn a_field_that_the_service_does_not_have_is_left_out() {
    let emulator = demo();
    let jpeg = served(&emulator, ids(1).await[0], PhotoSize::W256);
    let body = "{\"error\":{\"message\":\"Tried accessing nonexisting field (quality_score) on node type \
                (ChunkObject)\",\"type\":\"MLYApiException\",\"code\":100}}";
    let fields = json!({"thumb_256_url": "BASE/ID.jpg", "sequence": "s"});
    let strict = Server::start(move |request| {
        if request.target.contains("quality_score") {
            return ("400 Bad", body).into();
        }
        images(request, &fields).unwrap_or_else(|| ok(jpeg.clone()))
    });
    let folder = tempfile::tempdir().unwrap();
    let done = fetched(&strict.client(), &[5, 6, 7], &small(folder.path())).await.unwrap();
    assert_eq!((done.written, done.failed.len()), (3, 0), "{:?}", done.failed);
}
