//! Look-ups, searches, detections and whole sequences against the graph's own JSON.

mod caller;
mod detection;
mod drawn;
mod drive;
mod failing;
mod field;
mod json;
mod lookup;
mod page;
mod plan;
mod refusal;
mod search;
mod sequence;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use mly::{Client, Error, Lookup, Summary};
use mly_emulator::{Emulator, Endpoint};
use serde_json::Value;

use crate::support::truth::{features_around, graph};
use crate::support::{Request, SECRET, Server, TOKEN, TOWN, client, demo, features_of};

/// Runs a lookup and gives its rows as parsed GeoJSON.
async fn answer(client: &Client, lookup: &Lookup) -> Result<(Vec<Value>, Summary), Error> {
    features_of(client, &lookup.plan()?).await
}

/// Every field of an image whose value does not depend on who is asked, and when (API v4, "Image").
const LASTING: &str = "altitude,atomic_scale,camera_parameters,camera_type,captured_at,compass_angle,computed_altitude,\
    computed_compass_angle,computed_geometry,computed_rotation,creator,exif_orientation,geometry,height,is_pano,make,\
    merge_cc,model,organization,quality_score,sequence,width";

/// Every image of the demo town by its id, as the graph has it.
fn town_images() -> &'static BTreeMap<i64, Value> {
    static IMAGES: LazyLock<BTreeMap<i64, Value>> = LazyLock::new(|| {
        let emulator = demo();
        let ids = ids_in(&emulator, "mly1_public", "image");
        by_id(&emulator, &ids, LASTING)
    });
    &IMAGES
}

/// Every `n`-th image of the town.
fn every(n: usize) -> Vec<i64> {
    town_images().keys().step_by(n).copied().collect()
}

/// Ids of everything that the tiles around the town show of a layer.
fn ids_in(emulator: &Emulator, set: &str, layer: &str) -> Vec<i64> {
    let found = features_around(emulator, set, layer, TOWN);
    found.iter().map(|f| f["properties"]["id"].as_i64().unwrap()).collect()
}

/// What the graph says of some ids.
fn by_id(emulator: &Emulator, ids: &[i64], fields: &str) -> BTreeMap<i64, Value> {
    let batches = ids.chunks(50).flat_map(|some| {
        let list: Vec<_> = some.iter().map(ToString::to_string).collect();
        let answer = graph(emulator, &format!("/?ids={}&fields={fields}", list.join(",")));
        answer.as_object().unwrap().clone().into_iter()
    });
    batches.map(|(id, image)| (id.parse().unwrap(), image)).collect()
}

/// Paths and queries of what was asked of the graph.
fn asked(emulator: &Emulator, kind: Endpoint) -> Vec<String> {
    let seen = emulator.requests().into_iter().filter(|seen| seen.kind == kind);
    seen.map(|seen| format!("{}?{}", seen.path, seen.query)).collect()
}

/// Ids of rows, which look-ups write as text.
fn ids(rows: &[Value]) -> Vec<i64> {
    let id = |row: &Value| match &row["properties"]["id"] {
        Value::String(text) => text.parse().unwrap(),
        number => number.as_i64().unwrap(),
    };
    rows.iter().map(id).collect()
}

/// What an error shows in any way.
fn shown(error: &Error) -> String {
    format!("{error} {error:?} {error:#?}")
}
