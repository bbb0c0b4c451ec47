//! Detections.

use std::slice;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{Fields, Graph, object};
use crate::{answer::ApiError, date, json::Json, world::Detection};

pub(super) const NODE: &str = "ImageDetection";

pub(super) fn json(graph: &Graph<'_>, detection: &Detection, fields: &Fields) -> Result<Json, ApiError> {
    object(NODE, &detection.id.to_string(), fields, |field| {
        Some(match field.name.as_str() {
            "created_at" => Ok(Some(Json::text(date::write(detection.created_at_ms)))),
            "geometry" => Ok(Some(Json::text(STANDARD.encode(&detection.outline)))),
            "value" => Ok(Some(Json::text(&*detection.value))),
            "image" => graph.images(slice::from_ref(&detection.image), field).next().transpose(),
            _ => return None,
        })
    })
}
