//! Sequences as the tiles show them: one feature per id, merged over tiles, tested against the area itself.

use std::collections::{BTreeMap, BTreeSet};

use mly::{Area, Query};
use serde_json::Value;

use crate::support::truth::{features_around, lines};
use crate::support::{TOWN, demo, features, options, property, town};

/// Every straight piece of the lines of each sequence, in units of 1e-10 degrees.
fn pieces(features: &[Value]) -> BTreeMap<String, BTreeSet<[i64; 4]>> {
    let units = |degrees: f64| (degrees * 1e10).round() as i64;
    let mut all = BTreeMap::<_, BTreeSet<_>>::new();
    for feature in features {
        let id = feature["properties"]["id"].as_str().unwrap().to_owned();
        let known = all.entry(id).or_default();
        for line in lines(feature) {
            // A single image is a line that stays where it is.
            let moves = line.windows(2).filter(|w| w[0] != w[1]);
            known.extend(moves.map(|w| [w[0][0], w[0][1], w[1][0], w[1][1]].map(units)));
        }
    }
    all
}

/// The features whose sequence has a line in some tile; the others are made from single images.
fn with_lines(mut features: Vec<Value>, tiles: &[Value]) -> Vec<Value> {
    features.retain(|f| tiles.iter().any(|t| t["properties"]["id"] == f["properties"]["id"]));
    features
}

#[tokio::test]
async fn a_sequence_in_many_tiles_is_one_feature_with_all_its_pieces() {
    let emulator = demo();
    let got = features(options(&emulator), &Query::sequences(town()).with_cut(true)).await.unwrap();
    let tiles = features_around(&emulator, "mly1_public", "sequence", TOWN);
    let got = with_lines(got, &tiles);
    assert!(tiles.len() > got.len(), "some sequence crosses a border");
    let ids: BTreeSet<_> = property(&got, "id").iter().map(|id| id.as_str().unwrap()).collect();
    assert_eq!(ids.len(), got.len(), "each id once");
    assert_eq!(pieces(&got), pieces(&tiles));
}

#[tokio::test]
async fn lines_cut_at_a_tile_border_are_joined() {
    let emulator = demo();
    let got = features(options(&emulator), &Query::sequences(town()).with_cut(true)).await.unwrap();
    let tiles = features_around(&emulator, "mly1_public", "sequence", TOWN);
    let got = with_lines(got, &tiles);
    let parts = |all: &[Value]| all.iter().map(|f| lines(f).len()).sum::<usize>();
    assert!(parts(&got) < parts(&tiles));
}

#[tokio::test]
async fn a_sequence_is_wanted_when_its_line_touches_the_area() {
    let emulator = demo();
    let [w, s, e, n] = [9.003, 51.996, 9.006, 51.998];
    let area = Area::bbox(w, s, e, n).unwrap();
    let got = features(options(&emulator), &Query::sequences(area)).await.unwrap();
    let ids: BTreeSet<_> = property(&got, "id").iter().map(|id| id.as_str().unwrap().to_owned()).collect();

    // Sampling each line finely finds what touches the box, but for lines that graze it.
    let touches = |margin: f64| {
        let inside =
            move |[x, y]: [f64; 2]| w - margin <= x && x <= e + margin && s - margin <= y && y <= n + margin;
        let tiles = features_around(&emulator, "mly1_public", "sequence", [w, s, e, n]);
        let sampled = tiles.into_iter().filter(move |f| {
            lines(f).iter().any(|line| {
                line.windows(2).any(|ends| {
                    (0..=500).any(|i| {
                        let t = f64::from(i) / 500.0;
                        inside([0, 1].map(|axis| ends[0][axis] + t * (ends[1][axis] - ends[0][axis])))
                    })
                })
            })
        });
        sampled.map(|f| f["properties"]["id"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>()
    };
    assert!(ids.is_superset(&touches(0.0)));
    assert!(ids.is_subset(&touches(1e-5)));
    let in_tiles: BTreeSet<_> = features_around(&emulator, "mly1_public", "sequence", [w, s, e, n])
        .iter()
        .map(|f| f["properties"]["id"].as_str().unwrap().to_owned())
        .collect();
    assert!(!ids.is_empty() && ids.len() < in_tiles.len());
}

#[tokio::test]
async fn a_wanted_sequence_is_not_cut_at_the_area() {
    let emulator = demo();
    let area = Area::near(9.004, 51.997, 150.0).unwrap();
    let got = features(options(&emulator), &Query::sequences(area).with_cut(true)).await.unwrap();
    let tiles = features_around(&emulator, "mly1_public", "sequence", [9.004, 51.997, 9.004, 51.997]);
    let (got, tiles) = (with_lines(got, &tiles), pieces(&tiles));
    assert!(!got.is_empty());
    for (id, got) in pieces(&got) {
        assert!(got.is_superset(&tiles[&id]), "all that the tile shows of {id}");
    }
}
