//! What is missing or contradicts, as tasks of `MapRoulette`.
//!
//! Each line is a record separator and a `FeatureCollection`, which is a task. Its name is the id of its feature, a text,
//! so that a challenge that is made again updates its tasks.

use serde_json::{Map, Value, json};

use super::added::day;
use super::compared::OsmComparison;
use super::finding::{Finding, OsmStatus};
use super::josm::link;
use super::mapped_sign::MappedSign;
use super::rows::{suggested_json, tags_json};

/// Most tasks and bytes that a challenge takes at once.
pub(super) const MOST_TASKS: usize = 50_000;
pub(super) const MOST_BYTES: usize = 15_000_000;

/// Begins each line (RFC 8142).
const RECORD_SEPARATOR: char = '\u{1e}';

/// The tasks, in parts that are not too large. There is at least one part.
pub(super) fn parts(found: &OsmComparison, most_tasks: usize, most_bytes: usize) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut count = 0;
    for (finding, sign) in found.findings.iter().zip(&found.signs.all) {
        if !finding.status.is_task() {
            continue;
        }
        let line = format!("{RECORD_SEPARATOR}{}\n", task(finding, sign));
        let is_full = |part: &String| count >= most_tasks || part.len() + line.len() > most_bytes;
        if parts.last().is_some_and(|part| is_full(part) && !part.is_empty()) {
            parts.push(String::new());
            count = 0;
        }
        if let Some(part) = parts.last_mut() {
            part.push_str(&line);
            count += 1;
        }
    }
    parts
}

fn task(finding: &Finding, sign: &MappedSign) -> Value {
    let id = format!("mly-{}", sign.id);
    let mut properties = Map::new();
    let mut set = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            properties.insert(key.to_owned(), Value::from(value));
        }
    };
    set("id", Some(id.clone()));
    set("value", Some(sign.value.clone()));
    set("status", Some(finding.status.name().to_owned()));
    set("osm_id", finding.element.as_ref().map(|(id, _)| id.to_string()));
    set("osm_tags", finding.element.as_ref().map(|(_, tags)| tags_json(tags)));
    set("suggested_tags", suggested_json(finding));
    set("first_seen", sign.seen.and_then(|[first, _]| day(first)));
    set("last_seen", sign.seen.and_then(|[_, last]| day(last)));
    set("image", sign.image.map(|image| format!("https://www.mapillary.com/app/?pKey={image}&focus=photo")));
    set("josm", Some(link(sign.at, finding)));
    let colour = if finding.status == OsmStatus::Conflicting { "#e80" } else { "#d33" };
    set("marker-color", Some(colour.to_owned()));
    json!({
        "type": "FeatureCollection",
        "features": [{
            "type": "Feature",
            "id": id,
            "geometry": {"type": "Point", "coordinates": sign.at},
            "properties": properties,
        }],
    })
}
