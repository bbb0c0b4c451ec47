//! Families of signs: what each is in OpenStreetMap, and what is missing without it.

use super::town::{Tags, Town};
use crate::assets::signs::{SignRow, sign};

/// A sign beside the street, for those who drive to the north.
fn for_the_north(value: &'static str) -> SignRow {
    sign(1, value, [4.0, -5.0], [0, 9]).facing(180.0)
}

fn street(more: Tags) -> Town {
    Town::street([vec![("highway", "residential")], more].concat())
}

#[test]
fn each_family_is_confirmed_by_a_tag_of_its_street() {
    for (value, key, tag) in [
        ("regulatory--no-stopping--g1", "parking:right:restriction", "no_stopping"),
        ("regulatory--no-parking--g1", "parking:both:restriction", "no_parking"),
        ("regulatory--maximum-speed-limit-70--g1", "maxspeed", "70"),
        ("regulatory--priority-road--g1", "priority_road", "designated"),
        ("regulatory--height-limit--g1", "maxheight", "3.8"),
        ("regulatory--weight-limit--g1", "maxweight", "7.5"),
        ("regulatory--no-heavy-goods-vehicles--g1", "hgv", "no"),
        ("regulatory--road-closed-to-vehicles--g3", "vehicle", "no"),
        ("regulatory--no-entry--g1", "oneway", "yes"),
        ("regulatory--pedestrians-only--g1", "foot", "designated"),
        ("regulatory--shared-path-pedestrians-and-bicycles--g1", "bicycle", "designated"),
        ("regulatory--bicycles-only--g1", "bicycle", "designated"),
        ("regulatory--no-overtaking--g1", "overtaking", "no"),
        ("regulatory--no-overtaking-by-heavy-goods-vehicles--g1", "overtaking:hgv", "no"),
        ("regulatory--speed-limit-zone--g1", "zone:maxspeed", "DE:30"),
        ("regulatory--one-way-left--g1", "oneway", "yes"),
        ("information--dead-end--g1", "noexit", "yes"),
        ("regulatory--roundabout--g1", "junction", "roundabout"),
        ("information--parking--g1", "parking:right", "lane"),
    ] {
        let [row] = &street(vec![(key, tag)]).compared(&[for_the_north(value)])[..] else { panic!() };
        assert_eq!((row.status.as_str(), row.osm_id.as_deref()), ("confirmed", Some("way/1")), "{value}");
        assert_eq!(street(vec![]).status(&for_the_north(value)), "missing", "{value}");
    }
    for (value, class) in
        [("information--motorway--g1", "motorway"), ("information--living-street--g1", "living_street")]
    {
        assert_eq!(Town::street(vec![("highway", class)]).status(&for_the_north(value)), "confirmed");
        assert_eq!(street(vec![]).status(&for_the_north(value)), "missing", "{value}");
    }
}

#[test]
fn each_family_is_confirmed_by_a_node_of_its_street_or_beside_it() {
    for (value, tag) in [
        ("regulatory--stop--g1", ("highway", "stop")),
        ("regulatory--yield--g1", ("highway", "give_way")),
        ("information--pedestrians-crossing--g1", ("highway", "crossing")),
    ] {
        let status =
            |id: i64, at: [f64; 2]| street(vec![]).node(id, at, vec![tag]).status(&for_the_north(value));
        assert_eq!(status(106, [0.0, 0.0]), "confirmed", "{value}");
        assert_eq!(status(900, [3.0, 10.0]), "confirmed", "{value}");
        assert_eq!(status(107, [0.0, 50.0]), "missing", "{value}");
    }
    for (value, tag, reach_m) in [
        ("information--bus-stop--g1", ("highway", "bus_stop"), 40.0),
        ("information--parking--g1", ("amenity", "parking"), 50.0),
        ("warning--children--g1", ("hazard", "children"), 30.0),
        ("warning--curve-right--g1", ("hazard", "curve"), 30.0),
        ("warning--other-danger--g1", ("hazard", "yes"), 30.0),
    ] {
        let status = |metres: f64| {
            street(vec![]).node(900, [4.0, metres - 5.0], vec![tag]).status(&for_the_north(value))
        };
        assert_eq!(
            (status(reach_m - 0.5), status(reach_m + 0.5)),
            ("confirmed".into(), "missing".into()),
            "{value}"
        );
    }
}

#[test]
fn a_plate_below_a_sign_is_no_sign_of_its_own() {
    let code = vec![("traffic_sign", "DE:267,1022-10")];
    let town = street(vec![]).node(900, [4.0, 0.0], code);
    let plate = SignRow { id: 2, ..for_the_north("complementary--except-bicycles--g1") };
    let rows = town.compared(&[for_the_north("regulatory--no-entry--g1"), plate]);
    let status: Vec<_> = rows.iter().map(|row| row.status.as_str()).collect();
    assert_eq!(status, ["confirmed", "unmapped"]);
}

#[test]
fn an_element_that_names_a_photo_of_the_sign_confirms_it() {
    let stop = |photos: &[i64]| sign(1, "regulatory--stop--g1", [4.0, 0.0], [0, 9]).facing(180.0).on(photos);
    for key in ["mapillary", "mapillary:image"] {
        let at = |code: &'static str, east_m: f64| {
            street(vec![]).node(900, [east_m, 35.0], vec![("traffic_sign", code), (key, "11;12")])
        };
        assert_eq!(at("DE:206", 4.0).status(&stop(&[12, 13])), "confirmed", "{key}");
        assert_eq!(at("DE:206", 4.0).status(&stop(&[13, 14])), "missing", "another photo");
        assert_eq!(at("DE:283", 4.0).status(&stop(&[12, 13])), "missing", "another sign of the photo");
        assert_eq!(at("DE:206", 60.0).status(&stop(&[12, 13])), "missing", "too far");
    }
}

#[test]
fn signs_without_dates_are_compared_and_belong_to_no_road_works() {
    let works = sign(2, "warning--roadworks--g1", [4.0, 20.0], [0, 9]);
    let undated = SignRow { days: None, ..for_the_north("regulatory--stop--g1") };
    let rows = street(vec![]).compared(&[undated, works]);
    let status: Vec<_> = rows.iter().map(|row| row.status.as_str()).collect();
    assert_eq!(status, ["missing", "temporary"]);
}
