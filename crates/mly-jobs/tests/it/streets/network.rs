//! From roads to edges.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use mly_jobs::{Input, Streets, Ways};
use tempfile::TempDir;

use super::scene::{Metres, Street, at, by_edge, images, is_near, roads, run, street};
use crate::pbf::PbfFile;

/// The edges of some roads: their ids and lengths.
fn edges(roads: impl Into<Input>, ways: &str) -> BTreeMap<String, f64> {
    let job = Streets::new(roads, images(&[])).with_ways(ways.parse().unwrap());
    let streets = by_edge(&job.run().unwrap().streets);
    streets.into_iter().map(|(id, row)| (id, row.float("length_m").unwrap())).collect()
}

fn ids(roads: impl Into<Input>, ways: &str) -> Vec<String> {
    edges(roads, ways).into_keys().collect()
}

/// Three streets: the second one branches off the first one, and the third one crosses it on a bridge.
fn branch() -> Vec<(i64, Vec<Metres>)> {
    vec![
        (1, vec![(0.0, 0.0), (100.0, 0.0), (200.0, 0.0)]),
        (2, vec![(100.0, 0.0), (100.0, 50.0)]),
        (3, vec![(150.0, -50.0), (150.0, 50.0)]),
    ]
}

#[test]
fn streets_are_cut_where_they_share_a_node_and_nowhere_else() {
    let streets: Vec<_> = branch().iter().map(|(id, line)| street(*id, line)).collect();
    let found = edges(roads(&streets), "drive");
    let names: Vec<_> = found.keys().map(String::as_str).collect();
    assert_eq!(names, ["1-0", "1-1", "2-0", "3-0"]);
    assert!(is_near(found["1-0"], 100.0) && is_near(found["1-1"], 100.0) && is_near(found["3-0"], 100.0));
}

#[test]
fn a_way_that_meets_itself_is_cut_there_but_not_where_a_ring_closes() {
    let ring = [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 0.0)];
    assert_eq!(ids(roads(&[street(1, &ring)]), "drive"), ["1-0"]);
    let loop_at_end = [(0.0, 0.0), (100.0, 0.0), (200.0, 50.0), (200.0, -50.0), (100.0, 0.0)];
    assert_eq!(ids(roads(&[street(1, &loop_at_end)]), "drive"), ["1-0", "1-1"]);
}

/// The same streets as a file of each kind.
fn files(folder: &TempDir) -> Vec<PathBuf> {
    let positions: Vec<(i64, [f64; 2])> = [
        (1, (0.0, 0.0)),
        (2, (100.0, 0.0)),
        (3, (200.0, 0.0)),
        (4, (100.0, 50.0)),
        (5, (150.0, -50.0)),
        (6, (150.0, 50.0)),
    ]
    .map(|(id, place)| (id, at(place).map(|degrees| (degrees * 1e7).round() / 1e7)))
    .into();
    let ways: [(i64, &[i64]); 3] = [(1, &[1, 2, 3]), (2, &[2, 4]), (3, &[5, 6])];
    let place = |id: &i64| positions.iter().find(|(known, _)| known == id).unwrap().1;
    let save = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let mut pbf = PbfFile::usual();
    let nodes: Vec<_> = positions.iter().map(|(id, [lon, lat])| (*id, *lon, *lat, &[][..])).collect();
    pbf.dense_nodes(&nodes);
    let tags = &[("highway", "tertiary"), ("name", "Süd; \"A\"")][..];
    let all: Vec<_> = ways.iter().map(|(id, refs)| (*id, 1, *refs, tags)).collect();
    pbf.ways(&all);
    let tags = r#"{"highway":"tertiary","name":"Süd; \"A\""}"#;
    let overpass = ways.map(|(id, refs)| {
        let corners: Vec<_> =
            refs.iter().map(|id| format!(r#"{{"lon":{},"lat":{}}}"#, place(id)[0], place(id)[1])).collect();
        format!(
            r#"{{"type":"way","id":{id},"nodes":{refs:?},"geometry":[{}],"tags":{tags}}}"#,
            corners.join(",")
        )
    });
    let features = ways.map(|(id, refs)| {
        let line: Vec<_> = refs.iter().map(place).collect();
        let geometry = format!(r#"{{"type":"LineString","coordinates":{line:?}}}"#);
        format!(r#"{{"type":"Feature","id":{id},"properties":{tags},"geometry":{geometry}}}"#)
    });
    let mut csv = "osm_id,highway,name,wkt\r\n".to_owned();
    for (id, refs) in ways {
        let line: Vec<_> = refs.iter().map(|id| format!("{} {}", place(id)[0], place(id)[1])).collect();
        writeln!(csv, "{id},tertiary,\"Süd; \"\"A\"\"\",\"LINESTRING ({})\"\r", line.join(", ")).unwrap();
    }
    vec![
        save("a.osm.pbf", &pbf.bytes),
        save("a.json", format!(r#"{{"version":0.6,"elements":[{}]}}"#, overpass.join(",")).as_bytes()),
        save(
            "a.geojson",
            format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(",")).as_bytes(),
        ),
        save("a.csv", csv.as_bytes()),
    ]
}

#[test]
fn every_kind_of_file_gives_the_same_edges() {
    let folder = TempDir::new().unwrap();
    let mut rows = Vec::new();
    for path in files(&folder) {
        let answer = Streets::new(path.as_path(), images(&[])).run().unwrap();
        let name = by_edge(&answer.streets)["2-0"].text("name");
        assert_eq!(name.as_deref(), Some("Süd; \"A\""), "{}", path.display());
        rows.push((path, answer.streets.batches().to_vec()));
    }
    for (path, found) in &rows {
        assert_eq!(found[0].columns(), rows[0].1[0].columns(), "{}", path.display());
    }
    assert_eq!(rows[0].1[0].num_rows(), 4);
}

#[test]
fn the_area_around_roads_holds_all_that_can_show_them() {
    let folder = TempDir::new().unwrap();
    for path in files(&folder) {
        let area = Streets::area_around(path.as_path(), &Ways::Drive).unwrap().unwrap();
        assert_eq!(area.to_string(), "45 m around 4 lines of 8 positions", "{}", path.display());
        assert_eq!(Streets::area_around(path.as_path(), &Ways::Walk).unwrap(), None);
    }
}

fn tagged(tags: &[(&'static str, &str)]) -> Street {
    let plain = street(1, &[(0.0, 0.0), (100.0, 0.0)]);
    tags.iter().fold(plain, |street, (key, value)| street.tag(key, value))
}

#[test]
fn kinds_of_streets_are_chosen_by_their_tags() {
    for (tags, kinds) in [
        (&[("highway", "motorway_link")][..], "drive all motorway_link,path"),
        (&[("highway", "living_street")], "drive all"),
        (&[("highway", "service")], "drive all service"),
        (&[("highway", "service"), ("service", "driveway")], "all service"),
        (&[("highway", "service"), ("service", "parking_aisle")], "all service"),
        (&[("highway", "track")], "walk all"),
        (&[("highway", "steps")], "walk all steps"),
        (&[("highway", "bridleway")], "all"),
        (&[("highway", "construction")], ""),
        (&[("highway", "residential"), ("access", "private")], ""),
        (&[("highway", "pedestrian"), ("area", "yes")], ""),
        (&[("highway", "['residential', 'tertiary']")], "drive all residential"),
    ] {
        for ways in ["drive", "walk", "all", "motorway_link,path", "service", "steps", "residential"] {
            let found = ids(roads(&[tagged(tags)]), ways).len() == 1;
            assert_eq!(found, kinds.split(' ').any(|kind| kind == ways), "{tags:?} {ways}");
        }
    }
    for wrong in ["", "drive,", "Drive", "a b", "a;b"] {
        assert!(wrong.parse::<Ways>().is_err(), "{wrong}");
    }
}

#[test]
fn oneways_are_known_by_all_their_spellings() {
    for (tags, is_oneway) in [
        (&[("oneway", "yes")][..], true),
        (&[("oneway", "true")], true),
        (&[("oneway", "1")], true),
        (&[("oneway", "-1")], true),
        (&[("oneway", "no")], false),
        (&[("oneway", "alternating")], false),
        (&[("junction", "roundabout")], true),
        (&[("junction", "roundabout"), ("oneway", "no")], false),
        (&[("junction", "yes")], false),
    ] {
        let found = run(&[tagged(tags)], &[]);
        assert_eq!(found["1-0"].flag("oneway"), Some(is_oneway), "{tags:?}");
    }
}

#[test]
fn a_street_that_is_listed_once_for_each_direction_is_one_street() {
    let line = [(0.0, 0.0), (50.0, 10.0), (100.0, 0.0)];
    let back: Vec<_> = line.iter().rev().copied().collect();
    let both = [street(1, &line), street(1, &back), street(1, &line)];
    assert_eq!(ids(roads(&both), "drive"), ["1-0"]);
    // Two oneway streets of one id are two.
    let both = [street(1, &[(0.0, 0.0), (50.0, 10.0)]), street(1, &[(50.0, 10.0), (0.0, 0.0)])];
    let both = both.map(|street| street.tag("oneway", "yes"));
    assert_eq!(ids(roads(&both), "drive"), ["1-0", "1-1"]);
}

#[test]
fn pieces_are_numbered_on_where_several_rows_have_one_id() {
    let streets = [street(5, &[(0.0, 0.0), (50.0, 0.0)]), street(5, &[(0.0, 90.0), (50.0, 90.0)])];
    assert_eq!(ids(roads(&streets), "drive"), ["5-0", "5-1"]);
}

#[test]
fn nodes_that_an_extract_lacks_take_a_way_apart() {
    let folder = TempDir::new().unwrap();
    let mut pbf = PbfFile::usual();
    let tags = &[("highway", "primary")][..];
    pbf.dense_nodes(&[
        (1, 9.0, 52.0, &[]),
        (2, 9.001, 52.0, &[]),
        (4, 9.003, 52.0, &[]),
        (5, 9.004, 52.0, &[]),
    ]);
    pbf.ways(&[(1, 1, &[1, 2, 3, 4, 5], tags)]);
    let path = folder.path().join("a.osm.pbf");
    fs::write(&path, &pbf.bytes).unwrap();
    let found = edges(path, "drive");
    assert_eq!(found.keys().collect::<Vec<_>>(), ["1-0", "1-1"]);
    assert!(found.values().all(|metres| is_near(*metres, 68.68)), "{found:?}");
}
