//! Redirects, and web pages of filters and of the login.

use mly::error::Limit;
use mly::{Area, Error, Query};
use mly_emulator::{Endpoint, Fault};

use super::{keeping, limit, of_graph};
use crate::support::{Request, SECRET, Server, demo, features, options, town};

const LOGIN: &str = "302 Found\r\nLocation: https://www.mapillary.com/login/?next=x";

fn one_tile() -> Query {
    Query::images(Area::tile("14/8601/5411".parse().unwrap()))
}

#[tokio::test]
async fn only_a_redirect_to_the_login_page_is_a_block() {
    let (error, requests) = of_graph(LOGIN, "").await;
    assert_eq!(limit(&error), Some((Limit::Blocked, Some(26))), "{error}");
    assert_eq!(requests, 1);
    for head in ["301 Moved", "302 Found", "307 Elsewhere", "308 For ever"] {
        let server = Server::start(move |call: &Request| {
            let there = call.target.replace(SECRET, "");
            (format!("{head}\r\nLocation: https://elsewhere.example:444/login-portal{there}"), "")
        });
        for error in [
            server.client().get_json("/1001", "fields=id").await.unwrap_err(),
            features(server.options(), &one_tile()).await.unwrap_err(),
        ] {
            let Error::Api { what, status: 300..400, code: None, .. } = &error else { panic!("{error}") };
            assert!(what.contains("redirects to https://elsewhere.example:444/login-portal/"), "{what}");
            assert!(!what.contains('?') && !error.is_retryable(), "{what}");
        }
        assert_eq!(server.requests().len(), 2, "nothing is retried");
    }
}

#[tokio::test]
async fn a_redirect_that_repeats_the_token_is_told_without_it() {
    let server = Server::start(|call: &Request| {
        (format!("302 Found\r\nLocation: http://elsewhere.example{0}&next={0}", call.target), "")
    });
    let error = features(server.options(), &one_tile()).await.unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(text.contains("elsewhere.example/maps/vtp/") && !text.contains(SECRET), "{text}");
}

#[tokio::test]
async fn a_redirect_from_http_to_https_names_the_right_address_and_is_not_noted() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(|call: &Request| {
        let to = call.base.replace("http://", "https://");
        (format!("301 Moved\r\nLocation: {to}{}", call.target), "")
    });
    let base = format!("{}/api/", server.url);
    let address = base.replace("http://", "https://").trim_end_matches('/').to_owned();
    for round in 1..=2 {
        let options = keeping(&server, folder.path()).with_base_url(&base).unwrap();
        let error = features(options, &one_tile()).await.unwrap_err();
        let Error::Api { what, status: 301, .. } = &error else { panic!("{error}") };
        assert_eq!(*what, format!("the service redirects http to https: use {address} as its address"));
        assert_eq!(server.requests().len(), round, "the second run sends a request too");
    }
}

#[tokio::test]
async fn a_web_page_instead_of_a_tile_stops_for_an_hour() {
    let page = "<html><title>Access denied</title>by the filter</html>";
    for head in ["200 OK\r\nContent-Type: text/html", "200 OK", "400 Bad", "403 No", "401 No"] {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(move |_: &Request| (head, page));
        let error = features(keeping(&server, folder.path()), &one_tile()).await.unwrap_err();
        assert_eq!(limit(&error), Some((Limit::Blocked, Some(1))), "{head}: {error}");
        assert!(
            error.to_string().contains(r#"a web page "Access denied" came instead of a tile"#),
            "{error}"
        );
        let again = features(keeping(&server, folder.path()), &one_tile()).await.unwrap_err();
        let Error::RateLimited { retry_after: Some(wait), was_sent: false, .. } = &again else {
            panic!("{again}")
        };
        assert!((3500..=3600).contains(&wait.as_secs()), "{wait:?}");
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn the_page_of_a_filter_in_the_graph_is_told_as_that_and_is_not_noted() {
    let page = "<!DOCTYPE html><html><title>Access denied</title>by the filter</html>";
    for head in ["200 OK\r\nContent-Type: text/html", "400 Bad", "403 No", "401 No"] {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(move |_: &Request| (head, page));
        for _ in 0..2 {
            let client = mly::Client::new(keeping(&server, folder.path())).unwrap();
            let error = client.get_json("/1001", "fields=id").await.unwrap_err();
            let Error::Api { what, .. } = &error else { panic!("{head}: {error}") };
            let told = r#"a web page "Access denied" came instead of an answer: a filter or proxy"#;
            assert!(what.starts_with(told), "{what}");
        }
        assert_eq!(server.requests().len(), 2);
    }
    // The login page is a block wherever it comes.
    let (error, _) = of_graph("200 OK", "<html><title>Mapillary - Log in</title></html>").await;
    assert_eq!(limit(&error), Some((Limit::Blocked, Some(1))), "{error}");
}

#[tokio::test]
async fn another_scheme_or_port_is_another_service() {
    let folder = tempfile::tempdir().unwrap();
    let blocked = Server::start(|_: &Request| (LOGIN, ""));
    let error = features(keeping(&blocked, folder.path()), &one_tile()).await.unwrap_err();
    assert_eq!(limit(&error), Some((Limit::Blocked, Some(26))));
    let sound = demo();
    let options = options(&sound).with_ledger_dir(folder.path().to_owned());
    assert!(!features(options, &Query::images(town())).await.unwrap().is_empty());
    let names = ["http://h/x", "http://h:80/y", "https://h/", "https://h:80/", "http://h:8080/"];
    let keys = names.map(|url| mly::store::Ledger::host_of(&url.parse().unwrap()));
    assert_eq!(keys, ["http://h", "http://h", "https://h", "https://h:80", "http://h:8080"]);
}

#[tokio::test]
async fn a_block_of_the_graph_does_not_stop_tiles_elsewhere() {
    let emulator = demo();
    emulator.fail(Fault::block().on(Endpoint::Entity).always());
    let folder = tempfile::tempdir().unwrap();
    let tiles = demo();
    let options = options(&emulator)
        .with_tiles_url(tiles.url().parse().unwrap())
        .with_ledger_dir(folder.path().to_owned());
    let client = mly::Client::new(options.clone()).unwrap();
    assert!(client.get_json("/1001", "").await.is_err());
    assert!(!features(options, &Query::images(town())).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_proxy_that_wants_a_password_is_told() {
    let (error, requests) = of_graph("407 Proxy Authentication Required", "").await;
    assert!(
        error.to_string().starts_with("the proxy asks for a name and a password (status 407)"),
        "{error}"
    );
    assert_eq!(requests, 1);
}
