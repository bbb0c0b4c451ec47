//! A real tile of the service, against another decoder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

use fast_mvt::{MvtGeometry, MvtReaderRef, MvtValueRef};
use mly_emulator::{Emulator, World};

use crate::read::{Row, Value, arrow, csv, geojson, geojsonseq};
use crate::support::mly;

const FILE: &str = "../../fixtures/tiles/mly1_public-14-8574-5735.mvt";
const TILE: &str = "--tile 14/8574/5735";

fn emulator() -> &'static Emulator {
    static EMULATOR: OnceLock<Emulator> = OnceLock::new();
    EMULATOR.get_or_init(|| Emulator::start(World::open(Path::new(FILE)).unwrap()).unwrap())
}

fn written(options: &str) -> Vec<u8> {
    mly(options).at(emulator()).done().out
}

/// The features of a layer as fast-mvt reads them, with positions by the textbook formula.
fn features(layer: &str) -> Vec<Row> {
    let bytes = std::fs::read(FILE).unwrap();
    let tile = MvtReaderRef::new(&bytes).unwrap();
    let layer = tile.layers().find(|found| found.name() == layer).unwrap();
    let extent = f64::from(layer.extent());
    let degrees = |x: i32, y: i32| {
        let (column, row) = (8574.0 + f64::from(x) / extent, 5735.0 + f64::from(y) / extent);
        let angle = std::f64::consts::PI * (1.0 - 2.0 * row / 16384.0);
        [column / 16384.0 * 360.0 - 180.0, angle.sinh().atan().to_degrees()]
    };
    let line =
        |line: &fast_mvt::MvtLineString| line.0.iter().map(|at| degrees(at.x, at.y)).collect::<Vec<_>>();
    layer
        .features()
        .map(|feature| {
            let lines = match feature.geometry().unwrap() {
                MvtGeometry::Point(at) => vec![vec![degrees(at.x(), at.y())]],
                MvtGeometry::LineString(one) => vec![line(&one)],
                MvtGeometry::MultiLineString(many) => many.iter().map(line).collect(),
                other => panic!("{other:?}"),
            };
            let value = |(name, value): (&str, MvtValueRef<'_>)| {
                let value = match value {
                    MvtValueRef::String(text) => Value::Text(text.to_owned()),
                    MvtValueRef::Int(n) => Value::Int(n),
                    MvtValueRef::Double(n) => Value::Float(n),
                    MvtValueRef::Bool(flag) => Value::Bool(flag),
                    other => panic!("{name} is {other:?}"),
                };
                (name.to_owned(), value)
            };
            Row { values: feature.properties().map(|p| value(p.unwrap())).collect::<BTreeMap<_, _>>(), lines }
        })
        .collect()
}

/// The same values to the last bit, and positions to a thousandth of a millimetre.
fn assert_same(got: &[Row], want: &[Row]) {
    assert_eq!(got.len(), want.len());
    for (got, want) in got.iter().zip(want) {
        assert_eq!(got.values, want.values);
        assert_eq!(
            got.lines.iter().map(Vec::len).collect::<Vec<_>>(),
            want.lines.iter().map(Vec::len).collect::<Vec<_>>()
        );
        for (a, b) in got.lines.concat().iter().zip(want.lines.concat()) {
            assert!((a[0] - b[0]).abs() < 1e-11 && (a[1] - b[1]).abs() < 1e-11, "{a:?} {b:?}");
        }
    }
}

#[test]
fn all_3012_images_come_out_as_another_decoder_reads_them() {
    let want = features("image");
    assert_eq!(want.len(), 3012);
    assert_same(&arrow(&written(&format!("images {TILE} -f arrow"))), &want);
    assert_same(&csv(&written(&format!("images {TILE} -f csv"))), &want);
    assert_same(&geojson(&written(&format!("images {TILE} -f geojson"))), &want);
    assert_same(&geojsonseq(&written(&format!("images {TILE} -f geojsonseq"))), &want);
}

#[test]
fn all_51_lines_come_out_as_another_decoder_reads_them() {
    let want = features("sequence");
    assert_eq!(want.len(), 51);
    let ids: Vec<_> = want.iter().map(|row| row.text("id").to_owned()).collect();
    let lines = |mut rows: Vec<Row>| {
        rows.retain(|row| ids.iter().any(|id| id == row.text("id")));
        rows
    };
    assert_same(&lines(arrow(&written(&format!("sequences {TILE} --cut -f arrow")))), &want);
    assert_same(&lines(csv(&written(&format!("sequences {TILE} --cut -f csv")))), &want);
    assert_same(&lines(geojson(&written(&format!("sequences {TILE} --cut -f geojson")))), &want);
    assert_same(&lines(geojsonseq(&written(&format!("sequences {TILE} --cut -f geojsonseq")))), &want);
}

#[test]
fn sequences_that_the_tile_draws_no_line_of_come_out_all_the_same() {
    let ids =
        |rows: &[Row], name: &str| rows.iter().map(|row| row.text(name).to_owned()).collect::<BTreeSet<_>>();
    let rows = csv(&written(&format!("sequences {TILE} --cut -f csv")));
    let want = ids(&features("image"), "sequence_id");
    assert_eq!((rows.len(), want.len()), (66, 66));
    assert_eq!(ids(&rows, "id"), want);
}

#[test]
fn columns_that_the_tile_does_not_have_are_not_in_the_text_formats() {
    let csv = String::from_utf8(written(&format!("images {TILE} -f csv"))).unwrap();
    let header = csv.lines().next().unwrap();
    let sent: Vec<_> = features("image").iter().flat_map(|row| row.values.clone().into_keys()).collect();
    for name in ["organization_id", "creator_id", "quality_score", "foot"] {
        assert_eq!(
            header.split(',').any(|column| column == name),
            sent.iter().any(|sent| sent == name),
            "{name}"
        );
    }
    assert!(!header.contains("foot"));
}

#[test]
fn a_tile_whose_only_layer_is_water_is_an_empty_result() {
    for layer in ["points", "signs"] {
        let bytes = written(&format!("{layer} {TILE} -f geojsonseq"));
        assert!(bytes.is_empty());
    }
}
