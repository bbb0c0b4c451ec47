//! Fields that tiles do not carry, fetched for the rows that are wanted.

use mly::{Area, Error, Filters, ImageType, Query};
use mly_emulator::{Emulator, Endpoint, Limits, World};
use serde_json::Value;

use super::{Server, asked, client, features_of, ids, town_images};
use crate::support::truth::features_around;
use crate::support::{TOWN, demo, town};

#[tokio::test]
async fn fields_come_in_batches_of_fifty_for_the_rows_that_pass_every_filter() {
    let emulator = demo();
    let client = client(&emulator);
    let panos = Filters::default().with("image-type", ImageType::Pano).unwrap();
    for query in [Query::images(town()).with_filters(panos), Query::images(town()).with_limit(777)] {
        let plain = features_of(&client, &query.plan().unwrap()).await.unwrap().0;
        let before = asked(&emulator, Endpoint::Entity).len();
        let query = query.with_fields(["make", "captured_at", "creator_username", "computed_geometry"]);
        let (rows, summary) = features_of(&client, &query.plan().unwrap()).await.unwrap();
        assert_eq!(ids(&rows), ids(&plain));
        let sent = asked(&emulator, Endpoint::Entity).len() - before;
        assert_eq!((sent, summary.entities), (rows.len().div_ceil(50), sent as u64));
        for row in &rows {
            let (got, image) =
                (&row["properties"], &town_images()[&row["properties"]["id"].as_i64().unwrap()]);
            for (name, want) in [
                ("make", &image["make"]),
                ("captured_at", &image["captured_at"]),
                ("creator_username", &image["creator"]["username"]),
                ("computed_geometry", &image["computed_geometry"]),
            ] {
                assert_eq!(&got[name], want, "{name}");
            }
            assert_eq!(got.get("sequence_id"), None);
        }
    }
}

#[tokio::test]
async fn a_limit_counts_before_fields_are_fetched() {
    let emulator = demo();
    let query = Query::images(town()).with_fields(["model"]).with_limit(10);
    let (rows, _) = features_of(&client(&emulator), &query.plan().unwrap()).await.unwrap();
    assert_eq!((rows.len(), asked(&emulator, Endpoint::Entity).len()), (10, 1));
}

#[tokio::test]
async fn an_image_that_was_deleted_keeps_its_row() {
    let limits = Limits::default().with_stale_one_in(6);
    let emulator = Emulator::builder(World::demo()).with_limits(limits).start().unwrap();
    let query = Query::images(town()).with_fields(["width", "captured_at"]).with_limit(300);
    let (rows, summary) = features_of(&client(&emulator), &query.plan().unwrap()).await.unwrap();
    assert_eq!(rows.len(), 300);
    let mut lost: Vec<String> = rows
        .iter()
        .filter(|r| r["properties"]["width"].is_null())
        .map(|r| r["properties"]["id"].to_string())
        .collect();
    lost.sort_unstable();
    assert!(lost.len() > 20, "{}", lost.len());
    assert_eq!(summary.not_found, lost);
    assert!(rows.iter().all(|row| row["properties"]["captured_at"].is_i64()));
}

#[tokio::test]
async fn clusters_are_fetched_alone_and_said_to_be() {
    let emulator = demo();
    let query = Query::images(town()).with_fields(["sfm_cluster_id"]).with_limit(12);
    let plan = query.plan().unwrap();
    assert!(plan.to_string().contains("look-ups  1 for each row: sfm_cluster_id"), "{plan}");
    let (rows, _) = features_of(&client(&emulator), &plan).await.unwrap();
    assert_eq!((rows.len(), asked(&emulator, Endpoint::Entity).len()), (12, 12));
}

#[tokio::test]
async fn a_name_for_several_columns_gives_all_of_them() {
    let emulator = demo();
    let client = client(&emulator);
    for (field, columns) in [
        ("creator", &["creator_id", "creator_username"][..]),
        ("creator.username", &["creator_username"]),
        ("creator.id", &["creator_id"]),
        ("organization", &["organization_id"]),
        ("sequence", &["sequence_id"]),
    ] {
        let query = Query::images(town()).with_fields([field]);
        let (rows, _) = features_of(&client, &query.plan().unwrap()).await.unwrap();
        for row in rows.iter().step_by(50) {
            let properties = row["properties"].as_object().unwrap();
            let image = &town_images()[&properties["id"].as_i64().unwrap()];
            let mut want: Vec<&str> = columns.to_vec();
            want.retain(|c| *c != "organization_id" || image.get("organization").is_some());
            want.push("id");
            want.sort_unstable();
            assert_eq!(properties.keys().collect::<Vec<_>>(), want, "{field}");
        }
    }
}

#[tokio::test]
async fn fields_of_map_features_are_fetched_too() {
    let emulator = demo();
    let query = Query::signs(town()).with_fields(["object_value", "object_type"]);
    let (rows, _) = features_of(&client(&emulator), &query.plan().unwrap()).await.unwrap();
    assert_eq!(
        rows.len(),
        features_around(&emulator, "mly_map_feature_traffic_sign", "traffic_sign", TOWN).len()
    );
    assert_eq!(asked(&emulator, Endpoint::Entity).len(), rows.len().div_ceil(50));
    for row in &rows {
        assert!(row["properties"]["value"].is_string() && row["properties"]["object_value"].is_null());
        assert_eq!(row["properties"]["object_type"], Value::from("trafficsign"));
    }
}

#[tokio::test]
async fn unknown_names_are_refused_before_anything_is_sent() {
    let server = Server::start(|_| ("200 OK", String::new()));
    for (query, name) in [
        (Query::images(town()), "title"),
        (Query::images(town()), "value"),
        (Query::signs(town()), "make"),
        (Query::sequences(town()), "make"),
        (Query::images(Area::near(9.0, 52.0, 20.0).unwrap()), "mak"),
        (Query::images(town()), "creator{id"),
        (Query::images(town()), "creator.id,make"),
    ] {
        let Err(Error::InvalidQuery { what, .. }) = query.with_fields(["id", name]).plan() else {
            panic!("{name} was taken")
        };
        assert!(what.contains(name), "{what}");
    }
    assert!(server.requests().is_empty());
}
