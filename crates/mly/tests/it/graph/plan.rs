//! Stored plans and parts of plans, of look-ups and searches.

use mly::{Area, Client, Filters, Lookup, Outlines, Plan, Query, Subject};
use mly_emulator::{Emulator, World};
use serde_json::{Value, json};

use super::{client, features_of, ids, town_images};
use crate::support::town;

fn plans() -> Vec<Plan> {
    let images: Vec<i64> = town_images().keys().step_by(25).copied().chain([7]).collect();
    let sequences: Vec<&str> =
        town_images().values().step_by(300).map(|i| i["sequence"].as_str().unwrap()).collect();
    let make = Filters::default().with("make", "GoPro").unwrap();
    let makes = vec!["GoPro".to_owned(), "Apple".to_owned()];
    let makes = Filters::default().with("make", makes).unwrap();
    let creator = Filters::default().with("creator-username", "pano_pete").unwrap();
    let wide = Area::bbox(5.0, 47.0, 15.0, 55.0).unwrap();
    let centre = &town_images().values().next().unwrap()["geometry"]["coordinates"];
    let near = Area::near(centre[0].as_f64().unwrap(), centre[1].as_f64().unwrap(), 45.0).unwrap();
    vec![
        Lookup::new(Subject::Image, &images).with_fields(["make", "creator.username"]).plan().unwrap(),
        Lookup::new(Subject::Image, &images).plan().unwrap(),
        Lookup::new(Subject::Sequence, sequences).with_fields(["captured_at"]).plan().unwrap(),
        Lookup::new(Subject::DetectionsOfImage, &images[..20])
            .with_outlines(Outlines::Pixels)
            .plan()
            .unwrap(),
        Lookup::new(Subject::Organization, [0_i64; 0]).plan().unwrap(),
        Query::images(near.clone()).plan().unwrap(),
        Query::signs(near).plan().unwrap(),
        Query::images(town()).with_filters(make).with_fields(["make"]).plan().unwrap(),
        Query::images(town()).with_filters(makes).plan().unwrap(),
        Query::images(wide).with_filters(creator).plan().unwrap(),
    ]
}

async fn rows(client: &Client, plan: &Plan) -> Vec<Value> {
    features_of(client, plan).await.unwrap().0
}

#[tokio::test]
async fn a_stored_plan_and_its_parts_give_the_rows_of_the_plan() {
    // Signed addresses are the same then, whenever they are asked for.
    let emulator = Emulator::builder(World::demo()).with_clock(|| 1_780_000_000_000).start().unwrap();
    let client = client(&emulator);
    for plan in plans() {
        let text = plan.to_json().unwrap();
        assert!(!text.contains(emulator.token()));
        let again = Plan::from_json(&text).unwrap();
        assert_eq!((&again, again.to_string()), (&plan, plan.to_string()));
        let whole = rows(&client, &again).await;
        for n in [1, 3, 50] {
            let mut joined = Vec::new();
            for part in plan.partitions(n).unwrap() {
                let part = Plan::from_json(&part.to_json().unwrap()).unwrap();
                joined.extend(rows(&client, &part).await);
            }
            assert_eq!(ids(&joined), ids(&whole), "{plan} in {n} parts");
            assert_eq!(joined, whole, "{plan} in {n} parts");
        }
    }
}

/// A plan as versions stored it that searched the boxes of tiles of zoom 14, and knew one name of a camera.
fn stored_before(query: &Query) -> String {
    let plan = query.plan().unwrap();
    let mut json: Value = serde_json::from_str(&plan.to_json().unwrap()).unwrap();
    assert_eq!(json["question"]["query"]["filters"]["make"], "GoPro");
    let tiles = Query::images(town()).plan().unwrap().to_json().unwrap();
    let tiles: Value = serde_json::from_str(&tiles).unwrap();
    json["way"] = json!({ "boxes": tiles["way"]["tiles"] });
    json.to_string()
}

#[tokio::test]
async fn a_plan_that_was_stored_with_large_boxes_is_run_with_small_ones() {
    let emulator = Emulator::builder(World::demo()).with_clock(|| 1_780_000_000_000).start().unwrap();
    let client = client(&emulator);
    let query = Query::images(town()).with_filter("make", "GoPro").unwrap();
    let before = Plan::from_json(&stored_before(&query)).unwrap();
    assert_eq!(before.cost().searches, 9 * 16);
    assert_eq!(Plan::from_json(&before.to_json().unwrap()).unwrap(), before);
    let sorted = |mut rows: Vec<Value>| {
        rows.sort_by_key(|row| row["properties"]["id"].as_i64());
        rows
    };
    let want = sorted(rows(&client, &query.plan().unwrap()).await);
    assert_eq!(sorted(rows(&client, &before).await), want);
    let mut joined = Vec::new();
    for part in before.partitions(5).unwrap() {
        joined.extend(rows(&client, &part).await);
    }
    assert_eq!(sorted(joined), want);
}

#[test]
fn a_stored_plan_that_does_not_fit_its_question_is_refused() {
    let kind = |way: &Value| match way {
        Value::Object(way) => way.keys().next().cloned(),
        plain => plain.as_str().map(str::to_owned),
    };
    for plan in plans() {
        let mut json: Value = serde_json::from_str(&plan.to_json().unwrap()).unwrap();
        let own = kind(&json["way"]);
        for way in [
            json!("circle"),
            json!("creator"),
            json!({"tiles": [{"start": 0, "end": 5}]}),
            json!({"boxes": [{"start": 0, "end": 5}]}),
            json!({"ids": {"start": 0, "end": 0}}),
        ] {
            let is_same = kind(&way) == own;
            json["way"] = way;
            assert_eq!(Plan::from_json(&json.to_string()).is_ok(), is_same, "{plan}: {}", json["way"]);
        }
        for way in [
            json!({"ids": {"start": 3, "end": 1}}),
            json!({"ids": {"start": 0, "end": 9999}}),
            json!({"tiles": [{"start": 5, "end": 1}]}),
            json!({"tiles": [{"start": 0, "end": u64::MAX}]}),
            json!({"boxes": [{"start": 9, "end": 12}, {"start": 3, "end": 5}]}),
        ] {
            json["way"] = way;
            assert!(Plan::from_json(&json.to_string()).is_err(), "{plan}: {}", json["way"]);
        }
        for (from, to) in [("\"limit\": null", "\"limit\": -1"), ("\"version\": 2", "\"version\": 3")] {
            let text = plan.to_json().unwrap();
            assert!(Plan::from_json(&text.replacen(from, to, 1)).is_err(), "{from}");
        }
    }
    for bad in ["\"-5\"", "\"x\"", "5", "\"../x\""] {
        let plan = Lookup::new(Subject::Image, [123_456]).plan().unwrap().to_json().unwrap();
        assert!(Plan::from_json(&plan.replace("\"123456\"", bad)).is_err(), "{bad}");
    }
}
