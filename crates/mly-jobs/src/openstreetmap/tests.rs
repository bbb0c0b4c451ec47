use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::pbf_writer::PbfFile;
use super::*;

/// Everything, with all tags.
const ALL: OsmChoice<'_> = OsmChoice { node: &|_| true, way_keys: None, way: &|_| true, keys: None };

fn saved(folder: &TempDir, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

fn read_any(path: &Path, choice: &OsmChoice<'_>) -> Result<OsmData> {
    read(path, OsmForm::of(path).unwrap().expect("data of OpenStreetMap"), choice)
}

fn refusal(path: &Path) -> String {
    let error = read_any(path, &ALL).unwrap_err();
    assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    error.to_string()
}

/// Two roads that meet at node 2, and a stop sign at node 3.
fn small() -> PbfFile {
    let mut file = PbfFile::usual();
    let stop = &[("highway", "stop"), ("direction", "forward")][..];
    file.dense_nodes(&[
        (1, 9.0, 52.0, &[]),
        (2, 9.001, 52.0, &[]),
        (3, 9.002, -52.000_000_1, stop),
        (9, 1.0, 1.0, &[]),
    ]);
    file.ways(&[
        (20, 4, &[2, 3], &[("highway", "residential"), ("name", "Östra gatan")]),
        (10, 1, &[1, 2], &[("highway", "primary"), ("ref", "B 83")]),
        (30, 1, &[1, 9], &[("building", "yes")]),
    ]);
    file
}

#[test]
fn nodes_and_ways_of_protocol_buffers_have_ids_versions_times_tags_and_places() {
    let folder = TempDir::new().unwrap();
    let path = saved(&folder, "a.osm.pbf", small().bytes);
    let data = read_any(&path, &OsmChoice { way: &|tags| tags.get("highway").is_some(), ..ALL }).unwrap();
    let [stop] = &data.nodes[..] else { panic!("{data:?}") };
    assert_eq!((stop.info.id, stop.info.version, stop.at), (3, Some(3), [9.002, -52.000_000_1]));
    assert_eq!(stop.info.edited_at, Some(1_600_000_000_000));
    assert_eq!(stop.info.tags.iter().collect::<Vec<_>>(), [("direction", "forward"), ("highway", "stop")]);
    let ways: Vec<_> = data.ways.iter().map(|way| (way.info.id, way.info.version, &way.refs[..])).collect();
    assert_eq!(ways, [(10, Some(1), &[1, 2][..]), (20, Some(4), &[2, 3])]);
    assert_eq!(data.ways[1].info.tags.get("name"), Some("Östra gatan"));
    assert_eq!(data.places.get(2), Some([9.001, 52.0]));
    assert_eq!(data.places.get(9), None, "a node of no wanted way");
}

#[test]
fn only_tags_that_are_asked_for_are_kept() {
    let folder = TempDir::new().unwrap();
    let path = saved(&folder, "a.osm.pbf", small().bytes);
    let data = read_any(&path, &OsmChoice { keys: Some(&["name"]), ..ALL }).unwrap();
    let tags: Vec<_> = data.ways.iter().map(|way| way.info.tags.iter().collect::<Vec<_>>()).collect();
    assert_eq!(tags, [vec![], vec![("name", "Östra gatan")], vec![]]);
}

#[test]
fn every_cut_of_a_file_is_an_error_or_a_whole_number_of_blocks() {
    let folder = TempDir::new().unwrap();
    let whole = small().bytes;
    let mut starts = vec![whole.len()];
    let mut at = 0;
    while at < whole.len() {
        starts.push(at);
        let header = u32::from_be_bytes(whole[at..at + 4].try_into().unwrap()) as usize;
        // The header of a block ends with the length of the block, which is under 128 bytes or takes two bytes here.
        let tail = &whole[at + 4..at + 4 + header];
        let size = match tail {
            [.., 0x18, low, high] => usize::from(*low & 0x7F) | usize::from(*high) << 7,
            [.., size] => usize::from(*size),
            [] => unreachable!(),
        };
        at += 4 + header + size;
    }
    for length in 20..whole.len() {
        let path = saved(&folder, "cut.osm.pbf", &whole[..length]);
        let is_whole = starts.contains(&length);
        assert_eq!(read_any(&path, &ALL).is_ok(), is_whole, "cut at {length} of {starts:?}");
    }
}

#[test]
fn ways_without_any_node_are_an_error_that_names_the_file() {
    let folder = TempDir::new().unwrap();
    let mut file = PbfFile::usual();
    file.ways(&[(1, 1, &[1, 2], &[("highway", "primary")])]);
    let text = refusal(&saved(&folder, "no nodes.osm.pbf", &file.bytes));
    assert!(text.ends_with("it has 1 ways and none of their nodes"), "{text}");
    let answer = r#"{"elements":[{"type":"way","id":1,"nodes":[1,2],"tags":{"highway":"primary"}}]}"#;
    let text = refusal(&saved(&folder, "no nodes.json", answer));
    assert!(text.ends_with("it has 1 ways and none of their nodes"), "{text}");
}

#[test]
fn of_an_id_that_comes_twice_the_latest_version_counts() {
    let folder = TempDir::new().unwrap();
    let mut file = small();
    file.ways(&[(20, 3, &[1, 3], &[("highway", "path")]), (10, 2, &[2, 1], &[("highway", "track")])]);
    let data = read_any(&saved(&folder, "a.osm.pbf", &file.bytes), &ALL).unwrap();
    let found: Vec<_> =
        data.ways.iter().map(|way| (way.info.id, way.info.tags.get("highway").unwrap_or("-"))).collect();
    assert_eq!(found, [(10, "track"), (20, "residential"), (30, "-")]);
}

#[test]
fn histories_and_unknown_features_are_refused() {
    let folder = TempDir::new().unwrap();
    let history = PbfFile::new(&["OsmSchema-V0.6", "HistoricalInformation"]);
    let text = refusal(&saved(&folder, "a.osh.pbf", &history.bytes));
    assert!(text.ends_with("it holds the history of its elements"), "{text}");
    let text = refusal(&saved(&folder, "a.osm.pbf", &PbfFile::new(&["Fourth\ndimension"]).bytes));
    assert!(text.ends_with("it needs a reader that knows Fourth\\ndimension"), "{text}");
}

#[test]
fn overpass_answers_with_geometry_and_with_nodes_say_the_same() {
    let folder = TempDir::new().unwrap();
    let meta = r#""version":4,"timestamp":"2020-09-13T12:26:40Z","tags":{"highway":"residential"}"#;
    let node = |id: i64, lon: f64| format!(r#"{{"type":"node","id":{id},"lon":{lon},"lat":52.0}}"#);
    let head = r#"{"version":0.6,"generator":"Overpass API","osm3s":{"copyright":"x"},"elements":["#;
    let with_nodes = format!(
        r#"{head}{{"type":"way","id":20,"nodes":[1,2],{meta}}},{},{}]}}"#,
        node(2, 9.001),
        node(1, 9.0)
    );
    let geometry = r#""geometry":[{"lat":52.0,"lon":9.0},{"lat":52.0,"lon":9.001}]"#;
    let with_geometry = format!(r#"{head}{{"type":"way","id":20,"nodes":[1,2],{geometry},{meta}}}]}}"#);
    for (name, text) in [("nodes.json", with_nodes), ("geom.json", with_geometry)] {
        let data = read_any(&saved(&folder, name, text), &ALL).unwrap();
        let [way] = &data.ways[..] else { panic!("{data:?}") };
        assert_eq!((way.info.version, way.info.edited_at), (Some(4), Some(1_600_000_000_000)), "{name}");
        let line: Vec<_> = way.refs.iter().map(|id| data.places.get(*id).unwrap()).collect();
        assert_eq!(line, [[9.0, 52.0], [9.001, 52.0]], "{name}");
        assert_eq!(way.refs, [1, 2], "{name}");
    }
}

#[test]
fn equal_positions_of_ways_without_ids_of_nodes_are_one_node() {
    let folder = TempDir::new().unwrap();
    let way = |id: i64, line: &str| {
        format!(r#"{{"type":"way","id":{id},"geometry":{line},"tags":{{"highway":"path"}}}}"#)
    };
    let (a, b, c) = (r#"{"lat":52,"lon":9}"#, r#"{"lat":52,"lon":9.1}"#, r#"{"lat":52,"lon":9.2}"#);
    let ways = [way(1, &format!("[{a},{b}]")), way(2, &format!("[{b},{c},null,{a}]"))];
    let path = saved(&folder, "a.json", format!(r#"{{"elements":[{}]}}"#, ways.join(",")));
    let data = read_any(&path, &ALL).unwrap();
    let [one, other] = [&data.ways[0].refs, &data.ways[1].refs];
    assert_eq!((one[1], one[0]), (other[0], other[3]));
    let places: Vec<_> = other.iter().map(|id| data.places.get(*id)).collect();
    assert_eq!(places, [Some([9.1, 52.0]), Some([9.2, 52.0]), None, Some([9.0, 52.0])]);
}

#[test]
fn an_answer_that_the_service_broke_off_is_refused() {
    let folder = TempDir::new().unwrap();
    let answer = r#"{"elements":[],"remark":"runtime error: Query timed out in \"query\" at line 2 after 25 seconds."}"#;
    let text = refusal(&saved(&folder, "a.json", answer));
    assert!(text.contains("the answer is incomplete: runtime error: Query timed out"), "{text}");
    refusal(&saved(&folder, "cut.json", r#"{"elements":[{"type":"way","id":1,"#));
}

#[test]
fn other_files_are_told_apart() {
    let folder = TempDir::new().unwrap();
    let form = |name: &str, text: &str| OsmForm::of(&saved(&folder, name, text));
    assert_eq!(form("a.geojson", r#"{"type":"FeatureCollection","features":[]}"#).unwrap(), None);
    assert_eq!(form("a.csv", "wkt\r\n").unwrap(), None);
    assert_eq!(form("a.json", r#"{"elements":[]}"#).unwrap(), Some(OsmForm::Overpass));
    let error = form("a.osm", "<?xml version='1.0'?>\n<osm version=\"0.6\">").unwrap_err();
    assert!(error.to_string().ends_with("this is OpenStreetMap data as XML, which is not read"), "{error}");
    assert!(OsmForm::of(&folder.path().join("none")).is_err());
}
