//! Tiles without anything to show that are not empty bodies.

use mly_mvt::{Geometry, LayerWriter, Polygon, TileWriter};

use crate::grid::EXTENT;

/// A layer `water` that covers the tile, as the service answers where there are no map features.
pub(crate) fn water() -> Vec<u8> {
    let side = EXTENT.cast_signed();
    let exterior = vec![[0, 0], [side, 0], [side, side], [0, side], [0, 0]];
    let whole_tile = Geometry::Polygons(vec![Polygon { exterior, interiors: Vec::new() }]);
    let mut layer = LayerWriter::new("water", EXTENT);
    let written = layer.feature(Some(0), &whole_tile, &[]);
    debug_assert!(written.is_ok(), "a square is a polygon");
    let mut tile = TileWriter::new();
    tile.layer(layer);
    tile.finish()
}

/// A layer `mapillary-empty` without features, byte for byte as version 3 of the service answered.
pub(crate) const MAPILLARY_EMPTY: &[u8] = b"\x1a\x16\x78\x01\x0a\x0fmapillary-empty\x28\x80\x20";
