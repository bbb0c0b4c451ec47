//! `mly osm`: signs of the demo town and a street that crosses it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{TOWN, demo, mly, names_in};

/// An answer of Overpass: one street from south to north, with a stop on it.
const STREET: &str = r#"{"version": 0.6, "elements": [
    {"type": "node", "id": 1, "lat": 51.985, "lon": 9.0, "version": 1},
    {"type": "node", "id": 2, "lat": 51.995, "lon": 9.002, "version": 4, "tags": {"highway": "stop"}},
    {"type": "node", "id": 3, "lat": 52.005, "lon": 9.004, "version": 1},
    {"type": "way", "id": 7, "version": 2, "nodes": [1, 2, 3], "tags": {"highway": "residential"}}
]}"#;

/// Signs of the town, and OpenStreetMap for it.
fn files(folder: &Path) -> [PathBuf; 2] {
    let [signs, osm] = [folder.join("signs.parquet"), folder.join("street.json")];
    mly(&format!("signs {TOWN}")).to(&signs).at(demo()).done();
    fs::write(&osm, STREET).unwrap();
    [signs, osm]
}

fn osm(folder: &Path, more: &str) -> String {
    let [signs, osm] = files(folder);
    format!("osm {} {} {more}", signs.display(), osm.display())
}

#[test]
fn every_sign_has_a_status_and_values_without_a_rule_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = mly(&osm(folder.path(), "-f csv")).done();
    let mut lines = outcome.text().lines();
    let head = lines.next().unwrap();
    assert!(head.starts_with("status,osm_id,osm_tags,suggested_tags,distance_m,id,value,"), "{head}");
    assert_eq!(lines.count(), 600);
    assert!(outcome.err.contains("without a rule: information--general-directions--g1 ("), "{}", outcome.err);
}

#[test]
fn openstreetmap_in_the_place_of_the_signs_is_recognised() {
    let folder = tempfile::tempdir().unwrap();
    let [signs, osm] = files(folder.path());
    let said = mly(&format!("osm {} {}", osm.display(), signs.display())).fails(2).err;
    assert!(
        said.contains("street.json is data of OpenStreetMap, and no signs\nhint: signs come first"),
        "{said}"
    );
}

#[test]
fn the_suffix_tells_the_tool_it_is_for() {
    let folder = tempfile::tempdir().unwrap();
    let [signs, street] = files(folder.path());
    for (name, begin) in [
        ("x.maproulette.geojson", "\u{1e}{\"features\":[{"),
        (
            "x.osm",
            "<?xml version='1.0' encoding='UTF-8'?>\n<osm version=\"0.6\" generator=\"mly\" upload=\"false\">",
        ),
        ("x.osc", "<?xml version='1.0' encoding='UTF-8'?>\n<osmChange version=\"0.6\""),
        ("x.geojson", "{\"type\":\"FeatureCollection\""),
    ] {
        let path = folder.path().join(name);
        let args = format!("osm {} {}", signs.display(), street.display());
        mly(&args).to(&path).done();
        assert!(fs::read_to_string(&path).unwrap().starts_with(begin), "{name}");
        mly(&args).to(&path).fails(2);
    }
    let args = format!("osm {} {} -f maproulette", signs.display(), street.display());
    assert!(mly(&args).done().text().starts_with('\u{1e}'));
}

#[test]
fn what_cannot_be_compared_is_refused_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let args = osm(folder.path(), "");
    let before = names_in(folder.path());
    let told = mly(&format!("{args} --country XX -o {}/x.csv", folder.path().display())).fails(2).err;
    assert!(
        told.contains("no rules for the country `XX`") && told.contains("known: AT, CH, DE, FR, US"),
        "{told}"
    );
    mly(&format!("{args} -f coco")).fails(2);
    mly(&format!("{args} -f osx")).fails(2);
    let street = folder.path().join("street.json");
    fs::write(&street, STREET.replace(", \"version\": 2", "")).unwrap();
    let signs = folder.path().join("signs.parquet");
    let args = format!("osm {} {}", signs.display(), street.display());
    let told = mly(&args).to(&folder.path().join("x.osc")).fails(2).err;
    assert!(told.contains("street.json: it has no versions"), "{told}");
    fs::write(&street, "{\"elements\": [").unwrap();
    mly(&args).fails(2);
    fs::write(&street, "id,value\n").unwrap();
    let told = mly(&args).fails(2).err;
    assert!(told.contains("this is not data of OpenStreetMap"), "{told}");
    assert_eq!(names_in(folder.path()), before);
}

#[test]
fn a_mistake_in_rules_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("rules.json");
    fs::write(&rules, "{\"rules\": [\n  {\"value\": \"x\", \"kind\": \"tree\"}\n]}").unwrap();
    let args = osm(folder.path(), &format!("--tags {}", rules.display()));
    let told = mly(&args).fails(2).err;
    assert!(told.contains("rules.json: these rules cannot be read: unknown variant `tree`"), "{told}");
    assert!(told.contains("at line 2 column"), "{told}");
}

#[test]
fn no_link_for_josm_makes_another_road_of_a_street() {
    let folder = tempfile::tempdir().unwrap();
    let town = folder.path().join("town.osm.pbf");
    mly("emulate --osm").arg(&town).done();
    let signs = folder.path().join("signs.parquet");
    mly(&format!("signs {TOWN}")).to(&signs).at(demo()).done();
    let tasks = mly(&format!("osm {} {} -f maproulette", signs.display(), town.display())).done();
    let links: Vec<_> =
        tasks.text().lines().map(str::to_owned).filter(|line| line.contains("&select=way")).collect();
    assert!(links.iter().any(|line| line.contains("&addtags=")), "some tags are new");
    for line in links {
        assert!(!line.contains("highway=cycleway") && !line.contains("highway=footway"), "{line}");
    }
}
