//! Real answers of the graph, given by a server of a few lines.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use futures_util::TryStreamExt;
use mly::sink::{self, Destination, Format};
use mly::{Area, Client, Filters, Lookup, Options, Query, Subject, Token};
use serde_json::{Map, Value};

use crate::run::Bytes;

fn fixture(name: &str) -> Value {
    let text = std::fs::read_to_string(format!("../../fixtures/graph/{name}")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Answers each request by what `answer` makes of its path and query.
fn server(answer: impl Fn(&str) -> String + Send + 'static) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut request = [0; 8192];
            let length = stream.read(&mut request).unwrap_or(0);
            let request = String::from_utf8_lossy(&request[..length]);
            let body = answer(request.split(' ').nth(1).unwrap_or_default());
            let head =
                format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
        }
    });
    let mut options = Options::default().token(Token::new("MLY|1|0123456789abcdef").unwrap());
    options = options.base_url(&url).unwrap();
    options.init_backoff = Duration::ZERO;
    Client::new(options).unwrap()
}

/// The rows of a lookup as GeoJSON features.
async fn features(client: &Client, lookup: &Lookup) -> Vec<Value> {
    let batches = client.run(&lookup.plan().unwrap());
    let bytes = Bytes::default();
    let sink = sink::open(Format::GeoJsonSeq, Destination::stream(bytes.clone()), &batches.schema()).unwrap();
    batches.write_to(sink).await.unwrap();
    String::from_utf8(bytes.take()).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
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
    let client = server(move |_| answer.clone());
    let got = features(&client, &Lookup::new(Subject::Image, &ids)).await;
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
    let client = server(move |_| answer.clone());
    let got = features(&client, &Lookup::new(Subject::Image, ["178993950747668"])).await;
    assert_eq!(got[0]["geometry"], Value::Null);
    assert_eq!(got[0]["properties"].as_object().unwrap(), &flat(image.as_object().unwrap()));
}

#[tokio::test]
async fn the_images_of_a_real_sequence_come_in_its_order() {
    let sequence = fixture("mapillary_sequences_v4.json");
    let ids: Vec<_> =
        sequence["data"].as_array().unwrap().iter().map(|i| i["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), 968);
    let client = server(move |path| {
        if path.starts_with("/image_ids?") {
            return sequence.to_string();
        }
        let query = path.split_once("ids=").unwrap().1.split('&').next().unwrap();
        let objects = query.split("%2C").map(|id| format!(r#""{id}":{{"id":"{id}"}}"#));
        format!("{{{}}}", objects.collect::<Vec<_>>().join(","))
    });
    let lookup = Lookup::new(Subject::Sequence, ["Abc"]).with_fields(["captured_at"]);
    let got = features(&client, &lookup).await;
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
    let client = server(move |_| answer.clone());
    let filters = Filters::default().with("model", "imajbox").unwrap();
    let area = Area::bbox(-49.281, -25.447, -49.27, -25.44).unwrap();
    let query = Query::images(area).with_filters(filters).with_until("2019-06-08").unwrap();
    let batches: Vec<_> = client.run(&query.plan().unwrap()).try_collect().await.unwrap();
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
