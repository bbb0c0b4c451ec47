//! Map features.

use super::{entity::Entity, fields::Field, lookup::Graph, node::Slot};
use crate::{
    date,
    dice::mix,
    json::Json,
    world::{FeatureKind, MapFeature},
};

pub(super) fn write(json: &mut Json, graph: &Graph<'_>, feature: &MapFeature, field: &Field) -> Slot {
    match field.name.as_str() {
        "first_seen_at" => json.text(&date::write(feature.first_seen_at_ms)),
        "last_seen_at" => json.text(&date::write(feature.last_seen_at_ms)),
        "object_value" => json.text(&feature.value),
        "object_type" => json.text(object_type(feature)),
        "geometry" => json.point(feature.position),
        "aligned_direction" => return Slot::of(feature.aligned_direction, |degrees| json.float(degrees)),
        "images" => {
            let images = feature.images.iter().filter_map(|&id| graph.image(id));
            return Slot::Entities(images.map(Entity::Image).collect(), &["geometry"]);
        }
        "detections" => {
            let detections = graph.source.detections_of_feature(feature.id).into_iter();
            return Slot::Entities(detections.map(Entity::Detection).collect(), &[]);
        }
        _ => return Slot::Unknown,
    }
    Slot::Written
}

/// The words of recorded answers, which are not those of the documentation.
fn object_type(feature: &MapFeature) -> &'static str {
    match feature.kind {
        FeatureKind::Sign => "trafficsign",
        FeatureKind::Point if mix(feature.id).is_multiple_of(3) => "panoptic",
        FeatureKind::Point => "mvd_fast",
    }
}
