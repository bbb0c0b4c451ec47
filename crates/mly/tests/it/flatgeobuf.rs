//! `FlatGeobuf`, read by a library of others, which checks the buffers; other people's readers are tried in the tests of the command.

#![expect(clippy::cast_precision_loss, clippy::cast_sign_loss, reason = "numbers of tests are small")]

use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use flatgeobuf::{FallibleStreamingIterator, FeatureProperties, FgbReader, GeometryType};
use mly::sink::Format;

use crate::files::{position, rows, save, sequences};
use crate::sinks::entities;

fn open(path: &Path) -> FgbReader<BufReader<File>> {
    FgbReader::open(BufReader::new(File::open(path).unwrap())).unwrap()
}

/// Properties and coordinates of all features.
fn features(path: &Path) -> Vec<(HashMap<String, String>, Vec<f64>)> {
    let mut found = Vec::new();
    let mut selected = open(path).select_all_seq().unwrap();
    while let Some(feature) = selected.next().unwrap() {
        let xy = feature.geometry().and_then(|geometry| geometry.xy());
        let xy = xy.map(|xy| xy.iter().collect()).unwrap_or_default();
        found.push((feature.properties().unwrap(), xy));
    }
    found
}

#[test]
fn every_type_of_column_has_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("entities.fgb");
    save(Format::FlatGeobuf, &path, &[entities()]).unwrap();
    let reader = open(&path);
    let header = reader.header();
    let columns = header.columns().unwrap();
    let columns: Vec<_> = columns
        .iter()
        .map(|c| format!("{} {:?}{}", c.name(), c.type_(), if c.nullable() { "?" } else { "" }))
        .collect();
    insta::assert_snapshot!(columns.join("\n"), @r"
    id Long
    creator_id Long?
    camera_parameters Json?
    polygons Json?
    mesh Json?
    computed_geometry Json?
    ");
    assert_eq!(
        (header.geometry_type(), header.features_count(), header.index_node_size()),
        (GeometryType::Point, 3, 16)
    );
    assert_eq!(header.crs().map(|crs| (crs.org(), crs.code())), Some((Some("EPSG"), 4326)));
    let mut found = features(&path);
    found.sort_by_key(|(properties, _)| properties["id"].parse::<i64>().unwrap());
    let text = |(properties, xy): &(HashMap<String, String>, Vec<f64>)| {
        let mut pairs: Vec<_> = properties.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.sort();
        format!("{xy:?} {}", pairs.join(" "))
    };
    insta::assert_snapshot!(found.iter().map(text).collect::<Vec<_>>().join("\n"), @r#"
    [-180.0, 90.0] camera_parameters=[null,null] creator_id=9223372036854775807 id=-1 mesh="say \"hi\"" polygons=[]
    [9.0, 52.0] camera_parameters=[0.85,0,-0.000066499673206348] computed_geometry={"type":"Point","coordinates":[8.5,-0.25]} creator_id=7 id=176197977731970 mesh={"id":"5",
    "n":[1.50,"a,b"]} polygons=[[[0,0.5],[1,0.25],[0.125,1],[0,0.5]],[]]
    [] id=9007199254740993
    "#);
}

#[test]
fn plain_values_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.fgb");
    save(Format::FlatGeobuf, &path, &[rows(1_000)]).unwrap();
    let mut found = features(&path);
    found.sort_by_key(|(properties, _)| properties["number"].parse::<usize>().unwrap());
    assert_eq!(found.len(), 1_000);
    for (row, (properties, xy)) in found.iter().enumerate() {
        let wanted = |gap: usize, text: String| (row % gap != 3).then_some(text);
        assert_eq!(properties["number"], row.to_string());
        assert_eq!(
            properties.get("sequence_id").cloned(),
            wanted(5, format!("sequence {} \"ä\u{1F600}\"", row / 40))
        );
        assert_eq!(properties.get("compass_angle").cloned(), wanted(7, (row as f64 / 7.0).to_string()));
        assert_eq!(properties.get("is_pano").cloned(), wanted(9, (row % 2 == 0).to_string()));
        assert_eq!(properties.contains_key("captured_at"), row % 6 != 3);
        assert_eq!(xy, position(row).as_ref().map_or(&[][..], |at| &at[..]));
    }
    assert_eq!(found[0].0["captured_at"], "2020-09-13T12:26:40.123Z");
}

#[test]
fn the_index_finds_what_a_look_at_every_row_finds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.fgb");
    save(Format::FlatGeobuf, &path, &[rows(4_000)]).unwrap();
    for [west, south, east, north] in [[8.2, 47.2, 8.3, 47.5], [8.0, 47.0, 9.0, 48.0], [1.0, 2.0, 3.0, 4.0]] {
        let mut selected = open(&path).select_bbox(west, south, east, north).unwrap();
        let mut found = Vec::new();
        while let Some(feature) = selected.next().unwrap() {
            found.push(feature.property::<i64>("number").unwrap() as usize);
        }
        found.sort_unstable();
        let is_inside = |row: &usize| {
            position(*row)
                .is_some_and(|[lon, lat]| west <= lon && lon <= east && south <= lat && lat <= north)
        };
        assert_eq!(found, (0..4_000).filter(is_inside).collect::<Vec<_>>());
    }
}

#[test]
fn lines_keep_their_parts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sequences.fgb");
    save(Format::FlatGeobuf, &path, &[sequences()]).unwrap();
    let mut found: Vec<_> =
        features(&path).into_iter().map(|(properties, xy)| (properties["id"].clone(), xy)).collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    let wanted = [("a", 10), ("b", 4), ("c", 0), ("d", 0)];
    assert_eq!(found.iter().map(|(id, xy)| (&**id, xy.len())).collect::<Vec<_>>(), wanted);
    assert_eq!(open(&path).header().geometry_type(), GeometryType::MultiLineString);
    for (west, wanted) in [(8.0, &[2, 5][..]), (-179.95, &[2])] {
        let mut selected = open(&path).select_bbox(west, -20.0, west + 0.2, 48.0).unwrap();
        let feature = selected.next().unwrap().unwrap();
        // A single line ends somewhere too: older GDAL reads it only then.
        assert_eq!(feature.geometry().unwrap().ends().unwrap().iter().collect::<Vec<_>>(), wanted);
        assert!(selected.next().unwrap().is_none());
    }
}

#[test]
fn a_file_without_rows_has_no_index_and_no_box() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.fgb");
    save(Format::FlatGeobuf, &path, &[rows(0)]).unwrap();
    let header = open(&path);
    let header = header.header();
    assert_eq!(
        (header.features_count(), header.index_node_size(), header.envelope().is_none()),
        (0, 0, true)
    );
    // One node, a full one, one too many, three levels.
    for count in [1, 2, 16, 17, 256, 257] {
        let path = folder.path().join(format!("{count}.fgb"));
        save(Format::FlatGeobuf, &path, &[rows(count)]).unwrap();
        let found = features(&path).len();
        let mut near = open(&path).select_bbox(8.0, 47.0, 9.0, 48.0).unwrap();
        let mut inside = 0;
        while near.next().unwrap().is_some() {
            inside += 1;
        }
        let placed = (0..count).filter(|row| position(*row).is_some()).count();
        assert_eq!((found, inside), (count, placed));
    }
}
