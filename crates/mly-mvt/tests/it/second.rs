//! A second opinion: every tile of three other libraries, and ours, as fast-mvt reads it.

use fast_mvt::{MvtGeometry, MvtLineString, MvtReaderRef, MvtValueRef};
use mly_mvt::{Geometry, Polygon, Tile};

use crate::whole::{self, Owned, WholeFeature};

fn value(value: &MvtValueRef<'_>) -> Owned {
    match value {
        MvtValueRef::String(text) => Owned::String((*text).to_owned()),
        MvtValueRef::Float(n) => Owned::Float(n.to_bits()),
        MvtValueRef::Double(n) => Owned::Double(n.to_bits()),
        MvtValueRef::Int(n) => Owned::Int(*n),
        MvtValueRef::UInt(n) => Owned::UInt(*n),
        MvtValueRef::SInt(n) => Owned::SInt(*n),
        MvtValueRef::Bool(b) => Owned::Bool(*b),
        MvtValueRef::Null => panic!("a value without a type"),
    }
}

fn vertices(line: &MvtLineString) -> Vec<[i32; 2]> {
    line.0.iter().map(|at| [at.x, at.y]).collect()
}

fn polygon(polygon: &fast_mvt::MvtPolygon) -> Polygon {
    Polygon {
        exterior: vertices(polygon.exterior()),
        interiors: polygon.interiors().iter().map(vertices).collect(),
    }
}

fn geometry(geometry: &MvtGeometry) -> Geometry {
    match geometry {
        MvtGeometry::Point(point) => Geometry::Points(vec![[point.x(), point.y()]]),
        MvtGeometry::MultiPoint(points) => Geometry::Points(points.iter().map(|p| [p.x(), p.y()]).collect()),
        MvtGeometry::LineString(line) => Geometry::Lines(vec![vertices(line)]),
        MvtGeometry::MultiLineString(lines) => Geometry::Lines(lines.iter().map(vertices).collect()),
        MvtGeometry::Polygon(one) => Geometry::Polygons(vec![polygon(one)]),
        MvtGeometry::MultiPolygon(many) => Geometry::Polygons(many.iter().map(polygon).collect()),
        other => panic!("fast-mvt gives no {other:?}"),
    }
}

/// How the geometries of a tile compare.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Comparison {
    pub(crate) same: usize,
    /// The same rings, put together to other polygons.
    pub(crate) grouped: usize,
    /// fast-mvt gives an error.
    pub(crate) rejected: usize,
}

fn rings(geometry: &Geometry) -> Vec<&Vec<[i32; 2]>> {
    let Geometry::Polygons(polygons) = geometry else { panic!("only polygons have rings: {geometry:?}") };
    polygons.iter().flat_map(|polygon| std::iter::once(&polygon.exterior).chain(&polygon.interiors)).collect()
}

/// Both decoders read the tile, and agree on its layers, and on the ids and properties of its features.
pub(crate) fn compare(bytes: &[u8]) -> Comparison {
    let mut comparison = Comparison::default();
    let theirs = MvtReaderRef::new(bytes).unwrap();
    let ours: Vec<_> = Tile::new(bytes).layers().collect::<Result<_, _>>().unwrap();
    assert_eq!(ours.len(), theirs.layer_count());
    for (ours, theirs) in ours.iter().zip(theirs.layers()) {
        assert_eq!(
            (ours.name(), ours.version(), ours.extent()),
            (theirs.name(), theirs.version(), theirs.extent())
        );
        assert_eq!(ours.keys(), theirs.keys());
        assert!(
            ours.values().iter().copied().map(Owned::from).eq(theirs.values().map(|found| value(&found)))
        );
        assert_eq!(ours.feature_count(), theirs.feature_count());
        for (feature, theirs) in ours.features().zip(theirs.features()) {
            let feature = whole::feature(ours, &feature.unwrap()).unwrap();
            assert_eq!(feature.id, theirs.id());
            let properties: Vec<_> = theirs.properties().map(Result::unwrap).collect();
            let properties = properties.iter().map(|(key, found)| ((*key).to_owned(), value(found)));
            assert!(feature.properties.into_iter().eq(properties));
            match theirs.geometry().map(|found| geometry(&found)) {
                Ok(found) if found == feature.geometry => comparison.same += 1,
                Ok(found) => {
                    assert_eq!(rings(&found), rings(&feature.geometry));
                    comparison.grouped += 1;
                }
                Err(_) => comparison.rejected += 1,
            }
        }
    }
    comparison
}

/// Where fast-mvt differs: the features whose rings it groups otherwise, and those that it rejects.
///
/// All are of version 1. The grouped ones begin with a ring that winds against the rule of version 2, which fast-mvt
/// applies to all rings but the first. The rejected ones have a `ClosePath` with a count of 0 or 2, or where no path is
/// open.
const DIFFERENCES: [(&str, usize, usize); 7] = [
    ("mvt-other/mapbox-vector-tile-cs/14-8801-5371.vector.pbf", 0, 1),
    ("mvt-other/mapbox-vector-tile-cs/bag-17-67317-43082.pbf", 1, 0),
    ("mvt-other/mapbox-vector-tile-cs/bag_7_65_41.pbf", 1, 0),
    ("mvt-other/vector-tile-js/12-1143-1497.vector.pbf", 0, 1),
    ("mvt-other/vector-tile-js/14-8801-5371.vector.pbf", 0, 1),
    ("mvt-other/vector-tile-js/multipolygon-with-closepath.pbf", 0, 1),
    ("mvt-other/vector-tile-js/multipolygon.pbf", 1, 0),
];

#[test]
fn every_tile_of_other_libraries_reads_as_fast_mvt_reads_it() {
    let tiles = whole::tiles("mvt-other");
    assert_eq!(tiles.len(), 34);
    let mut same = 0;
    for file in &tiles {
        let comparison = compare(&whole::bytes(file));
        let known = DIFFERENCES.iter().find(|(name, ..)| name == file);
        let (grouped, rejected) = known.map_or((0, 0), |&(_, grouped, rejected)| (grouped, rejected));
        assert_eq!((comparison.grouped, comparison.rejected), (grouped, rejected), "{file}");
        same += comparison.same;
    }
    assert_eq!(same, 7898);
}

fn first_polygons(file: &str) -> Vec<Polygon> {
    let layers = whole::read(Tile::new(&whole::bytes(file))).unwrap();
    match &layers[0].features[0].geometry {
        Geometry::Polygons(polygons) => polygons.clone(),
        other => panic!("{other:?}"),
    }
}

/// What the GeoJSON beside this file in vector-tile-js says: two squares, not a square with a hole outside.
#[test]
fn polygons_of_version_1_wind_as_their_first_ring_does() {
    let polygons = first_polygons("mvt-other/vector-tile-js/multipolygon.pbf");
    let square =
        |x: [i32; 2], y: [i32; 2]| vec![[x[0], y[0]], [x[0], y[1]], [x[1], y[1]], [x[1], y[0]], [x[0], y[0]]];
    let squares = [square([1298, 1640], [1952, 2322]), square([1936, 2256], [1592, 1900])];
    assert_eq!(polygons, squares.map(|exterior| Polygon { exterior, interiors: vec![] }));
}

#[test]
fn rings_of_version_1_close_whatever_the_count_of_their_end() {
    let polygons = first_polygons("mvt-other/vector-tile-js/multipolygon-with-closepath.pbf");
    let outer = vec![[1707, 1690], [2390, 1690], [2390, 2406], [1707, 2406], [1707, 1690]];
    let inner = vec![[1878, 1876], [2219, 1876], [2219, 2221], [1878, 2221], [1878, 1876]];
    let [outer, inner] = [outer, inner].map(|exterior| Polygon { exterior, interiors: vec![] });
    assert_eq!(polygons, [outer, inner]);

    let layers =
        whole::read(Tile::new(&whole::bytes("mvt-other/vector-tile-js/14-8801-5371.vector.pbf"))).unwrap();
    let building = vec![[2908, 4128], [2971, 4104], [2975, 4128], [2908, 4128]];
    let building = Geometry::Polygons(vec![Polygon { exterior: building, interiors: vec![] }]);
    let features = &layers.iter().find(|layer| layer.name == "building").unwrap().features;
    assert_eq!(features.iter().filter(|feature| feature.geometry == building).count(), 1);
}

#[test]
fn a_path_of_version_1_may_close_before_it_opens() {
    let layers =
        whole::read(Tile::new(&whole::bytes("mvt-other/vector-tile-js/12-1143-1497.vector.pbf"))).unwrap();
    let water = layers.iter().find(|layer| layer.name == "water").unwrap();
    let point = vec![[-4096, -4096], [-4096, -4096]];
    let count = |feature: &WholeFeature| match &feature.geometry {
        Geometry::Polygons(_) => rings(&feature.geometry).iter().filter(|ring| ***ring == point).count(),
        _ => 0,
    };
    assert_eq!(water.features.iter().map(count).sum::<usize>(), 1);
}
