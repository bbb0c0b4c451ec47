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
    let mut all = Map::new();
    all.insert("name".to_owned(), json!(layer.name));
    all.insert("type".to_owned(), json!("overlay"));
    all.insert("version".to_owned(), json!("1"));
    all.insert("generator".to_owned(), json!("mly"));
    // What the result is, by the keys that other formats have too.
    if let Some(Value::Object(pairs)) = about.to_json() {
        all.extend(pairs);
    }
    if let Some(description) = about.description() {
        all.insert("description".to_owned(), json!(description));
    }
    // Viewers take it for HTML.
    if let Some(attribution) = about.attribution() {
        let html = attribution.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        all.insert("attribution".to_owned(), json!(html));
    }
    all.insert("rows".to_owned(), json!(rows));
    all.insert("shown_by_zoom".to_owned(), Value::Object(shown_by_zoom));
    all.insert(
        "vector_layers".to_owned(),
        json!([{
            "id": layer.name,
            "description": about.description().unwrap_or_default(),
            "minzoom": 0,
            "maxzoom": LAST_ZOOM,
            "fields": fields,
        }]),
    );
    Value::Object(all).to_string()
}
