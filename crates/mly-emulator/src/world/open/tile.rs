//! Stored tiles, and the images and map features that are read from them.

use std::{
    collections::HashMap,
    io::{self, Read},
};

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use mly_mvt::{Error, Feature, Layer, Tile, Value};

use crate::{
    grid::{DATA_ZOOM, EXTENT, TileId, to_degrees},
    tile_set::TileSet,
    world::record::{FeatureKind, Image, MapFeature},
};

/// The images and map features of a tile.
#[derive(Debug, Default)]
pub(super) struct TileEntities {
    pub(super) images: Vec<Image>,
    pub(super) features: Vec<MapFeature>,
}

/// The tile in a file, which may be gzipped.
pub(super) fn unpacked(bytes: Vec<u8>) -> io::Result<Bytes> {
    const GZIP: [u8; 2] = [0x1F, 0x8B];
    if !bytes.starts_with(&GZIP) {
        return Ok(bytes.into());
    }
    let mut plain = Vec::new();
    MultiGzDecoder::new(&*bytes).read_to_end(&mut plain)?;
    Ok(plain.into())
}

/// Reads the images and map features of a tile. The whole tile is checked, so that damage is noticed when a world is
/// opened and not when a client receives it.
pub(super) fn entities(set: TileSet, at: TileId, bytes: &[u8]) -> Result<TileEntities, Error> {
    let mut found = TileEntities::default();
    for layer in Tile::new(bytes).layers() {
        let layer = layer?;
        for feature in layer.features() {
            let feature = feature?;
            feature.geometry()?;
            let properties = properties(&layer, feature)?;
            // Below zoom 14 the tiles show a selection of the same images.
            if at.z != DATA_ZOOM {
                continue;
            }
            // A feature that lacks a property is served with its tile, but cannot be looked up.
            match (set, layer.name()) {
                (TileSet::Public | TileSet::Computed, "image") => {
                    let position = position(&layer, feature, at)?;
                    found.images.extend(image(&properties, position, set));
                }
                (TileSet::Point, "point") => {
                    let position = position(&layer, feature, at)?;
                    found.features.extend(map_feature(&properties, position, FeatureKind::Point));
                }
                (TileSet::TrafficSign, "traffic_sign") => {
                    let position = position(&layer, feature, at)?;
                    found.features.extend(map_feature(&properties, position, FeatureKind::Sign));
                }
                _ => {}
            }
        }
    }
    Ok(found)
}

type TileProperties<'a> = HashMap<&'a str, Value<'a>>;

fn properties<'a>(layer: &Layer<'a>, feature: Feature<'a>) -> Result<TileProperties<'a>, Error> {
    let pair = |tag: Result<(u32, u32), Error>| {
        let (key, value) = tag?;
        Ok((layer.keys()[key as usize], layer.values()[value as usize]))
    };
    feature.tags().map(pair).collect()
}

/// The position of a point. Coordinates in tiles are rounded down, so it is the middle of the cell and not its corner.
fn position(layer: &Layer<'_>, feature: Feature<'_>, at: TileId) -> Result<[f64; 2], Error> {
    let scale = f64::from(EXTENT) / f64::from(layer.extent());
    Ok(to_degrees(at.world(feature.point()?.map(|unit| (f64::from(unit) + 0.5) * scale))))
}

fn image(properties: &TileProperties<'_>, position: [f64; 2], set: TileSet) -> Option<Image> {
    let angle = properties.get("compass_angle").and_then(|value| value.as_f64());
    Some(Image {
        id: id(properties, "id")?,
        sequence: properties.get("sequence_id")?.as_str()?.into(),
        captured_at_ms: properties.get("captured_at")?.as_i64()?,
        position,
        computed: (set == TileSet::Computed).then_some(position),
        compass_angle: angle,
        computed_compass_angle: None,
        altitude_m: None,
        is_pano: properties.get("is_pano").and_then(|value| value.as_bool()).unwrap_or(false),
        organization: id(properties, "organization_id"),
        creator: id(properties, "creator_id"),
        quality_score: properties.get("quality_score").and_then(|value| value.as_f64()),
        foot: properties.get("foot").and_then(|value| value.as_bool()),
        camera: None,
        cluster: 0,
    })
}

fn map_feature(properties: &TileProperties<'_>, position: [f64; 2], kind: FeatureKind) -> Option<MapFeature> {
    Some(MapFeature {
        id: id(properties, "id")?,
        kind,
        value: properties.get("value")?.as_str()?.into(),
        first_seen_at_ms: properties.get("first_seen_at")?.as_i64()?,
        last_seen_at_ms: properties.get("last_seen_at")?.as_i64()?,
        position,
        aligned_direction: None,
        images: Vec::new(),
    })
}

fn id(properties: &TileProperties<'_>, key: &str) -> Option<u64> {
    u64::try_from(properties.get(key)?.as_i64()?).ok()
}
