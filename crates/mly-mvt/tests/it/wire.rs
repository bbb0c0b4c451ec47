//! Fields in every order and form that protobuf allows, and those that it does not.

use mly_mvt::{Error, ErrorKind, Geometry, Tile, Value};

use crate::proto::{bytes, feature, geometry, integer, layer, message, packed, varint};
use crate::whole::{self, Owned, WholeLayer, only_feature, only_layer};

fn read(tile: &[u8]) -> Result<Vec<WholeLayer>, Error> {
    whole::read(Tile::new(tile))
}

fn kind(tile: &[u8]) -> ErrorKind {
    read(tile).unwrap_err().kind()
}

fn seven_and_true() -> Vec<(String, Owned)> {
    vec![("a".into(), Owned::Int(7)), ("b".into(), Owned::Bool(true))]
}

const POINT: [u64; 3] = [9, 50, 34];

fn point() -> Vec<u8> {
    [integer(3, 1), packed(4, &POINT)].concat()
}

#[test]
fn no_bytes_are_a_tile_without_layers() {
    assert_eq!(read(&[]).unwrap(), []);
    assert_eq!(Tile::new(&[]).layer("image").unwrap().map(|layer| layer.feature_count()), None);
}

#[test]
fn features_stand_before_or_after_or_between_the_tables() {
    let feature = message(2, &[packed(2, &[0, 0, 1, 1]), point()]);
    let (a, b) = (bytes(3, b"a"), bytes(3, b"b"));
    let (seven, yes) = (message(4, &[integer(4, 7)]), message(4, &[integer(7, 1)]));
    let orders = [
        [&feature, &a, &b, &seven, &yes],
        [&a, &b, &seven, &yes, &feature],
        [&seven, &a, &feature, &yes, &b],
    ];
    for order in orders {
        let read = only_feature(&layer(&order.map(Clone::clone)));
        assert_eq!(read.properties, seven_and_true());
        assert_eq!(read.geometry, Geometry::Points(vec![[25, 17]]));
    }
}

#[test]
fn the_name_and_the_version_may_stand_last() {
    let tile = message(3, &[message(2, &[point()]), integer(5, 512), bytes(1, b"late"), integer(15, 1)]);
    let layer = only_layer(&tile);
    assert_eq!((layer.name.as_str(), layer.version, layer.extent, layer.features.len()), ("late", 1, 512, 1));
}

#[test]
fn of_a_repeated_single_field_the_last_counts() {
    let twice = layer(&[integer(5, 1), integer(5, 2), integer(15, 1), bytes(1, b"second")]);
    let layer = only_layer(&twice);
    assert_eq!((layer.name.as_str(), layer.version, layer.extent), ("second", 1, 2));

    let twice = feature(&[integer(1, 4), integer(1, 5), integer(3, 2), integer(3, 1), packed(4, &POINT)]);
    assert_eq!(only_feature(&twice).id, Some(5));
    assert_eq!(only_feature(&twice).geometry, Geometry::Points(vec![[25, 17]]));
}

#[test]
fn of_several_values_in_one_the_last_counts() {
    let value = message(4, &[bytes(1, b"text"), integer(4, 7), integer(99, 0)]);
    let tile = layer(&[message(2, &[packed(2, &[0, 0]), point()]), bytes(3, b"a"), value]);
    assert_eq!(only_feature(&tile).properties, [("a".into(), Owned::Int(7))]);
}

#[test]
fn tags_may_be_single_integers_or_in_pieces() {
    let forms = [
        vec![integer(2, 0), integer(2, 0), integer(2, 1), integer(2, 1)],
        vec![packed(2, &[0, 0]), packed(2, &[1, 1])],
        vec![packed(2, &[0]), packed(2, &[]), packed(2, &[0, 1]), integer(2, 1)],
        vec![integer(2, 0), packed(2, &[0, 1, 1])],
        vec![packed(2, &[]), packed(2, &[0, 0, 1, 1])],
    ];
    for form in forms {
        let mut scattered = Vec::new();
        for field in &form {
            scattered.extend([field.clone(), integer(77, 300), bytes(78, b"between")]);
        }
        let read = only_feature(&feature(&[scattered.concat(), point()]));
        assert_eq!(read.properties, seven_and_true(), "{form:?}");
        assert_eq!(read.geometry, Geometry::Points(vec![[25, 17]]), "{form:?}");
    }
}

#[test]
fn a_geometry_may_be_single_integers_or_in_pieces() {
    let commands = [9, 4, 4, 18, 0, 16, 16, 0];
    let line = Geometry::Lines(vec![vec![[2, 2], [2, 10], [10, 10]]]);
    let singly: Vec<_> = commands.iter().map(|&n| integer(4, n)).collect();
    assert_eq!(only_feature(&feature(&[integer(3, 2), singly.concat()])).geometry, line);
    for cut in 0..=commands.len() {
        let (head, tail) = commands.split_at(cut);
        let pieces = [packed(4, head), integer(3, 2), packed(2, &[0, 0]), packed(4, tail)];
        let read = only_feature(&feature(&pieces));
        assert_eq!(read.geometry, line, "cut at {cut}");
        assert_eq!(read.properties, seven_and_true()[..1], "cut at {cut}");
        let mixed = [packed(4, head), integer(3, 2), tail.iter().flat_map(|&n| integer(4, n)).collect()];
        assert_eq!(only_feature(&feature(&mixed)).geometry, line, "cut at {cut}");
    }
}

#[test]
fn a_point_in_pieces_is_the_same_point() {
    let tile = feature(&[integer(3, 1), integer(4, 9), packed(4, &[50]), integer(4, 34)]);
    let layer = Tile::new(&tile).layer("layer").unwrap().unwrap();
    assert_eq!(layer.features().next().unwrap().unwrap().point().unwrap(), [25, 17]);
}

/// One unknown field of each wire type that may be passed.
fn unknown() -> Vec<u8> {
    let fixed64 = [varint(50 << 3 | 1), vec![1; 8]].concat();
    let fixed32 = [varint(51 << 3 | 5), vec![2; 4]].concat();
    [integer(52, u64::MAX), fixed64, bytes(53, b"content"), fixed32].concat()
}

#[test]
fn unknown_fields_are_passed_at_every_level() {
    let feature = message(2, &[unknown(), packed(2, &[0, 0]), unknown(), point(), unknown()]);
    let value = message(4, &[unknown(), integer(4, 7), unknown()]);
    let fields = [unknown(), feature, unknown(), bytes(3, b"a"), unknown(), value, unknown()];
    let tile = [unknown(), layer(&fields), unknown()].concat();
    let read = only_feature(&tile);
    assert_eq!(read.properties, seven_and_true()[..1]);
    assert_eq!(read.geometry, Geometry::Points(vec![[25, 17]]));
}

#[test]
fn groups_and_wire_types_that_are_none_are_refused_at_every_level() {
    for wire_type in [3, 4, 6, 7] {
        let field = varint(50 << 3 | wire_type);
        let tiles = [
            field.clone(),
            layer(std::slice::from_ref(&field)),
            feature(&[point(), field.clone()]),
            layer(&[message(4, &[integer(4, 7), field.clone()])]),
        ];
        for tile in tiles {
            assert_eq!(kind(&tile), ErrorKind::WireType, "{tile:?}");
        }
    }
}

#[test]
fn known_fields_with_the_wire_type_of_another_are_refused() {
    let fixed32 = |number: u64| [varint(number << 3 | 5), vec![0; 4]].concat();
    let tiles = [
        integer(3, 1),
        layer(&[integer(1, 1)]),
        layer(&[integer(2, 1)]),
        layer(&[integer(3, 1)]),
        layer(&[integer(4, 1)]),
        layer(&[bytes(5, b"")]),
        layer(&[fixed32(15)]),
        feature(&[bytes(1, b"")]),
        feature(&[fixed32(2)]),
        feature(&[bytes(3, b"")]),
        feature(&[fixed32(4)]),
        layer(&[message(4, &[integer(1, 1)])]),
        layer(&[message(4, &[integer(2, 1)])]),
        layer(&[message(4, &[fixed32(3)])]),
        layer(&[message(4, &[fixed32(7)])]),
    ];
    for tile in tiles {
        assert_eq!(kind(&tile), ErrorKind::WireType, "{tile:?}");
    }
}

#[test]
fn field_numbers_that_protobuf_does_not_have_are_refused() {
    for key in [0, 2, 1 << 32, u64::MAX] {
        assert_eq!(kind(&varint(key)), ErrorKind::FieldNumber, "{key}");
    }
    let greatest = [varint(0x1fff_ffff << 3), varint(0)].concat();
    assert_eq!(read(&greatest).unwrap(), []);
}

#[test]
fn integers_are_read_to_their_full_width_and_not_beyond() {
    let with_id = |id: &[u8]| feature(&[[vec![8], id.to_vec()].concat(), point()]);
    for n in
        [0, 127, 128, 1 << 14, (1 << 21) - 1, 1 << 21, 1 << 28, (1 << 35) - 1, 1 << 56, 1 << 63, u64::MAX]
    {
        assert_eq!(only_feature(&with_id(&varint(n))).id, Some(n));
    }
    let padded = [[0x85].as_slice(), &[0x80; 8], &[0]].concat();
    assert_eq!(only_feature(&with_id(&padded)).id, Some(5), "zeros at the end are no error in protobuf");
    assert_eq!(kind(&with_id(&[[0xff].as_slice(), &[0xff; 8], &[2]].concat())), ErrorKind::Varint, "65 bits");
    assert_eq!(
        kind(&with_id(&[[0x80].as_slice(), &[0x80; 9], &[0]].concat())),
        ErrorKind::Varint,
        "eleven bytes"
    );
    assert_eq!(kind(&feature(&[packed(2, &[1 << 32, 0]), point()])), ErrorKind::Varint);
    assert_eq!(kind(&feature(&[integer(3, 1), packed(4, &[9, 1 << 32, 0])])), ErrorKind::Varint);
    assert_eq!(kind(&layer(&[integer(5, 1 << 32)])), ErrorKind::Varint);
}

#[test]
fn all_seven_types_of_value_are_read_at_their_ends() {
    let fixed32 = |n: f32| [varint(2 << 3 | 5), n.to_le_bytes().to_vec()].concat();
    let fixed64 = |n: f64| [varint(3 << 3 | 1), n.to_le_bytes().to_vec()].concat();
    let cases = [
        (bytes(1, "straße".as_bytes()), Value::String("straße")),
        (bytes(1, b""), Value::String("")),
        (fixed32(f32::MIN_POSITIVE), Value::Float(f32::MIN_POSITIVE)),
        (fixed64(-0.0), Value::Double(-0.0)),
        (integer(4, u64::MAX), Value::Int(-1)),
        (integer(4, 1 << 63), Value::Int(i64::MIN)),
        (integer(5, u64::MAX), Value::UInt(u64::MAX)),
        (integer(6, u64::MAX), Value::SInt(i64::MIN)),
        (integer(6, u64::MAX - 1), Value::SInt(i64::MAX)),
        (integer(6, 1), Value::SInt(-1)),
        (integer(7, 0), Value::Bool(false)),
        (integer(7, 2), Value::Bool(true)),
    ];
    let values: Vec<_> = cases.iter().map(|(field, _)| bytes(4, field)).collect();
    let tile = layer(&values);
    let layer = Tile::new(&tile).layer("layer").unwrap().unwrap();
    for (value, (_, expected)) in layer.values().iter().zip(&cases) {
        assert_eq!(Owned::from(*value), Owned::from(*expected));
    }
    assert_eq!(layer.values().len(), cases.len());
}

#[test]
fn text_that_is_not_utf_8_is_refused_where_it_stands() {
    let bad = b"ab\xff";
    let named = message(3, &[bytes(1, bad), integer(15, 2)]);
    for (tile, offset) in
        [(named, 6), (layer(&[bytes(3, bad)]), 15), (layer(&[message(4, &[bytes(1, bad)])]), 17)]
    {
        let error = read(&tile).unwrap_err();
        assert_eq!((error.kind(), error.offset(), tile[error.offset()]), (ErrorKind::Utf8, offset, 0xff));
    }
}

#[test]
fn an_error_names_the_byte() {
    let cases: [(Vec<u8>, &str); 9] = [
        (vec![0x1a, 5, 0], "the tile is cut short at byte 1"),
        (vec![0x1a], "the tile is cut short at byte 1"),
        (layer(&[integer(5, 0)]), "layer extent is 0 at byte 11"),
        (layer(&[integer(15, 3)]), "layer version 3 is neither 1 nor 2 at byte 11"),
        (message(3, &[integer(15, 2)]), "name is missing at byte 2"),
        (feature(&[packed(2, &[0, 2]), point()]), "tag points outside the value table at byte 16"),
        (feature(&[packed(2, &[0, 0, 2, 0]), point()]), "tag points outside the key table at byte 17"),
        (feature(&[packed(2, &[0, 0, 1]), point()]), "tags are not pairs at byte 17"),
        (geometry(2, &[9, 2, 2, 11]), "a line or ring has too few vertices at byte 20"),
    ];
    for (tile, text) in cases {
        assert_eq!(read(&tile).unwrap_err().to_string(), text);
    }
}

#[test]
fn after_an_error_there_are_no_more_layers() {
    let tile = [layer(&[]), message(3, &[integer(15, 2)]), layer(&[])].concat();
    let mut layers = Tile::new(&tile).layers();
    assert!(layers.next().unwrap().is_ok());
    assert_eq!(layers.next().unwrap().unwrap_err().kind(), ErrorKind::Missing("name"));
    assert!(layers.next().is_none());
}

#[test]
fn after_a_broken_feature_the_next_ones_still_read() {
    let tile = layer(&[message(2, &[vec![8]]), message(2, &[integer(1, 7), point()])]);
    let layer = Tile::new(&tile).layer("layer").unwrap().unwrap();
    let mut features = layer.features();
    assert_eq!(features.next().unwrap().unwrap_err().kind(), ErrorKind::Truncated);
    assert_eq!(features.next().unwrap().unwrap().id(), Some(7));
    assert!(features.next().is_none());
}

#[test]
fn after_a_broken_tag_there_are_no_more() {
    let tile = feature(&[packed(2, &[0, 0, 9, 9, 1, 1]), point()]);
    let layer = Tile::new(&tile).layer("layer").unwrap().unwrap();
    let mut tags = layer.features().next().unwrap().unwrap().tags();
    assert_eq!(tags.next(), Some(Ok((0, 0))));
    assert_eq!(tags.next().unwrap().unwrap_err().kind(), ErrorKind::TagIndex("key"));
    assert_eq!(tags.next(), None);
}

#[test]
fn a_layer_is_found_by_name_without_the_tables_of_others() {
    let named =
        |name: &[u8], fields: &[Vec<u8>]| message(3, &[bytes(1, name), integer(15, 2), fields.concat()]);
    let no_value = message(4, &[]);
    let tile =
        [named(b"water", &[no_value]), named(b"image", &[integer(5, 7)]), named(b"image", &[])].concat();
    let tile = Tile::new(&tile);
    assert_eq!(tile.layer("image").unwrap().unwrap().extent(), 7, "the first of that name");
    assert!(tile.layer("sequence").unwrap().is_none());
    assert_eq!(tile.layer("water").unwrap_err().kind(), ErrorKind::Missing("value"));
    assert_eq!(tile.layers().next().unwrap().unwrap_err().kind(), ErrorKind::Missing("value"));
}

#[test]
fn properties_of_a_feature_of_another_layer_are_errors_not_panics() {
    let full = feature(&[packed(2, &[1, 1]), point()]);
    let full = Tile::new(&full).layer("layer").unwrap().unwrap();
    let empty = layer(&[]);
    let empty = Tile::new(&empty).layer("layer").unwrap().unwrap();
    let feature = full.features().next().unwrap().unwrap();
    let error = empty.properties(&feature).next().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TagIndex("key"));
}
