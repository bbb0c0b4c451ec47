//! Fewer requests: tiles of a low zoom tell which others have anything.

use std::collections::BTreeSet;

use mly::{Area, Query};

use crate::support::{demo, features, options, property, town, write};

/// The town with a lot of empty land around it: 121 tiles.
fn land() -> Area {
    Area::bbox(8.9, 51.93, 9.12, 52.06).unwrap()
}

#[tokio::test]
async fn empty_land_is_not_asked_for_and_nothing_is_lost() {
    let emulator = demo();
    let all = features(options(&emulator), &Query::images(land())).await.unwrap();
    for zoom in 6..=13 {
        let query = Query::images(land()).with_prune(zoom);
        let cost = query.plan().unwrap().cost();
        let (_, summary) = write(options(&emulator), &query, mly::sink::Format::GeoJsonSeq).await.unwrap();
        let got = features(options(&emulator), &query).await.unwrap();
        assert_eq!(property(&got, "id"), property(&all, "id"), "{zoom}");
        assert!(cost.scouts > 0 && summary.tiles < cost.tiles / 2 + cost.scouts, "{zoom}: {summary:?}");
    }
}

#[tokio::test]
async fn every_layer_can_be_pruned() {
    let emulator = demo();
    for layer in mly::Layer::ALL {
        let whole = features(options(&emulator), &Query::new(layer, town())).await.unwrap();
        let pruned = features(options(&emulator), &Query::new(layer, town()).with_prune(10)).await.unwrap();
        let ids = |rows: &[serde_json::Value]| -> BTreeSet<String> {
            property(rows, "id").iter().map(ToString::to_string).collect()
        };
        assert_eq!(ids(&pruned), ids(&whole), "{layer}");
    }
}

#[test]
fn the_plan_says_what_is_read_first_and_that_it_is_not_complete() {
    let text = Query::images(land()).with_prune(8).plan().unwrap().to_string();
    assert!(text.contains("1 of zoom 8 first") && text.contains("can be missing"), "{text}");
    for zoom in [0, 5, 14, 20] {
        assert!(Query::images(land()).with_prune(zoom).plan().is_err(), "{zoom}");
    }
}

#[test]
fn parts_of_a_pruned_plan_ask_for_the_tiles_of_the_whole() {
    let plan = Query::images(land()).with_prune(9).plan().unwrap();
    let parts = plan.partitions(3).unwrap();
    let joined: Vec<_> = parts.iter().flat_map(mly::Plan::requests).collect();
    assert_eq!(joined, plan.requests().collect::<Vec<_>>());
}
