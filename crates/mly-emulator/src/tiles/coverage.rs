//! Coverage tiles: `overview` up to zoom 5, `sequence` from 6, `image` at 14.

use mly_mvt::{Geometry, LayerWriter, TileWriter, Value};

use super::line;
use crate::{
    grid::{DATA_ZOOM, EXTENT, TileId, to_world},
    world::{Image, Positions, Source, Track},
};

/// Where `overview` ends and `sequence` begins.
const FIRST_SEQUENCE_ZOOM: u8 = 6;

/// Empty (no bytes) when nothing lies in the tile.
pub(super) fn encode(source: &dyn Source, at: TileId, positions: Positions) -> Vec<u8> {
    // Feature ids run on over the layers.
    let mut ids = 0..;
    let layers = if at.z < FIRST_SEQUENCE_ZOOM {
        vec![overview(&mut ids, source.overview_at(at, positions), at, positions)]
    } else if at.z < DATA_ZOOM {
        vec![sequences(&mut ids, source.tracks_at(at, positions), at)]
    } else {
        vec![
            sequences(&mut ids, source.tracks_at(at, positions), at),
            images(&mut ids, source.images_at(at, positions), at, positions),
        ]
    };
    let mut tile = TileWriter::new();
    for layer in layers {
        if layer.feature_count() > 0 {
            tile.layer(layer);
        }
    }
    tile.finish()
}

fn overview(
    ids: &mut impl Iterator<Item = u64>,
    images: Vec<Image>,
    at: TileId,
    positions: Positions,
) -> LayerWriter {
    let mut layer = LayerWriter::new("overview", EXTENT);
    for image in images {
        // Documented with is_pano; clients report that it is absent in practice.
        let properties = [
            ("captured_at", Value::Int(image.captured_at_ms)),
            ("id", int(image.id)),
            ("sequence_id", Value::String(&image.sequence)),
        ];
        if let Some(place) = image.at(positions) {
            layer.point(ids.next(), at.cell(to_world(place)), &properties);
        }
    }
    layer
}

/// A sequence with fewer than two images in the tile has no line there.
fn sequences(ids: &mut impl Iterator<Item = u64>, tracks: Vec<Track>, at: TileId) -> LayerWriter {
    let mut layer = LayerWriter::new("sequence", EXTENT);
    let tolerance = if at.z == DATA_ZOOM { 1.0 } else { 3.0 };
    for Track { first, path, inside } in tracks {
        if inside == 0 {
            continue;
        }
        // What is left out has a number all the same: the ids of the service have gaps.
        let id = ids.next();
        let path: Vec<_> = path.into_iter().map(|place| at.units(place)).collect();
        let parts = line::clip(&line::simplify(&path, tolerance));
        if inside < 2 || parts.is_empty() {
            continue;
        }
        let mut properties = vec![
            ("captured_at", Value::Int(first.captured_at_ms)),
            ("id", Value::String(&first.sequence)),
            ("image_id", int(first.id)),
            ("is_pano", Value::Bool(first.is_pano)),
        ];
        push_shared(&mut properties, &first);
        let written = layer.feature(id, &Geometry::Lines(parts), &properties);
        debug_assert!(written.is_ok(), "each part of a clipped line has two vertices");
    }
    layer
}

fn images(
    ids: &mut impl Iterator<Item = u64>,
    images: Vec<Image>,
    at: TileId,
    positions: Positions,
) -> LayerWriter {
    let mut layer = LayerWriter::new("image", EXTENT);
    for image in images {
        let mut properties = vec![("captured_at", Value::Int(image.captured_at_ms))];
        if let Some(angle) = image.compass_angle {
            properties.push(("compass_angle", Value::Double(angle)));
        }
        properties.extend([
            ("id", int(image.id)),
            ("sequence_id", Value::String(&image.sequence)),
            ("is_pano", Value::Bool(image.is_pano)),
        ]);
        push_shared(&mut properties, &image);
        if let Some(place) = image.at(positions) {
            layer.point(ids.next(), at.cell(to_world(place)), &properties);
        }
    }
    layer
}

/// The properties that images and sequences have in common.
fn push_shared(properties: &mut Vec<(&str, Value<'_>)>, image: &Image) {
    properties.extend(image.organization.map(|id| ("organization_id", int(id))));
    properties.extend(image.creator.map(|id| ("creator_id", int(id))));
    properties.extend(image.quality_score.map(|score| ("quality_score", Value::Double(score))));
    properties.extend(image.foot.map(|foot| ("foot", Value::Bool(foot))));
}

/// Ids are int64 on the wire.
pub(super) const fn int(id: u64) -> Value<'static> {
    Value::Int(id.cast_signed())
}
