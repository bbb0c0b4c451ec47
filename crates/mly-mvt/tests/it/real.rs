//! Bytes of the real service: a coverage tile of 2021, an empty tile of its predecessor, outlines of detections.

use std::collections::HashSet;

use mly_mvt::{Geometry, GeometryKind, Layer, Polygon, Tile, Value};

use crate::second;
use crate::whole::{self, WholeLayer};

const COVERAGE: &str = "tiles/mly1_public-14-8574-5735.mvt";

fn coverage() -> Vec<WholeLayer> {
    whole::read(Tile::new(&whole::bytes(COVERAGE))).unwrap()
}

/// The variants of the values of a key, in the order of the features that have it.
fn column<'a>(layer: &Layer<'a>, key: &str) -> Vec<Value<'a>> {
    let properties = layer
        .features()
        .flat_map(|feature| layer.properties(&feature.unwrap()).map(Result::unwrap).collect::<Vec<_>>());
    properties.filter(|(name, _)| *name == key).map(|(_, value)| value).collect()
}

#[test]
fn the_coverage_tile_has_its_layers_in_the_order_and_form_of_the_service() {
    let layers = coverage();
    let form: Vec<_> = layers
        .iter()
        .map(|layer| (layer.name.as_str(), layer.version, layer.extent, layer.features.len()))
        .collect();
    assert_eq!(form, [("image", 2, 4096, 3012), ("sequence", 2, 4096, 51)]);
    let ids: Vec<_> =
        layers.iter().flat_map(|layer| &layer.features).map(|feature| feature.id.unwrap()).collect();
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 3063, "an id names one feature of the whole tile");
}

#[test]
fn every_image_has_a_point_in_the_tile_and_its_five_properties() {
    let bytes = whole::bytes(COVERAGE);
    let layer = Tile::new(&bytes).layer("image").unwrap().unwrap();
    assert_eq!(layer.keys(), ["captured_at", "compass_angle", "id", "is_pano", "sequence_id"]);
    assert_eq!((layer.values().len(), layer.features().len()), (9073, 3012));
    for feature in layer.features() {
        let feature = feature.unwrap();
        assert_eq!(feature.kind(), GeometryKind::Point);
        let point = feature.point().unwrap();
        assert!(point.iter().all(|n| (0..4096).contains(n)), "{point:?}");
        assert_eq!(feature.geometry().unwrap(), Geometry::Points(vec![point]));
        assert_eq!(feature.tags().count(), 5);
    }
    let ids: HashSet<_> = column(&layer, "id").into_iter().map(|id| id.as_i64().unwrap()).collect();
    assert_eq!(ids.len(), 3012);
    let sequences: HashSet<_> =
        column(&layer, "sequence_id").into_iter().map(|id| id.as_str().unwrap().to_owned()).collect();
    assert_eq!(sequences.len(), 66);
    assert!(sequences.iter().all(|id| id.len() == 22));
    for angle in column(&layer, "compass_angle") {
        assert!(matches!(angle, Value::Double(angle) if (0.0..=360.0).contains(&angle)), "{angle:?}");
    }
    for time in column(&layer, "captured_at") {
        assert!(matches!(time, Value::Int(1_300_000_000_000..1_650_000_000_000)), "{time:?}");
    }
    assert!(column(&layer, "is_pano").iter().all(|is_pano| is_pano.as_bool().is_some()));
}

#[test]
fn every_sequence_has_lines_within_the_edges_of_the_tile() {
    let layers = coverage();
    let mut parts = 0;
    for feature in &layers[1].features {
        let Geometry::Lines(lines) = &feature.geometry else { panic!("{feature:?}") };
        assert!(lines.iter().flatten().flatten().all(|n| (0..=4096).contains(n)));
        parts += usize::from(lines.len() > 1);
        let keys: Vec<_> = feature.properties.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["captured_at", "id", "image_id", "is_pano"]);
    }
    assert_eq!(parts, 7, "those that leave the tile and come back");
}

#[test]
fn the_coverage_tile_reads_as_fast_mvt_reads_it() {
    let expected = second::Comparison { same: 3063, ..Default::default() };
    assert_eq!(second::compare(&whole::bytes(COVERAGE)), expected);
}

#[test]
fn the_coverage_tile_survives_being_written() {
    let layers = coverage();
    let written = whole::write(&layers).unwrap();
    assert_eq!(whole::read(Tile::new(&written)).unwrap(), layers);
    assert_eq!(whole::write(&layers).unwrap(), written, "the same tile is the same bytes");
    let bytes = whole::bytes(COVERAGE);
    let tables = |bytes: &[u8]| {
        Tile::new(bytes)
            .layers()
            .map(|layer| layer.unwrap())
            .map(|layer| (layer.keys().len(), layer.values().len()))
            .collect::<Vec<_>>()
    };
    assert_eq!(tables(&written), tables(&bytes), "each key and value once, as the service has it");
}

fn hex(text: &str) -> Vec<u8> {
    let digit = |byte: u8| u8::try_from(char::from(byte).to_digit(16).unwrap()).unwrap();
    text.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

#[test]
fn the_empty_tile_of_version_3_has_a_layer_without_features() {
    let bytes = hex("1a1678010a0f6d6170696c6c6172792d656d707479288020");
    let layers = whole::read(Tile::new(&bytes)).unwrap();
    let expected = WholeLayer { name: "mapillary-empty".into(), version: 1, extent: 4096, features: vec![] };
    assert_eq!(layers, [expected]);
}

/// The two outlines in the documentation of the service, out of their base64.
#[test]
fn outlines_of_detections_are_boxes_of_version_1_y_down() {
    let cases = [
        (
            "1a380a066d70792d6f721218120200001803221009e220f2261abc010000a401bb01000f1a047479706522090a07706f6c79676f6e\
             2880207801",
            [2097, 2191],
            [2489, 2571],
        ),
        (
            "1a380a066d70792d6f7212181202000018032210099c2dee171ae8030000ec06e703000f1a047479706522090a07706f6c79676f6e\
             2880207801",
            [2894, 3138],
            [1527, 1965],
        ),
    ];
    for (text, [west, east], [top, bottom]) in cases {
        let bytes = hex(text);
        let layers = whole::read(Tile::new(&bytes)).unwrap();
        assert_eq!((layers[0].name.as_str(), layers[0].version, layers[0].extent), ("mpy-or", 1, 4096));
        let [feature] = layers[0].features.as_slice() else { panic!("{layers:?}") };
        assert_eq!(feature.properties, [("type".to_owned(), Value::String("polygon").into())]);
        let Geometry::Polygons(polygons) = &feature.geometry else { panic!("{feature:?}") };
        let [Polygon { exterior, interiors }] = polygons.as_slice() else { panic!("{polygons:?}") };
        assert!(interiors.is_empty());
        let corners: HashSet<_> = exterior.iter().copied().collect();
        assert_eq!(corners, HashSet::from([[west, top], [east, top], [east, bottom], [west, bottom]]));
        assert_eq!((exterior.len(), exterior.first()), (5, exterior.last()));
    }
}
