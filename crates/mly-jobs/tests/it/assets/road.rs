//! The road of a sign, and the side on which it stands.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use mly_jobs::assets::Assets;

use super::signs::{LIMIT, SignRow, sign, signs};
use crate::osm::town::Town;

/// Road, distance and side of one sign.
fn beside(town: &Town, sign: SignRow) -> (Option<i64>, Option<f64>, Option<String>) {
    let folder = tempfile::tempdir().unwrap();
    let (table, _) = Assets::of(signs(&[sign])).with_roads(town.file(&folder)).run().unwrap();
    let rows = &table.batches()[0];
    let road = rows.column_by_name("road_id").unwrap().as_primitive::<Int64Type>();
    let offset = rows.column_by_name("road_offset_m").unwrap().as_primitive::<Float64Type>();
    let side = rows.column_by_name("side").unwrap().as_string::<i32>();
    (
        road.is_valid(0).then(|| road.value(0)),
        offset.is_valid(0).then(|| offset.value(0)),
        side.is_valid(0).then(|| side.value(0).to_owned()),
    )
}

fn street() -> Town {
    Town::street(vec![("highway", "residential")])
}

fn at(east_m: f64) -> SignRow {
    sign(1, LIMIT, [east_m, 10.0], [0, 9])
}

#[test]
fn the_side_is_that_of_those_who_read_the_sign() {
    for (east_m, facing, side) in
        [(4.0, 180.0, "right"), (4.0, 0.0, "left"), (-4.0, 0.0, "right"), (-4.0, 200.0, "left")]
    {
        let (road, offset, found) = beside(&street(), at(east_m).facing(facing));
        assert_eq!((road, found.as_deref()), (Some(1), Some(side)), "{east_m} {facing}");
        assert!((offset.unwrap() - 4.0).abs() < 0.01);
    }
}

#[test]
fn on_the_middle_line_there_is_no_side() {
    assert_eq!(beside(&street(), at(0.9).facing(180.0)).2, None);
    assert_eq!(beside(&street(), at(1.1).facing(180.0)).2.as_deref(), Some("right"));
}

#[test]
fn a_sign_beyond_25_metres_has_no_road() {
    assert_eq!(beside(&street(), at(40.0).facing(180.0)), (None, None, None));
    assert_eq!(beside(&street(), at(25.5).facing(180.0)), (None, None, None));
    assert_eq!(beside(&street(), at(24.5).facing(180.0)).0, Some(1));
}

#[test]
fn a_lone_road_is_that_of_a_sign_without_a_direction() {
    let (road, _, side) = beside(&street(), at(4.0));
    assert_eq!((road, side), (Some(1), None));
    let mut two = street();
    two.way(2, vec![(300, [15.0, -300.0]), (301, [15.0, 300.0])], vec![("highway", "service")]);
    assert_eq!(beside(&two, at(4.0)), (None, None, None));
    // The direction of driving is known on a oneway.
    let oneway = Town::street(vec![("highway", "residential"), ("oneway", "yes")]);
    assert_eq!(beside(&oneway, at(-4.0)).2.as_deref(), Some("left"));
}

#[test]
fn two_roads_that_are_as_near_leave_the_side_open() {
    let mut two = street();
    two.way(2, vec![(300, [10.0, -300.0]), (301, [10.0, 300.0])], vec![("highway", "residential")]);
    let (road, _, side) = beside(&two, at(4.0).facing(180.0));
    assert_eq!((road, side), (Some(1), None));
    assert_eq!(beside(&two, at(3.0).facing(180.0)).2.as_deref(), Some("right"));
}

#[test]
fn a_road_that_the_sign_does_not_face_along_is_not_its_road() {
    let mut crossing = street();
    crossing.way(2, vec![(300, [-90.0, 11.0]), (301, [90.0, 11.0])], vec![("highway", "residential")]);
    assert_eq!(beside(&crossing, at(4.0).facing(180.0)).0, Some(1));
    assert_eq!(beside(&crossing, at(4.0).facing(90.0)).0, Some(2));
    // On a dual carriageway the direction decides, not the distance.
    let mut dual = Town::default();
    let oneway = || vec![("highway", "trunk"), ("oneway", "yes")];
    dual.way(1, vec![(1, [6.0, -200.0]), (2, [6.0, 200.0])], oneway());
    dual.way(2, vec![(3, [-6.0, 200.0]), (4, [-6.0, -200.0])], oneway());
    assert_eq!(beside(&dual, at(2.0).facing(0.0)).0, Some(2));
    assert_eq!(beside(&dual, at(2.0).facing(0.0)).2.as_deref(), Some("left"));
    assert_eq!(beside(&dual, at(2.0).facing(180.0)).0, Some(1));
}
