//! The 74 cases of mapbox/mvt-fixtures, each with its own expectation, and the rule of the crate documentation:
//! what the suite calls *fatal* is an error of the tile, the layer, or the part of the feature that holds it; what it
//! calls *recoverable* is read with a stated meaning, or is an error that leaves the rest of the feature readable.

use mly_mvt::{ErrorKind, Geometry, Tile};
use serde_json::Value as Json;

use crate::whole::{self, Owned, WholeLayer};

enum Rule {
    /// Valid: it reads, and as its tile.json says.
    Valid,
    /// Fatal: reading everything ends in this error.
    Fatal(ErrorKind),
    /// Recoverable: only the tags or only the geometry of the feature cannot be had.
    Confined(ErrorKind),
    /// Recoverable: it reads, with this meaning.
    Means(fn(&[WholeLayer])),
}
use Rule::{Confined, Fatal, Means, Valid};

const SHORT: ErrorKind = ErrorKind::Command("a command has fewer vertices than it says");
const NO_END: ErrorKind = ErrorKind::Command("a ring does not end with one ClosePath");

const CASES: [(&str, Rule); 74] = [
    ("001", Valid),
    ("002", Valid),
    ("003", Means(the_kind_is_unknown)),
    ("004", Confined(ErrorKind::Missing("geometry"))),
    ("005", Confined(ErrorKind::OddTags)),
    ("006", Means(the_kind_is_unknown)),
    ("007", Fatal(ErrorKind::WireType)),
    ("008", Fatal(ErrorKind::WireType)),
    ("009", Valid),
    ("010", Fatal(ErrorKind::WireType)),
    ("011", Fatal(ErrorKind::Missing("value"))),
    ("012", Fatal(ErrorKind::Version(99))),
    ("013", Fatal(ErrorKind::WireType)),
    ("014", Fatal(ErrorKind::Missing("name"))),
    ("015", Means(both_layers_of_one_name_are_given)),
    ("016", Valid),
    ("017", Valid),
    ("018", Valid),
    ("019", Valid),
    ("020", Valid),
    ("021", Valid),
    ("022", Valid),
    ("023", Fatal(ErrorKind::Missing("name"))),
    ("024", Fatal(ErrorKind::Missing("version"))),
    ("025", Valid),
    ("026", Fatal(ErrorKind::Missing("value"))),
    ("027", Valid),
    ("030", Means(two_geometry_fields_are_one_after_the_other)),
    ("032", Valid),
    ("033", Valid),
    ("034", Valid),
    ("035", Valid),
    ("036", Valid),
    ("037", Valid),
    ("038", Valid),
    ("039", Valid),
    ("040", Fatal(ErrorKind::TagIndex("key"))),
    ("041", Fatal(ErrorKind::TagIndex("key"))),
    ("042", Fatal(ErrorKind::TagIndex("value"))),
    ("043", Valid),
    ("044", Fatal(ErrorKind::Command("a point has a command other than MoveTo"))),
    // The suite says no more of this one than that it is not valid.
    ("045", Fatal(SHORT)),
    ("046", Means(a_line_may_stand_still)),
    ("047", Fatal(NO_END)),
    ("048", Fatal(NO_END)),
    ("049", Valid),
    ("050", Valid),
    ("051", Fatal(SHORT)),
    ("052", Fatal(SHORT)),
    ("053", Valid),
    ("054", Valid),
    ("055", Valid),
    ("056", Valid),
    // Valid to the suite, but for two digits the same as 051, which is fatal to it: 2^29 - 1 points announced, one there.
    ("057", Fatal(SHORT)),
    ("058", Fatal(SHORT)),
    ("059", Valid),
    ("060", Valid),
    // Valid as version 1, which its tile.json says and its bytes do not: see the test of its own below.
    ("061", Fatal(ErrorKind::Missing("version"))),
    ("062", Valid),
    ("063", Valid),
    ("064", Valid),
    ("065", Valid),
    ("066", Valid),
    ("067", Valid),
    ("068", Valid),
    ("069", Valid),
    ("070", Valid),
    ("071", Valid),
    ("072", Valid),
    ("073", Valid),
    ("074", Valid),
    ("075", Valid),
    ("076", Valid),
    ("077", Valid),
];

fn path(case: &str, file: &str) -> String {
    format!("mvt-fixtures/fixtures/{case}/{file}")
}

fn tile(case: &str) -> Vec<u8> {
    whole::bytes(&path(case, "tile.mvt"))
}

fn json(case: &str, file: &str) -> Json {
    serde_json::from_slice(&whole::bytes(&path(case, file))).unwrap()
}

/// The same tile, its layers said to be of version 1.
fn as_version_1(mut tile: Vec<u8>) -> Vec<u8> {
    for at in 1..tile.len() {
        if tile[at - 1] == 0x78 && tile[at] == 2 {
            tile[at] = 1;
        }
    }
    tile
}

fn the_kind_is_unknown(layers: &[WholeLayer]) {
    assert_eq!(layers[0].features[0].geometry, Geometry::Unknown);
    assert_eq!(layers[0].features[0].id, Some(1));
}

fn both_layers_of_one_name_are_given(layers: &[WholeLayer]) {
    let texts: Vec<_> = layers.iter().map(|layer| layer.features[0].properties[0].1.clone()).collect();
    assert_eq!(texts, [Owned::String("layer-one".into()), Owned::String("layer-two".into())]);
    let bytes = tile("015");
    let first = Tile::new(&bytes).layer("hello").unwrap().unwrap();
    assert_eq!(first.values()[0].as_str(), Some("layer-one"));
}

fn two_geometry_fields_are_one_after_the_other(layers: &[WholeLayer]) {
    assert_eq!(layers[0].features[0].geometry, Geometry::Points(vec![[0, 0], [0, 0]]));
}

fn a_line_may_stand_still(layers: &[WholeLayer]) {
    let line = vec![[2, 2], [2, 10], [2, 10]];
    assert_eq!(layers[0].features[0].geometry, Geometry::Lines(vec![line]));
}

/// The tile reads up to its one feature; of tags and geometry one reads, the other is this error.
fn fails_in_one_part(bytes: &[u8], kind: ErrorKind) {
    let layer = Tile::new(bytes).layer("hello").unwrap().unwrap();
    let mut features = layer.features();
    let feature = features.next().unwrap().unwrap();
    assert!(features.next().is_none());
    assert_eq!(feature.id(), Some(1));
    let tags = feature.tags().collect::<Result<Vec<_>, _>>();
    let geometry = feature.geometry();
    let error = tags.clone().err().or(geometry.clone().err()).unwrap();
    assert_eq!(error.kind(), kind);
    assert!(tags.is_ok() || geometry.is_ok());
}

/// The strokes of a geometry: each a list of vertices, and whether it is closed.
type Strokes = Vec<(Vec<[i64; 2]>, bool)>;

/// Follows the commands of tile.json, in 64 bits cut to 32 at the ends.
fn strokes_of_commands(commands: &[Json]) -> Strokes {
    let mut integers = commands.iter().map(|n| n.as_i64().unwrap());
    let mut strokes = Strokes::new();
    let mut at = [0, 0];
    while let Some(command) = integers.next() {
        if command & 7 == 7 {
            strokes.last_mut().unwrap().1 = true;
        }
        for _ in 0..if command & 7 == 7 { 0 } else { command >> 3 } {
            for axis in &mut at {
                let n = integers.next().unwrap();
                let delta = if n % 2 == 0 { n / 2 } else { -(n + 1) / 2 };
                *axis = (*axis + delta).clamp(i32::MIN.into(), i32::MAX.into());
            }
            match command & 7 {
                1 => strokes.push((vec![at], false)),
                _ => strokes.last_mut().unwrap().0.push(at),
            }
        }
    }
    strokes
}

fn strokes(geometry: &Geometry) -> Strokes {
    let wide = |vertices: &[[i32; 2]]| vertices.iter().map(|at| at.map(i64::from)).collect::<Vec<_>>();
    let ring = |ring: &Vec<[i32; 2]>| {
        assert_eq!(ring.first(), ring.last(), "rings are closed");
        (wide(&ring[..ring.len() - 1]), true)
    };
    match geometry {
        Geometry::Unknown => panic!("a geometry of unknown kind has no strokes"),
        Geometry::Points(points) => points.iter().map(|at| (wide(&[*at]), false)).collect(),
        Geometry::Lines(lines) => lines.iter().map(|line| (wide(line), false)).collect(),
        Geometry::Polygons(polygons) => polygons
            .iter()
            .flat_map(|polygon| std::iter::once(&polygon.exterior).chain(&polygon.interiors))
            .map(ring)
            .collect(),
    }
}

fn value(json: &Json) -> Owned {
    let (kind, value) = json.as_object().unwrap().iter().next().unwrap();
    match kind.as_str() {
        // 076 has a number here, which its encoder wrote as text.
        "string_value" => Owned::String(value.as_str().map_or_else(|| value.to_string(), str::to_owned)),
        "float_value" => Owned::Float(value.to_string().parse::<f32>().unwrap().to_bits()),
        "double_value" => Owned::Double(value.as_f64().unwrap().to_bits()),
        "int_value" => Owned::Int(value.as_i64().unwrap()),
        "uint_value" => Owned::UInt(value.as_u64().unwrap()),
        "sint_value" => Owned::SInt(value.as_i64().unwrap()),
        "bool_value" => Owned::Bool(value.as_bool().unwrap()),
        other => panic!("no type of value: {other}"),
    }
}

/// The tile is what its tile.json says, in every part; `version` is what it says of itself.
fn is_as_its_json(case: &str, bytes: &[u8], version: Option<u32>) {
    let none = Vec::new();
    let list = |json: &Json, key: &str| json[key].as_array().unwrap_or(&none).clone();
    let expected = list(&json(case, "tile.json"), "layers");
    let layers: Vec<_> = Tile::new(bytes).layers().collect::<Result<_, _>>().unwrap();
    assert_eq!(layers.len(), expected.len(), "{case}");
    for (layer, expected) in layers.iter().zip(&expected) {
        assert_eq!(layer.name(), expected["name"].as_str().unwrap(), "{case}");
        assert_eq!(u64::from(layer.extent()), expected["extent"].as_u64().unwrap_or(4096), "{case}");
        let said = version.map_or_else(|| expected["version"].as_u64().unwrap(), u64::from);
        assert_eq!(u64::from(layer.version()), said, "{case}");
        let keys = list(expected, "keys");
        assert!(layer.keys().iter().copied().eq(keys.iter().map(|key| key.as_str().unwrap())), "{case}");
        let values: Vec<_> = layer.values().iter().map(|&value| Owned::from(value)).collect();
        assert_eq!(values, list(expected, "values").iter().map(value).collect::<Vec<_>>(), "{case}");
        let features: Vec<_> = layer.features().collect::<Result<_, _>>().unwrap();
        let expected = list(expected, "features");
        assert_eq!((features.len(), layer.feature_count()), (expected.len(), expected.len()), "{case}");
        for (feature, expected) in features.iter().zip(&expected) {
            assert_eq!(feature.id(), expected["id"].as_u64(), "{case}");
            let tags: Vec<_> = feature.tags().collect::<Result<_, _>>().unwrap();
            let tags: Vec<_> = tags.iter().flat_map(|&(key, value)| [key, value]).map(Json::from).collect();
            assert_eq!(tags, list(expected, "tags"), "{case}");
            assert_eq!(feature.kind() as u64, expected["type"].as_u64().unwrap_or(0), "{case}");
            let geometry = feature.geometry().unwrap();
            if geometry != Geometry::Unknown {
                assert_eq!(strokes(&geometry), strokes_of_commands(&list(expected, "geometry")), "{case}");
            }
        }
    }
}

#[test]
fn every_case_of_the_suite_has_an_expectation() {
    let tiles = CASES.map(|(case, _)| path(case, "tile.mvt"));
    assert_eq!(whole::tiles("mvt-fixtures"), tiles);
}

#[test]
fn every_case_of_the_suite_behaves_as_its_info_says() {
    for (case, rule) in &CASES {
        let bytes = tile(case);
        let validity = &json(case, "info.json")["validity"];
        let valid = validity["v2"] == Json::Bool(true);
        let class = validity["error"].as_str();
        match rule {
            Valid => {
                assert!(valid, "{case}");
                is_as_its_json(case, &bytes, None);
            }
            Fatal(kind) => {
                assert!(class == Some("fatal") || ["045", "057"].contains(case), "{case}");
                assert_eq!(whole::read(Tile::new(&bytes)).unwrap_err().kind(), *kind, "{case}");
            }
            Confined(kind) => {
                assert_eq!(class, Some("recoverable"), "{case}");
                fails_in_one_part(&bytes, *kind);
            }
            Means(check) => {
                assert_eq!(class, Some("recoverable"), "{case}");
                check(&whole::read(Tile::new(&bytes)).unwrap());
            }
        }
    }
}

#[test]
fn cases_that_say_to_be_version_1_behave_alike() {
    for (case, rule) in &CASES {
        let bytes = as_version_1(tile(case));
        match rule {
            // Old tiles have rings that end in this way; the tests of a second decoder name them.
            Fatal(NO_END) => assert!(whole::read(Tile::new(&bytes)).is_ok(), "{case}"),
            Valid => is_as_its_json(case, &bytes, Some(1)),
            Fatal(kind) => assert_eq!(whole::read(Tile::new(&bytes)).unwrap_err().kind(), *kind, "{case}"),
            Confined(kind) => fails_in_one_part(&bytes, *kind),
            Means(check) => check(&whole::read(Tile::new(&bytes)).unwrap()),
        }
    }
}

#[test]
fn case_061_reads_as_version_1_and_not_as_version_2() {
    assert_eq!(json("061", "tile.json")["layers"][0]["version"], 1);
    let of_version = |version| {
        let mut bytes = tile("061");
        // The layer is the whole tile: its length stands in the second byte.
        bytes[1] += 2;
        bytes.extend([0x78, version]);
        whole::read(Tile::new(&bytes))
    };
    let line = vec![[2, 2], [2, 10], [10, 10], [2, 2]];
    assert_eq!(of_version(1).unwrap()[0].features[0].geometry, Geometry::Lines(vec![line]));
    let error = of_version(2).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Command("a line or ring does not begin with one MoveTo"));
    assert_eq!(error.offset(), tile("061").len() - 1);
}
