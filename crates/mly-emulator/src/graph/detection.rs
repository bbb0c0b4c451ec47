//! Detections.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    Fields, Graph,
    node::{Slot, object},
};
use crate::{answer::ApiError, date, json::Json, world::Detection};

pub(super) const NODE: &str = "ImageDetection";

pub(super) fn write(
    json: &mut Json,
    graph: &Graph<'_>,
    detection: &Detection,
    fields: &Fields,
) -> Result<(), ApiError> {
    object(json, NODE, detection.id, fields, |json, field| {
        match field.name.as_str() {
            "created_at" => json.text(&date::write(detection.created_at_ms)),
            "geometry" => json.text(&STANDARD.encode(&detection.outline)),
            "value" => json.text(&detection.value),
            "image" => {
                let written = graph.write_linked_image(json, detection.image, field)?;
                return Ok(if written { Slot::Written } else { Slot::Empty });
            }
            _ => return Ok(Slot::Unknown),
        }
        Ok(Slot::Written)
    })
}
