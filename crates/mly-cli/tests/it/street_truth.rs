//! `mly streets` on the demo town, against the streets on which its images were really taken.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use mly_emulator::{StreetTruth, World};
use serde_json::Value;

use crate::support::{TOWN, demo, mly};

/// What is true or told of an edge.
#[derive(Debug, Default)]
struct EdgeFacts {
    images: u64,
    /// Images that were taken in the direction of the line, or passes in it.
    forward: u64,
    backward: u64,
}

/// The edges of the town by their ids, as the nodes along them in the order of their lines, and what is told of them.
fn told(streets: &Path, nodes: &BTreeMap<[i64; 2], i64>) -> BTreeMap<String, (Vec<i64>, EdgeFacts)> {
    let told: Value = serde_json::from_slice(&fs::read(streets).unwrap()).unwrap();
    let edge = |feature: &Value| {
        let of = |name: &str| feature["properties"][name].clone();
        let line = feature["geometry"]["coordinates"][0].as_array().unwrap();
        let facts = EdgeFacts {
            images: of("images").as_u64().unwrap(),
            forward: of("passes_forward").as_u64().unwrap(),
            backward: of("passes_backward").as_u64().unwrap(),
        };
        let along = line.iter().map(|at| nodes[&key(at)]).collect();
        (of("edge_id").as_str().unwrap().to_owned(), (along, facts))
    };
    told["features"].as_array().unwrap().iter().map(edge).collect()
}

/// A position in ten millionths of a degree.
#[allow(clippy::cast_possible_truncation, reason = "degrees")]
fn key(at: &Value) -> [i64; 2] {
    [0, 1].map(|place| (at[place].as_f64().unwrap() * 1e7).round() as i64)
}

/// What the town tells of the edges.
fn truth(
    edges: &BTreeMap<String, (Vec<i64>, EdgeFacts)>,
    known: &BTreeSet<u64>,
) -> BTreeMap<String, EdgeFacts> {
    let mut of_step: BTreeMap<[i64; 2], (&str, bool)> = BTreeMap::new();
    for (id, (along, _)) in edges {
        for pair in along.windows(2) {
            of_step.insert([pair[0], pair[1]], (id, true));
            of_step.insert([pair[1], pair[0]], (id, false));
        }
    }
    let mut all: BTreeMap<String, EdgeFacts> = BTreeMap::new();
    for StreetTruth { nodes, .. } in World::demo_truth().into_iter().filter(|one| known.contains(&one.image))
    {
        let (id, is_forward) = of_step[&nodes];
        let facts = all.entry(id.to_owned()).or_default();
        facts.images += 1;
        facts.forward += u64::from(is_forward);
        facts.backward += u64::from(!is_forward);
    }
    all
}

#[test]
fn images_of_the_demo_town_are_put_onto_the_streets_on_which_they_were_taken() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    mly("emulate --osm").arg(path("town.json")).done();
    let map: Value = serde_json::from_slice(&fs::read(path("town.json")).unwrap()).unwrap();
    let node = |element: &Value| {
        let at = serde_json::json!([element["lon"], element["lat"]]);
        (element["type"] == "node").then(|| (key(&at), element["id"].as_i64().unwrap()))
    };
    let nodes: BTreeMap<_, _> = map["elements"].as_array().unwrap().iter().filter_map(node).collect();
    for (positions, least_right, least_directions) in [("computed", 0.985, 0.97), ("original", 0.95, 0.95)] {
        mly(&format!("images {TOWN} -q --overwrite --positions {positions}"))
            .to(&path("images.geojson"))
            .at(demo())
            .done();
        let images: Value = serde_json::from_slice(&fs::read(path("images.geojson")).unwrap()).unwrap();
        let id = |image: &Value| image["properties"]["id"].as_u64().unwrap();
        let known: BTreeSet<u64> = images["features"].as_array().unwrap().iter().map(id).collect();
        mly("streets -q --overwrite")
            .arg(path("town.json"))
            .arg("--images")
            .arg(path("images.geojson"))
            .to(&path("streets.geojson"))
            .done();
        let edges = told(&path("streets.geojson"), &nodes);
        let truth = truth(&edges, &known);
        let (mut right, mut all, mut agree, mut sides) = (0, 0, 0, 0);
        for (id, (_, told)) in &edges {
            let none = EdgeFacts::default();
            let truth = truth.get(id).unwrap_or(&none);
            right += told.images.min(truth.images);
            all += truth.images;
            // One or two images do not tell a direction for certain.
            for (images, passes) in [(truth.forward, told.forward), (truth.backward, told.backward)] {
                if !matches!(images, 1 | 2) {
                    sides += 1;
                    agree += u32::from((images > 0) == (passes > 0));
                }
            }
        }
        #[allow(clippy::cast_precision_loss, reason = "small numbers")]
        let (right, agree) = (right as f64 / all as f64, f64::from(agree) / f64::from(sides));
        assert!(all > 3000 && right > least_right, "{positions}: {right} of {all} images");
        assert!(sides > 100 && agree > least_directions, "{positions}: {agree} of {sides} directions");
    }
}
