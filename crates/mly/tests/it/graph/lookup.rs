//! Things by id: every value is the graph's, in the order of the ids.

use mly::{Lookup, Subject};
use mly_emulator::{Emulator, Endpoint, TokenForm, World};
use serde_json::{Map, Value, json};

use super::{answer, asked, by_id, client, every, ids, ids_in, town_images};
use crate::support::TOWN;
use crate::support::truth::{features_around, graph};

/// Every field of an image (API v4, "Image").
const IMAGE_FIELDS: [&str; 28] = [
    "altitude",
    "atomic_scale",
    "camera_parameters",
    "camera_type",
    "captured_at",
    "compass_angle",
    "computed_altitude",
    "computed_compass_angle",
    "computed_geometry",
    "computed_rotation",
    "creator",
    "detections",
    "exif_orientation",
    "height",
    "is_pano",
    "make",
    "merge_cc",
    "mesh",
    "model",
    "organization",
    "quality_score",
    "sequence",
    "sfm_cluster",
    "thumb_1024_url",
    "thumb_2048_url",
    "thumb_256_url",
    "thumb_original_url",
    "width",
];

/// A town whose signed addresses do not change.
fn town() -> Emulator {
    Emulator::builder(World::demo()).with_clock(|| 1_780_000_000_000).start().unwrap()
}

/// An image of the graph in the form of a row: what is nested becomes columns.
fn as_row(image: &Value) -> Value {
    let mut properties = Map::new();
    for (name, value) in image.as_object().unwrap() {
        match (name.as_str(), value) {
            ("geometry", _) => {}
            ("creator" | "mesh" | "organization" | "sfm_cluster", Value::Object(inner)) => {
                for (key, value) in inner {
                    properties.insert(format!("{name}_{key}"), value.clone());
                }
            }
            _ => {
                properties.insert(name.clone(), value.clone());
            }
        }
    }
    json!({"type": "Feature", "geometry": image["geometry"], "properties": properties})
}

/// Numbers as the graph writes them may be whole where rows have a fraction, and the other way round.
fn assert_same(got: &Value, want: &Value, path: &str) {
    match (got, want) {
        (Value::Number(a), Value::Number(b)) => assert_eq!(a.as_f64(), b.as_f64(), "{path}"),
        (Value::Array(a), Value::Array(b)) => {
            assert_eq!(a.len(), b.len(), "{path}");
            a.iter().zip(b).for_each(|(a, b)| assert_same(a, b, path));
        }
        (Value::Object(a), Value::Object(b)) => {
            assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>(), "{path}");
            a.iter().for_each(|(key, value)| assert_same(value, &b[key], &format!("{path}.{key}")));
        }
        _ => assert_eq!(got, want, "{path}"),
    }
}

#[tokio::test]
async fn every_field_of_an_image_is_what_the_graph_says() {
    let emulator = town();
    let client = client(&emulator);
    for some in every(31).chunks(30) {
        let lookup = Lookup::new(Subject::Image, some).with_fields(IMAGE_FIELDS);
        let (rows, summary) = answer(&client, &lookup).await.unwrap();
        assert_eq!((ids(&rows), summary.not_found.len()), (some.to_vec(), 0));
        for (id, row) in some.iter().zip(&rows) {
            let want = graph(&emulator, &format!("/{id}?fields={},geometry", IMAGE_FIELDS.join(",")));
            assert_same(row, &as_row(&want), &id.to_string());
        }
    }
}

#[tokio::test]
async fn no_fields_named_means_every_batched_field_and_the_cluster_of_one_image() {
    let emulator = town();
    let client = client(&emulator);
    let some = every(200);
    let (rows, _) = answer(&client, &Lookup::new(Subject::Image, &some)).await.unwrap();
    let batch: Vec<_> =
        IMAGE_FIELDS.iter().filter(|f| !["detections", "sfm_cluster"].contains(f)).copied().collect();
    for (id, row) in some.iter().zip(&rows) {
        let want = graph(&emulator, &format!("/{id}?fields={},geometry", batch.join(",")));
        assert_same(row, &as_row(&want), &id.to_string());
    }
    let (rows, _) = answer(&client, &Lookup::new(Subject::Image, &some[..1])).await.unwrap();
    let want = graph(&emulator, &format!("/{}?fields={},sfm_cluster,geometry", some[0], batch.join(",")));
    assert_same(&rows[0], &as_row(&want), "single");
}

#[tokio::test]
async fn every_field_of_a_map_feature_is_what_the_graph_and_the_tiles_say() {
    let emulator = town();
    let client = client(&emulator);
    for (set, layer) in [("mly_map_feature_point", "point"), ("mly_map_feature_traffic_sign", "traffic_sign")]
    {
        let in_tiles = features_around(&emulator, set, layer, TOWN);
        let some: Vec<&Value> = in_tiles.iter().step_by(9).collect();
        let numbers: Vec<i64> = some.iter().map(|f| f["properties"]["id"].as_i64().unwrap()).collect();
        let (rows, _) = answer(&client, &Lookup::new(Subject::MapFeature, &numbers)).await.unwrap();
        assert_eq!(ids(&rows), numbers);
        let fields = "aligned_direction,images,object_type,object_value,geometry";
        let truth = by_id(&emulator, &numbers, fields);
        for (row, in_tile) in rows.iter().zip(some) {
            let tile = &in_tile["properties"];
            let mut want = as_row(&truth[&tile["id"].as_i64().unwrap()]);
            // The graph writes whole seconds, tiles milliseconds.
            for name in ["first_seen_at", "last_seen_at"] {
                want["properties"][name] = json!(tile[name].as_i64().unwrap().div_euclid(1000) * 1000);
            }
            assert_same(row, &want, layer);
        }
    }
}

#[tokio::test]
async fn an_organization_has_a_name_and_no_place() {
    let emulator = town();
    let client = client(&emulator);
    let all = town_images().values().filter_map(|image| image["organization"]["id"].as_str());
    let mut numbers: Vec<i64> = all.map(|id| id.parse().unwrap()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 3);
    let (rows, _) = answer(&client, &Lookup::new(Subject::Organization, &numbers)).await.unwrap();
    for (id, row) in numbers.iter().zip(&rows) {
        let want = graph(&emulator, &format!("/{id}?fields=slug,name,description"));
        assert_eq!((&row["properties"], &row["geometry"]), (&want, &Value::Null));
    }
    assert_eq!(rows.len(), 3);
}

#[tokio::test]
async fn ids_go_out_in_batches_of_fifty_with_the_token_in_the_header() {
    let emulator = town();
    let client = client(&emulator);
    for (count, requests) in [(1, 1), (2, 1), (50, 1), (51, 2), (149, 3), (150, 3), (151, 4)] {
        let before = emulator.requests().len();
        let some: Vec<i64> = every(7)[..count].iter().rev().copied().collect();
        let lookup = Lookup::new(Subject::Image, &some).with_fields(["captured_at"]);
        assert_eq!(lookup.plan().unwrap().cost().entities, requests);
        let (rows, summary) = answer(&client, &lookup).await.unwrap();
        assert_eq!(ids(&rows), some);
        let seen = &emulator.requests()[before..];
        assert_eq!((seen.len() as u64, summary.entities), (requests, requests));
        assert!(seen.iter().all(|s| s.token == TokenForm::Header && !s.query.contains("access_token")));
    }
}

#[tokio::test]
async fn an_id_that_is_listed_often_is_asked_once_and_answered_each_time() {
    let emulator = town();
    let client = client(&emulator);
    let some = every(500);
    let list: Vec<i64> =
        some.iter().chain(some.iter().rev()).chain(&some[..3]).chain(&[7, 7]).copied().collect();
    let (rows, summary) = answer(&client, &Lookup::new(Subject::Image, &list)).await.unwrap();
    assert_eq!(ids(&rows), list[..list.len() - 2]);
    assert_eq!(summary.not_found, ["7"]);
    let longest = asked(&emulator, Endpoint::Entity).iter().map(|q| q.matches("%2C").count()).max();
    assert!(longest.unwrap() > some.len(), "{longest:?}");
}

#[tokio::test]
async fn a_limit_gives_the_first_rows_and_no_ids_ask_nothing() {
    let emulator = town();
    let client = client(&emulator);
    let some = every(20);
    for limit in [1, 49, 60, 1000] {
        let (rows, _) = answer(&client, &Lookup::new(Subject::Image, &some).with_limit(limit)).await.unwrap();
        assert_eq!(ids(&rows), some[..some.len().min(limit as usize)]);
    }
    let before = emulator.requests().len();
    for lookup in [Lookup::new(Subject::Image, &some).with_limit(0), Lookup::new(Subject::Image, [0_i64; 0])]
    {
        assert!(answer(&client, &lookup).await.unwrap().0.is_empty());
    }
    assert_eq!(emulator.requests().len(), before);
}

#[tokio::test]
async fn clusters_are_asked_for_one_image_at_a_time() {
    let emulator = town();
    let client = client(&emulator);
    let some = every(400);
    for fields in [&["sfm_cluster"][..], &["sfm_cluster_url"], &["make", "sfm_cluster.id"]] {
        let before = asked(&emulator, Endpoint::Entity).len();
        let (rows, _) =
            answer(&client, &Lookup::new(Subject::Image, &some).with_fields(fields.iter().copied()))
                .await
                .unwrap();
        assert_eq!(ids(&rows), some);
        let seen = &asked(&emulator, Endpoint::Entity)[before..];
        assert_eq!(seen.len(), some.len());
        assert!(seen.iter().all(|q| !q.contains("ids=")));
    }
}

#[tokio::test]
async fn the_images_of_a_sequence_come_in_order_of_capture() {
    let emulator = town();
    let client = client(&emulator);
    let mut sequences: Vec<&str> =
        town_images().values().map(|image| image["sequence"].as_str().unwrap()).collect();
    sequences.sort_unstable();
    sequences.dedup();
    let some: Vec<&str> = sequences.iter().step_by(9).copied().chain(["no-such-sequence-00000"]).collect();
    let (rows, summary) = answer(&client, &Lookup::new(Subject::Sequence, &some)).await.unwrap();
    let of = |sequence: &&str| {
        let list = graph(&emulator, &format!("/image_ids?sequence_id={sequence}"));
        list["data"].as_array().unwrap().iter().map(|i| i["id"].as_str().unwrap().parse().unwrap()).collect()
    };
    let want: Vec<i64> = some
        .iter()
        .flat_map(|s| {
            let list: Vec<i64> = of(s);
            list
        })
        .collect();
    assert_eq!(ids(&rows), want);
    assert_eq!(summary.not_found, ["no-such-sequence-00000"]);
    assert!(!ids_in(&emulator, "mly1_public", "image").is_empty());
    for row in &rows {
        let image = &town_images()[&ids(std::slice::from_ref(row))[0]];
        assert_eq!(row["properties"]["captured_at"], image["captured_at"]);
        assert_same(&row["geometry"], &image["geometry"], "geometry");
    }
}
