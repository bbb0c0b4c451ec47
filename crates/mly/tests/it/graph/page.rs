//! Pages of searches, and rows of them that were not asked for.

use std::collections::BTreeSet;

use mly::{Area, Error, FilterValue, ImageType, Query, ValuePattern};
use mly_emulator::{Emulator, Limits, TokenForm, World};
use serde_json::{Value, json};

use super::search::filters;
use super::{Request, SECRET, Server, client, features_of, ids};
use crate::support::property;
use crate::support::truth::graph;

#[tokio::test]
async fn everything_of_a_creator_in_a_country_comes_page_by_page() {
    let world = World::random(3, 1_000_000);
    let [w, s, ..] = world.bbox().unwrap();
    let limits = Limits::default().with_images_per_box(1_000_000);
    let emulator = Emulator::builder(world).with_limits(limits).start().unwrap();
    let corner = format!("{w},{s},{},{}", w + 0.001, s + 0.02);
    let some = graph(&emulator, &format!("/images?bbox={corner}&limit=1&fields=creator"));
    let creator = some["data"][0]["creator"]["username"].as_str().unwrap();
    let first = graph(&emulator, &format!("/images?creator_username={creator}&limit=2000&fields=id"));
    let mut want: BTreeSet<i64> = BTreeSet::new();
    let mut page = first;
    loop {
        want.extend(
            page["data"]
                .as_array()
                .unwrap()
                .iter()
                .map(|i| i["id"].as_str().unwrap().parse::<i64>().unwrap()),
        );
        let Some(next) = page["paging"]["next"].as_str() else { break };
        page = graph(&emulator, next.strip_prefix(emulator.url()).unwrap());
    }
    assert!(want.len() > 1000, "{}", want.len());
    let before = emulator.requests().len();
    let country = Area::bbox(5.0, 47.0, 15.0, 55.0).unwrap();
    let query = Query::images(country).with_filter("creator-username", creator).unwrap();
    let plan = query.plan().unwrap();
    assert!(plan.to_string().contains("because   the area has more tiles"), "{plan}");
    let (rows, _) = features_of(&client(&emulator), &plan).await.unwrap();
    assert_eq!(ids(&rows).into_iter().collect::<BTreeSet<_>>(), want);
    assert_eq!(rows.len(), want.len());
    let seen = &emulator.requests()[before..];
    assert_eq!(seen.len(), want.len().div_ceil(1000));
    assert!(seen.iter().all(|s| s.token == TokenForm::Header && s.path == "/images"));
    assert!(seen[1..].iter().all(|s| s.query.contains("after=")));
    let (rows, _) = features_of(&client(&emulator), &query.with_limit(10).plan().unwrap()).await.unwrap();
    assert_eq!((rows.len(), emulator.requests().len() - before), (10, seen.len() + 1));
}

#[tokio::test]
async fn rows_that_do_not_fit_are_left_out_although_they_were_found() {
    let image = |id: i64, change: &[(&str, Value)]| {
        let mut image = json!({
            "id": id.to_string(), "captured_at": 1_600_000_000_500_i64, "make": "Acme", "is_pano": true,
            "creator": {"id": "7", "username": "jo"}, "sequence": "abc",
            "geometry": {"type": "Point", "coordinates": [9.0, 52.0]}
        });
        for (name, value) in change {
            image[*name] = value.clone();
        }
        image
    };
    let body = json!({"data": [
        image(1, &[]),
        image(2, &[("make", json!("Acme 2"))]),
        image(3, &[("make", Value::Null)]),
        image(4, &[("captured_at", json!(1_600_000_000_499_i64))]),
        image(5, &[("is_pano", json!(false))]),
        image(6, &[("geometry", json!({"type": "Point", "coordinates": [9.001, 52.0]}))]),
        image(7, &[("geometry", Value::Null)]),
        image(8, &[("creator", json!({"id": "8", "username": "other"}))]),
        image(1, &[]),
        {"make": "Acme"},
        image(9, &[]),
    ]});
    let server = Server::start(move |_| ("200 OK", body.to_string()));
    let query = Query::images(Area::near(9.0, 52.0, 20.0).unwrap()).with_filters(filters([
        ("make", "Acme".into()),
        ("creator-username", "jo".into()),
        ("image-type", ImageType::Pano.into()),
        ("since", FilterValue::Since(1_600_000_000_500.into())),
        ("until", FilterValue::Until(1_600_000_000_999.into())),
    ]));
    let (rows, summary) = features_of(&server.client(), &query.plan().unwrap()).await.unwrap();
    assert_eq!((ids(&rows), summary.misfits), (vec![1, 9], 2));
    let target = server.requests()[0].target.replace("%3A", ":");
    for pushed in [
        "make=Acme",
        "creator_username=jo",
        "is_pano=true",
        "start_captured_at=2020-09-13T12:26:40Z",
        "end_captured_at=2020-09-13T12:26:41Z",
        "radius=20",
    ] {
        assert!(target.contains(pushed), "{pushed}: {target}");
    }
    assert!(!target.contains(SECRET));
}

#[tokio::test]
async fn a_feature_of_the_other_layer_is_left_out() {
    let feature = |id: i64, kind: Value, value: &str| {
        json!({"id": id.to_string(), "object_type": kind, "object_value": value,
            "first_seen_at": "2020-01-01T00:00:00+0000", "geometry": {"type": "Point", "coordinates": [9.0, 52.0]}})
    };
    let body = json!({"data": [
        feature(1, json!("trafficsign"), "regulatory--stop--g1"),
        feature(2, json!("traffic_sign"), "general--traffic-sign--g1"),
        feature(3, json!("mvd_fast"), "object--bench"),
        feature(4, json!("panoptic"), "marking--discrete--stop-line"),
        feature(5, Value::Null, "warning--children--g1"),
        feature(6, Value::Null, "object--manhole"),
    ]});
    let server = Server::start(move |_| ("200 OK", body.to_string()));
    let near = Area::near(9.0, 52.0, 20.0).unwrap();
    for (query, want) in
        [(Query::signs(near.clone()), vec![1, 2, 5]), (Query::points(near.clone()), vec![3, 4, 6])]
    {
        assert_eq!(ids(&features_of(&server.client(), &query.plan().unwrap()).await.unwrap().0), want);
    }
    let stops = filters([
        ("value", vec![ValuePattern::new("*stop*").unwrap()].into()),
        ("first-seen-since", FilterValue::Since(1.into())),
    ]);
    let rows = features_of(&server.client(), &Query::signs(near).with_filters(stops).plan().unwrap())
        .await
        .unwrap()
        .0;
    assert_eq!(property(&rows, "value"), ["regulatory--stop--g1"]);
}

/// The row of the page at a cursor, and the cursor of the next one.
type Page = fn(i64) -> (i64, i64);

#[tokio::test]
async fn pages_that_lead_nowhere_end_in_an_error() {
    let country = Area::bbox(5.0, 47.0, 15.0, 55.0).unwrap();
    let query = Query::images(country).with_filter("creator-username", "jo").unwrap();
    let row = r#"{"id":"5","creator":{"username":"jo"},"geometry":{"type":"Point","coordinates":[9,52]}}"#;
    for paging in [
        r#"{"next":"https://other.example/images?after=same"}"#,
        r#"{"next":"https://other.example/images","cursors":{}}"#,
        r#"{"next":5}"#,
    ] {
        let server = Server::start(move |_| ("200 OK", format!(r#"{{"data":[{row}],"paging":{paging}}}"#)));
        let error = features_of(&server.client(), &query.plan().unwrap()).await.unwrap_err();
        assert!(error.to_string().contains("paging") || error.to_string().contains("page"), "{error}");
        assert!(server.requests().len() <= 3);
    }
    // Pages that lead back to the second of them, that repeat a row, and that go on for ever.
    let cursor = |call: &Request| {
        let after = call.target.split(['?', '&']).find_map(|pair| pair.strip_prefix("after="));
        after.map_or(0, |n| n.parse::<i64>().unwrap())
    };
    let ways: [(Page, &str, usize); 3] = [
        (|at| (at, at % 5 + 1), "its pages lead in a circle", 6),
        (|at| (7, at + 1), "its pages repeat the same rows", 2),
        (|at| (at, at + 1), "it has more pages than there can be rows for", 1011),
    ];
    for (pages, says, requests) in ways {
        let server = Server::start(move |call| {
            let (id, next) = pages(cursor(call));
            let row = row.replace(r#""5""#, &format!(r#""{}""#, id + 1));
            ("200 OK", format!(r#"{{"data":[{row}],"paging":{{"next":"http://x/?after={next}"}}}}"#))
        });
        let error = features_of(&server.client(), &query.plan().unwrap()).await.unwrap_err();
        assert!(matches!(error, Error::Decode { .. }) && error.to_string().ends_with(says), "{error}");
        assert_eq!(server.requests().len(), requests, "{says}");
    }
    // A page without rows is the last one.
    let server = Server::start(move |call| {
        let data = if call.target.contains("after=") { "" } else { row };
        ("200 OK", format!(r#"{{"data":[{data}],"paging":{{"next":"http://x/?after=same"}}}}"#))
    });
    assert_eq!(features_of(&server.client(), &query.plan().unwrap()).await.unwrap().0.len(), 1);
    let calls = server.requests();
    assert_eq!(calls.len(), 2);
    assert!(calls.iter().all(|call| call.head.contains(SECRET) && !call.target.contains(SECRET)));
}
