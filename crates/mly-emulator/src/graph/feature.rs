//! Map features.

use super::{
    Entity, Fields, Graph,
    node::{Slot, object},
};
use crate::{
    answer::ApiError,
    date,
    dice::mix,
    json::Json,
    world::{FeatureKind, MapFeature},
};

pub(super) const NODE: &str = "MapFeature";

pub(super) fn json(graph: &Graph<'_>, feature: &MapFeature, fields: &Fields) -> Result<Json, ApiError> {
    object(NODE, feature.id, fields, |field| {
        let value = match field.name.as_str() {
            "first_seen_at" => Json::text(date::write(feature.first_seen_at_ms)),
            "last_seen_at" => Json::text(date::write(feature.last_seen_at_ms)),
            "object_value" => Json::text(&*feature.value),
            "object_type" => Json::text(object_type(feature)),
            "geometry" => Json::point(feature.position),
            "aligned_direction" => return Ok(feature.aligned_direction.map(Json::Float).into()),
            "images" => {
                let images = feature.images.iter().filter_map(|&id| graph.linked_image(id, field));
                Json::data(images.collect::<Result<_, _>>()?)
            }
            "detections" => {
                let found = graph.source.detections_of_feature(feature.id).into_iter().map(Entity::Detection);
                graph.data(found, field.nested.as_ref().unwrap_or(&Fields::default()))?
            }
            _ => return Ok(Slot::Unknown),
        };
        Ok(value.into())
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
