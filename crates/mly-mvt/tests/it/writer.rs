//! What the writer makes of features, and what it refuses.

use mly_mvt::{ErrorKind, Geometry, LayerWriter, Polygon, Tile, TileWriter, Value};

use crate::whole::{self, Owned, WholeFeature};

/// A tile of one layer.
pub(crate) fn tile(layer: LayerWriter) -> Vec<u8> {
    let mut tile = TileWriter::new();
    tile.layer(layer);
    tile.finish()
}

#[test]
fn keys_and_values_are_written_once() {
    let mut layer = LayerWriter::new("layer", 4096);
    let values = [
        Value::Int(1),
        Value::UInt(1),
        Value::SInt(1),
        Value::Bool(true),
        Value::Float(1.0),
        Value::Double(1.0),
        Value::String("1"),
        Value::Double(0.0),
        Value::Double(-0.0),
        Value::Double(f64::NAN),
        Value::Float(f32::from_bits(1)),
        Value::Double(f64::from_bits(1)),
    ];
    for _ in 0..3 {
        for value in values {
            layer.point(None, [0, 0], &[("b", value), ("a", value)]);
        }
    }
    assert_eq!(layer.feature_count(), 36);
    let bytes = tile(layer);
    let layer = Tile::new(&bytes).layer("layer").unwrap().unwrap();
    assert_eq!(layer.keys(), ["b", "a"]);
    let owned = |values: &[Value<'_>]| values.iter().map(|&value| Owned::from(value)).collect::<Vec<_>>();
    assert_eq!(owned(layer.values()), owned(&values));
}

#[test]
fn a_table_of_many_values_finds_each_again() {
    let mut layer = LayerWriter::new("layer", 4096);
    let texts: Vec<_> = (0..3000).map(|n| format!("{n:020}")).collect();
    for _ in 0..2 {
        for (n, text) in (0..).zip(&texts) {
            let value = if n % 2 == 0 { Value::String(text) } else { Value::Int(n << 32) };
            layer.point(Some(n.unsigned_abs()), [0, 0], &[("key", value)]);
        }
    }
    let bytes = tile(layer);
    let layer = Tile::new(&bytes).layer("layer").unwrap().unwrap();
    assert_eq!((layer.feature_count(), layer.values().len()), (6000, 3000));
    for feature in layer.features() {
        let feature = feature.unwrap();
        let id = feature.id().unwrap();
        assert_eq!(feature.tags().next().unwrap().unwrap(), (0, u32::try_from(id).unwrap()));
    }
}

#[test]
fn the_fields_of_a_layer_stand_in_the_order_of_the_service() {
    let mut layer = LayerWriter::new("l", 4096).with_version(1);
    layer.point(Some(300), [25, 17], &[("k", Value::Bool(true))]);
    layer.point(None, [0, 0], &[]);
    let expected = [
        &[0x1a, 44, 0x0a, 1, b'l'][..],
        &[0x12, 14, 0x08, 0xac, 2, 0x12, 2, 0, 0, 0x18, 1, 0x22, 3, 9, 50, 34],
        &[0x12, 7, 0x18, 1, 0x22, 3, 9, 0, 0],
        &[0x1a, 1, b'k', 0x22, 2, 0x38, 1],
        &[0x28, 0x80, 0x20, 0x78, 1],
    ]
    .concat();
    let mut expected = expected;
    expected[1] = u8::try_from(expected.len() - 2).unwrap();
    assert_eq!(tile(layer), expected);
}

#[test]
fn rings_that_wind_the_wrong_way_are_reversed() {
    let square = vec![[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]];
    let mut wrong = square.clone();
    wrong.reverse();
    let polygon = Polygon { exterior: wrong.clone(), interiors: vec![square.clone()] };
    let mut layer = LayerWriter::new("layer", 4096);
    layer.feature(None, &Geometry::Polygons(vec![polygon]), &[]).unwrap();
    let layers = whole::read(Tile::new(&tile(layer))).unwrap();
    let polygon = Polygon { exterior: square, interiors: vec![wrong] };
    assert_eq!(layers[0].features[0].geometry, Geometry::Polygons(vec![polygon]));
}

#[test]
fn a_geometry_that_the_format_cannot_hold_adds_nothing() {
    let rings = |rings: &[&[[i32; 2]]]| {
        let polygon = |ring: &&[[i32; 2]]| Polygon { exterior: ring.to_vec(), interiors: vec![] };
        Geometry::Polygons(rings.iter().map(polygon).collect())
    };
    let square = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]];
    let flat = [[0, 0], [4, 0], [8, 0], [0, 0]];
    let cases = [
        (Geometry::Points(vec![]), "a geometry has no points"),
        (Geometry::Lines(vec![]), "a geometry has no lines"),
        (Geometry::Lines(vec![vec![[0, 0], [1, 1]], vec![]]), "a line has fewer than two vertices"),
        (Geometry::Lines(vec![vec![[0, 0]]]), "a line has fewer than two vertices"),
        (Geometry::Lines(vec![vec![[0, i32::MIN], [0, i32::MAX]]]), "two vertices are too far apart"),
        (Geometry::Polygons(vec![]), "a geometry has no polygons"),
        (rings(&[&[]]), "a ring has too few vertices"),
        (rings(&[&[[0, 0], [4, 0], [0, 0]]]), "a ring has too few vertices"),
        (rings(&[&square[..4]]), "a ring is not closed"),
        (rings(&[&square, &flat]), "a polygon after the first has no area"),
    ];
    let mut layer = LayerWriter::new("layer", 4096);
    layer.point(None, [0, 0], &[]);
    let before = tile(layer.clone());
    for (geometry, rule) in cases {
        let error = layer.feature(None, &geometry, &[("key", Value::Int(1))]).unwrap_err();
        assert_eq!((error.kind(), error.offset()), (ErrorKind::Geometry(rule), 9), "{geometry:?}");
    }
    assert_eq!(tile(layer), before);
    let mut layer = LayerWriter::new("layer", 4096);
    layer.feature(None, &rings(&[&flat, &square]), &[]).unwrap();
    assert_eq!(
        whole::read(Tile::new(&tile(layer))).unwrap()[0].features[0].geometry,
        rings(&[&flat, &square])
    );
}

#[test]
fn a_geometry_of_unknown_kind_is_written_as_none() {
    let mut layer = LayerWriter::new("layer", 4096);
    layer.feature(Some(1), &Geometry::Unknown, &[("key", Value::Int(1))]).unwrap();
    let read = whole::read(Tile::new(&tile(layer))).unwrap();
    let properties = vec![("key".to_owned(), Owned::Int(1))];
    assert_eq!(read[0].features, [WholeFeature { id: Some(1), geometry: Geometry::Unknown, properties }]);
}
