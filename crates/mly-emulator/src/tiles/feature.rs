//! Map feature tiles: the layers `point` and `traffic_sign` at zoom 14.

use mly_mvt::{Geometry, LayerWriter, Polygon, TileWriter, Value};

use super::coverage::int;
use crate::{
    grid::{EXTENT, TileId, to_world},
    world::{FeatureKind, Source},
};

/// The tile. One without map features holds a layer `water` that covers it, as on the service, where such a tile is not
/// empty.
pub(super) fn encode(source: &dyn Source, at: TileId, kind: FeatureKind) -> Vec<u8> {
    let mut layer = LayerWriter::new(
        match kind {
            FeatureKind::Point => "point",
            FeatureKind::Sign => "traffic_sign",
        },
        EXTENT,
    );
    for (id, feature) in (0..).zip(source.features_at(at, kind)) {
        layer.point(
            Some(id),
            at.cell(to_world(feature.position)),
            &[
                ("first_seen_at", Value::Int(feature.first_seen_at_ms)),
                ("id", int(feature.id)),
                ("last_seen_at", Value::Int(feature.last_seen_at_ms)),
                ("value", Value::String(&feature.value)),
            ],
        );
    }
    let mut tile = TileWriter::new();
    tile.layer(if layer.feature_count() > 0 { layer } else { water() });
    tile.finish()
}

fn water() -> LayerWriter {
    let side = EXTENT.cast_signed();
    let exterior = vec![[0, 0], [side, 0], [side, side], [0, side], [0, 0]];
    let whole_tile = Geometry::Polygons(vec![Polygon { exterior, interiors: Vec::new() }]);
    let mut layer = LayerWriter::new("water", EXTENT);
    let written = layer.feature(Some(0), &whole_tile, &[]);
    debug_assert!(written.is_ok(), "a square is a polygon");
    layer
}
