//! Coverage tiles: the layer `overview` up to zoom 5, `sequence` from zoom 6, `image` at zoom 14.

use std::collections::HashSet;

use mly_mvt::{Geometry, LayerWriter, TileWriter, Value};

use super::{buffer, line};
use crate::{
    answers::{Answers, ComputedCompass, LowZoomProperties, OverviewCompleteness, OverviewIsPano},
    grid::{DATA_ZOOM, EXTENT, TileId},
    world::{PositionKind, Source, TileImage, Track},
};

/// The lowest zoom with the layer `sequence`; those below have `overview`.
const FIRST_SEQUENCE_ZOOM: u8 = 6;

/// With an overview that is thinned, tiles of this zoom have one point each.
const THINNED_ZOOM: u8 = 10;

/// The tile; no bytes at all when nothing lies in it.
pub(super) fn encode(source: &dyn Source, at: TileId, positions: PositionKind, answers: &Answers) -> Vec<u8> {
    let mut tile = TileWriter::new();
    // Feature ids are counted through all layers of the tile.
    let mut ids = 0..;
    let mut add = |layer: LayerWriter| {
        if layer.feature_count() > 0 {
            tile.layer(layer);
        }
    };
    if at.z < FIRST_SEQUENCE_ZOOM {
        add(overview(&mut ids, source, at, positions, answers));
    } else {
        add(sequences(&mut ids, source.tracks_at(at, positions), at, answers));
    }
    if at.z == DATA_ZOOM {
        add(images(&mut ids, source, at, positions, answers));
    }
    tile.finish()
}

fn overview(
    ids: &mut impl Iterator<Item = u64>,
    source: &dyn Source,
    at: TileId,
    positions: PositionKind,
    answers: &Answers,
) -> LayerWriter {
    let mut layer = LayerWriter::new("overview", EXTENT);
    let mut shown = HashSet::new();
    source.overview_at(at, positions, &mut |image| {
        if answers.overview_completeness == OverviewCompleteness::Thinned
            && !shown.insert(TileId::holding(THINNED_ZOOM, image.place))
        {
            return;
        }
        let mut properties = PropertyList::default();
        properties.push("captured_at", Value::Int(image.captured_at_ms));
        properties.push("id", int(image.id));
        properties.push("sequence_id", Value::String(image.sequence));
        // The documentation lists is_pano too; clients report that it is absent.
        if answers.overview_is_pano == OverviewIsPano::Present {
            properties.push("is_pano", Value::Bool(image.is_pano));
        }
        layer.point(ids.next(), at.cell(image.place), properties.list());
    });
    layer
}

/// The layer `sequence`. A sequence with fewer than two images in the tile has no line there, even where its line crosses
/// the tile: clients have to complete such sequences from other tiles.
fn sequences(
    ids: &mut impl Iterator<Item = u64>,
    tracks: Vec<Track>,
    at: TileId,
    answers: &Answers,
) -> LayerWriter {
    let only_ids = at.z < DATA_ZOOM && answers.low_zoom_properties == LowZoomProperties::Fewer;
    let mut layer = LayerWriter::new("sequence", EXTENT);
    // In tile units: lines of low zooms are simplified more.
    let tolerance = if at.z == DATA_ZOOM { 1.0 } else { 3.0 };
    for Track { first, path, inside } in tracks {
        if inside == 0 {
            continue;
        }
        // Sequences that are left out below take an id as well, since the ids of the service have gaps.
        let id = ids.next();
        let path: Vec<_> = path.into_iter().map(|place| at.units(place)).collect();
        let path = line::simplify(&path, tolerance);
        let parts = line::clip(&path);
        // Lines shorter than one unit are left out below zoom 14, so those tiles lack some sequences, as on the service.
        if inside < 2 || parts.is_empty() || at.z < DATA_ZOOM && line::length(&path) < 1.0 {
            continue;
        }
        let mut properties = PropertyList::default();
        if only_ids {
            properties.push("id", Value::String(&first.sequence));
        } else {
            properties.push("captured_at", Value::Int(first.captured_at_ms));
            properties.push("id", Value::String(&first.sequence));
            properties.push("image_id", int(first.id));
            properties.push("is_pano", Value::Bool(first.is_pano));
            properties.push_shared(first.organization, first.creator, first.quality_score, first.foot);
        }
        let written = layer.feature(id, &Geometry::Lines(parts), properties.list());
        debug_assert!(written.is_ok(), "each part of a clipped line has two vertices");
    }
    layer
}

fn images(
    ids: &mut impl Iterator<Item = u64>,
    source: &dyn Source,
    at: TileId,
    positions: PositionKind,
    answers: &Answers,
) -> LayerWriter {
    let mut layer = LayerWriter::new("image", EXTENT);
    let is_computed = positions == PositionKind::Computed;
    let is_corrected = is_computed && answers.computed_compass == ComputedCompass::Corrected;
    let mut add = |image: TileImage<'_>, cell| {
        let mut properties = PropertyList::default();
        properties.push("captured_at", Value::Int(image.captured_at_ms));
        let angle = if is_corrected { image.computed_compass_angle } else { image.compass_angle };
        if let Some(angle) = angle {
            properties.push("compass_angle", Value::Double(angle));
        }
        properties.push("id", int(image.id));
        properties.push("sequence_id", Value::String(image.sequence));
        properties.push("is_pano", Value::Bool(image.is_pano));
        properties.push_shared(image.organization, image.creator, image.quality_score, image.foot);
        layer.point(ids.next(), cell, properties.list());
    };
    source.images_at(at, positions, &mut |image| add(image, at.cell(image.place)));
    if buffer::is_on(answers, at, is_computed) {
        for tile in buffer::neighbours(at) {
            source.images_at(tile, positions, &mut |image| {
                if let Some(cell) = buffer::cell(at, image.place) {
                    add(image, cell);
                }
            });
        }
    }
    layer
}

/// The properties of one feature, in an array: a tile has up to 20,000 features, and a list on the heap for each is slow.
struct PropertyList<'a> {
    list: [(&'static str, Value<'a>); 9],
    count: usize,
}

impl Default for PropertyList<'_> {
    fn default() -> Self {
        Self { list: [("", Value::Bool(false)); 9], count: 0 }
    }
}

impl<'a> PropertyList<'a> {
    fn push(&mut self, key: &'static str, value: Value<'a>) {
        self.list[self.count] = (key, value);
        self.count += 1;
    }

    /// The properties that images and sequences share, in the order of the service.
    fn push_shared(
        &mut self,
        organization: Option<u64>,
        creator: Option<u64>,
        quality_score: Option<f64>,
        foot: Option<bool>,
    ) {
        if let Some(id) = organization {
            self.push("organization_id", int(id));
        }
        if let Some(id) = creator {
            self.push("creator_id", int(id));
        }
        if let Some(score) = quality_score {
            self.push("quality_score", Value::Double(score));
        }
        if let Some(foot) = foot {
            self.push("foot", Value::Bool(foot));
        }
    }

    fn list(&self) -> &[(&'static str, Value<'a>)] {
        &self.list[..self.count]
    }
}

/// An id as a value: tiles store ids as `int64`.
pub(super) const fn int(id: u64) -> Value<'static> {
    Value::Int(id.cast_signed())
}
