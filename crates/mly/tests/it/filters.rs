//! Filters, decided again by brute force over what the tiles and the graph have.

use std::collections::BTreeMap;

use geo::{Distance, Geodesic, Point};
use mly::query::Positions;
use mly::{Area, FilterValue, Layer, Query};
use mly_emulator::Emulator;
use serde_json::Value;

use crate::support::truth::{assert_same_points, features_around, graph, position};
use crate::support::{TOWN, demo, features, options, town};

/// The images or sequences of the town's tiles.
fn shown(emulator: &Emulator, set: &str, layer: Layer) -> Vec<Value> {
    let [w, s, e, n] = TOWN;
    features_around(emulator, set, layer.tile_layer(), [w - 0.1, s - 0.06, e + 0.1, n + 0.06])
}

fn images(emulator: &Emulator) -> Vec<Value> {
    shown(emulator, "mly1_public", Layer::Images)
}

async fn kept(emulator: &Emulator, query: Query) -> Vec<Value> {
    features(options(emulator), &query).await.unwrap()
}

fn with(name: &str, value: impl Into<FilterValue>) -> Query {
    Query::images(town()).with_filter(name, value).unwrap()
}

/// Whether the properties of an image fit.
type Fits = Box<dyn Fn(&Value) -> bool>;

#[tokio::test]
async fn each_filter_of_a_column_keeps_the_images_that_fit() {
    let emulator = demo();
    let all = images(&emulator);
    let creator = all[0]["properties"]["creator_id"].as_i64().unwrap();
    let cases: Vec<(Query, Fits)> = vec![
        (
            with("min-quality", FilterValue::LeastShare(0.7)),
            Box::new(|image| image["quality_score"].as_f64().is_some_and(|score| score >= 0.7)),
        ),
        (with("on-foot", FilterValue::YesNo(true)), Box::new(|image| image["foot"] == true)),
        (with("on-foot", FilterValue::YesNo(false)), Box::new(|image| image["foot"] == false)),
        (with("not-creator", vec![creator, 5]), Box::new(move |image| image["creator_id"] != creator)),
    ];
    for (query, fits) in cases {
        let want: Vec<_> = all.iter().filter(|image| fits(&image["properties"])).cloned().collect();
        assert!(!want.is_empty() && want.len() < all.len(), "{:?}", query.filters());
        assert_same_points(kept(&emulator, query).await, want);
    }
}

#[tokio::test]
async fn a_small_circle_with_a_filter_on_what_searches_lack_reads_tiles() {
    let emulator = demo();
    let near = || Query::images(Area::near(9.005, 51.998, 45.0).unwrap());
    let all = kept(&emulator, near()).await;
    let query = near().with_filter("on-foot", FilterValue::YesNo(false)).unwrap();
    assert!(query.plan().unwrap().cost().tiles > 0);
    let some = kept(&emulator, query).await;
    assert!(some.len() <= all.len() && some.iter().all(|image| image["properties"]["foot"] == false));
}

#[tokio::test]
async fn images_of_named_creators_are_left_out_whatever_the_case_of_their_names() {
    let emulator = demo();
    let small = Area::bbox(9.0, 51.99, 9.01, 52.0).unwrap();
    let creator_of = |image: &Value| {
        let id = &image["properties"]["id"];
        graph(&emulator, &format!("/{id}?fields=creator"))["creator"]["username"]
            .as_str()
            .unwrap_or("")
            .to_owned()
    };
    let query = |names: Vec<String>| {
        Query::images(small.clone()).with_filter("not-creator-username", FilterValue::Names(names)).unwrap()
    };
    // Positions of searches are not rounded as those of tiles are, so both sides come from searches.
    let all = kept(&emulator, query(vec!["nobody".to_owned()])).await;
    let name = creator_of(&all[0]);
    let some = kept(&emulator, query(vec![name.to_uppercase(), "nobody".to_owned()])).await;
    let want: Vec<_> = all.iter().filter(|image| creator_of(image) != name).cloned().collect();
    assert!(!want.is_empty() && want.len() < all.len());
    assert!(some == want, "{} images and not {}", some.len(), want.len());
    // One search of each box, however many names there are.
    let cost = |names: &[&str]| {
        query(names.iter().map(|n| (*n).to_owned()).collect()).plan().unwrap().cost().searches
    };
    assert_eq!(cost(&["a"]), cost(&["a", "b", "c"]));
}

/// The images of each sequence that a spacing keeps, by brute force.
fn spaced(images: &[Value], metres: f64) -> Vec<Value> {
    let mut sequences: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for image in images {
        sequences.entry(image["properties"]["sequence_id"].as_str().unwrap()).or_default().push(image);
    }
    let mut kept: Vec<Value> = Vec::new();
    for mut images in sequences.into_values() {
        let number = |image: &Value, name: &str| image["properties"][name].as_i64().unwrap();
        images.sort_by_key(|image| (number(image, "captured_at"), number(image, "id")));
        let mut last: Option<&Value> = None;
        for image in images {
            let far = |last: &Value| {
                let [from, to] = [last, image].map(|image| Point::from(position(image)));
                Geodesic.distance(from, to) >= metres
            };
            if last.is_none_or(far) {
                kept.push(image.clone());
                last = Some(image);
            }
        }
    }
    kept
}

#[tokio::test]
async fn a_spacing_keeps_of_each_sequence_what_is_far_enough_from_the_last_one_kept() {
    let emulator = demo();
    let all = images(&emulator);
    let quality = |image: &&Value| image["properties"]["quality_score"].as_f64().is_some_and(|q| q >= 0.6);
    let good: Vec<_> = all.iter().filter(quality).cloned().collect();
    for metres in [0.5, 12.0, 25.0, 400.0] {
        let query = || with("spacing", FilterValue::Metres(metres));
        let got = kept(&emulator, query()).await;
        assert!(metres < 1.0 || got.len() * 3 < all.len() * 2, "{metres}: {}", got.len());
        assert_same_points(got, spaced(&all, metres));
        // It comes after all other filters.
        let filtered = query().with_filter("min-quality", FilterValue::LeastShare(0.6)).unwrap();
        assert_same_points(kept(&emulator, filtered).await, spaced(&good, metres));
    }
}

#[tokio::test]
async fn a_spacing_adds_no_column_and_saves_look_ups() {
    let emulator = demo();
    let query = |fields: &[&str]| with("spacing", FilterValue::Metres(100.0)).with_fields(fields.to_vec());
    let [few, all] = [
        kept(&emulator, query(&["make"])).await,
        kept(&emulator, query(&["sequence_id", "compass_angle"])).await,
    ];
    assert_eq!(few.len(), all.len());
    for (made, plain) in few.iter().zip(&all) {
        let names =
            |image: &Value| image["properties"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(made["properties"]["id"], plain["properties"]["id"]);
        assert!(names(made).iter().all(|name| ["id", "make"].contains(&name.as_str())), "{made}");
        assert!(
            names(plain).iter().all(|name| ["id", "sequence_id", "compass_angle"].contains(&name.as_str()))
        );
    }

    let looked_up = emulator.requests().iter().filter(|request| request.query.contains("ids=")).count();
    assert_eq!(looked_up, few.len().div_ceil(50), "{} images", few.len());
    let limited = query(&["make"]).with_limit(7);
    assert_eq!(kept(&emulator, limited).await, few[..7]);
}

#[tokio::test]
async fn computed_positions_are_those_of_their_own_tiles() {
    let emulator = demo();
    let computed = || FilterValue::Positions(Positions::Computed);
    let want = shown(&emulator, "mly1_computed_public", Layer::Images);
    assert!(want.len() * 10 < images(&emulator).len() * 11 && !want.is_empty());
    let [w, s, e, n] = TOWN;
    let around = Area::bbox(w - 0.1, s - 0.06, e + 0.1, n + 0.06).unwrap();
    let query = Query::images(around).with_filter("positions", computed()).unwrap();
    assert_same_points(kept(&emulator, query).await, want);

    let lines = Query::sequences(town()).with_filter("positions", computed()).unwrap();
    assert!(lines.plan().unwrap().to_string().contains("mly1_computed_public"));
    assert!(!kept(&emulator, lines).await.is_empty());
    // Searches give the positions of the field that the service has computed.
    let query = with("make", "GoPro").with_filter("positions", computed()).unwrap();
    let found = kept(&emulator, query).await;
    assert!(!found.is_empty());
    for image in found.iter().step_by(97) {
        let id = &image["properties"]["id"];
        let of_graph = graph(&emulator, &format!("/{id}?fields=computed_geometry"));
        assert_eq!(image["geometry"]["coordinates"], of_graph["computed_geometry"]["coordinates"]);
    }
}

#[test]
fn filters_that_do_not_go_together_or_have_no_meaning_are_refused() {
    let good = || with("min-quality", FilterValue::LeastShare(0.5));
    for (query, word) in [
        (good().with_filter("make", "GoPro").unwrap(), "do not go together"),
        (
            with("on-foot", FilterValue::YesNo(true)).with_filter("not-creator-username", "x").unwrap(),
            "do not go together",
        ),
        (with("min-quality", FilterValue::LeastShare(1.5)), "1.5"),
        (with("min-quality", FilterValue::LeastShare(f64::NAN)), "NaN"),
        (with("spacing", FilterValue::Metres(0.0)), "0 m"),
        (with("spacing", FilterValue::Metres(-1.0)), "-1 m"),
        (with("spacing", FilterValue::Metres(f64::INFINITY)), "inf m"),
    ] {
        let error = query.plan().unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
    for layer in [Layer::Sequences, Layer::Points, Layer::Signs] {
        let query = Query::new(layer, town()).with_filter("spacing", FilterValue::Metres(5.0)).unwrap();
        assert!(query.plan().is_err(), "{layer}");
    }
}
