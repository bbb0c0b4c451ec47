//! Every kind of area gives exactly what lies inside, as decided by brute force.

use std::collections::BTreeSet;

use insta::assert_snapshot;
use mly_emulator::{Emulator, World};

use crate::read::{Row, csv, geojson};
use crate::support::{TOWN, demo, everything, mly};

/// The rows for an area, in the format that [`everything`] does not use.
fn rows(layer: &str, area: &str) -> Vec<Row> {
    csv(&mly(&format!("{layer} {area} -f csv")).at(demo()).done().out)
}

/// Insists that an area gives those points of each layer for which `is_inside` holds, and that it is a real choice.
fn assert_inside(area: &str, is_inside: impl Fn([f64; 2]) -> bool) {
    for layer in ["images", "points", "signs"] {
        assert_rows_inside(layer, rows(layer, area), &is_inside);
    }
}

fn assert_rows_inside(layer: &str, got: Vec<Row>, is_inside: &impl Fn([f64; 2]) -> bool) {
    let all = everything(layer);
    let (count, total) = (got.len(), all.len());
    assert!(0 < count && count < total, "{count} of {total} {layer} are no choice");
    assert_same_rows(got, all.into_iter().filter(|row| is_inside(row.point())).collect());
}

/// The same rows in any order: each area visits its own tiles.
fn assert_same_rows(mut got: Vec<Row>, mut want: Vec<Row>) {
    for rows in [&mut got, &mut want] {
        rows.sort_by_key(|row| row.int("id"));
    }
    assert_eq!(got, want);
}

/// Great-circle distance in metres (haversine).
fn distance_m([lon, lat]: [f64; 2], [other_lon, other_lat]: [f64; 2]) -> f64 {
    let half = |a: f64, b: f64| ((a - b).to_radians() / 2.0).sin().powi(2);
    let cosines = lat.to_radians().cos() * other_lat.to_radians().cos();
    2.0 * 6_371_008.8 * (half(lat, other_lat) + cosines * half(lon, other_lon)).sqrt().asin()
}

/// Even-odd rule.
fn is_in_ring(ring: &[[f64; 2]], [x, y]: [f64; 2]) -> bool {
    let crosses = |([ax, ay], [bx, by]): ([f64; 2], [f64; 2])| {
        (ay > y) != (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax
    };
    ring.windows(2).filter(|pair| crosses((pair[0], pair[1]))).count() % 2 == 1
}

/// Whether a segment comes into a box (Liang and Barsky).
fn enters([w, s, e, n]: [f64; 4], [ax, ay]: [f64; 2], [bx, by]: [f64; 2]) -> bool {
    let (dx, dy) = (bx - ax, by - ay);
    let (mut first, mut last) = (0.0_f64, 1.0_f64);
    for (p, q) in [(-dx, ax - w), (dx, e - ax), (-dy, ay - s), (dy, n - ay)] {
        if p == 0.0 && q < 0.0 {
            return false;
        }
        if p < 0.0 {
            first = first.max(q / p);
        } else if p > 0.0 {
            last = last.min(q / p);
        }
    }
    first <= last
}

const OUTER: [[f64; 2]; 5] = [[8.99, 51.99], [9.02, 51.988], [9.015, 52.002], [8.995, 52.0], [8.99, 51.99]];
const HOLE: [[f64; 2]; 5] = [[9.0, 51.993], [9.01, 51.993], [9.01, 51.997], [9.0, 51.997], [9.0, 51.993]];
const FAR: [[f64; 2]; 4] = [[9.02, 51.998], [9.028, 51.998], [9.024, 52.003], [9.02, 51.998]];

fn is_in_town(at: [f64; 2]) -> bool {
    is_in_ring(&OUTER, at) && !is_in_ring(&HOLE, at) || is_in_ring(&FAR, at)
}

fn multi_polygon() -> String {
    format!(r#"{{"type":"MultiPolygon","coordinates":[[{OUTER:?},{HOLE:?}],[{FAR:?}]]}}"#)
}

#[test]
fn a_box_holds_what_lies_between_its_edges() {
    assert_inside("--bbox 8.995,51.99,9.01,51.997", |[lon, lat]| {
        (8.995..=9.01).contains(&lon) && (51.99..=51.997).contains(&lat)
    });
}

#[test]
fn a_circle_holds_what_is_within_its_radius() {
    assert_inside("--near 9.005,51.995 --radius 432.1", |at| distance_m(at, [9.005, 51.995]) <= 432.1);
}

#[test]
fn a_circle_without_a_radius_has_50_metres() {
    let [lon, lat] = everything("images")[7].point();
    let near = format!("--near {lon},{lat}");
    let found = rows("images", &near);
    assert_same_rows(found.clone(), rows("images", &format!("{near} --radius 50")));
    // A search answers so small a circle, and its positions are exact; those of tiles are up to a metre off.
    assert!(!found.is_empty() && found.iter().all(|row| distance_m(row.point(), [lon, lat]) <= 50.0));
    let ids = |rows: &[Row]| rows.iter().map(|row| row.int("id")).collect::<BTreeSet<_>>();
    let near_by = |radius_m| {
        let mut all = everything("images");
        all.retain(|row| distance_m(row.point(), [lon, lat]) <= radius_m);
        ids(&all)
    };
    assert!(near_by(49.0).is_subset(&ids(&found)) && ids(&found).is_subset(&near_by(51.0)));
}

/// The tile at a zoom that holds a position.
fn tile_of([lon, lat]: [f64; 2], z: u32) -> String {
    let side = f64::from(1 << z);
    let row = (1.0 - lat.to_radians().tan().asinh() / std::f64::consts::PI) / 2.0;
    format!("{z}/{}/{}", ((lon + 180.0) / 360.0 * side).floor(), (row * side).floor())
}

#[test]
fn a_tile_of_any_zoom_holds_what_lies_in_it() {
    let somewhere = everything("images")[7].point();
    for z in [13, 14, 17] {
        let tile = tile_of(somewhere, z);
        assert_rows_inside("images", rows("images", &format!("--tile {tile}")), &|at| tile_of(at, z) == tile);
    }
}

#[test]
fn polygons_count_with_their_holes_and_parts_in_every_wrapping() {
    let polygons = multi_polygon();
    let feature = format!(r#"{{"type":"Feature","properties":{{}},"geometry":{polygons}}}"#);
    let apart = format!(
        r#"{{"type":"FeatureCollection","features":[
            {{"type":"Feature","properties":null,"geometry":{{"type":"Polygon","coordinates":[{OUTER:?},{HOLE:?}]}}}},
            {{"type":"Feature","properties":null,"geometry":null}},
            {{"type":"Feature","properties":null,"geometry":{{"type":"Polygon","coordinates":[{FAR:?}]}}}}]}}"#
    );
    let geometries = format!(r#"{{"type":"GeometryCollection","geometries":[{polygons}]}}"#);
    for text in [polygons, feature, apart, geometries] {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        assert_inside(&format!("--within {}", file.path().display()), is_in_town);
    }
}

#[test]
fn an_area_can_come_from_standard_input() {
    let piped = mly("images --within - -f csv").at(demo()).input(multi_polygon()).done();
    assert_rows_inside("images", csv(&piped.out), &is_in_town);
}

#[test]
fn an_area_in_web_mercator_is_the_same_area() {
    let mercator = |[lon, lat]: [f64; 2]| {
        let radius = 6_378_137.0;
        [lon.to_radians() * radius, lat.to_radians().tan().asinh() * radius]
    };
    let ring = OUTER.map(mercator);
    let crs = r#"{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::3857"}}"#;
    let polygon = format!(r#"{{"type":"Polygon","coordinates":[{ring:?}],"crs":{crs}}}"#);
    let piped = mly("images --within - -f csv").at(demo()).input(polygon).done();
    assert_rows_inside("images", csv(&piped.out), &|at| is_in_ring(&OUTER, at));
}

#[test]
fn sequences_are_those_that_come_into_the_area() {
    let bbox = [8.995, 51.99, 9.01, 51.997];
    let comes_in = |row: &Row| row.lines.iter().any(|line| line.windows(2).any(|s| enters(bbox, s[0], s[1])));
    let all = everything("sequences");
    let want: BTreeSet<_> = all.iter().filter(|row| comes_in(row)).map(|row| row.text("id")).collect();
    let got = rows("sequences", "--bbox 8.995,51.99,9.01,51.997");
    assert_eq!(got.iter().map(|row| row.text("id")).collect::<BTreeSet<_>>(), want);
    assert_eq!(got.len(), want.len(), "a sequence came twice");
    assert!(!want.is_empty() && want.len() < all.len());
}

#[test]
fn a_box_may_cross_the_antimeridian_and_lie_south_and_west_of_zero() {
    let places = [
        (179.99, -17.0),
        (-179.99, -17.001),
        (180.0, -17.002),
        (-180.0, -17.003),
        (179.9, -17.0),
        (0.5, -17.0),
    ];
    let features = (1_i64..).zip(places).map(|(id, (lon, lat))| {
        format!(
            r#"{{"type":"Feature","geometry":{{"type":"Point","coordinates":[{lon},{lat}]}},
            "properties":{{"id":{id},"sequence_id":"a{id}","captured_at":{id},"compass_angle":1.5,"is_pano":false}}}}"#
        )
    });
    let folder = tempfile::tempdir().unwrap();
    let text =
        format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.collect::<Vec<_>>().join(","));
    std::fs::write(folder.path().join("images.geojson"), text).unwrap();
    let emulator = Emulator::start(World::open(folder.path()).unwrap()).unwrap();
    for bbox in ["--bbox 179.95,-17.1,-179.95,-16.9", "--bbox=179.95,-17.1,-179.95,-16.9"] {
        let rows = geojson(&mly(&format!("images {bbox}")).at(&emulator).done().out);
        let ids: BTreeSet<_> = rows.iter().filter_map(|row| row.int("id")).collect();
        assert_eq!(ids, BTreeSet::from([1, 2, 3, 4]));
    }
    let west = geojson(&mly("images --bbox -180,-17.01,-179.98,-16.99").at(&emulator).done().out);
    let ids: BTreeSet<_> = west.iter().filter_map(|row| row.int("id")).collect();
    assert!(ids.contains(&2) && !ids.contains(&1), "{ids:?}");
}

#[test]
fn negative_coordinates_need_no_equals_sign() {
    for area in ["--bbox -1,-1,1,1", "--bbox=-1,-1,1,1"] {
        let plan = mly(&format!("plan images {area}")).done();
        assert!(plan.text().starts_with("images in bbox -1,-1,1,1\n"), "{}", plan.text());
    }
    assert!(
        mly("plan signs --near -70.5,-33.4").done().text().starts_with("signs in 50 m around -70.5,-33.4\n")
    );
}

#[test]
fn an_area_without_any_data_is_an_empty_result() {
    for layer in ["images", "sequences", "points", "signs"] {
        let empty = mly(&format!("{layer} --bbox 20,30,20.01,30.01")).at(demo()).done();
        assert!(geojson(&empty.out).is_empty());
        let hint = format!(
            "hint: there are no {layer} in this area; or are latitude and longitude exchanged? then --bbox 30,20,30.01,20.01"
        );
        assert_eq!(empty.err.lines().last().unwrap(), hint);
        let beyond_all_tiles = mly(&format!("{layer} --bbox 100,86,101,87")).at(demo()).done();
        assert!(geojson(&beyond_all_tiles.out).is_empty());
        assert_eq!(
            beyond_all_tiles.err.lines().last().unwrap(),
            format!("hint: there are no {layer} in this area")
        );
    }
}

/// The line after the closing one.
fn hint(line: &str) -> String {
    let outcome = mly(&format!("{line} -f csv")).at(demo()).done();
    assert_eq!(csv(&outcome.out).len(), 0, "{line}");
    outcome.err.lines().skip(1).collect::<Vec<_>>().join("\n")
}

#[test]
fn an_empty_result_says_in_one_line_what_is_likely() {
    let count = |layer: &str| everything(layer).len();
    let (images, signs, sequences) = (count("images"), count("signs"), count("sequences"));
    let images = format!("{},{:03}", images / 1000, images % 1000);
    let exchanged = "; or are latitude and longitude exchanged? then --bbox 51.98,8.98,52.01,9.03";
    for (line, says) in [
        (
            format!("images {TOWN} --creator 5"),
            format!("the filters leave out all {images} images of this area"),
        ),
        (
            format!("images {TOWN} --creator 5 --since 2020"),
            format!("the filters leave out all {images} images of this area"),
        ),
        (
            format!("sequences {TOWN} --creator 5"),
            format!("the filters leave out all {sequences} sequences of this area"),
        ),
        (
            format!("signs {TOWN} --first-seen-since 2090"),
            format!("the filters leave out all {signs} signs of this area"),
        ),
        (
            format!("signs {TOWN} --value regulatory--* --first-seen-since 2090"),
            format!("the filters leave out all {signs} signs of this area"),
        ),
        (
            format!("images {TOWN} --make Nobody"),
            "there are no images in this area that pass the filters".to_owned(),
        ),
    ] {
        assert_eq!(hint(&line), format!("hint: {says}{exchanged}"), "{line}");
    }
    let near = hint(&format!("signs {TOWN} --value regulatory--stopp--g1,benchs"));
    assert_snapshot!(near, @"hint: no signs in this area have such a value; the nearest are regulatory--stop--g1, regulatory--yield--g1, regulatory--no-stopping--g1; or are latitude and longitude exchanged? then --bbox 51.98,8.98,52.01,9.03");
    // The numbers say nothing about a tile.
    let tile = hint("images --tile 14/8601/5411 --creator 5");
    assert!(
        tile.starts_with("hint: the filters leave out all ") && tile.ends_with(" images of this area"),
        "{tile}"
    );
    let drawn = mly("images --within - --creator 5 -f csv").at(demo()).input(multi_polygon()).done();
    assert!(drawn.err.ends_with("; or are latitude and longitude exchanged in the file?\n"), "{}", drawn.err);
    assert_eq!(mly(&format!("images {TOWN} --creator 5 -q")).at(demo()).done().err, "");
    let some = mly(&format!("images {TOWN} --limit 1")).at(demo()).done();
    assert!(!some.err.contains("hint"), "{}", some.err);
}

#[test]
fn latitude_before_longitude_is_told_where_it_cannot_be() {
    assert_snapshot!(mly("images --bbox 47.6,-122.3,47.7,-122.2").fails(2).err, @r"
    error: --bbox: latitude -122.3 is not within -90..90
    hint: longitude comes first: -122.3,47.6,-122.2,47.7
    ");
    assert_snapshot!(mly("images --near 47.6,-122.3").fails(2).err, @r"
    error: --near: latitude -122.3 is not within -90..90
    hint: longitude comes first: -122.3,47.6
    ");
}
