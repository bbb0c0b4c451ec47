//! Searches against brute force over everything that the graph has.

use std::collections::{BTreeMap, BTreeSet};

use mly::{Area, Filters, ImageType, Query, TimeRange, ValuePattern};
use mly_emulator::{Emulator, Endpoint, Limits, TokenForm, World};
use serde_json::{Value, json};

use super::{SECRET, asked, by_id, client, ids, ids_in, scripted, town_images, written};
use crate::run::{property, town};
use crate::truth::graph;

/// Metres between two positions (haversine, mean radius of the earth).
fn distance_m([lon1, lat1]: [f64; 2], [lon2, lat2]: [f64; 2]) -> f64 {
    let half = |a: f64, b: f64| ((b - a).to_radians() / 2.0).sin().powi(2);
    let h = half(lat1, lat2) + lat1.to_radians().cos() * lat2.to_radians().cos() * half(lon1, lon2);
    2.0 * 6_371_008.8 * h.sqrt().asin()
}

fn place(entity: &Value) -> [f64; 2] {
    [0, 1].map(|axis| entity["geometry"]["coordinates"][axis].as_f64().unwrap())
}

/// Ids of what brute force finds, in order.
fn where_it_fits(all: &BTreeMap<i64, Value>, fits: impl Fn(&Value) -> bool) -> Vec<i64> {
    all.iter().filter(|(_, entity)| fits(entity)).map(|(id, _)| *id).collect()
}

async fn found(emulator: &Emulator, query: &Query) -> Vec<Value> {
    let mut rows = written(&client(emulator), &query.plan().unwrap()).await.unwrap().0;
    rows.sort_by_key(|row| row["properties"]["id"].as_i64());
    rows
}

#[tokio::test]
async fn one_search_finds_every_image_within_fifty_metres() {
    let emulator = Emulator::start(World::demo()).unwrap();
    let client = client(&emulator);
    let centres = town_images().values().step_by(200).map(place);
    for (centre, radius_m) in centres.zip([50.0, 49.9, 20.0, 3.0, 0.01].into_iter().cycle()) {
        let [lon, lat] = centre;
        let before = emulator.requests().len();
        let plan = Query::images(Area::near(lon, lat, radius_m).unwrap()).plan().unwrap();
        assert!(plan.to_string().contains("requests  1 search"), "{plan}");
        let mut rows = written(&client, &plan).await.unwrap().0;
        rows.sort_by_key(|row| row["properties"]["id"].as_i64());
        let want = where_it_fits(town_images(), |image| distance_m(centre, place(image)) <= radius_m);
        assert_eq!(ids(&rows), want, "{radius_m} m around {lon},{lat}");
        assert!(!want.is_empty());
        let seen = &emulator.requests()[before..];
        assert_eq!((seen.len(), seen[0].path.as_str(), seen[0].token), (1, "/images", TokenForm::Header));
        for row in &rows {
            check_image(row);
        }
    }
    let wider = Query::images(Area::near(9.005, 51.998, 50.1).unwrap()).plan().unwrap();
    assert!(wider.cost().searches == 0 && wider.cost().tiles > 0);
}

/// A row of a search has the columns of the tiles, with what the graph says of the image.
fn check_image(row: &Value) {
    let image = &town_images()[&row["properties"]["id"].as_i64().unwrap()];
    let number = |value: &Value| value.as_str().map(|text| text.parse::<i64>().unwrap());
    let want = [
        ("sequence_id", image["sequence"].clone()),
        ("captured_at", image["captured_at"].clone()),
        ("is_pano", image["is_pano"].clone()),
        ("organization_id", json!(number(&image["organization"]["id"]))),
        ("creator_id", json!(number(&image["creator"]["id"]))),
    ];
    for (name, value) in want {
        assert_eq!(row["properties"][name], value, "{name}");
    }
    assert_eq!(place(row), place(image));
    for name in ["compass_angle", "quality_score"] {
        assert_eq!(row["properties"][name].as_f64(), image[name].as_f64(), "{name}");
    }
}

#[tokio::test]
async fn one_search_finds_every_point_and_every_sign_within_fifty_metres() {
    let emulator = Emulator::start(World::demo()).unwrap();
    for (set, layer) in [("mly_map_feature_point", "point"), ("mly_map_feature_traffic_sign", "traffic_sign")]
    {
        let all = ids_in(&emulator, set, layer);
        let all = by_id(&emulator, &all, "geometry,object_value,first_seen_at,last_seen_at");
        for centre in all.values().step_by(60).map(place) {
            let area = Area::near(centre[0], centre[1], 50.0).unwrap();
            let before = emulator.requests().len();
            let query = if layer == "point" { Query::points(area) } else { Query::signs(area) };
            let rows = found(&emulator, &query).await;
            assert_eq!(
                ids(&rows),
                where_it_fits(&all, |it| distance_m(centre, place(it)) <= 50.0),
                "{layer}"
            );
            assert_eq!(emulator.requests().len() - before, 1);
            assert!(asked(&emulator, Endpoint::Search).iter().all(|q| q.starts_with("/map_features?")));
            for row in rows {
                let entity = &all[&row["properties"]["id"].as_i64().unwrap()];
                assert_eq!(row["properties"]["value"], entity["object_value"]);
            }
        }
    }
}

fn with(change: impl FnOnce(&mut Filters)) -> Filters {
    let mut filters = Filters::default();
    change(&mut filters);
    filters
}

#[tokio::test]
async fn cameras_and_names_of_creators_are_found_as_by_brute_force() {
    let emulator = Emulator::start(World::demo()).unwrap();
    let client = client(&emulator);
    let since_ms = 1_600_000_000_123;
    let some = town_images().values().nth(100).unwrap();
    let organization: i64 =
        town_images().values().find_map(|i| i["organization"]["id"].as_str()).unwrap().parse().unwrap();
    let creator: i64 = some["creator"]["id"].as_str().unwrap().parse().unwrap();
    let moment = some["captured_at"].as_i64().unwrap();
    type Fits = Box<dyn Fn(&Value) -> bool>;
    let cases: Vec<(Filters, Fits)> = vec![
        (with(|f| f.make = Some("GoPro".into())), Box::new(|i| i["make"] == "GoPro")),
        (with(|f| f.model = Some("iPhone 12".into())), Box::new(|i| i["model"] == "iPhone 12")),
        (
            with(|f| f.creator_username = Some("Bürgerblick".into())),
            Box::new(|i| i["creator"]["username"] == "Bürgerblick"),
        ),
        (with(|f| f.creator_username = Some("nobody".into())), Box::new(|_| false)),
        (
            with(|f| {
                f.make = Some("GoPro".into());
                f.image_type = ImageType::Flat;
                f.captured = TimeRange { since_ms: Some(since_ms), until_ms: None };
            }),
            Box::new(move |i| {
                i["make"] == "GoPro"
                    && i["is_pano"] == false
                    && i["captured_at"].as_i64().unwrap() >= since_ms
            }),
        ),
        (
            with(|f| {
                f.creator_username = some["creator"]["username"].as_str().map(str::to_owned);
                f.captured = TimeRange { since_ms: Some(moment), until_ms: Some(moment) };
            }),
            Box::new(move |i| {
                i["captured_at"] == moment && i["creator"]["username"] == some["creator"]["username"]
            }),
        ),
        (
            with(|f| {
                f.make = Some("BlackVue".into());
                f.organization_ids = vec![organization];
                f.image_type = ImageType::All;
            }),
            Box::new(move |i| i["make"] == "BlackVue" && i["organization"]["id"] == organization.to_string()),
        ),
        (
            with(|f| {
                f.model = Some("GoPro Max".into());
                f.creator_ids = vec![creator, 5];
                f.image_type = ImageType::Pano;
            }),
            Box::new(move |i| i["model"] == "GoPro Max" && i["creator"]["id"] == creator.to_string()),
        ),
    ];
    for (filters, fits) in cases {
        let query = Query::images(town()).filters(filters);
        let plan = query.plan().unwrap();
        let text = plan.to_string();
        assert!(
            text.contains("requests  9 searches") && text.contains("because   tiles know no camera"),
            "{text}"
        );
        let (mut rows, summary) = written(&client, &plan).await.unwrap();
        assert_eq!((summary.tiles, summary.searches), (0, 9), "{query}");
        rows.sort_by_key(|row| row["properties"]["id"].as_i64());
        assert_eq!(ids(&rows), where_it_fits(town_images(), fits), "{query}");
        rows.iter().for_each(check_image);
    }
}

#[tokio::test]
async fn what_is_too_much_for_one_box_is_found_in_its_quarters() {
    let query = Query::images(town()).filters(with(|f| f.make = Some("GoPro".into())));
    let want = where_it_fits(town_images(), |i| i["make"] == "GoPro");
    for limits in [
        Limits::default().images_per_box(900),
        Limits::default().images_per_box(60),
        Limits::default().thin_large_boxes(true),
    ] {
        let emulator = Emulator::builder(World::demo()).limits(limits).start().unwrap();
        assert_eq!(ids(&found(&emulator, &query).await), want);
        let again = asked(&emulator, Endpoint::Search);
        assert_eq!(again.len(), again.iter().collect::<BTreeSet<_>>().len(), "nothing is asked twice");
    }
}

#[tokio::test]
async fn a_dense_box_is_quartered_until_nothing_can_be_cut_off() {
    let world = World::random(7, 20_000);
    let [w, s, e, n] = world.bbox().unwrap();
    let limits = Limits::default().images_per_box(20_000);
    let emulator = Emulator::builder(world).limits(limits).start().unwrap();
    // A quarter of the tile, far more than one answer holds.
    let area =
        Area::bbox(w + (e - w) / 4.0, s + (n - s) / 4.0, e - (e - w) / 4.0, n - (n - s) / 4.0).unwrap();
    let in_tiles = ids(&found(&emulator, &Query::images(area.clone())).await);
    let makes = by_id(&emulator, &in_tiles[..200], "make");
    let mut counts = BTreeMap::<&str, u32>::new();
    makes
        .values()
        .filter_map(|image| image["make"].as_str())
        .for_each(|make| *counts.entry(make).or_default() += 1);
    let (make, _) = counts.into_iter().max_by_key(|(_, count)| *count).unwrap();
    let rows = found(&emulator, &Query::images(area).filters(with(|f| f.make = Some(make.to_owned())))).await;
    // Positions of tiles are rounded down to half a metre, so the border is left out of the comparison.
    let inner = |p: [f64; 2]| {
        let off = |v: f64, a: f64, b: f64| ((v - a) / (b - a) - 0.5).abs() < 0.25 - 0.001;
        off(p[0], w, e) && off(p[1], s, n)
    };
    let all = by_id(&emulator, &in_tiles, "make,geometry");
    let want = where_it_fits(&all, |image| image["make"] == make && inner(place(image)));
    let got: Vec<i64> =
        rows.iter().filter(|row| inner(place(row))).flat_map(|row| ids(std::slice::from_ref(row))).collect();
    assert!(want.len() > 500, "{}", want.len());
    assert_eq!(got, want);
}

#[tokio::test]
async fn everything_of_a_creator_in_a_country_comes_page_by_page() {
    let world = World::random(3, 1_000_000);
    let [w, s, ..] = world.bbox().unwrap();
    let limits = Limits::default().images_per_box(1_000_000);
    let emulator = Emulator::builder(world).limits(limits).start().unwrap();
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
    let query = Query::images(country).filters(with(|f| f.creator_username = Some(creator.to_owned())));
    let plan = query.plan().unwrap();
    assert!(plan.to_string().contains("because   the area has more tiles"), "{plan}");
    let (rows, _) = written(&client(&emulator), &plan).await.unwrap();
    assert_eq!(ids(&rows).into_iter().collect::<BTreeSet<_>>(), want);
    assert_eq!(rows.len(), want.len());
    let seen = &emulator.requests()[before..];
    assert_eq!(seen.len(), want.len().div_ceil(1000));
    assert!(seen.iter().all(|s| s.token == TokenForm::Header && s.path == "/images"));
    assert!(seen[1..].iter().all(|s| s.query.contains("after=")));
    let (rows, _) = written(&client(&emulator), &query.limit(10).plan().unwrap()).await.unwrap();
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
    let (client, calls) = scripted(move |_| ("200 OK", body.to_string()));
    let query = Query::images(Area::near(9.0, 52.0, 20.0).unwrap()).filters(with(|f| {
        f.make = Some("Acme".into());
        f.creator_username = Some("jo".into());
        f.image_type = ImageType::Pano;
        f.captured = TimeRange { since_ms: Some(1_600_000_000_500), until_ms: Some(1_600_000_000_999) };
    }));
    let (rows, summary) = written(&client, &query.plan().unwrap()).await.unwrap();
    assert_eq!((ids(&rows), summary.misfits), (vec![1, 9], 2));
    let target = calls.lock().unwrap()[0].target.replace("%3A", ":");
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
    let (client, _) = scripted(move |_| ("200 OK", body.to_string()));
    let near = Area::near(9.0, 52.0, 20.0).unwrap();
    for (query, want) in
        [(Query::signs(near.clone()), vec![1, 2, 5]), (Query::points(near.clone()), vec![3, 4, 6])]
    {
        assert_eq!(ids(&written(&client, &query.plan().unwrap()).await.unwrap().0), want);
    }
    let stops = with(|f| {
        f.values = vec![ValuePattern::new("*stop*").unwrap()];
        f.first_seen = TimeRange { since_ms: Some(1), until_ms: None };
    });
    let rows = written(&client, &Query::signs(near).filters(stops).plan().unwrap()).await.unwrap().0;
    assert_eq!(property(&rows, "value"), ["regulatory--stop--g1"]);
}

#[tokio::test]
async fn pages_that_lead_nowhere_end_in_an_error() {
    let country = Area::bbox(5.0, 47.0, 15.0, 55.0).unwrap();
    let query = Query::images(country).filters(with(|f| f.creator_username = Some("jo".into())));
    let row = r#"{"id":"5","creator":{"username":"jo"},"geometry":{"type":"Point","coordinates":[9,52]}}"#;
    for paging in [
        r#"{"next":"https://other.example/images?after=same"}"#,
        r#"{"next":"https://other.example/images","cursors":{}}"#,
        r#"{"next":5}"#,
    ] {
        let (client, calls) =
            scripted(move |_| ("200 OK", format!(r#"{{"data":[{row}],"paging":{paging}}}"#)));
        let error = written(&client, &query.plan().unwrap()).await.unwrap_err();
        assert!(error.to_string().contains("paging") || error.to_string().contains("page"), "{error}");
        assert!(calls.lock().unwrap().len() <= 3);
    }
    // A page without rows is the last one.
    let (client, calls) = scripted(move |call| {
        let data = if call.target.contains("after=") { "" } else { row };
        ("200 OK", format!(r#"{{"data":[{data}],"paging":{{"next":"http://x/?after=same"}}}}"#))
    });
    assert_eq!(written(&client, &query.plan().unwrap()).await.unwrap().0.len(), 1);
    let calls = calls.lock().unwrap();
    assert_eq!(calls.len(), 2);
    assert!(calls.iter().all(|call| call.head.contains(SECRET) && !call.target.contains(SECRET)));
}
