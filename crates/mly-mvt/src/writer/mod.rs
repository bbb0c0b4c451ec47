//! Writing tiles.

mod commands;
mod keys;
mod values;

use crate::error::Error;
use crate::feature::{GEOMETRY, ID, KIND, TAGS};
use crate::geometry::{Geometry, GeometryKind};
use crate::layer::{EXTENT, FEATURE, KEY, NAME, VERSION};
use crate::put;
use crate::tile::LAYER;
use crate::value::Value;
use keys::Keys;
use values::Values;

/// Writes a tile, layer by layer.
///
/// Two layers of one name, which the format forbids, are written as they are given.
#[derive(Clone, Debug, Default)]
pub struct TileWriter {
    bytes: Vec<u8>,
}

impl TileWriter {
    /// A tile without layers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a layer.
    pub fn layer(&mut self, layer: LayerWriter) {
        layer.write(&mut self.bytes);
    }

    /// The bytes of the tile.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// Writes a layer, feature by feature, and collects its key table and its value table.
///
/// Keys and values are written once however often they occur. Two floats are the same value when their bits are. A key
/// that a feature has twice, which the format forbids, is given to it twice.
#[derive(Clone, Debug)]
pub struct LayerWriter {
    name: String,
    extent: u32,
    version: u32,
    features: Vec<u8>,
    feature_count: usize,
    keys: Keys,
    values: Values,
    /// The commands of the feature that is being written; a field, so that its allocation is used again.
    geometry: Vec<u8>,
}

impl LayerWriter {
    /// A layer of version 2 without features, `extent` tile units wide and high.
    pub fn new(name: &str, extent: u32) -> Self {
        Self {
            name: name.to_owned(),
            extent,
            version: 2,
            features: Vec::new(),
            feature_count: 0,
            keys: Keys::default(),
            values: Values::new(),
            geometry: Vec::new(),
        }
    }

    /// Sets the version of the specification that the layer follows. Readers know 1 and 2.
    #[must_use = "the layer is returned, not changed in place"]
    pub fn with_version(mut self, version: u32) -> Self {
        self.version = version;
        self
    }

    /// How many features were added.
    pub fn feature_count(&self) -> usize {
        self.feature_count
    }

    /// Adds a feature.
    ///
    /// Rings are wound as version 2 asks, exteriors clockwise on a screen: those that are not are reversed.
    ///
    /// # Errors
    ///
    /// The geometry is one that the format cannot hold: without vertices, a line of one vertex, a ring that is not
    /// closed or has fewer than four vertices (two in version 1), a polygon without area after another one, or two
    /// vertices in succession that are 2^31 or more apart. Nothing is added then.
    pub fn feature(
        &mut self,
        id: Option<u64>,
        geometry: &Geometry,
        properties: &[(&str, Value<'_>)],
    ) -> Result<(), Error> {
        self.geometry.clear();
        commands::write(geometry, self.version, &mut self.geometry)
            .map_err(|kind| Error::new(kind, self.features.len()))?;
        self.add(id, geometry.kind(), properties);
        Ok(())
    }

    /// Adds a feature of one point.
    pub fn point(&mut self, id: Option<u64>, at: [i32; 2], properties: &[(&str, Value<'_>)]) {
        self.geometry.clear();
        commands::write_point(at, &mut self.geometry);
        self.add(id, GeometryKind::Point, properties);
    }

    /// Adds a feature with the commands in `self.geometry`.
    #[inline]
    fn add(&mut self, id: Option<u64>, kind: GeometryKind, properties: &[(&str, Value<'_>)]) {
        let Self { features, keys, values, geometry, .. } = self;
        put::message(features, FEATURE, |out| {
            if let Some(id) = id {
                put::integer(out, ID, id);
            }
            if !properties.is_empty() {
                put::message(out, TAGS, |out| {
                    let mut hint = 0;
                    for &(key, value) in properties {
                        let key = keys.index(key, hint);
                        hint = key.saturating_add(1);
                        put::varint(out, u64::from(key));
                        put::varint(out, u64::from(values.index(value)));
                    }
                });
            }
            if kind != GeometryKind::Unknown {
                put::integer(out, KIND, kind.to_wire());
                put::length(out, GEOMETRY, geometry.len());
                out.extend_from_slice(geometry);
            }
        });
        self.feature_count += 1;
    }

    /// Appends the layer, its fields in the order in which the service writes them.
    fn write(self, out: &mut Vec<u8>) {
        let mut head = Vec::new();
        put::text(&mut head, NAME, &self.name);
        let mut keys = Vec::new();
        for name in self.keys.names() {
            put::text(&mut keys, KEY, name);
        }
        let mut tail = Vec::new();
        put::integer(&mut tail, EXTENT, u64::from(self.extent));
        put::integer(&mut tail, VERSION, u64::from(self.version));
        let parts = [head.as_slice(), &self.features, &keys, self.values.fields(), &tail];
        let length = parts.iter().map(|part| part.len()).sum();
        out.reserve(length + 11);
        put::length(out, LAYER, length);
        for part in parts {
            out.extend_from_slice(part);
        }
    }
}
