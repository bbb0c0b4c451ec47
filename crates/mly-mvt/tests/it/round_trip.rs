//! What is written is what is read: by us, and by a second decoder and encoder.

use fast_mvt::{MvtCoord, MvtGeomType, MvtTileBuilder, MvtValueRef};
use mly_mvt::{Geometry, LayerWriter, Polygon, Tile, Value};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::second;
use crate::whole::{self, Owned, WholeFeature, WholeLayer};
use crate::writer::tile;

fn owned() -> impl Strategy<Value = Owned> {
    prop_oneof![
        any::<String>().prop_map(Owned::String),
        any::<u32>().prop_map(Owned::Float),
        any::<u64>().prop_map(Owned::Double),
        any::<i64>().prop_map(Owned::Int),
        any::<u64>().prop_map(Owned::UInt),
        any::<i64>().prop_map(Owned::SInt),
        any::<bool>().prop_map(Owned::Bool),
        // Few enough to occur again.
        (0..3_i64).prop_map(Owned::Int),
        "[ab]{1,2}".prop_map(Owned::String),
    ]
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof!["[abc]", any::<String>()]
}

/// A vertex within `reach` of the origin, near to others or far.
fn vertex(reach: i32) -> impl Strategy<Value = [i32; 2]> {
    prop_oneof![[-reach..reach, -reach..reach], [0..8_i32, 0..8_i32]]
}

/// Twice the area by the trapezoid formula, which is another than that of the crate.
fn doubled_area(ring: &[[i32; 2]]) -> i128 {
    let [x, y] =
        [0, 1].map(|axis| ring.iter().map(move |vertex| i128::from(vertex[axis])).collect::<Vec<_>>());
    (1..ring.len()).map(|n| (x[n - 1] - x[n]) * (y[n - 1] + y[n])).sum()
}

/// A closed ring with an area of this sign, or of none.
fn ring(reach: i32, sign: i128) -> impl Strategy<Value = Vec<[i32; 2]>> {
    vec(vertex(reach), 3..7).prop_map(move |mut ring| {
        ring.push(ring[0]);
        if doubled_area(&ring) * sign < 0 {
            ring.reverse();
        }
        ring
    })
}

fn polygon(reach: i32) -> impl Strategy<Value = Polygon> {
    (ring(reach, 1), vec(ring(reach, -1), 0..3))
        .prop_map(|(exterior, interiors)| Polygon { exterior, interiors })
}

fn geometry(reach: i32) -> impl Strategy<Value = Geometry> {
    let polygons = vec(polygon(reach), 1..4).prop_map(|mut polygons| {
        let mut nth = 0;
        polygons.retain(|polygon| {
            nth += 1;
            nth == 1 || doubled_area(&polygon.exterior) != 0
        });
        Geometry::Polygons(polygons)
    });
    prop_oneof![
        vec(vertex(reach), 1..6).prop_map(Geometry::Points),
        vec(vec(vertex(reach), 2..6), 1..4).prop_map(Geometry::Lines),
        polygons,
    ]
}

fn feature(reach: i32) -> impl Strategy<Value = WholeFeature> {
    let properties = vec((key(), owned()), 0..6);
    (option::of(any::<u64>()), geometry(reach), properties)
        .prop_map(|(id, geometry, properties)| WholeFeature { id, geometry, properties })
}

fn layer(reach: i32) -> impl Strategy<Value = WholeLayer> {
    (any::<String>(), 1..3_u32, 1..=u32::MAX, vec(feature(reach), 0..6))
        .prop_map(|(name, version, extent, features)| WholeLayer { name, version, extent, features })
}

/// Nearly the whole range: a step from end to end just fits 32 bits.
const FAR: i32 = 1 << 30;
/// Near enough for the areas of fast-mvt, which are of 64 bits.
const NEAR: i32 = 1 << 20;

proptest! {
    #[test]
    fn what_is_written_is_read(layers in vec(layer(FAR), 0..4)) {
        let bytes = whole::write(&layers).unwrap();
        prop_assert_eq!(whole::read(Tile::new(&bytes)).unwrap(), layers);
    }

    #[test]
    fn what_was_read_is_written_to_the_same_bytes(layers in vec(layer(FAR), 0..4)) {
        let bytes = whole::write(&layers).unwrap();
        prop_assert_eq!(whole::write(&whole::read(Tile::new(&bytes)).unwrap()).unwrap(), bytes);
    }

    #[test]
    fn what_is_written_fast_mvt_reads(layers in vec(layer(NEAR), 0..4)) {
        // A layer without a name is an error to it.
        prop_assume!(layers.iter().all(|layer| !layer.name.is_empty()));
        let features: usize = layers.iter().map(|layer| layer.features.len()).sum();
        let comparison = second::compare(&whole::write(&layers).unwrap());
        prop_assert_eq!(comparison, second::Comparison { same: features, ..Default::default() });
    }

    #[test]
    fn what_fast_mvt_writes_is_read(layer in layer(NEAR)) {
        prop_assume!(!layer.name.is_empty());
        let bytes = write_fast(&layer);
        let read = whole::read(Tile::new(&bytes)).unwrap();
        prop_assert_eq!(read, [WholeLayer { version: 2, extent: 4096, ..layer }]);
    }

    #[test]
    fn a_point_is_the_same_either_way(at: [i32; 2], id: Option<u64>, properties in vec((key(), owned()), 0..6)) {
        let properties: Vec<_> = properties.iter().map(|(key, value)| (key.as_str(), value.borrow())).collect();
        let mut short = LayerWriter::new("layer", 4096);
        short.point(id, at, &properties);
        let mut long = LayerWriter::new("layer", 4096);
        long.feature(id, &Geometry::Points(vec![at]), &properties).unwrap();
        let bytes = tile(short);
        prop_assert_eq!(tile(long), bytes.clone());
        let layer = Tile::new(&bytes).layer("layer").unwrap().unwrap();
        prop_assert_eq!(layer.features().next().unwrap().unwrap().point().unwrap(), at);
    }
}

fn write_fast(layer: &WholeLayer) -> Vec<u8> {
    let coords = |vertices: &[[i32; 2]]| vertices.iter().map(|&[x, y]| MvtCoord { x, y }).collect::<Vec<_>>();
    let mut out = MvtTileBuilder::new().layer(layer.name.as_str()).unwrap();
    for WholeFeature { id, geometry, properties } in &layer.features {
        let mut feature = match geometry {
            Geometry::Unknown => panic!("none is made here"),
            Geometry::Points(points) => {
                let mut feature = out.feature_of(MvtGeomType::Point);
                feature.points(coords(points)).unwrap();
                feature
            }
            Geometry::Lines(lines) => {
                let mut feature = out.feature_of(MvtGeomType::LineString);
                for line in lines {
                    feature.line(coords(line)).unwrap();
                }
                feature
            }
            Geometry::Polygons(polygons) => {
                let mut feature = out.feature_of(MvtGeomType::Polygon);
                for Polygon { exterior, interiors } in polygons {
                    feature.ring(coords(exterior), true).unwrap();
                    for ring in interiors {
                        feature.ring(coords(ring), false).unwrap();
                    }
                }
                feature
            }
        };
        feature.id(*id);
        for (key, value) in properties {
            let value = match value.borrow() {
                Value::String(text) => MvtValueRef::String(text),
                Value::Float(n) => MvtValueRef::Float(n),
                Value::Double(n) => MvtValueRef::Double(n),
                Value::Int(n) => MvtValueRef::Int(n),
                Value::UInt(n) => MvtValueRef::UInt(n),
                Value::SInt(n) => MvtValueRef::SInt(n),
                Value::Bool(b) => MvtValueRef::Bool(b),
            };
            feature.tag_ref(key, value).unwrap();
        }
        out = feature.end();
    }
    out.encode()
}
