//! The codes of the graph.

use mly::error::Limit;
use mly::{Area, Error, Query};

use super::{envelope, limit, of_graph};
use crate::support::{Request, Server, features};

#[tokio::test]
async fn every_limit_of_the_service_is_a_limit_that_can_be_waited_for() {
    for code in [4, 17, 32, 368, 613] {
        for head in ["400 Bad", "403 No", "200 OK"] {
            let (error, requests) = of_graph(head, envelope(code, "Please log in first")).await;
            assert_eq!(limit(&error), Some((Limit::Throttled, None)), "{code} {head}: {error}");
            assert_eq!(requests, 3, "it is retried with pauses");
            assert!(error.is_retryable());
        }
    }
    let (error, _) = of_graph("400 Bad", envelope(368, "Please log in first")).await;
    assert!(error.to_string().contains("has blocked requests for some time: Please log in first"), "{error}");
}

#[tokio::test]
async fn an_id_that_cannot_be_loaded_is_refused_for_good_whatever_the_status() {
    for head in ["400 Bad", "403 No", "404 Nothing", "500 Oops", "200 OK"] {
        let message = "Some of the aliases you requested do not exist: 1001";
        let (error, requests) = of_graph(head, envelope(803, message)).await;
        assert!(matches!(error, Error::Api { code: Some(803), .. }), "{head}: {error}");
        assert_eq!(requests, 1, "{head}");
    }
}

#[tokio::test]
async fn a_refusal_with_a_code_is_about_the_id_and_one_without_is_about_the_token() {
    for code in [10, 100, 200, 210] {
        let (error, _) = of_graph("403 No", envelope(code, "no permission")).await;
        assert!(matches!(error, Error::Api { status: 403, .. }), "{code}: {error}");
    }
    for (head, body) in [
        ("403 No", String::new()),
        ("403 No", r#"{"error":{"message":"no"}}"#.to_owned()),
        ("403 No", envelope(190, "Failed to decode")),
        ("401 No", envelope(102, "Session key invalid")),
        ("401 No", String::new()),
    ] {
        let (error, requests) = of_graph(head, body.clone()).await;
        assert!(matches!(error, Error::Auth { .. }), "{head} {body}: {error}");
        assert_eq!(requests, 1);
    }
    // A search and a tile have no id that could be private.
    let server = Server::start(|_: &Request| ("403 No", envelope(10, "no permission")));
    let near = Query::images(Area::near(9.0, 52.0, 20.0).unwrap());
    let tile = Query::images(Area::tile("14/8601/5411".parse().unwrap()));
    for query in [near, tile] {
        let error = features(server.options(), &query).await.unwrap_err();
        assert!(matches!(error, Error::Auth { .. }), "{query}: {error}");
    }
}

#[tokio::test]
async fn an_error_that_is_only_a_word_is_told() {
    let body = r#"{"error":"invalid_request","error_description":"x"}"#;
    let (error, requests) = of_graph("400 Bad", body).await;
    assert!(error.to_string().starts_with("invalid_request (status 400)"), "{error}");
    assert_eq!(requests, 1);
}
