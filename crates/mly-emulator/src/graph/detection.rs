//! Detections.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{entity::Entity, fields::Field, lookup::Graph, node::Slot};
use crate::{date, json::Json, world::Detection};

pub(super) fn write(json: &mut Json, graph: &Graph<'_>, detection: &Detection, field: &Field) -> Slot {
    match field.name.as_str() {
        "created_at" => json.text(&date::write(detection.created_at_ms)),
        "geometry" => json.text(&STANDARD.encode(&detection.outline)),
        "value" => json.text(&detection.value),
        "image" => return Slot::entity(graph.image(detection.image).map(Entity::Image), &["geometry"]),
        _ => return Slot::Unknown,
    }
    Slot::Written
}
