//! What is written for the tools of mappers.

use mly_jobs::osm::{OsmComparison, SignsInOsm};
use serde_json::Value;
use tempfile::TempDir;

use super::town::{Town, rows_of};
use crate::assets::signs::{LIMIT, STOP, SignRow, place, sign, signs};

fn street() -> Town {
    Town::street(vec![("highway", "residential"), ("name", "A & B \"<x>\"")])
}

fn some() -> Vec<SignRow> {
    vec![
        sign(9_007_199_254_740_993, STOP, [4.0, -10.0], [0, 9]).facing(180.0).on(&[11, 12]),
        sign(2, LIMIT, [4.0, -20.0], [0, 9]).facing(180.0),
        sign(3, "object--bench", [9.0, 30.0], [0, 9]),
        sign(4, "regulatory--keep-right--g1", [4.0, 40.0], [0, 9]).facing(180.0),
        sign(5, "complementary--distance--g1", [4.0, 40.0], [0, 9]),
        sign(6, "regulatory--yield--g1", [-4.0, 10.0], [0, 9]).facing(0.0),
        // Both are on one piece of the street.
        sign(7, STOP, [4.0, -44.0], [0, 9]).facing(180.0),
    ]
}

fn compared(town: &Town, all: &[SignRow], folder: &TempDir) -> OsmComparison {
    SignsInOsm::of(signs(all), town.file(folder)).run().unwrap()
}

/// The values of an attribute in all elements of a name.
fn attributes<'x>(xml: &'x str, element: &str, name: &str) -> Vec<&'x str> {
    let begin = format!("<{element} ");
    let key = format!(" {name}=\"");
    let elements = xml.split(begin.as_str()).skip(1);
    elements
        .map(|rest| rest.split('>').next().unwrap())
        .filter_map(|head| {
            let head =
                head.get(head.find(key.as_str()).or_else(|| head.find(&key[1..]).filter(|at| *at == 0))?..)?;
            head.split('"').nth(1)
        })
        .collect()
}

#[test]
fn tasks_are_collections_behind_a_record_separator_with_text_ids() {
    let folder = tempfile::tempdir().unwrap();
    let [part] = &compared(&street(), &some(), &folder).challenge()[..] else { panic!() };
    let lines: Vec<&str> = part.split_terminator('\n').collect();
    assert_eq!(lines.len(), 6);
    for line in &lines {
        let task: Value = serde_json::from_str(line.strip_prefix('\u{1e}').unwrap()).unwrap();
        let [feature] = &task["features"].as_array().unwrap()[..] else { panic!() };
        assert_eq!(task["type"], "FeatureCollection");
        let properties = feature["properties"].as_object().unwrap();
        assert_eq!(feature["id"], properties["id"]);
        assert!(feature["id"].as_str().unwrap().starts_with("mly-") && !properties.contains_key("name"));
        assert!(properties.values().all(Value::is_string));
        let josm = properties["josm"].as_str().unwrap();
        let link = url::Url::parse(josm).unwrap();
        assert_eq!(
            (link.host_str(), link.port(), link.path()),
            (Some("127.0.0.1"), Some(8111), "/load_and_zoom")
        );
    }
    assert!(part.contains("mly-9007199254740993") && part.contains("pKey=11&focus=photo"));
    let limit = lines.iter().find(|line| line.contains("\"mly-2\"")).unwrap();
    assert!(limit.contains("&select=way1&addtags=maxspeed=50%7Csource:maxspeed=sign"), "{limit}");
}

#[test]
fn a_layer_for_josm_has_new_nodes_alone_and_warns_of_an_upload() {
    let folder = tempfile::tempdir().unwrap();
    let layer = compared(&street(), &some(), &folder).josm();
    assert!(layer.contains("<osm version=\"0.6\" generator=\"mly\" upload=\"false\">"));
    assert_eq!(attributes(&layer, "node", "id"), ["-1", "-2", "-3", "-4", "-5"]);
    assert!(!layer.contains("action=") && !layer.contains("<way"));
    assert!(
        layer.contains("<tag k=\"traffic_sign\" v=\"DE:222\"/>")
            && layer.contains("<tag k=\"mapillary\" v=\"11\"/>")
    );
    assert!(layer.contains("<tag k=\"check_date\" v=\"2020-01-10\"/>"));
}

/// Puts a change into a town, as an editor would.
fn applied(town: &Town, change: &str) -> Town {
    let mut town = town.clone();
    let text = |text: &str| -> &'static str {
        let text =
            text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
        Box::leak(text.into_boxed_str())
    };
    let tags = |body: &str| {
        let pairs = attributes(body, "tag", "k").into_iter().zip(attributes(body, "tag", "v"));
        pairs.map(|(k, v)| (text(k), text(v))).collect::<Vec<_>>()
    };
    let middle = place([0.0, 0.0]);
    for node in change.split("<node ").skip(1) {
        let node = format!("<node {}", node.split("</node>").next().unwrap());
        let number = |name: &str| attributes(&node, "node", name)[0].parse::<f64>().unwrap();
        let at = [(number("lon") - middle[0]) * 68_677.7, (number("lat") - middle[1]) * 111_268.0];
        // The server gives new ids.
        let id = 5000 - number("id") as i64;
        town = town.node(id, at, tags(&node));
    }
    for way in change.split("<way ").skip(1) {
        let way = format!("<way {}", way.split("</way>").next().unwrap());
        let id: i64 = attributes(&way, "way", "id")[0].parse().unwrap();
        assert_eq!(attributes(&way, "way", "version"), ["3"]);
        let refs = attributes(&way, "nd", "ref").into_iter().map(|id| id.parse::<i64>().unwrap());
        let refs: Vec<i64> = refs.map(|id| if id < 0 { 5000 - id } else { id }).collect();
        let known = town.ways.iter_mut().find(|(known, ..)| *known == id).unwrap();
        let mut before = known.2.clone();
        before.sort_unstable();
        assert_eq!(tags(&way), before, "a change repeats all tags");
        let old: Vec<_> = refs.iter().filter(|id| **id < 5000).copied().collect();
        assert_eq!(old, known.1, "and all nodes");
        known.1 = refs;
    }
    town
}

#[test]
fn after_a_change_no_point_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let town = street();
    let found = compared(&town, &some(), &folder);
    let after = applied(&town, &found.change().unwrap());
    let rows = rows_of(&compared(&after, &some(), &folder).table().unwrap());
    let missing: Vec<_> = rows.iter().filter(|row| row.status == "missing").map(|row| row.id).collect();
    // The limit is a tag of the street, which a change does not set.
    assert_eq!(missing, [Some(2)], "{rows:?}");
    let way = after.ways.iter().find(|way| way.0 == 1).unwrap();
    let heights: Vec<_> =
        way.1.iter().map(|id| after.nodes.iter().find(|node| node.0 == *id).unwrap().1[1]).collect();
    assert!(heights.is_sorted() && heights.len() == 16, "{heights:?}");
}

#[test]
fn a_change_needs_versions_and_the_nodes_of_ways() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town { without_versions: true, ..street() };
    let error = compared(&town, &some(), &folder).change().unwrap_err();
    assert!(error.to_string().contains("it has no versions"), "{error}");
    // The rest can be written all the same.
    assert!(compared(&town, &some(), &folder).josm().contains("<node"));
}

#[test]
fn more_than_fifty_thousand_tasks_are_two_parts() {
    let folder = tempfile::tempdir().unwrap();
    let row = |id: i64| {
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let at = [(id % 1000) as f64, (id / 1000) as f64];
        sign(id, "object--bench", at, [0, 9])
    };
    let all: Vec<_> = (1..=50_001).map(row).collect();
    let parts = compared(&street(), &all, &folder).challenge();
    let counts: Vec<_> = parts.iter().map(|part| part.matches('\u{1e}').count()).collect();
    assert_eq!(counts.iter().sum::<usize>(), 50_001);
    assert!(counts.len() > 1 && counts.iter().all(|count| *count <= 50_000), "{counts:?}");
    assert!(parts.iter().all(|part| part.len() <= 15_000_000 && part.ends_with('\n')));
}
