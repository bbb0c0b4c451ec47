//! Tiles, read for what a question needs: layers, points and properties.

use std::collections::HashSet;

use mly::TileId;
use mly_mvt::{Error, Feature, Geometry, Layer, Tile, Value};

/// A tile.
pub(super) struct DrawnTile<'a> {
    layers: Vec<Layer<'a>>,
}

/// A point of a tile, with its id.
#[derive(Clone, Copy, Debug)]
pub(super) struct DrawnPoint {
    pub(super) id: i64,
    /// In units of the tile, x right and y down.
    pub(super) at: [i32; 2],
    pub(super) angle: Option<f64>,
}

impl<'a> DrawnTile<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Error> {
        Ok(Self { layers: Tile::new(bytes).layers().collect::<Result<_, _>>()? })
    }

    pub(super) fn layer(&self, name: &str) -> Option<&Layer<'a>> {
        self.layers.iter().find(|layer| layer.name() == name)
    }

    /// The names of the layers and how many features each has.
    pub(super) fn names(&self) -> Vec<(&'a str, usize)> {
        self.layers.iter().map(|layer| (layer.name(), layer.feature_count())).collect()
    }

    /// The points of a layer that have an id; none when there is no such layer.
    pub(super) fn points(&self, name: &str) -> Vec<DrawnPoint> {
        let Some(layer) = self.layer(name) else { return Vec::new() };
        let point = |feature: Feature<'a>| {
            let mut point = DrawnPoint { id: 0, at: feature.point().ok()?, angle: None };
            let mut has_id = false;
            for (key, value) in layer.properties(&feature).flatten() {
                match key {
                    "id" => {
                        point.id = value.as_i64()?;
                        has_id = true;
                    }
                    "compass_angle" => point.angle = value.as_f64(),
                    _ => {}
                }
            }
            has_id.then_some(point)
        };
        layer.features().flatten().filter_map(point).collect()
    }

    /// The lines of a layer.
    pub(super) fn lines(&self, name: &str) -> Vec<Vec<[i32; 2]>> {
        let features = self.layer(name).into_iter().flat_map(Layer::features).flatten();
        let lines = features.filter_map(|feature| match feature.geometry() {
            Ok(Geometry::Lines(lines)) => Some(lines),
            _ => None,
        });
        lines.flatten().collect()
    }

    /// The ids of the features of a layer whose ids are texts.
    pub(super) fn text_ids(&self, name: &str) -> HashSet<&'a str> {
        let Some(layer) = self.layer(name) else { return HashSet::new() };
        let id = |feature: Feature<'a>| {
            let mut properties = layer.properties(&feature).flatten();
            properties.find(|(key, _)| *key == "id").and_then(|(_, value)| value.as_str())
        };
        layer.features().flatten().filter_map(id).collect()
    }

    /// The names of the properties that features of a layer have.
    pub(super) fn keys(&self, name: &str) -> Vec<&'a str> {
        let mut keys = self.layer(name).map(|layer| layer.keys().to_vec()).unwrap_or_default();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// Every text of the tile: names of layers, names of properties, and values.
    pub(super) fn texts(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.layers.iter().flat_map(|layer| {
            let values = layer.values().iter().filter_map(|value: &Value<'a>| value.as_str());
            std::iter::once(layer.name()).chain(layer.keys().iter().copied()).chain(values)
        })
    }
}

/// Longitude and latitude of the middle of a cell of a tile.
pub(super) fn degrees(tile: TileId, extent: u32, [x, y]: [i32; 2]) -> [f64; 2] {
    let side = f64::from(1_u32 << tile.z());
    let part = |index: u32, at: i32| (f64::from(index) + (f64::from(at) + 0.5) / f64::from(extent)) / side;
    let (x, y) = (part(tile.x(), x), part(tile.y(), y));
    let lat = (std::f64::consts::PI * (1.0 - 2.0 * y)).sinh().atan().to_degrees();
    [x * 360.0 - 180.0, lat]
}
