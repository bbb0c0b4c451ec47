//! Every way in which a service may say in a batch that it has no object of an id.

use mly::{Client, Error, Lookup, Subject};
use serde_json::Value;

use crate::support::{Request, Server, features_of, property};

async fn lookup(client: &Client) -> (Vec<Value>, Vec<String>) {
    let plan = Lookup::new(Subject::Image, [1_i64, 2, 3]).with_fields(["make"]).plan().unwrap();
    let (rows, summary) = features_of(client, &plan).await.unwrap();
    (rows, summary.not_found)
}

#[tokio::test]
async fn an_id_without_an_object_is_not_found_and_the_others_are() {
    let (one, three) = (r#"{"id":"1","make":"a"}"#, r#"{"id":"3","make":"c"}"#);
    for body in [
        format!(r#"{{"1":{one},"3":{three}}}"#),
        format!(r#"{{"1":{one},"2":null,"3":{three}}}"#),
        format!(r#"{{"1":{one},"2":false,"3":{three}}}"#),
        format!(r#"{{"1":{one},"2":{{"error":{{"message":"gone","code":100}}}},"3":{three}}}"#),
        format!(r#"{{"3":{three},"1":{one}}}"#),
        format!("[{one},{three}]"),
        format!(r#"{{"data":[{one},null,{three}]}}"#),
        r#"{"1":{"make":"a"},"3":{"make":"c"}}"#.to_owned(),
    ] {
        let server = Server::start({
            let body = body.clone();
            move |_: &Request| ("200 OK", body.clone())
        });
        let (rows, gone) = lookup(&server.client()).await;
        assert_eq!(property(&rows, "make"), ["a", "c"], "{body}");
        assert_eq!((gone, server.requests().len()), (vec!["2".to_owned()], 1), "{body}");
    }
}

#[tokio::test]
async fn an_answer_without_any_object_has_no_id_and_an_empty_list_is_a_fault() {
    for body in ["{}", r#"{"1":null,"2":null,"3":null}"#] {
        let server = Server::start(move |_: &Request| ("200 OK", body));
        let (rows, gone) = lookup(&server.client()).await;
        assert_eq!((rows.len(), gone.len()), (0, 3), "{body}");
    }
    for body in ["[]", r#"{"data":[]}"#] {
        let server = Server::start(move |_: &Request| ("200 OK", body));
        let plan = Lookup::new(Subject::Image, [1_i64, 2, 3]).with_fields(["make"]).plan().unwrap();
        assert!(features_of(&server.client(), &plan).await.is_err(), "{body}");
    }
}

#[tokio::test]
async fn an_answer_about_something_else_is_a_fault_and_says_of_no_id_that_it_is_unknown() {
    for body in
        [r#"{"status":"maintenance"}"#, r#"{"success":true}"#, r#"{"data":[{"foo":1}]}"#, r#"[{"foo":1}]"#]
    {
        let server = Server::start(move |_: &Request| ("200 OK", body));
        for ids in [vec![1_i64, 2, 3], vec![1]] {
            let plan = Lookup::new(Subject::Image, ids).with_fields(["make"]).plan().unwrap();
            let error = features_of(&server.client(), &plan).await.unwrap_err();
            assert!(matches!(error, Error::Decode { .. }), "{body}: {error}");
        }
        assert!(server.requests().len() < 40, "it ends soon");
    }
}
