//! A tile read completely and owned, to be compared.

use std::fs;
use std::path::{Path, PathBuf};

use mly_mvt::{Error, Feature, Geometry, Layer, LayerWriter, Tile, TileWriter, Value};

/// A folder or a file below `fixtures/` of the workspace.
pub(crate) fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(path)
}

pub(crate) fn bytes(path: &str) -> Vec<u8> {
    let path = fixture(path);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The paths of all tiles below a folder, relative to `fixtures/`, sorted.
pub(crate) fn tiles(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(fixture(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().into_string().unwrap());
        if entry.file_type().unwrap().is_dir() {
            found.extend(tiles(&path));
        } else if Path::new(&path).extension().is_some_and(|kind| kind == "mvt" || kind == "pbf") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// A property value with an equality that is one: floats by their bits.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Owned {
    String(String),
    Float(u32),
    Double(u64),
    Int(i64),
    UInt(u64),
    SInt(i64),
    Bool(bool),
}

impl From<Value<'_>> for Owned {
    fn from(value: Value<'_>) -> Self {
        match value {
            Value::String(text) => Self::String(text.to_owned()),
            Value::Float(n) => Self::Float(n.to_bits()),
            Value::Double(n) => Self::Double(n.to_bits()),
            Value::Int(n) => Self::Int(n),
            Value::UInt(n) => Self::UInt(n),
            Value::SInt(n) => Self::SInt(n),
            Value::Bool(b) => Self::Bool(b),
        }
    }
}

impl Owned {
    pub(crate) fn borrow(&self) -> Value<'_> {
        match self {
            Self::String(text) => Value::String(text),
            Self::Float(bits) => Value::Float(f32::from_bits(*bits)),
            Self::Double(bits) => Value::Double(f64::from_bits(*bits)),
            Self::Int(n) => Value::Int(*n),
            Self::UInt(n) => Value::UInt(*n),
            Self::SInt(n) => Value::SInt(*n),
            Self::Bool(b) => Value::Bool(*b),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WholeFeature {
    pub(crate) id: Option<u64>,
    pub(crate) geometry: Geometry,
    pub(crate) properties: Vec<(String, Owned)>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WholeLayer {
    pub(crate) name: String,
    pub(crate) version: u32,
    pub(crate) extent: u32,
    pub(crate) features: Vec<WholeFeature>,
}

pub(crate) fn feature(layer: &Layer<'_>, feature: &Feature<'_>) -> Result<WholeFeature, Error> {
    Ok(WholeFeature {
        id: feature.id(),
        geometry: feature.geometry()?,
        properties: layer
            .properties(feature)
            .map(|property| property.map(|(key, value)| (key.to_owned(), value.into())))
            .collect::<Result<_, _>>()?,
    })
}

fn layer(layer: &Layer<'_>) -> Result<WholeLayer, Error> {
    Ok(WholeLayer {
        name: layer.name().to_owned(),
        version: layer.version(),
        extent: layer.extent(),
        features: layer.features().map(|item| feature(layer, &item?)).collect::<Result<_, _>>()?,
    })
}

/// Everything in the tile, or the first error.
pub(crate) fn read(tile: Tile<'_>) -> Result<Vec<WholeLayer>, Error> {
    tile.layers().map(|item| layer(&item?)).collect()
}

/// The one layer of a tile that reads.
pub(crate) fn only_layer(tile: &[u8]) -> WholeLayer {
    let mut layers = read(Tile::new(tile)).unwrap();
    assert_eq!(layers.len(), 1);
    layers.remove(0)
}

/// The one feature of the one layer of a tile that reads.
pub(crate) fn only_feature(tile: &[u8]) -> WholeFeature {
    let mut layer = only_layer(tile);
    assert_eq!(layer.features.len(), 1);
    layer.features.remove(0)
}

/// Allocated for the vertices of a geometry, in bytes.
pub(crate) fn memory(geometry: &Geometry) -> usize {
    let vertices = |list: &Vec<[i32; 2]>| 8 * list.capacity();
    let lines = |list: &Vec<Vec<[i32; 2]>>| 24 * list.capacity() + list.iter().map(vertices).sum::<usize>();
    match geometry {
        Geometry::Unknown => 0,
        Geometry::Points(points) => vertices(points),
        Geometry::Lines(list) => lines(list),
        Geometry::Polygons(list) => {
            let rings = list.iter().map(|polygon| vertices(&polygon.exterior) + lines(&polygon.interiors));
            48 * list.capacity() + rings.sum::<usize>()
        }
    }
}

/// The same tile from our writer.
pub(crate) fn write(layers: &[WholeLayer]) -> Result<Vec<u8>, Error> {
    let mut tile = TileWriter::new();
    for layer in layers {
        let mut out = LayerWriter::new(&layer.name, layer.extent).with_version(layer.version);
        for feature in &layer.features {
            let properties: Vec<_> =
                feature.properties.iter().map(|(key, value)| (key.as_str(), value.borrow())).collect();
            out.feature(feature.id, &feature.geometry, &properties)?;
        }
        tile.layer(out);
    }
    Ok(tile.finish())
}
