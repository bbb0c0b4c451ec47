//! Detections.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    Fields, Graph,
    node::{Slot, object},
};
use crate::{answer::ApiError, date, json::Json, world::Detection};

pub(super) const NODE: &str = "ImageDetection";

pub(super) fn json(graph: &Graph<'_>, detection: &Detection, fields: &Fields) -> Result<Json, ApiError> {
    object(NODE, detection.id, fields, |field| {
        let value = match field.name.as_str() {
            "created_at" => Json::text(date::write(detection.created_at_ms)),
            "geometry" => Json::text(STANDARD.encode(&detection.outline)),
            "value" => Json::text(&*detection.value),
            "image" => return Ok(graph.linked_image(detection.image, field).transpose()?.into()),
            _ => return Ok(Slot::Unknown),
        };
        Ok(value.into())
    })
}
