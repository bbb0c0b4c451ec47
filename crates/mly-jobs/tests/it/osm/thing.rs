//! Objects, and rules of one's own.

use mly_jobs::osm::SignsInOsm;

use super::town::{Town, rows_of};
use crate::assets::signs::{STOP, sign, signs};

#[test]
fn a_thing_is_found_within_its_reach() {
    for (value, tag, reach_m) in [
        ("object--bench", ("amenity", "bench"), 10.0),
        ("object--fire-hydrant", ("emergency", "fire_hydrant"), 15.0),
        ("object--traffic-light--general-upright", ("highway", "traffic_signals"), 40.0),
    ] {
        let status = |metres: f64| {
            let town = Town::street(vec![("highway", "residential")]).node(900, [metres, 0.0], vec![tag]);
            town.status(&sign(1, value, [0.0, 0.0], [0, 9]))
        };
        assert_eq!(
            (status(reach_m - 0.1), status(reach_m + 0.1)),
            ("confirmed".into(), "missing".into()),
            "{value}"
        );
    }
}

#[test]
fn a_small_way_is_a_thing_too() {
    let mut town = Town::street(vec![("highway", "residential")]);
    town.way(
        9,
        vec![(901, [8.0, 0.0]), (902, [9.0, 1.0]), (903, [9.0, 0.0]), (901, [8.0, 0.0])],
        vec![("amenity", "bench")],
    );
    let [row] = &town.compared(&[sign(1, "object--bench", [4.0, 0.0], [0, 9])])[..] else { panic!() };
    assert_eq!((row.status.as_str(), row.osm_id.as_deref()), ("confirmed", Some("way/9")));
}

#[test]
fn rules_of_ones_own_come_first() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::street(vec![("highway", "residential")])
        .node(900, [4.0, 2.0], vec![("board", "welcome")])
        .file(&folder);
    let rules = folder.path().join("rules.json");
    let text = r#"{"rules": [{"value": "information--general-directions", "kind": "object", "accept": ["board=*"]}]}"#;
    std::fs::write(&rules, text).unwrap();
    let job =
        SignsInOsm::of(signs(&[sign(1, "information--general-directions--g1", [4.0, 0.0], [0, 9])]), town);
    let status = |job: &SignsInOsm| rows_of(&job.run().unwrap().table().unwrap())[0].status.clone();
    assert_eq!(status(&job), "unmapped");
    assert_eq!(status(&job.clone().with_tags(&rules)), "confirmed");
    std::fs::write(&rules, "{\"rules\": [\n {\"value\": \"x\", \"kind\": \"tree\"}]}").unwrap();
    let error = job.with_tags(&rules).check().unwrap_err().to_string();
    assert!(error.contains("rules.json") && error.contains("line 2 column"), "{error}");
}

#[test]
fn openstreetmap_of_another_place_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::street(vec![("highway", "residential")]).file(&folder);
    let far = signs(&[sign(1, STOP, [5000.0, 0.0], [0, 9])]);
    let error = SignsInOsm::of(far, &town).run().unwrap_err();
    assert!(error.to_string().contains("none of the signs is near anything in it"), "{error}");
    let none = SignsInOsm::of(signs(&[]), &town).run().unwrap();
    assert_eq!(none.table().unwrap().rows(), 0);
}

#[test]
fn the_country_tells_the_code_and_the_unit() {
    let folder = tempfile::tempdir().unwrap();
    let status = |country: &str, tag: (&'static str, &'static str)| {
        let town = Town::street(vec![("highway", "residential"), tag]).file(&folder);
        let sign = sign(1, "regulatory--maximum-speed-limit-30--g3", [4.0, 0.0], [0, 9]).facing(180.0);
        let job = SignsInOsm::of(signs(&[sign]), town).with_country(country);
        rows_of(&job.run().unwrap().table().unwrap())[0].status.clone()
    };
    assert_eq!(status("US", ("maxspeed", "30 mph")), "confirmed");
    assert_eq!(status("US", ("maxspeed", "30")), "conflicting");
    assert_eq!(status("ch", ("maxspeed", "30")), "confirmed");
}
