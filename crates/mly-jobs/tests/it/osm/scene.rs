//! Signs and their streets.

use super::town::{Tags, Town};
use crate::assets::signs::{LIMIT, STOP, SignRow, sign};

/// A sign beside the street, on its eastern side, for those who drive to the north.
fn for_the_north(value: &'static str, north_m: f64) -> SignRow {
    sign(1, value, [4.0, north_m], [0, 9]).facing(180.0)
}

fn residential(more: Tags) -> Town {
    let mut tags = vec![("highway", "residential")];
    tags.extend(more);
    Town::street(tags)
}

#[test]
fn a_stop_is_a_node_of_the_street_in_its_direction() {
    let at = |north_m: f64, tags: Tags| {
        residential(vec![]).node(106, [0.0, 0.0], tags).status(&for_the_north(STOP, north_m))
    };
    assert_eq!(at(-5.0, vec![("highway", "stop")]), "confirmed");
    assert_eq!(at(-5.0, vec![("highway", "stop"), ("direction", "forward")]), "confirmed");
    assert_eq!(at(-5.0, vec![("highway", "stop"), ("direction", "backward")]), "missing");
    assert_eq!(at(-35.0, vec![("highway", "stop")]), "missing");
    assert_eq!(at(20.0, vec![("highway", "stop")]), "confirmed");
    assert_eq!(at(-5.0, vec![("highway", "give_way")]), "conflicting");
    assert_eq!(at(-5.0, vec![]), "missing");
}

#[test]
fn what_is_missing_on_a_street_names_the_street_and_the_tags() {
    let [row] = &residential(vec![]).compared(&[for_the_north(STOP, -5.0)])[..] else { panic!() };
    assert_eq!(row.osm_id.as_deref(), Some("way/1"));
    assert!((row.distance_m.unwrap() - 4.0).abs() < 0.01);
    let tags: Vec<_> = row.suggested.iter().map(|(k, v)| format!("{k}={v}")).collect();
    assert_eq!(tags, ["direction=forward", "highway=stop"]);
}

#[test]
fn a_limit_is_a_tag_of_the_street_with_its_variants() {
    let status = |tags: Tags| residential(tags).status(&for_the_north(LIMIT, 10.0));
    assert_eq!(status(vec![("maxspeed", "50")]), "confirmed");
    assert_eq!(status(vec![("maxspeed", "30")]), "conflicting");
    assert_eq!(status(vec![]), "missing");
    assert_eq!(status(vec![("maxspeed", "70"), ("maxspeed:forward", "50")]), "confirmed");
    assert_eq!(status(vec![("maxspeed", "70"), ("maxspeed:backward", "50")]), "conflicting");
    assert_eq!(status(vec![("maxspeed:conditional", "50 @ (22:00-06:00)")]), "confirmed");
    assert_eq!(status(vec![("traffic_sign", "DE:274-50")]), "confirmed");
}

#[test]
fn a_street_that_is_split_behind_the_sign_is_followed_straight_on() {
    // The sign stands 20 m before the node where the next way begins, and 80 m before the one after that.
    let split = |second: Tags, third: Tags| {
        let mut town = Town::default();
        town.way(1, vec![(1, [0.0, -200.0]), (2, [0.0, 0.0])], vec![("highway", "primary")]);
        town.way(
            2,
            vec![(2, [0.0, 0.0]), (3, [0.0, 130.0])],
            [vec![("highway", "primary")], second].concat(),
        );
        // Drawn against the direction of driving.
        town.way(
            3,
            vec![(4, [0.0, 500.0]), (3, [0.0, 130.0])],
            [vec![("highway", "primary")], third].concat(),
        );
        // A street that crosses.
        town.way(
            4,
            vec![(5, [-90.0, 0.0]), (2, [0.0, 0.0]), (6, [90.0, 0.0])],
            vec![("highway", "residential"), ("maxspeed", "30")],
        );
        town.status(&for_the_north(LIMIT, -20.0))
    };
    assert_eq!(split(vec![("maxspeed", "50")], vec![]), "confirmed");
    assert_eq!(split(vec![("maxspeed", "70")], vec![]), "conflicting");
    // Beyond 100 m another value does not contradict, but the same one confirms, up to 200 m.
    assert_eq!(split(vec![], vec![("maxspeed", "70")]), "missing");
    assert_eq!(split(vec![], vec![("maxspeed:backward", "50")]), "confirmed");
    assert_eq!(split(vec![], vec![]), "missing");
}

#[test]
fn what_lies_before_the_sign_does_not_count() {
    let mut town = Town::default();
    town.way(1, vec![(1, [0.0, -200.0]), (2, [0.0, 0.0])], vec![("highway", "primary"), ("maxspeed", "50")]);
    town.way(2, vec![(2, [0.0, 0.0]), (3, [0.0, 200.0])], vec![("highway", "primary")]);
    assert_eq!(town.status(&for_the_north(LIMIT, 10.0)), "missing");
    // For those who come from the other side it does.
    assert_eq!(town.status(&sign(1, LIMIT, [-4.0, 10.0], [0, 9]).facing(0.0)), "confirmed");
}

#[test]
fn on_a_dual_carriageway_the_facing_decides() {
    let mut town = Town::default();
    let oneway = |limit| vec![("highway", "trunk"), ("oneway", "yes"), ("maxspeed", limit)];
    town.way(1, vec![(1, [6.0, -200.0]), (2, [6.0, 200.0])], oneway("50"));
    town.way(2, vec![(3, [-6.0, 200.0]), (4, [-6.0, -200.0])], oneway("70"));
    // In the middle between both.
    let middle = |facing: Option<f64>| SignRow { direction: facing, ..sign(1, LIMIT, [0.5, 0.0], [0, 9]) };
    assert_eq!(town.status(&middle(Some(180.0))), "confirmed");
    assert_eq!(town.status(&middle(Some(0.0))), "conflicting");
    assert_eq!(town.status(&middle(None)), "ambiguous");
    assert_eq!(town.status(&middle(Some(90.0))), "ambiguous");
}

#[test]
fn a_sign_without_a_street_is_ambiguous() {
    assert_eq!(residential(vec![]).status(&sign(1, LIMIT, [40.0, 0.0], [0, 9])), "ambiguous");
    assert_eq!(
        residential(vec![("maxspeed", "50")]).status(&sign(1, LIMIT, [24.0, 0.0], [0, 9])),
        "confirmed"
    );
}

#[test]
fn a_node_with_the_code_confirms_every_kind() {
    for (value, code) in [
        (STOP, "DE:206"),
        (LIMIT, "DE:274-50"),
        ("regulatory--keep-right--g1", "DE:222-20"),
        ("information--living-street--g1", "DE:325.1"),
        ("information--bus-stop--g1", "DE:224"),
    ] {
        let town = |at: [f64; 2], tags: Tags| residential(vec![]).node(900, at, tags);
        assert_eq!(
            town([10.0, 5.0], vec![("traffic_sign", code)]).status(&for_the_north(value, 0.0)),
            "confirmed",
            "{value}"
        );
        assert_eq!(
            town([10.0, 25.0], vec![("traffic_sign", code)]).status(&for_the_north(value, 0.0)),
            "missing",
            "{value}"
        );
        let turned = vec![("traffic_sign", code), ("direction", "90")];
        assert_eq!(town([10.0, 5.0], turned).status(&for_the_north(value, 0.0)), "missing", "{value}");
        let alike = vec![("traffic_sign", code), ("direction", "SSW")];
        assert_eq!(town([10.0, 5.0], alike).status(&for_the_north(value, 0.0)), "confirmed", "{value}");
    }
}

#[test]
fn an_element_that_names_the_map_feature_confirms_it() {
    let town = residential(vec![]).node(
        900,
        [200.0, 0.0],
        vec![("man_made", "x"), ("mapillary:map_feature", "7;1")],
    );
    let [row] = &town.compared(&[for_the_north(STOP, 0.0)])[..] else { panic!() };
    assert_eq!((row.status.as_str(), row.osm_id.as_deref()), ("confirmed", Some("node/900")));
}

#[test]
fn a_class_may_be_that_of_any_way_beside_the_sign() {
    let entry = "information--living-street--g1";
    let mut town = residential(vec![]);
    assert_eq!(town.status(&for_the_north(entry, 0.0)), "missing");
    town.way(2, vec![(106, [0.0, 0.0]), (201, [60.0, 0.0])], vec![("highway", "living_street")]);
    assert_eq!(town.status(&for_the_north(entry, -20.0)), "confirmed");
    assert_eq!(town.status(&for_the_north(entry, -80.0)), "missing");
}

#[test]
fn parking_rules_belong_to_a_side() {
    let status = |tags: Tags, east_m: f64, facing: f64| {
        residential(tags)
            .status(&sign(1, "regulatory--no-stopping--g1", [east_m, 0.0], [0, 9]).facing(facing))
    };
    let right = vec![("parking:right:restriction", "no_stopping")];
    assert_eq!(status(right.clone(), 4.0, 180.0), "confirmed");
    assert_eq!(status(right, -4.0, 0.0), "missing");
    assert_eq!(status(vec![("parking:both:restriction", "no_stopping")], -4.0, 0.0), "confirmed");
}

#[test]
fn values_without_a_rule_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let plate = "complementary--distance--g1";
    let all = [
        sign(1, plate, [4.0, 0.0], [0, 9]),
        sign(2, plate, [4.0, 9.0], [0, 9]),
        sign(3, "information--general-directions--g1", [4.0, 9.0], [0, 9]),
    ];
    let town = residential(vec![]).file(&folder);
    let found = mly_jobs::osm::SignsInOsm::of(crate::assets::signs::signs(&all), town).run().unwrap();
    let want = [(plate.to_owned(), 2), ("information--general-directions--g1".to_owned(), 1)];
    assert_eq!(found.unmapped(), want);
}

#[test]
fn a_node_of_another_sign_in_its_place_contradicts() {
    let status = |value: &'static str, code: &'static str, metres: f64| {
        let town = residential(vec![]).node(900, [4.0, metres], vec![("traffic_sign", code)]);
        town.status(&for_the_north(value, 0.0))
    };
    assert_eq!(status(STOP, "DE:205", 9.0), "conflicting");
    assert_eq!(status(STOP, "DE:205", 11.0), "missing");
    assert_eq!(status(STOP, "DE:283", 9.0), "missing");
    assert_eq!(status(LIMIT, "DE:274-30", 9.0), "conflicting");
    assert_eq!(status(LIMIT, "DE:274.1", 9.0), "missing");
    // Unless the node is that of another sign.
    let town = residential(vec![]).node(900, [4.0, 5.0], vec![("traffic_sign", "DE:205")]);
    let give_way = SignRow { id: 2, ..for_the_north("regulatory--yield--g1", 4.0) };
    let rows = town.compared(&[for_the_north(STOP, 0.0), give_way]);
    assert_eq!(rows.iter().map(|row| row.status.as_str()).collect::<Vec<_>>(), ["missing", "confirmed"]);
}

#[test]
fn a_zone_is_confirmed_by_its_tags_and_suggests_no_number() {
    let zone = "regulatory--speed-limit-zone--g1";
    let row = |tags: Tags| residential(tags).compared(&[for_the_north(zone, 0.0)])[0].clone();
    for tag in [
        ("zone:maxspeed", "DE:30"),
        ("source:maxspeed", "DE:zone30"),
        ("maxspeed", "30"),
        ("traffic_sign", "DE:274.1"),
    ] {
        assert_eq!(row(vec![tag]).status, "confirmed", "{tag:?}");
    }
    let missing = row(vec![("maxspeed", "50")]);
    assert_eq!((missing.status.as_str(), missing.suggested.len()), ("missing", 0));
}
