//! The JSON of the Overpass API.

use serde_json::{Map, Value, json};

use super::{EDITED_S, MapExtract, VERSION};

pub(super) fn write(map: &MapExtract) -> String {
    let nodes = map.nodes.iter().map(|node| {
        let mut element = element("node", node.id, &node.tags);
        element.insert("lat".to_owned(), json!(node.at[1]));
        element.insert("lon".to_owned(), json!(node.at[0]));
        Value::Object(element)
    });
    let ways = map.ways.iter().map(|way| {
        let mut element = element("way", way.id, &way.tags);
        element.insert("nodes".to_owned(), json!(way.nodes));
        Value::Object(element)
    });
    let elements: Vec<Value> = nodes.chain(ways).collect();
    json!({
        "version": 0.6,
        "generator": "mly emulate",
        "osm3s": { "copyright": "The map is invented." },
        "elements": elements,
    })
    .to_string()
}

fn element(kind: &str, id: i64, tags: &[(&'static str, String)]) -> Map<String, Value> {
    let edited = chrono::DateTime::from_timestamp(EDITED_S, 0).unwrap_or_default();
    let mut element = Map::new();
    element.insert("type".to_owned(), json!(kind));
    element.insert("id".to_owned(), json!(id));
    element.insert("timestamp".to_owned(), json!(edited.format("%Y-%m-%dT%H:%M:%SZ").to_string()));
    element.insert("version".to_owned(), json!(VERSION));
    if !tags.is_empty() {
        let tags: Map<String, Value> =
            tags.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
        element.insert("tags".to_owned(), Value::Object(tags));
    }
    element
}
