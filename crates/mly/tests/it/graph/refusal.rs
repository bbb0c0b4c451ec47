//! Look-ups that the service refuses, in part or altogether.

use mly::{Client, Error, Lookup, Subject};
use mly_emulator::{Emulator, Endpoint, Fault, Limits, World};

use super::{Request, Server, answer, asked, client, every, ids, ids_in, shown, town_images};
use crate::support::{SECRET, TOKEN, demo, options, options_at};

fn names(ids: &[i64]) -> Vec<String> {
    let mut names: Vec<String> = ids.iter().map(ToString::to_string).collect();
    names.sort_unstable();
    names
}

/// Looks up good ids with others among them, and checks that exactly the good ones come back.
async fn check(emulator: &Emulator, subject: Subject, good: &[i64], bad: &[i64], fields: Option<&[&str]>) {
    // The bad ones at the beginning, at the end, side by side and far apart.
    let mut list: Vec<i64> = Vec::new();
    let mut left = bad.iter();
    for (i, id) in good.iter().enumerate() {
        if i % 7 == 0 || i == 1 || i == 2 {
            list.extend(left.next());
        }
        list.push(*id);
    }
    list.extend(left);
    let mut lookup = Lookup::new(subject, &list);
    if let Some(fields) = fields {
        lookup = lookup.with_fields(fields.iter().copied());
    }
    let (rows, summary) = answer(&client(emulator), &lookup).await.unwrap();
    assert_eq!(ids(&rows), good, "{subject} {fields:?}");
    assert_eq!(summary.not_found, names(bad), "{subject} {fields:?}");
}

#[tokio::test]
async fn ids_that_nothing_answers_to_are_told_and_the_others_come() {
    let emulator = demo();
    let good = every(30);
    let (few, none) = (&good[..40], &[][..]);
    for bad in [&[1][..], &[1, 2, 3], &[9_000_000_000_000_000_001, 12, 121, 1212, 5, 6, 7, 8, 99]] {
        check(&emulator, Subject::Image, few, bad, None).await;
        check(&emulator, Subject::Image, &good, bad, Some(&["make"])).await;
        check(&emulator, Subject::Image, none, bad, None).await;
    }
    let all_bad: Vec<i64> = (1..=120).collect();
    check(&emulator, Subject::Image, none, &all_bad, Some(&["make"])).await;
}

#[tokio::test]
async fn what_is_of_another_kind_is_not_found() {
    let emulator = demo();
    let images = every(180);
    let features = ids_in(&emulator, "mly_map_feature_point", "point");
    let organization = town_images().values().find_map(|i| i["organization"]["id"].as_str()).unwrap();
    let organization: i64 = organization.parse().unwrap();
    // Fields that only images have, that everything with a place has, and that everything has.
    for fields in [None, Some(&["make"][..]), Some(&["geometry"]), Some(&[]), Some(&["detections"])] {
        let bad = [features[5], organization, 17, features[6], features[7]];
        check(&emulator, Subject::Image, &images, &bad, fields).await;
        check(&emulator, Subject::Image, &[], &bad[..1], fields).await;
        check(&emulator, Subject::Image, &[], &bad[3..], fields).await;
    }
    for fields in [None, Some(&["geometry"][..]), Some(&[]), Some(&["images"])] {
        let bad = [images[5], images[6], organization];
        check(&emulator, Subject::MapFeature, &features[..60], &bad, fields).await;
        check(&emulator, Subject::MapFeature, &[], &bad[..1], fields).await;
    }
    for fields in [None, Some(&["name"][..]), Some(&[])] {
        check(&emulator, Subject::Organization, &[organization], &[images[0], features[0]], fields).await;
    }
}

#[tokio::test]
async fn images_that_were_deleted_are_told() {
    let limits = Limits::default().with_stale_one_in(5);
    let emulator = Emulator::builder(World::demo()).with_limits(limits).start().unwrap();
    let client = client(&emulator);
    let all = every(17);
    let (rows, summary) = answer(&client, &Lookup::new(Subject::Image, &all)).await.unwrap();
    let found = ids(&rows);
    let lost: Vec<i64> = all.iter().filter(|id| !found.contains(id)).copied().collect();
    assert!(lost.len() > all.len() / 10 && lost.len() < all.len() / 3, "{}", lost.len());
    assert_eq!(summary.not_found, names(&lost));
    let kept: Vec<i64> = all.iter().filter(|id| found.contains(id)).copied().collect();
    assert_eq!(found, kept);
}

#[tokio::test]
async fn what_is_too_much_for_the_service_is_asked_in_halves() {
    let all = every(23);
    let whole = demo();
    let lookup = Lookup::new(Subject::Image, all.iter().chain(&[3, 4])).with_fields(["make", "creator"]);
    let (want, _) = answer(&client(&whole), &lookup).await.unwrap();
    for most in [1, 7, 25, 49] {
        let limits = Limits::default().with_entity_rows(most);
        let emulator = Emulator::builder(World::demo()).with_limits(limits).start().unwrap();
        let client = client(&emulator);
        let (rows, summary) = answer(&client, &lookup).await.unwrap();
        assert_eq!((rows, summary.retries), (want.clone(), 0), "nothing is asked for as it was again");
        assert_eq!(summary.not_found, ["3", "4"]);
        if most == 25 {
            let batches = all.len().div_ceil(50);
            let seen = asked(&emulator, Endpoint::Entity).len();
            assert!(seen <= 3 * batches + 4, "{seen} for {batches}");
        }
    }
}

#[tokio::test]
async fn passing_faults_leave_no_trace_in_look_ups() {
    let emulator = demo();
    let client = client(&emulator);
    let lookup =
        Lookup::new(Subject::Image, every(13).iter().chain(&[5, 6])).with_fields(["make", "merge_cc"]);
    let want = answer(&client, &lookup).await.unwrap();
    let passing: [fn() -> Fault; 6] = [
        Fault::transient,
        Fault::cut_body,
        Fault::throttle,
        || Fault::status(503),
        || Fault::status(429),
        Fault::too_much_data,
    ];
    for fault in passing {
        emulator.clear_faults();
        emulator.fail(fault().on(Endpoint::Entity).every(3));
        let got = answer(&client, &lookup).await.unwrap();
        assert_eq!((got.0, got.1.not_found), (want.0.clone(), want.1.not_found.clone()));
    }
}

#[tokio::test]
async fn a_limit_or_a_refused_token_stops_everything() {
    let emulator = Emulator::builder(World::demo()).with_known_tokens_only(true).start().unwrap();
    let lookup = Lookup::new(Subject::Image, every(4));
    let wrong = options_at(emulator.url(), TOKEN);
    let one_at_a_time = wrong.clone().with_concurrency(1);
    let error = answer(&Client::new(one_at_a_time).unwrap(), &lookup).await.unwrap_err();
    assert!(matches!(error, Error::Auth { code: Some(190), .. }), "{error}");
    assert_eq!(emulator.requests().len(), 1);
    let error = answer(&Client::new(wrong).unwrap(), &lookup).await.unwrap_err();
    assert!(matches!(error, Error::Auth { code: Some(190), .. }), "{error}");
    assert!(!shown(&error).contains(SECRET), "{error}");
    assert!(emulator.requests().len() <= 9, "{}", emulator.requests().len());

    let emulator = demo();
    emulator.fail(Fault::throttle().on(Endpoint::Entity).always());
    let few = options(&emulator).with_concurrency(1).with_retries(2);
    let error = answer(&Client::new(few).unwrap(), &lookup).await.unwrap_err();
    assert!(matches!(error, Error::RateLimited { .. }), "{error}");
    assert_eq!(emulator.requests().len(), 3);
    assert!(!shown(&error).contains(emulator.token()));
}

#[tokio::test]
async fn a_field_that_nobody_knows_is_an_error_that_names_it() {
    let emulator = demo();
    let client = client(&emulator);
    for list in [every(60), every(5000), every(60).into_iter().chain([5]).collect()] {
        let lookup = Lookup::new(Subject::Image, &list).with_fields(["make", "captured_att"]);
        let Err(Error::InvalidQuery { what, hint }) = answer(&client, &lookup).await else {
            panic!("an unknown field was taken")
        };
        assert_eq!(what, "unknown field of images `captured_att`");
        assert_eq!(hint.unwrap().to_string(), "did you mean `captured_at`?");
    }
}

/// A service without the field `merge_cc`, that knows images 10..=60.
fn older_service(call: &Request) -> (&'static str, String) {
    let url = url_of(call);
    let fields = parameter(&url, "fields").unwrap_or_default();
    if fields.split(',').any(|f| f == "merge_cc") {
        let message = "Tried accessing nonexisting field (merge_cc) on node type (ChunkObject)";
        return ("500 Oops", format!(r#"{{"error":{{"message":"{message}","code":100}}}}"#));
    }
    let image = |id: &str| format!(r#"{{"make":"m{id}","id":"{id}"}}"#);
    let body = match parameter(&url, "ids") {
        Some(ids) => {
            let list: Vec<_> = ids.split(',').map(|id| format!(r#""{id}":{}"#, image(id))).collect();
            format!("{{{}}}", list.join(","))
        }
        None => image(url.path().trim_start_matches('/')),
    };
    ("200 OK", body)
}

fn url_of(call: &Request) -> url::Url {
    url::Url::parse("http://x").unwrap().join(&call.target).unwrap()
}

fn parameter(url: &url::Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

#[tokio::test]
async fn a_field_that_the_service_no_longer_has_is_left_out_unless_it_was_named() {
    let list: Vec<i64> = (10..=60).collect();
    let server = Server::start(older_service);
    let (rows, _) = answer(&server.client(), &Lookup::new(Subject::Image, &list)).await.unwrap();
    assert_eq!(ids(&rows), list);
    assert!(rows.iter().all(|row| row["properties"]["make"] == format!("m{}", row["properties"]["id"].as_str().unwrap())));
    assert!(server.requests().len() < 40);
    let named = Lookup::new(Subject::Image, &list).with_fields(["merge_cc"]);
    let error = answer(&server.client(), &named).await.unwrap_err();
    assert_eq!(error.to_string(), "the service has no field `merge_cc` of images");
}

#[tokio::test]
async fn a_refusal_that_does_not_name_the_id_is_found_by_halving() {
    let server = Server::start(|call| {
        let url = url_of(call);
        let asked = parameter(&url, "ids").unwrap_or_else(|| url.path().trim_start_matches('/').to_owned());
        if asked.split(',').any(|id| ["13", "14", "40"].contains(&id)) {
            let message = "Unsupported get request. An object does not exist";
            return (
                "400 Bad",
                format!(r#"{{"error":{{"message":"{message}","code":100,"error_subcode":33}}}}"#),
            );
        }
        older_service(call)
    });
    let list: Vec<i64> = (10..=60).collect();
    let (rows, summary) =
        answer(&server.client(), &Lookup::new(Subject::Image, &list).with_fields(["make"])).await.unwrap();
    let good: Vec<i64> = list.into_iter().filter(|id| ![13, 14, 40].contains(id)).collect();
    assert_eq!((ids(&rows), summary.not_found), (good, names(&[13, 14, 40])));
}

#[tokio::test]
async fn an_unknown_sequence_is_not_found_however_the_service_says_so() {
    let unknown = r#"{"error":{"message":"Object with ID 'abcdefghijklmnopqrstuv' does not exist","code":100,"error_subcode":33}}"#;
    for (head, body) in [("400 Bad", unknown), ("200 OK", r#"{"data":[]}"#)] {
        let server = Server::start(move |_| (head, body.to_owned()));
        let (rows, summary) =
            answer(&server.client(), &Lookup::new(Subject::Sequence, ["abcdefghijklmnopqrstuv"]))
                .await
                .unwrap();
        assert_eq!((rows.len(), summary.not_found), (0, vec!["abcdefghijklmnopqrstuv".to_owned()]));
    }
}
