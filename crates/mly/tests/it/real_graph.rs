//! Real answers of the graph.

use futures_util::TryStreamExt;
use mly::{Area, Filters, Lookup, Query, Subject};
use serde_json::{Map, Value};

use crate::support::{Server, features_of, ok};

fn fixture(name: &str) -> Value {
    let text = std::fs::read_to_string(format!("../../fixtures/graph/{name}")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The rows of a lookup as GeoJSON features.
async fn features(server: &Server, lookup: &Lookup) -> Vec<Value> {
    features_of(&server.client(), &lookup.plan().unwrap()).await.unwrap().0
}

/// An answer of the graph in the form of our features: nested values by path, ids as text.
fn flat(object: &Map<String, Value>) -> Map<String, Value> {
    let mut flat = Map::new();
    for (name, value) in object.iter().filter(|(name, _)| *name != "geometry") {
        match (name.as_str(), value) {
            ("creator" | "mesh" | "organization" | "sfm_cluster", Value::Object(inner)) => {
                flat.extend(inner.iter().map(|(key, value)| (format!("{name}_{key}"), value.clone())));
            }
            _ => {
                flat.insert(name.clone(), value.clone());
            }
        }
    }
    flat
}

#[tokio::test]
async fn every_value_of_real_images_comes_back_as_it_was_sent() {
    let sample = fixture("images_search_sample_metadata_12.json");
    let images = sample["data"].as_array().unwrap().clone();
    let ids: Vec<_> = images.iter().map(|i| i["id"].as_str().unwrap().to_owned()).collect();
    let keyed: Map<String, Value> = ids.iter().cloned().zip(images.iter().cloned()).collect();
    let answer = Value::Object(keyed).to_string();
    let server = Server::start(move |_| ok(answer.clone()));
    let got = features(&server, &Lookup::new(Subject::Image, &ids)).await;
    assert_eq!(got.len(), 12);
    for (got, sent) in got.iter().zip(&images) {
        assert_eq!(got["geometry"], sent["geometry"]);
        assert_eq!(got["properties"].as_object().unwrap(), &flat(sent.as_object().unwrap()));
    }
}

#[tokio::test]
async fn a_real_image_with_few_fields_has_just_those() {
    let image = fixture("mapillary_image_v4.json");
    let answer = image.to_string();
    let server = Server::start(move |_| ok(answer.clone()));
    let got = features(&server, &Lookup::new(Subject::Image, ["178993950747668"])).await;
    assert_eq!(got[0]["geometry"], Value::Null);
    assert_eq!(got[0]["properties"].as_object().unwrap(), &flat(image.as_object().unwrap()));
}

#[tokio::test]
async fn the_images_of_a_real_sequence_come_in_its_order() {
    let sequence = fixture("mapillary_sequences_v4.json");
    let ids: Vec<_> =
        sequence["data"].as_array().unwrap().iter().map(|i| i["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), 968);
    let server = Server::start(move |request| {
        if request.target.starts_with("/image_ids?") {
            return ok(sequence.to_string());
        }
        let query = request.target.split_once("ids=").unwrap().1.split('&').next().unwrap();
        let objects = query.split("%2C").map(|id| format!(r#""{id}":{{"id":"{id}"}}"#));
        ok(format!("{{{}}}", objects.collect::<Vec<_>>().join(",")))
    });
    let lookup = Lookup::new(Subject::Sequence, ["AbcdefghijklmnopqrstuV"]).with_fields(["captured_at"]);
    let got = features(&server, &lookup).await;
    let got: Vec<_> = got.iter().map(|f| f["properties"]["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(got, ids);
}

#[tokio::test]
async fn a_real_search_gives_the_rows_that_fit() {
    let sample = fixture("images_search_sample_metadata_12.json");
    let wanted: Vec<i64> = sample["data"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|i| i["model"] == "Imajbox" && i["captured_at"].as_i64().unwrap() < 1_560_000_000_000)
        .map(|i| i["id"].as_str().unwrap().parse().unwrap())
        .collect();
    assert!(!wanted.is_empty() && wanted.len() < 12);
    let answer = sample.to_string();
    let server = Server::start(move |_| ok(answer.clone()));
    let filters = Filters::default().with("model", "imajbox").unwrap();
    let area = Area::bbox(-49.281, -25.447, -49.27, -25.44).unwrap();
    let query = Query::images(area).with_filters(filters).with_until("2019-06-08").unwrap();
    let batches: Vec<_> = server.client().run(&query.plan().unwrap()).try_collect().await.unwrap();
    let mut got: Vec<i64> = batches
        .iter()
        .flat_map(|b| {
            let ids = b.column(0).as_any().downcast_ref::<arrow_array::Int64Array>().unwrap();
            ids.values().to_vec()
        })
        .collect();
    got.sort_unstable();
    let mut wanted = wanted;
    wanted.sort_unstable();
    assert_eq!(got, wanted);
}
