//! Vector tiles.

use arbitrary::Arbitrary;
use mly_mvt::{Geometry, LayerWriter, Polygon, Tile, TileWriter, Value};

// The tests of the crate are the same checks on bytes of their own.
#[path = "../../crates/mly-mvt/tests/it/check.rs"]
mod check;
#[allow(dead_code, reason = "the tests use all of it")]
#[path = "../../crates/mly-mvt/tests/it/whole.rs"]
mod whole;

/// Any bytes read or are an error, in proportion to their number, and what reads can be written and read again.
pub fn read(bytes: &[u8]) {
    check::check(bytes);
}

/// Any layers are written to what reads as the same layers, but for the geometries that the writer refuses.
pub fn write(layers: &[Layer]) {
    let mut tile = TileWriter::new();
    let mut expected = Vec::new();
    for layer in layers {
        let version = if layer.is_version_1 { 1 } else { 2 };
        let mut out = LayerWriter::new(&layer.name, layer.extent.into()).with_version(version);
        for feature in &layer.features {
            let properties: Vec<_> =
                feature.properties.iter().map(|(key, value)| (key.as_str(), value.borrow())).collect();
            let geometry = feature.shape.geometry();
            if out.feature(feature.id, &geometry, &properties).is_ok() {
                expected.push((feature, geometry));
            }
        }
        tile.layer(out);
    }
    let bytes = tile.finish();
    check::check(&bytes);
    let read = whole::read(Tile::new(&bytes)).expect("what was written");
    let features: Vec<_> = read.iter().flat_map(|layer| &layer.features).collect();
    assert_eq!(features.len(), expected.len());
    for (read, (feature, geometry)) in features.into_iter().zip(expected) {
        assert_eq!(read.id, feature.id);
        let properties = feature.properties.iter().map(|(key, value)| (key.clone(), value.borrow().into()));
        assert!(read.properties.iter().cloned().eq(properties));
        // Polygons may have been turned; `check` has seen to them.
        if !matches!(geometry, Geometry::Polygons(_)) {
            assert_eq!(read.geometry, geometry);
        }
    }
}

/// A layer to write.
#[derive(Arbitrary, Debug)]
pub struct Layer {
    name: String,
    is_version_1: bool,
    extent: std::num::NonZeroU32,
    features: Vec<Feature>,
}

#[derive(Arbitrary, Debug)]
struct Feature {
    id: Option<u64>,
    shape: Shape,
    properties: Vec<(String, Property)>,
}

#[derive(Arbitrary, Debug)]
enum Shape {
    Unknown,
    Points(Vec<[i32; 2]>),
    Lines(Vec<Vec<[i32; 2]>>),
    /// Each an exterior and its interiors, not closed.
    Polygons(Vec<Vec<Vec<[i16; 2]>>>),
}

impl Shape {
    fn geometry(&self) -> Geometry {
        let ring = |ring: &Vec<[i16; 2]>| {
            let closed = ring.iter().chain(ring.first());
            closed.map(|at| at.map(i32::from)).collect::<Vec<_>>()
        };
        match self {
            Self::Unknown => Geometry::Unknown,
            Self::Points(points) => Geometry::Points(points.clone()),
            Self::Lines(lines) => Geometry::Lines(lines.clone()),
            Self::Polygons(polygons) => {
                let polygon = |rings: &Vec<Vec<[i16; 2]>>| {
                    let mut rings = rings.iter().map(ring);
                    Polygon { exterior: rings.next().unwrap_or_default(), interiors: rings.collect() }
                };
                Geometry::Polygons(polygons.iter().map(polygon).collect())
            }
        }
    }
}

#[derive(Arbitrary, Debug)]
enum Property {
    String(String),
    Float(f32),
    Double(f64),
    Int(i64),
    UInt(u64),
    SInt(i64),
    Bool(bool),
}

impl Property {
    fn borrow(&self) -> Value<'_> {
        match self {
            Self::String(text) => Value::String(text),
            Self::Float(n) => Value::Float(*n),
            Self::Double(n) => Value::Double(*n),
            Self::Int(n) => Value::Int(*n),
            Self::UInt(n) => Value::UInt(*n),
            Self::SInt(n) => Value::SInt(*n),
            Self::Bool(b) => Value::Bool(*b),
        }
    }
}
