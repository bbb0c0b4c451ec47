//! What callers give and get: inputs that are refused, secrets that stay so, the short way.

use mly::{Error, Lookup, Subject};

use super::{SECRET, Server, TOKEN, answer, every, shown};
use crate::support::{client, demo};

#[tokio::test]
async fn ids_and_fields_that_cannot_be_any_are_refused_before_anything_is_sent() {
    let server = Server::start(|_| ("200 OK", "{}".to_owned()));
    for id in ["", "x", "-5", "0", "+5", "007", "1.0", "1e3", "9223372036854775808", "1,2", "../5", "5 "] {
        for subject in [Subject::Image, Subject::MapFeature, Subject::DetectionsOfImage] {
            let error = answer(&server.client(), &Lookup::new(subject, [id])).await.unwrap_err();
            assert!(matches!(error, Error::InvalidQuery { hint: Some(_), .. }), "{id}: {error}");
        }
    }
    let slash = "abcdefghijklmnopqrst/v";
    for id in ["", "x", "nobody", "a/b", "..", slash, "abcdefghijklmnopqrst?v", "abcdefghijklmnopqrst v", "ä"]
    {
        assert!(Lookup::new(Subject::Sequence, [id]).plan().is_err(), "{id}");
    }
    for field in ["", "a b", "make,model", "a&b", "a=b", "creator{id"] {
        assert!(Lookup::new(Subject::Image, [5]).with_fields([field]).plan().is_err(), "{field}");
    }
    for field in ["creator{id,username}", "detections.value", "x_1"] {
        assert!(Lookup::new(Subject::Image, [5]).with_fields([field]).plan().is_ok(), "{field}");
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn an_echoed_token_is_in_no_error() {
    let secret = TOKEN.to_owned();
    let bodies = [
        ("400 Bad", format!(r#"{{"error":{{"message":"no {secret}","code":100}}}}"#)),
        ("400 Bad", format!(r#"{{"error":{{"message":"no {secret}","code":190}}}}"#)),
        ("500 Oops", format!(r#"{{"error":{{"message":"no {secret}","code":2}}}}"#)),
        ("200 OK", format!(r#"{{"error":{{"message":"no {secret}","code":4}}}}"#)),
        ("200 OK", format!(r#"{{"id":"5","captured_at":"{secret}"}}"#)),
        ("200 OK", format!(r#"{{"id":"5","captured_at":"0123456789012345678{secret}"}}"#)),
        ("200 OK", format!(r#"{{"id":"5","geometry":["{secret}"]}}"#)),
        ("200 OK", format!(r#""{secret}""#)),
        ("200 OK", format!(r#"{{"data":"{secret}"}}"#)),
        ("200 OK", format!(r#"{{"data":["{secret}"]}}"#)),
        ("200 OK", format!(r#"{{"data":[],"paging":"{secret}"}}"#)),
        ("200 OK", format!(r#"{{"data":[{{"id":"5","created_at":"{secret}"}}]}}"#)),
        ("200 OK", secret.clone()),
    ];
    for (head, body) in bodies {
        let text = body.clone();
        let server = Server::start(move |_| (head, body.clone()));
        for subject in [Subject::Image, Subject::DetectionsOfImage] {
            let result = answer(&server.client(), &Lookup::new(subject, [5])).await;
            let error = match result {
                Ok(_) => continue,
                Err(error) => shown(&error),
            };
            // Eight characters of it would do for a search in someone's log.
            assert!(!error.contains(&SECRET[..8]), "{text}: {error}");
        }
        assert!(server.requests().iter().all(|call| !call.target.contains(SECRET)));
        assert!(server.requests().iter().all(|call| call.head.contains(&format!("OAuth {secret}"))));
    }
}

#[tokio::test]
async fn the_short_way_tells_what_is_missing() {
    let emulator = demo();
    let client = client(&emulator);
    let id = every(5000)[0];
    assert_eq!(client.image(id).await.unwrap().num_rows(), 1);
    assert!(client.image_opt(7).await.unwrap().is_none());
    let Err(Error::NotFound { ids }) = client.images([7, id, 8]).rows().await else { panic!("7 is nothing") };
    assert_eq!(ids, ["7", "8"]);
    let (rows, missing) = client.images([7, id, 8]).found_rows().await.unwrap();
    assert_eq!((rows.num_rows(), missing), (1, ids));
}
