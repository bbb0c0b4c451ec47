//! Answers of any form: what fits becomes rows, a value that does not is left empty, and what is no answer is an error that
//! says where.

use std::sync::{Arc, LazyLock, Mutex};

use mly::{Area, Client, Error, Lookup, Outlines, PhotoSize, Query, Subject};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::{Server, answer, features_of};
use crate::support::property;

/// A client of a service that gives the same answer to everything.
struct Service {
    client: Client,
    body: Arc<Mutex<String>>,
}

impl Service {
    fn new() -> Self {
        let body = Arc::<Mutex<String>>::default();
        let said = Arc::clone(&body);
        let server = Server::start(move |_| ("200 OK", said.lock().unwrap().clone()));
        Self { client: server.client(), body }
    }

    /// The rows and the ids that are not found when the service answers so.
    async fn says(
        &self,
        lookup: &Lookup,
        body: impl Into<String>,
    ) -> Result<(Vec<Value>, Vec<String>), Error> {
        *self.body.lock().unwrap() = body.into();
        answer(&self.client, lookup).await.map(|(rows, summary)| (rows, summary.not_found))
    }

    /// The rows of image 5 when the service answers so.
    async fn image(&self, body: impl Into<String>) -> Result<Vec<Value>, Error> {
        self.says(&Lookup::new(Subject::Image, [5]), body).await.map(|(rows, _)| rows)
    }
}

#[tokio::test]
async fn values_may_be_written_in_several_ways() {
    let body = json!({
        "id": 5, "altitude": 925, "width": 4000.0, "height": "3000", "captured_at": "2017-08-23T21:32:26+0000",
        "camera_parameters": [0.85, 0, 0], "mesh": {"id": 7, "url": null}, "organization": null, "creator": {},
        "sfm_cluster": {"id": "262983699750027"}, "merge_cc": 1.386_380_551_309_6e18, "make": "",
        "quality_score": 6.649_967_320_634_8e-5, "title": {"new": [1, null]}
    });
    let lookup = Lookup::new(Subject::Image, [5]).with_fields([
        "altitude",
        "width",
        "height",
        "captured_at",
        "camera_parameters",
        "mesh",
        "organization",
        "creator",
        "sfm_cluster",
        "merge_cc",
        "make",
        "quality_score",
        "title",
        "model",
    ]);
    let (rows, _) = Service::new().says(&lookup, body.to_string()).await.unwrap();
    assert_eq!(
        rows[0]["properties"],
        json!({
            "id": "5", "altitude": 925, "width": 4000, "height": 3000, "captured_at": 1_503_523_946_000_i64,
            "camera_parameters": [0.85, 0, 0], "mesh_id": "7", "sfm_cluster_id": "262983699750027",
            "merge_cc": 1.386_380_551_309_6e18, "make": "", "quality_score": 6.649_967_320_634_8e-5,
            "title": {"new": [1, null]}
        })
    );
    assert_eq!(rows[0]["geometry"], Value::Null);
}

#[tokio::test]
async fn dates_are_read_with_and_without_a_colon_in_the_zone() {
    let service = Service::new();
    for (text, ms) in [
        (json!("1970-01-01T00:00:00+0000"), 0),
        (json!("2021-05-22T15:20:45+0000"), 1_621_696_845_000_i64),
        (json!("2021-05-22T17:20:45+0200"), 1_621_696_845_000),
        (json!("2021-05-22T15:20:45.250+0000"), 1_621_696_845_250),
        (json!("2021-05-22T15:20:45Z"), 1_621_696_845_000),
        (json!("2021-05-22T15:20:45+00:00"), 1_621_696_845_000),
        (json!(1_621_696_845_000_i64), 1_621_696_845_000),
        (json!("1621696845000"), 1_621_696_845_000),
        (json!(-1), -1),
    ] {
        let rows = service.image(json!({"id": "5", "captured_at": text}).to_string()).await.unwrap();
        assert_eq!(property(&rows, "captured_at"), [&json!(ms)], "{text}");
    }
}

#[tokio::test]
async fn a_value_that_cannot_be_read_is_left_empty_and_told() {
    let lone = r#""\ud83d""#;
    for (column, field, value) in [
        ("altitude", "altitude", r#""high""#),
        ("altitude", "altitude", "[1]"),
        ("width", "width", "1.5"),
        ("width", "width", "{}"),
        ("is_pano", "is_pano", r#""yes""#),
        ("is_pano", "is_pano", "2"),
        ("captured_at", "captured_at", r#""yesterday""#),
        ("captured_at", "captured_at", "true"),
        ("make", "make", r#"["a"]"#),
        ("make", "make", lone),
        ("sequence", "sequence", lone),
        ("thumb_256_url", "thumb_256_url", lone),
        ("camera_parameters", "camera_parameters", r#"[1,"2"]"#),
        ("camera_parameters", "camera_parameters", "0.85"),
        ("geometry", "geometry", "[9,52]"),
        ("geometry", "geometry", r#"{"type":"Point","coordinates":[9]}"#),
        ("geometry", "geometry", r#"{"type":"Point","coordinates":[190,52]}"#),
        ("geometry", "geometry", r#"{"type":"LineString","coordinates":[[9,52],[9,53]]}"#),
        ("computed_geometry", "computed_geometry", r#"{"type":"Point","coordinates":[9,-91]}"#),
        ("creator_username", "creator", r#"{"username":"\udc00"}"#),
        ("mesh_id", "mesh", "[]"),
    ] {
        let bad = format!(r#"{{"id":"5","{field}":{value},"height":7}}"#);
        let service = Service::new();
        let both = format!(r#"{{"4":{{"id":"4","{field}":null,"height":6}},"5":{bad}}}"#);
        let list = format!(r#"{{"data":[{bad}]}}"#);
        for (ids, body) in [(vec![5], bad.clone()), (vec![4, 5], both)] {
            *service.body.lock().unwrap() = body;
            let (rows, summary) = answer(&service.client, &Lookup::new(Subject::Image, &ids)).await.unwrap();
            let last = rows.last().unwrap();
            assert_eq!(
                (rows.len(), &last["properties"]["height"]),
                (ids.len(), &json!(7)),
                "{field} {value}"
            );
            let found = if column == "geometry" { &last["geometry"] } else { &last["properties"][column] };
            assert!(found.is_null(), "{field} {value}: {found}");
            assert_eq!(summary.unread.get(column), Some(&1), "{field} {value}: {:?}", summary.unread);
            assert_eq!(summary.misfits, summary.unread.values().sum::<u64>());
        }
        if field != "geometry" {
            *service.body.lock().unwrap() =
                list.replace("\"height\":7", r#""geometry":{"type":"Point","coordinates":[9,52]}"#);
            let near = Query::images(Area::near(9.0, 52.0, 40.0).unwrap()).with_fields([column]);
            let (rows, _) = features_of(&service.client, &near.plan().unwrap()).await.unwrap();
            assert_eq!(rows.len(), 1, "{field} {value}");
        }
    }
}

#[tokio::test]
async fn a_geometry_without_coordinates_is_none() {
    for geometry in ["{}", "null", r#"{"type":"Point","coordinates":[]}"#] {
        let service = Service::new();
        *service.body.lock().unwrap() = format!(r#"{{"id":"5","make":"a","geometry":{geometry}}}"#);
        let (rows, summary) = answer(&service.client, &Lookup::new(Subject::Image, [5])).await.unwrap();
        assert_eq!((&rows[0]["geometry"], summary.misfits), (&Value::Null, 0), "{geometry}");
    }
}

#[tokio::test]
async fn an_answer_of_another_form_is_an_error_and_no_empty_result() {
    let service = Service::new();
    let deep = "[".repeat(10 << 20);
    for body in ["", "null", "[]", "5", "\"x\"", "{", "{\"id\":", "{\"id\":\"5\"} x", &deep, "\u{feff}{}"] {
        for lookup in [
            Lookup::new(Subject::Image, [5]),
            Lookup::new(Subject::Image, [5, 6]),
            Lookup::new(Subject::Sequence, ["abcdefghijklmnopqrstuv"]),
            Lookup::new(Subject::DetectionsOfImage, [5]),
            Lookup::new(Subject::DetectionsOfMapFeature, [5]),
        ] {
            let error = service.says(&lookup, body).await.expect_err(&format!("{lookup}: {body:.20}"));
            assert!(matches!(error, Error::Decode { .. }), "{lookup}: {body:.20}: {error}");
            assert!(error.to_string().len() < 300, "{error}");
        }
    }
    for body in [json!({}), json!({"data": 5}), json!({"data": null})] {
        for lookup in [
            Lookup::new(Subject::Sequence, ["abcdefghijklmnopqrstuv"]),
            Lookup::new(Subject::DetectionsOfImage, [5]),
        ] {
            let error = service.says(&lookup, body.to_string()).await.unwrap_err();
            assert!(error.to_string().contains("data"), "{body}: {error}");
        }
    }
}

#[tokio::test]
async fn an_entry_of_another_form_is_the_failure_of_its_id() {
    for entry in ["7", "[]", r#""x""#, "true"] {
        let server = Server::start(move |call| {
            let path = call.target.split('?').next().unwrap();
            let body = match path {
                "/4" => r#"{"id":"4"}"#.to_owned(),
                "/5" => entry.to_owned(),
                _ => format!(r#"{{"4":{{"id":"4"}},"5":{entry}}}"#),
            };
            ("200 OK", body)
        });
        let (rows, summary) = answer(&server.client(), &Lookup::new(Subject::Image, [4, 5])).await.unwrap();
        assert_eq!(property(&rows, "id"), ["4"], "{entry}");
        let (id, why) = &summary.failed[0];
        assert!(
            id == "5" && why.starts_with("its answer cannot be read: the answer is not an object"),
            "{why}"
        );
    }
}

#[tokio::test]
async fn what_the_service_leaves_out_of_an_answer_is_not_found() {
    let service = Service::new();
    for (body, found) in [
        (json!({}), vec![]),
        (json!({"4": {"id": "4"}}), vec!["4"]),
        (json!({"4": {"id": "4"}, "5": null}), vec!["4"]),
        // What nobody asked for is no answer.
        (json!({"4": {"id": "4"}, "77": {"id": "77"}}), vec!["4"]),
        (json!({"5": {"id": "5"}, "4": {"id": "4"}}), vec!["4", "5"]),
    ] {
        let lookup = Lookup::new(Subject::Image, [4, 5]);
        let (rows, missing) = service.says(&lookup, body.to_string()).await.unwrap();
        assert_eq!(property(&rows, "id"), found, "{body}");
        assert_eq!(missing.len(), 2 - found.len(), "{body}");
    }
    assert!(service.image("{}").await.unwrap().is_empty());
    assert!(service.image(r#"{"id":"6","make":"x"}"#).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_error_in_an_answer_of_success_is_that_error() {
    let service = Service::new();
    let body = |code: i64| json!({"error": {"message": "m", "code": code}}).to_string();
    assert!(matches!(service.image(body(190)).await, Err(Error::Auth { code: Some(190), .. })));
    assert!(matches!(service.image(body(4)).await, Err(Error::RateLimited { .. })));
    assert!(matches!(service.image(body(2)).await, Err(Error::Transport { .. })));
    assert!(matches!(service.image(body(1)).await, Err(Error::Api { code: Some(1), .. })));
}

#[tokio::test]
async fn several_paths_into_one_field_are_all_asked_for() {
    let lookup = Lookup::new(Subject::Image, [5]).with_fields([
        "detections.value",
        "detections.id",
        "detections.value",
    ]);
    let server =
        Server::start(|_| ("200 OK", r#"{"id":"5","detections":{"data":[{"value":"a","id":"1"}]}}"#));
    let (rows, _) = answer(&server.client(), &lookup).await.unwrap();
    let target = server.requests()[0].target.clone();
    assert!(target.contains("detections.value") && target.contains("detections.id"), "{target}");
    assert_eq!(rows[0]["properties"]["detections"], json!({"data": [{"value": "a", "id": "1"}]}));
}

/// JSON of any form, with the keys of the service.
fn any_json() -> impl Strategy<Value = Value> {
    let key = proptest::sample::select(vec![
        "id",
        "5",
        "data",
        "paging",
        "next",
        "cursors",
        "after",
        "error",
        "code",
        "message",
        "geometry",
        "type",
        "coordinates",
        "captured_at",
        "image",
        "value",
        "creator",
        "sequence",
        "width",
        "images",
        "created_at",
    ]);
    let text = proptest::sample::select(vec![
        "5",
        "x",
        "",
        "Point",
        "2021-05-22T15:20:45+0000",
        "GgA=",
        "GjgKBm1weS1v",
        "http://h/?after=x",
        "\u{1f600}",
        "+262143-01-01T00:00:00+0000",
        "9999999999999999999",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(json!(5)),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(key.clone(), inner, 0..6)
                .prop_map(|map| map.into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<Value>()),
        ]
    })
}

static SERVICE: LazyLock<(Runtime, Service)> = LazyLock::new(|| (Runtime::new().unwrap(), Service::new()));

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_answer_makes_the_library_panic(body in any_json(), wrap in any::<bool>(), cut in 0..400_usize) {
        let body = if wrap { json!({"data": [body]}) } else { body };
        let mut text = body.to_string();
        if cut < 100 {
            let at = (0..=cut.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
            text.truncate(at);
        }
        let (runtime, service) = &*SERVICE;
        runtime.block_on(async {
            for lookup in [
                Lookup::new(Subject::Image, [5, 6]),
                Lookup::new(Subject::Image, [5]),
                Lookup::new(Subject::Sequence, ["abcdefghijklmnopqrstuv"]),
                Lookup::new(Subject::DetectionsOfImage, [5]).with_outlines(Outlines::Pixels),
                Lookup::new(Subject::DetectionsOfMapFeature, [5]),
            ] {
                let _ = service.says(&lookup, text.clone()).await;
            }
            let _ = service.client.thumbnail(5, PhotoSize::W256).await;
            let near = Area::near(9.0, 52.0, 40.0).unwrap();
            for query in [Query::images(near.clone()), Query::signs(near)] {
                let _ = features_of(&service.client, &query.plan().unwrap()).await;
            }
        });
    }
}
