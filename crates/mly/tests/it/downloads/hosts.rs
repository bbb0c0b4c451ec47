//! Hosts of photos: they get no token, wherever they send their readers.

use mly::PhotoSize;
use mly_emulator::{Endpoint, Fault, TokenForm};
use serde_json::json;

use super::{client, fetched, ids, plain, served, service, small, tree, why};
use crate::support::{Server, TOKEN, demo, ok, status};

/// A request for a file tells nothing about whoever sends it.
fn tells_nothing(head: &str, token: &str) {
    let lower = head.to_lowercase();
    for word in ["authorization", "referer", "cookie", "access_token", "oauth"] {
        assert!(!lower.contains(word), "{word} in {head}");
    }
    let secret = token.rsplit('|').next().unwrap();
    assert!(!head.contains(secret), "{head}");
}

#[tokio::test]
async fn a_host_that_redirects_is_followed_and_neither_host_sees_the_token() {
    let emulator = demo();
    let ids = ids(3).await;
    let jpeg = served(&emulator, ids[0], PhotoSize::W256);
    let picture = jpeg.clone();
    let other = Server::start(move |_| ok(picture.clone()));
    emulator.fail(Fault::redirect(format!("{}/elsewhere.jpg", other.url)).on(Endpoint::Thumbnail));
    let folder = tempfile::tempdir().unwrap();
    let before = emulator.requests().len();
    let done = fetched(&client(&emulator), &ids, &small(folder.path())).await.unwrap();
    assert_eq!(done.written, 3, "{:?}", done.failed);
    for file in tree(folder.path()).values() {
        assert_eq!(plain(file), plain(&jpeg));
    }
    assert_eq!(other.count("/elsewhere.jpg"), 3);
    for request in other.requests() {
        tells_nothing(&request.head, emulator.token());
    }
    for request in &emulator.requests()[before..] {
        let expected = if request.kind == Endpoint::Thumbnail { TokenForm::None } else { TokenForm::Header };
        assert_eq!(request.token, expected);
    }
}

#[tokio::test]
async fn a_file_on_the_very_host_of_the_graph_gets_no_token_either() {
    let emulator = demo();
    let jpeg = served(&emulator, ids(1).await[0], PhotoSize::W256);
    let server = service(json!({"thumb_256_url": "BASE/ID.jpg"}), move |path| match path {
        "/7.jpg" => status("302 Found\r\nLocation: /moved.jpg"),
        _ => ok(jpeg.clone()),
    });
    let folder = tempfile::tempdir().unwrap();
    let done = fetched(&server.client(), &[7], &small(folder.path())).await.unwrap();
    assert_eq!(done.written, 1);
    let heads: Vec<_> = server.requests().into_iter().map(|request| request.head).collect();
    assert_eq!(heads.len(), 3);
    assert!(heads[0].to_lowercase().contains("authorization: oauth"), "the graph does");
    heads[1..].iter().for_each(|head| tells_nothing(head, TOKEN));
}

#[tokio::test]
async fn redirects_that_lead_nowhere_are_a_failed_photo_after_one_try() {
    let emulator = demo();
    let jpeg = served(&emulator, ids(1).await[0], PhotoSize::W256);
    let server = service(json!({"thumb_256_url": "BASE/ID.jpg"}), move |path| match path {
        "/1.jpg" => status("302 Found\r\nLocation: /1.jpg"),
        "/2.jpg" => status("302 Found\r\nLocation: ftp://127.0.0.1/2.jpg"),
        _ => ok(jpeg.clone()),
    });
    let folder = tempfile::tempdir().unwrap();
    let done = fetched(&server.client(), &[1, 2, 3], &small(folder.path())).await.unwrap();
    assert_eq!((done.written, done.failed.len()), (1, 2));
    assert!(why(&done, 1).contains("redirected more than 5 times"), "{}", why(&done, 1));
    assert!(why(&done, 2).contains("after 1 attempt"), "{}", why(&done, 2));
    assert_eq!((server.count("/1.jpg"), server.count("/2.jpg")), (6, 1));
}
