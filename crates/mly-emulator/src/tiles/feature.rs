//! Map feature tiles: the layers `point` and `traffic_sign` at zoom 14.

use mly_mvt::{LayerWriter, TileWriter, Value};

use super::{buffer, coverage::int};
use crate::{
    answers::{Answers, MapFeatureProperties},
    grid::{EXTENT, TileId, to_world},
    world::{FeatureKind, MapFeature, Source},
};

/// The tile; no bytes at all when no map feature lies in it.
pub(super) fn encode(source: &dyn Source, at: TileId, kind: FeatureKind, answers: &Answers) -> Vec<u8> {
    let mut layer = LayerWriter::new(
        match kind {
            FeatureKind::Point => "point",
            FeatureKind::Sign => "traffic_sign",
        },
        EXTENT,
    );
    let mut ids = 0..;
    let mut add = |feature: &MapFeature, cell| {
        let mut properties = vec![
            ("first_seen_at", Value::Int(feature.first_seen_at_ms)),
            ("id", int(feature.id)),
            ("last_seen_at", Value::Int(feature.last_seen_at_ms)),
            ("value", Value::String(&feature.value)),
        ];
        if answers.map_feature_properties == MapFeatureProperties::More {
            properties.push(("aligned_direction", Value::Double(feature.aligned_direction.unwrap_or(0.0))));
        }
        layer.point(ids.next(), cell, &properties);
    };
    for feature in source.features_at(at, kind) {
        add(&feature, at.cell(to_world(feature.position)));
    }
    if buffer::is_on(answers, at, false) {
        for feature in buffer::neighbours(at).flat_map(|tile| source.features_at(tile, kind)) {
            if let Some(cell) = buffer::cell(at, to_world(feature.position)) {
                add(&feature, cell);
            }
        }
    }
    if layer.feature_count() == 0 {
        return Vec::new();
    }
    let mut tile = TileWriter::new();
    tile.layer(layer);
    tile.finish()
}
