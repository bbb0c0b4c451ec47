//! What viewers and people are told of the archive.

use serde_json::{Map, Value, json};

use super::tile::{COUNT, TileLayer};
use super::world::{LAST_ZOOM, ZOOMS};
use crate::table::About;

/// The metadata as JSON.
///
/// `shown_by_zoom` says how many of all rows are shown at each zoom, so that nobody takes a part of them for all.
pub(super) fn metadata(
    about: About<'_>,
    layer: &TileLayer,
    types: &[&str],
    shown: &[u64; ZOOMS],
    rows: u64,
) -> String {
    let mut fields: Map<String, Value> =
        layer.names.iter().zip(types).map(|(name, field)| (name.clone(), json!(field))).collect();
    let is_thinned = shown.iter().any(|shown| *shown < rows);
    if is_thinned {
        fields.insert(COUNT.to_owned(), json!("Number"));
    }
    let shown_by_zoom: Map<String, Value> = shown
        .iter()
        .enumerate()
        .map(|(zoom, shown)| (zoom.to_string(), json!(format!("{shown} of {rows}"))))
        .collect();
    let mut all = json!({
        "name": layer.name,
        "type": "overlay",
        "version": "1",
        "generator": "mly",
        "rows": rows,
        "shown_by_zoom": shown_by_zoom,
        "vector_layers": [{"id": layer.name, "minzoom": 0, "maxzoom": LAST_ZOOM, "fields": fields}],
    });
    // What the result is, by the keys that other formats have too.
    for (key, text) in about.pairs() {
        all[key] = json!(text);
    }
    // It is all that maps show of where the rows are from, and they take it for HTML.
    if let Some(attribution) = about.attribution() {
        let html = attribution.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        all["attribution"] = json!(html);
    }
    all.to_string()
}
