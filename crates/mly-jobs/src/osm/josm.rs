//! What is missing as a layer of JOSM, and links that make JOSM show a place.

use std::fmt::Write;

use super::added::added_nodes;
use super::compared::OsmComparison;
use super::element::ElementId;
use super::finding::Finding;
use super::xml::{degrees, tags};
use crate::metric::Position;

/// A layer with the nodes that are missing. They do not stand in their ways, so that nothing that exists is touched.
pub(super) fn layer(found: &OsmComparison) -> String {
    let mut out = String::from(
        "<?xml version='1.0' encoding='UTF-8'?>\n<osm version=\"0.6\" generator=\"mly\" upload=\"false\">\n",
    );
    for node in added_nodes(found) {
        let (lat, lon) = (degrees(node.at[1]), degrees(node.at[0]));
        // Writing to a text does not fail.
        let _ = writeln!(out, "<node id=\"{}\" visible=\"true\" lat=\"{lat}\" lon=\"{lon}\">", node.id);
        tags(&mut out, node.tags.iter().map(|(key, value)| (key.as_str(), value.as_str())));
        out.push_str("</node>\n");
    }
    out.push_str("</osm>\n");
    out
}

/// A link that makes a running JOSM load the place of a sign, select the element and offer the tags.
pub(super) fn link(at: Position, finding: &Finding) -> String {
    /// Half of the sides of what is loaded, in degrees.
    const HALF: f64 = 0.001;
    let mut link = format!(
        "http://127.0.0.1:8111/load_and_zoom?left={}&right={}&bottom={}&top={}",
        degrees(at[0] - HALF),
        degrees(at[0] + HALF),
        degrees(at[1] - HALF),
        degrees(at[1] + HALF)
    );
    let Some((id, known)) = &finding.element else { return link };
    let selected = match id {
        ElementId::Node(id) => format!("node{id}"),
        ElementId::Way(id) => format!("way{id}"),
    };
    let _ = write!(link, "&select={selected}");
    // Tags of a point that is missing are not those of the way that it goes into, and a key that the element has with another
    // value is for a mapper to decide: `highway=cycleway` would take a street off the map.
    let would_change = |key: &String, value: &String| known.get(key).is_some_and(|old| old != value);
    let is_new = !finding.suggested.iter().any(|(key, value)| would_change(key, value));
    if finding.insertion.is_none() && !finding.suggested.is_empty() && is_new {
        let pairs: Vec<_> = finding.suggested.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let _ = write!(link, "&addtags={}", percent(&pairs.join("|")));
    }
    link
}

/// A text as a value in a URL.
fn percent(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~=:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
