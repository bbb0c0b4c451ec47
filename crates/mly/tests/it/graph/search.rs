//! Searches against brute force over everything that the graph has.

use std::collections::{BTreeMap, BTreeSet};

use mly::{Area, FilterValue, Filters, ImageType, Query, TileId};
use mly_emulator::{Emulator, Endpoint, Limits, TokenForm, World};
use serde_json::{Value, json};

use super::{asked, by_id, client, features_of, ids, ids_in, town_images};
use crate::support::{TOWN, demo, town};

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
    let mut rows = features_of(&client(emulator), &query.plan().unwrap()).await.unwrap().0;
    rows.sort_by_key(|row| row["properties"]["id"].as_i64());
    rows
}

#[tokio::test]
async fn one_search_finds_every_image_within_fifty_metres() {
    let emulator = demo();
    let client = client(&emulator);
    let centres = town_images().values().step_by(200).map(place);
    for (centre, radius_m) in centres.zip([50.0, 49.9, 20.0, 3.0, 0.01].into_iter().cycle()) {
        let [lon, lat] = centre;
        let before = emulator.requests().len();
        let plan = Query::images(Area::near(lon, lat, radius_m).unwrap()).plan().unwrap();
        assert!(plan.to_string().contains("requests  1 search"), "{plan}");
        let mut rows = features_of(&client, &plan).await.unwrap().0;
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
    let emulator = demo();
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

/// Filters by name.
pub(super) fn filters<const N: usize>(values: [(&str, FilterValue); N]) -> Filters {
    values.into_iter().fold(Filters::default(), |all, (name, value)| all.with(name, value).unwrap())
}

/// Whether an image of the graph is wanted.
type Fits = Box<dyn Fn(&Value) -> bool>;

/// The id of a creator or an organization.
fn id(of: &Value) -> Option<i64> {
    of["id"].as_str().map(|text| text.parse().unwrap())
}

/// Several names as the value of a filter.
fn names(list: &[&str]) -> FilterValue {
    FilterValue::Names(list.iter().map(|name| (*name).to_owned()).collect())
}

/// Filters that only searches know, with others, and which images they let through.
fn cases() -> Vec<(Filters, Fits)> {
    let since_ms = 1_600_000_000_123;
    let some = town_images().values().nth(100).unwrap();
    let organization = town_images().values().find_map(|i| id(&i["organization"])).unwrap();
    let creator = id(&some["creator"]).unwrap();
    let moment = some["captured_at"].as_i64().unwrap();
    vec![
        (filters([("make", "GoPro".into())]), Box::new(|i| i["make"] == "GoPro")),
        (filters([("model", "iPhone 12".into())]), Box::new(|i| i["model"] == "iPhone 12")),
        (
            filters([("creator-username", "Bürgerblick".into())]),
            Box::new(|i| i["creator"]["username"] == "Bürgerblick"),
        ),
        (filters([("creator-username", "nobody".into())]), Box::new(|_| false)),
        (
            filters([("make", names(&["GoPro", "nothing", "Apple"]))]),
            Box::new(|i| i["make"] == "GoPro" || i["make"] == "Apple"),
        ),
        (
            filters([
                ("make", names(&["GoPro", "Apple"])),
                ("model", names(&["iPhone 12", "GoPro Max"])),
                ("image-type", ImageType::Flat.into()),
            ]),
            Box::new(|i| i["model"] == "iPhone 12" && i["is_pano"] == false),
        ),
        (
            filters([
                ("make", "GoPro".into()),
                ("image-type", ImageType::Flat.into()),
                ("since", FilterValue::Since(since_ms.into())),
            ]),
            Box::new(move |i| {
                i["make"] == "GoPro"
                    && i["is_pano"] == false
                    && i["captured_at"].as_i64().unwrap() >= since_ms
            }),
        ),
        (
            filters([
                ("creator-username", some["creator"]["username"].as_str().unwrap().into()),
                ("since", FilterValue::Since(moment.into())),
                ("until", FilterValue::Until(moment.into())),
            ]),
            Box::new(move |i| {
                i["captured_at"] == moment && i["creator"]["username"] == some["creator"]["username"]
            }),
        ),
        (
            filters([
                ("make", "BlackVue".into()),
                ("organization", vec![organization].into()),
                ("image-type", ImageType::All.into()),
            ]),
            Box::new(move |i| i["make"] == "BlackVue" && id(&i["organization"]) == Some(organization)),
        ),
        (
            filters([
                ("model", "GoPro Max".into()),
                ("creator", vec![creator, 5].into()),
                ("image-type", ImageType::Pano.into()),
            ]),
            Box::new(move |i| i["model"] == "GoPro Max" && id(&i["creator"]) == Some(creator)),
        ),
    ]
}

/// Tiles of zoom 16 that the box of the town touches.
fn small_boxes() -> u64 {
    let [west, south, east, north] = TOWN;
    let (first, last) = (TileId::containing(west, north, 16), TileId::containing(east, south, 16));
    u64::from(last.x() - first.x() + 1) * u64::from(last.y() - first.y() + 1)
}

/// How often each box is searched: once for each combination of names.
fn times(filters: &Filters) -> u64 {
    let names = |value: &FilterValue| match value {
        FilterValue::Names(names) => names.len() as u64,
        _ => 1,
    };
    filters.in_use().map(|(_, value)| names(value)).product()
}

#[tokio::test]
async fn boxes_of_searches_have_sides_under_a_hundredth_of_a_degree() {
    let emulator = demo();
    let query = Query::images(town()).with_filter("make", names(&["GoPro", "Apple"])).unwrap();
    found(&emulator, &query).await;
    let searches = asked(&emulator, Endpoint::Search);
    assert_eq!(searches.len() as u64, 2 * small_boxes());
    for search in searches {
        let numbers = search.split(['?', '&']).find_map(|part| part.strip_prefix("bbox=")).unwrap();
        let sides: Vec<f64> = numbers.split("%2C").map(|number| number.parse().unwrap()).collect();
        let [west, south, east, north] = sides[..] else { panic!("{search}") };
        assert!(east - west < 0.01 && north - south < 0.01, "{search}");
        assert_eq!(search.matches("make=").count(), 1, "{search}");
    }
}

#[tokio::test]
async fn a_small_circle_is_searched_once_for_each_name() {
    let emulator = demo();
    let centre = place(town_images().values().nth(100).unwrap());
    let area = Area::near(centre[0], centre[1], 50.0).unwrap();
    let query = Query::images(area).with_filter("make", names(&["GoPro", "Apple", "BlackVue"])).unwrap();
    let wanted = ["GoPro", "Apple", "BlackVue"];
    let want = where_it_fits(town_images(), |image| {
        distance_m(centre, place(image)) <= 50.0 && wanted.iter().any(|make| image["make"] == *make)
    });
    assert_eq!(ids(&found(&emulator, &query).await), want);
    assert_eq!(emulator.requests().len(), 3);
    let text = query.plan().unwrap().to_string();
    assert!(
        text.contains("names     3 searches of the area, since a search takes one name: 3 of make"),
        "{text}"
    );
}

#[tokio::test]
async fn cameras_and_names_of_creators_are_found_as_by_brute_force() {
    let emulator = demo();
    let client = client(&emulator);
    for (filters, fits) in cases() {
        let query = Query::images(town()).with_filters(filters);
        let plan = query.plan().unwrap();
        let text = plan.to_string();
        let times = times(query.filters());
        let searches = small_boxes() * times;
        assert_eq!(plan.cost().searches, searches, "{text}");
        assert_eq!(plan.requests().count() as u64, searches, "{text}");
        assert!(
            text.contains(&format!("requests  {searches} searches"))
                && text.contains("because   tiles know no camera"),
            "{text}"
        );
        assert_eq!(
            text.contains(&format!("names     {times} searches of each box, since")),
            times > 1,
            "{text}"
        );
        let (mut rows, summary) = features_of(&client, &plan).await.unwrap();
        assert_eq!((summary.tiles, summary.searches), (0, searches), "{query}");
        rows.sort_by_key(|row| row["properties"]["id"].as_i64());
        assert_eq!(ids(&rows), where_it_fits(town_images(), fits), "{query}");
        rows.iter().for_each(check_image);
    }
}

#[tokio::test]
async fn what_is_too_much_for_one_box_is_found_in_its_quarters() {
    let query = Query::images(town()).with_filter("make", "GoPro").unwrap();
    let want = where_it_fits(town_images(), |i| i["make"] == "GoPro");
    for limits in [
        Limits::default().with_images_per_box(900),
        Limits::default().with_images_per_box(60),
        Limits::default().with_thin_large_boxes(true),
    ] {
        let emulator = Emulator::builder(World::demo()).with_limits(limits).start().unwrap();
        assert_eq!(ids(&found(&emulator, &query).await), want);
        let again = asked(&emulator, Endpoint::Search);
        assert_eq!(again.len(), again.iter().collect::<BTreeSet<_>>().len(), "nothing is asked twice");
    }
}

#[tokio::test]
async fn a_dense_box_is_quartered_until_nothing_can_be_cut_off() {
    let world = World::random(7, 20_000);
    let [w, s, e, n] = world.bbox().unwrap();
    let limits = Limits::default().with_images_per_box(20_000);
    let emulator = Emulator::builder(world).with_limits(limits).start().unwrap();
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
    let rows = found(&emulator, &Query::images(area).with_filter("make", make).unwrap()).await;
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
