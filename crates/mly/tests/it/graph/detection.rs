//! Detections against the graph's own base64, read by another decoder.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fast_mvt::MvtReaderRef;
use mly::{Lookup, Outlines, Subject};
use mly_emulator::{Emulator, Limits, World};
use serde_json::{Value, json};

use super::{Request, SECRET, Server, answer, by_id, client, ids, ids_in, town_images};
use crate::support::demo;
use crate::support::truth::graph;

/// Rings of an outline in units of its extent, without the corner that closes them, and the extent.
fn rings(text: &str) -> (Vec<Vec<[f64; 2]>>, f64) {
    let bytes = STANDARD.decode(text).unwrap();
    let reader = MvtReaderRef::new(&bytes).unwrap();
    let mut all = Vec::new();
    let mut extent = 0.0;
    for layer in reader.layers() {
        extent = f64::from(layer.extent());
        for feature in layer.features() {
            let polygons = match feature.geometry().unwrap() {
                geo_types::Geometry::Polygon(one) => vec![one],
                geo_types::Geometry::MultiPolygon(many) => many.0,
                other => panic!("no polygon: {other:?}"),
            };
            for polygon in polygons {
                for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
                    all.push(ring.coords().map(|c| [f64::from(c.x), f64::from(c.y)]).collect());
                }
            }
        }
    }
    (all, extent)
}

/// A ring from its least corner on and without the one that closes it: decoders differ in that.
fn turned(mut ring: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    if ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    let least = (0..ring.len()).min_by(|a, b| ring[*a].partial_cmp(&ring[*b]).unwrap()).unwrap_or(0);
    ring.rotate_left(least);
    ring
}

fn polygons(row: &Value) -> Vec<Vec<[f64; 2]>> {
    let pair = |at: &Value| [at[0].as_f64().unwrap(), at[1].as_f64().unwrap()];
    let ring = |ring: &Value| ring.as_array().unwrap().iter().map(pair).collect();
    row["properties"]["polygons"].as_array().unwrap().iter().map(ring).collect()
}

/// Detections of an id as the graph has them.
fn sent(emulator: &Emulator, of: i64) -> Vec<Value> {
    let answer = graph(emulator, &format!("/{of}/detections?fields=created_at,geometry,image,value"));
    answer["data"].as_array().unwrap().clone()
}

/// Checks the rows of some ids in all three forms.
async fn check(emulator: &Emulator, subject: Subject, of: &[i64]) -> BTreeSet<usize> {
    let client = client(emulator);
    let lookup = Lookup::new(subject, of);
    let (rows, summary) = answer(&client, &lookup).await.unwrap();
    assert_eq!((summary.not_found.len(), summary.misfits), (0, 0));
    let (raw, _) = answer(&client, &lookup.clone().with_outlines(Outlines::Raw)).await.unwrap();
    let (pixels, _) = answer(&client, &lookup.with_outlines(Outlines::Pixels)).await.unwrap();
    let want: Vec<(i64, Value)> =
        of.iter().flat_map(|id| sent(emulator, *id).into_iter().map(|d| (*id, d))).collect();
    assert_eq!([rows.len(), raw.len(), pixels.len()], [want.len(); 3]);
    let mut parts = BTreeSet::new();
    for (i, (id, want)) in want.iter().enumerate() {
        let image = &town_images()[&want["image"]["id"].as_str().unwrap().parse().unwrap()];
        for row in [&rows[i], &raw[i], &pixels[i]] {
            let properties = &row["properties"];
            assert_eq!(properties["id"], want["id"]);
            assert_eq!(properties["image_id"], image["id"]);
            assert_eq!(properties["value"], want["value"]);
            assert_eq!(row["geometry"]["coordinates"], want["image"]["geometry"]["coordinates"]);
            let feature = (subject == Subject::DetectionsOfMapFeature).then(|| json!(id.to_string()));
            assert_eq!(properties.get("map_feature_id"), feature.as_ref());
            let date =
                chrono::DateTime::parse_from_str(want["created_at"].as_str().unwrap(), "%Y-%m-%dT%H:%M:%S%z");
            assert_eq!(properties["created_at"], json!(date.unwrap().timestamp_millis()));
        }
        assert_eq!(raw[i]["properties"]["pixel_geometry"], want["geometry"]);
        let (rings, extent) = rings(want["geometry"].as_str().unwrap());
        parts.insert(rings.len());
        let size = ["width", "height"].map(|name| image[name].as_f64().unwrap());
        let at = |scale: [f64; 2]| -> Vec<Vec<[f64; 2]>> {
            let scaled = |[x, y]: [f64; 2]| [x / extent * scale[0], y / extent * scale[1]];
            rings.iter().map(|ring| turned(ring.iter().map(|p| scaled(*p)).collect())).collect()
        };
        let got = |row: &Value| polygons(row).into_iter().map(turned).collect::<Vec<_>>();
        assert_eq!(got(&rows[i]), at([1.0, 1.0]), "{id}");
        assert!(got(&rows[i]).iter().flatten().flatten().all(|n| (0.0..=1.0).contains(n)));
        assert_eq!(got(&pixels[i]), at(size), "{id}");
        assert_eq!(pixels[i]["properties"]["image_width"], image["width"]);
        assert_eq!(pixels[i]["properties"]["image_height"], image["height"]);
        assert_eq!(pixels[i]["properties"]["sequence_id"], image["sequence"]);
    }
    parts
}

fn features(emulator: &Emulator) -> Vec<i64> {
    let mut all = ids_in(emulator, "mly_map_feature_point", "point");
    all.truncate(40);
    let mut signs = ids_in(emulator, "mly_map_feature_traffic_sign", "traffic_sign");
    signs.truncate(40);
    all.extend(signs);
    // Nothing can be told of what no image shows.
    let images = by_id(emulator, &all, "images");
    all.retain(|id| !images[id]["images"]["data"].as_array().unwrap().is_empty());
    all
}

#[tokio::test]
async fn detections_of_images_are_where_another_decoder_sees_them() {
    let emulator = demo();
    let some: Vec<i64> = town_images().keys().step_by(40).copied().collect();
    assert!(check(&emulator, Subject::DetectionsOfImage, &some).await.contains(&1));
}

#[tokio::test]
async fn detections_of_map_features_are_where_another_decoder_sees_them() {
    let emulator = demo();
    let some = features(&emulator);
    let parts = check(&emulator, Subject::DetectionsOfMapFeature, &some).await;
    assert!(parts.contains(&1) && parts.contains(&3), "{parts:?}");
}

#[tokio::test]
async fn an_id_of_another_kind_or_of_nothing_is_not_found() {
    let emulator = demo();
    let client = client(&emulator);
    let images: Vec<i64> = town_images().keys().step_by(60).copied().collect();
    let silent = images.iter().filter(|id| sent(&emulator, **id).is_empty()).count();
    assert!(silent > 0, "some image has no detections");
    let organization = town_images().values().find_map(|i| i["organization"]["id"].as_str()).unwrap();
    let features = features(&emulator);
    for (subject, own, other) in [
        (Subject::DetectionsOfImage, &images, &features),
        (Subject::DetectionsOfMapFeature, &features, &images),
    ] {
        let mut bad: Vec<String> = other.iter().map(ToString::to_string).collect();
        bad.extend(["17".to_owned(), organization.to_owned()]);
        for outlines in [Outlines::Normalised, Outlines::Pixels] {
            let all = own.iter().map(ToString::to_string).chain(bad.iter().cloned());
            let (rows, summary) =
                answer(&client, &Lookup::new(subject, all).with_outlines(outlines)).await.unwrap();
            bad.sort_unstable();
            assert_eq!(summary.not_found, bad, "{subject}");
            assert_eq!(rows.len(), own.iter().map(|id| sent(&emulator, *id).len()).sum::<usize>());
        }
    }
}

#[tokio::test]
async fn detections_whose_image_was_deleted_have_no_pixels() {
    let limits = Limits::default().with_stale_one_in(3);
    let emulator = Emulator::builder(World::demo()).with_limits(limits).start().unwrap();
    let some = features(&emulator);
    let lookup = Lookup::new(Subject::DetectionsOfMapFeature, &some).with_outlines(Outlines::Pixels);
    let (rows, summary) = answer(&client(&emulator), &lookup).await.unwrap();
    assert_eq!(rows.len(), some.iter().map(|id| sent(&emulator, *id).len()).sum::<usize>());
    let (gone, kept): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row["properties"]["image_id"].is_null());
    assert!(gone.len() > 10 && kept.len() > 10);
    assert!(gone.iter().all(|row| row["properties"]["polygons"].is_null() && row["geometry"].is_null()));
    assert!(kept.iter().all(|row| row["properties"]["polygons"].is_array()));
    assert!(summary.not_found.is_empty());
}

#[tokio::test]
async fn every_page_is_fetched_from_the_same_host_with_the_token_in_the_header() {
    let outline = "GjgKBm1weS1vchIYEgIAABgDIhAJ4iDyJhq8AQAApAG7AQAPGgR0eXBlIgkKB3BvbHlnb24ogCB4AQ==";
    let server = Server::start(move |call| {
        let page: u32 = call.target.split("after=p").nth(1).map_or(0, |n| n.parse().unwrap());
        let row =
            |id: u32| format!(r#"{{"id":"{id}","image":{{"id":"5"}},"value":"v","geometry":"{outline}"}}"#);
        let next = format!(r#","next":"https://other.example/5/detections?limit=2&after=p{}""#, page + 1);
        let next = if page < 3 { next } else { String::new() };
        let rows = format!("{},{}", row(2 * page + 1), row(2 * page + 2));
        ("200 OK", format!(r#"{{"data":[{rows}],"paging":{{"cursors":{{"after":"zzz"}}{next}}}}}"#))
    });
    let (rows, _) = answer(&server.client(), &Lookup::new(Subject::DetectionsOfImage, [5])).await.unwrap();
    assert_eq!(ids(&rows), (1..=8).collect::<Vec<_>>());
    let calls = server.requests();
    assert_eq!(calls.len(), 4);
    assert!(calls.iter().all(|call| call.head.contains(SECRET) && !call.target.contains(SECRET)));
}

#[tokio::test]
async fn an_outline_that_cannot_be_read_is_null_and_counted() {
    let good = "GjgKBm1weS1vchIYEgIAABgDIhAJ4iDyJhq8AQAApAG7AQAPGgR0eXBlIgkKB3BvbHlnb24ogCB4AQ";
    let texts = BTreeMap::from([(1, good), (2, "!!!"), (3, "GjgKBm1weS1v"), (4, ""), (5, "/////w==")]);
    let row =
        |(id, text): (&i64, &&str)| format!(r#"{{"id":"{id}","image":{{"id":"5"}},"geometry":"{text}"}}"#);
    let body = format!(r#"{{"data":[{}]}}"#, texts.iter().map(row).collect::<Vec<_>>().join(","));
    let server = Server::start(move |_| ("200 OK", body.clone()));
    let (rows, summary) =
        answer(&server.client(), &Lookup::new(Subject::DetectionsOfImage, [5])).await.unwrap();
    assert_eq!(ids(&rows), [1, 2, 3, 4, 5]);
    assert_eq!(polygons(&rows[0]).len(), 1, "without padding");
    assert!([1, 2, 4].iter().all(|i| rows[*i]["properties"]["polygons"].is_null()), "{rows:?}");
    assert_eq!((summary.misfits, summary.unread["polygons"]), (3, 3));
    assert_eq!(summary.losses.values, 0, "no format has lost anything");
}

/// The page at a cursor.
type Page = Box<dyn Fn(i64) -> String + Send + Sync>;

#[tokio::test]
async fn detections_whose_pages_lead_nowhere_are_an_error_and_those_of_others_come() {
    let cursor = |call: &Request| {
        let after = call.target.rsplit_once("after=").and_then(|(_, cursor)| cursor.parse().ok());
        after.unwrap_or(0_i64)
    };
    let page = |row: i64, next: i64| {
        let row = format!(r#"{{"id":"{}","image":{{"id":"5"}}}}"#, row + 1);
        format!(r#"{{"data":[{row}],"paging":{{"next":"http://x/?after={next}"}}}}"#)
    };
    let ways: [(Page, &str, usize); 4] = [
        (Box::new(move |_| page(1, 1)), "its pages lead in a circle", 2),
        (Box::new(move |at| page(at, (at + 1) % 7)), "its pages lead in a circle", 8),
        (Box::new(move |at| page(1, at + 1)), "its pages repeat the same rows", 2),
        (Box::new(move |at| page(at, at + 1)), "it has more pages than there can be rows for", 1011),
    ];
    for (pages, says, requests) in ways {
        let server = Server::start(move |call| {
            let of_six = r#"{"data":[{"id":"77","image":{"id":"6"}}]}"#;
            ("200 OK", if call.target.contains("/6/") { of_six.to_owned() } else { pages(cursor(call)) })
        });
        let error =
            answer(&server.client(), &Lookup::new(Subject::DetectionsOfImage, [5])).await.unwrap_err();
        assert_eq!(error.to_string(), format!("detections of 5 cannot be read: {says}"));
        assert_eq!(server.requests().len(), requests, "{says}");
        let lookup = Lookup::new(Subject::DetectionsOfImage, [5, 6]);
        let (rows, summary) = answer(&server.client(), &lookup).await.unwrap();
        assert_eq!(ids(&rows), [77]);
        assert_eq!(summary.failed, [("5".to_owned(), format!("its answer cannot be read: {says}"))]);
    }
}

#[tokio::test]
async fn what_many_images_share_is_looked_up_in_batches() {
    let emulator = demo();
    let ids: Vec<i64> = town_images().keys().take(120).copied().collect();
    for outlines in [Outlines::Normalised, Outlines::Pixels] {
        let lookup = Lookup::new(Subject::DetectionsOfImage, &ids).with_outlines(outlines);
        let (_, summary) = answer(&client(&emulator), &lookup).await.unwrap();
        // One request an image, and for each fifty of them one for those without detections and one for the sizes.
        assert!((120..=126).contains(&summary.entities), "{outlines:?}: {}", summary.entities);
    }
}
