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

pub(super) fn write(
    json: &mut Json,
    graph: &Graph<'_>,
    feature: &MapFeature,
    fields: &Fields,
) -> Result<(), ApiError> {
    object(json, NODE, feature.id, fields, |json, field| {
        match field.name.as_str() {
            "first_seen_at" => json.text(&date::write(feature.first_seen_at_ms)),
            "last_seen_at" => json.text(&date::write(feature.last_seen_at_ms)),
            "object_value" => json.text(&feature.value),
            "object_type" => json.text(object_type(feature)),
            "geometry" => json.point(feature.position),
            "aligned_direction" => {
                return Ok(Slot::of(feature.aligned_direction, |degrees| json.float(degrees)));
            }
            "images" => {
                json.open('{');
                json.key("data").open('[');
                for &id in &feature.images {
                    graph.write_linked_image(json, id, field)?;
                }
                json.close(']');
                json.close('}');
            }
            "detections" => {
                let found = graph.source.detections_of_feature(feature.id).into_iter().map(Entity::Detection);
                graph.write_data(json, found, field.nested.as_ref().unwrap_or(&Fields::default()))?;
            }
            _ => return Ok(Slot::Unknown),
        }
        Ok(Slot::Written)
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
