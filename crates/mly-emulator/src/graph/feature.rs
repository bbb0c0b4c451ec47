//! Map features.

use super::{Entity, Fields, Graph, object};
use crate::{
    answer::ApiError,
    date,
    dice::mix,
    json::Json,
    world::{FeatureKind, MapFeature},
};

pub(super) const NODE: &str = "MapFeature";

pub(super) fn json(graph: &Graph<'_>, feature: &MapFeature, fields: &Fields) -> Result<Json, ApiError> {
    object(NODE, &feature.id.to_string(), fields, |field| {
        Some(Ok(Some(match field.name.as_str() {
            "first_seen_at" => Json::text(date::write(feature.first_seen_at_ms)),
            "last_seen_at" => Json::text(date::write(feature.last_seen_at_ms)),
            "object_value" => Json::text(&*feature.value),
            "object_type" => Json::text(object_type(feature)),
            "geometry" => Json::point(feature.position),
            "aligned_direction" => return Some(Ok(feature.aligned_direction.map(Json::Float))),
            "images" => match graph.images(&feature.images, field).collect::<Result<_, _>>() {
                Ok(rows) => Json::data(rows),
                Err(error) => return Some(Err(error)),
            },
            "detections" => {
                let rows = graph.source.detections_of_feature(feature.id).into_iter().map(Entity::Detection);
                match graph.data(rows, &field.nested.clone().unwrap_or_default()) {
                    Ok(data) => data,
                    Err(error) => return Some(Err(error)),
                }
            }
            _ => return None,
        })))
    })
}

/// Not what the documentation says: these are the words that answers hold.
fn object_type(feature: &MapFeature) -> &'static str {
    match feature.kind {
        FeatureKind::Sign => "trafficsign",
        FeatureKind::Point if mix(feature.id).is_multiple_of(3) => "panoptic",
        FeatureKind::Point => "mvd_fast",
    }
}
