//! Sequences drawn where whole lines are hard to get.

use mly::{Area, Query, TileId};
use mly_emulator::{Emulator, Endpoint, World};
use serde_json::json;

use super::{asked, client, features_of};
use crate::support::truth::lines;

/// A world of sequences, each a list of positions in order of capture.
fn world(drives: &[(&str, &[[f64; 2]])]) -> Emulator {
    let images = drives.iter().enumerate().flat_map(|(d, (name, places))| {
        places.iter().enumerate().map(move |(i, at)| {
            json!({"type": "Feature", "geometry": {"type": "Point", "coordinates": at}, "properties": {
                "id": 1000 * (d + 1) + i, "sequence_id": name, "captured_at": 1_600_000_000_000_u64 + 1000 * i as u64
            }})
        })
    });
    let folder = tempfile::tempdir().unwrap();
    let collection = json!({"type": "FeatureCollection", "features": images.collect::<Vec<_>>()});
    std::fs::write(folder.path().join("images.geojson"), collection.to_string()).unwrap();
    Emulator::start(World::open(folder.path()).unwrap()).unwrap()
}

/// Name and lines of the sequences of an area.
async fn sequences(emulator: &Emulator, area: Area) -> Vec<(String, Vec<Vec<[f64; 2]>>)> {
    let plan = Query::sequences(area).plan().unwrap();
    let rows = features_of(&client(emulator), &plan).await.unwrap().0;
    rows.iter().map(|row| (row["properties"]["id"].as_str().unwrap().to_owned(), lines(row))).collect()
}

/// The corner of four tiles.
fn corner() -> [f64; 2] {
    let bbox = TileId::new(14, 8602, 5412).unwrap().bbox();
    // The graph writes 14 digits.
    [bbox.west, bbox.north].map(|degrees| (degrees * 1e9).round() / 1e9)
}

/// A position beside another, in digits that the graph can write.
fn placed([lon, lat]: [f64; 2], [east, north]: [f64; 2]) -> [f64; 2] {
    [lon + east, lat + north].map(|degrees| (degrees * 1e9).round() / 1e9)
}

#[tokio::test]
async fn a_line_across_a_tile_without_images_is_found_where_it_crosses() {
    let [lon, lat] = corner();
    // From the tile in the north-east to the one in the south-west, past the corner in the south-east.
    let across = [[2e-3, 1.6e-3], [1e-3, 0.6e-3], [-1e-3, -1.4e-3], [-2e-3, -2.4e-3]];
    // The same at the other side of the corner, where the area is not.
    let beyond = [[2e-3, 2.4e-3], [1e-3, 1.4e-3], [-1e-3, -0.6e-3], [-2e-3, -1.6e-3]];
    let at = |by: [[f64; 2]; 4]| by.map(|by| placed([lon, lat], by));
    let (across, beyond) = (at(across), at(beyond));
    let emulator = world(&[("across", &across), ("beyond", &beyond)]);
    // In the south-east the middle of the crossing, elsewhere places where nothing is.
    let around = |[x, y]: [f64; 2]| {
        let (x, y, r) = (lon + x, lat + y, 5e-5);
        json!([[[x - r, y - r], [x + r, y - r], [x + r, y + r], [x - r, y + r], [x - r, y - r]]])
    };
    let places = [[2e-4, -2e-4], [5e-3, 5e-3], [-5e-3, -5e-3], [-5e-3, 5e-3]].map(around);
    let area = json!({"type": "MultiPolygon", "coordinates": places});
    let area = Area::geojson(&area.to_string()).unwrap();
    assert_eq!(sequences(&emulator, area).await, [("across".to_owned(), vec![across.to_vec()])]);
}

#[tokio::test]
async fn a_drive_that_leaves_a_tile_where_it_came_in_is_whole() {
    let [lon, lat] = corner();
    let east = lat - 3e-3;
    let there = [[-4e-3, east], [-2e-3, east], [2e-3, east], [4e-3, east], [4e-3, east - 1e-3]];
    let back = [[4e-3, east], [2e-3, east], [-2e-3, east], [-4e-3, east]];
    let drive: Vec<[f64; 2]> = there.iter().chain(&back).map(|[x, y]| placed([lon, 0.0], [*x, *y])).collect();
    let emulator = world(&[("there-and-back", &drive)]);
    let area = Area::bbox(lon + 1e-3, east - 2e-3, lon + 5e-3, east + 1e-4).unwrap();
    assert_eq!(sequences(&emulator, area).await, [("there-and-back".to_owned(), vec![drive])]);
}

#[tokio::test]
async fn lines_are_parted_at_the_antimeridian() {
    let drive = [[179.997, -17.0], [179.999, -17.0], [-179.999, -17.002], [-179.997, -17.002]];
    let emulator = world(&[("taveuni", &drive)]);
    for (w, e) in [(179.9985, 179.9995), (-179.9995, -179.9985), (179.99, -179.99)] {
        let found = sequences(&emulator, Area::bbox(w, -17.01, e, -16.99).unwrap()).await;
        let [(_, lines)] = found.as_slice() else { panic!("{found:?}") };
        let half = [180.0, -17.001];
        let want = [vec![drive[0], drive[1], half], vec![[-180.0, half[1]], drive[2], drive[3]]];
        assert_eq!(lines.len(), 2, "{lines:?}");
        for (got, want) in lines.iter().flatten().zip(want.iter().flatten()) {
            assert!((got[0] - want[0]).abs() < 1e-9 && (got[1] - want[1]).abs() < 1e-9, "{lines:?}");
        }
    }
    let elsewhere = Area::bbox(0.0, -17.01, 0.02, -16.99).unwrap();
    assert!(sequences(&emulator, elsewhere).await.is_empty());
}

#[tokio::test]
async fn a_sequence_that_stays_in_one_place_and_one_of_one_image_are_there() {
    let [lon, lat] = [9.003, 51.997];
    let emulator =
        world(&[("waits", &[[lon, lat]; 5]), ("one", &[[lon, lat]]), ("far", &[[lon, lat - 0.003]])]);
    let area = || Area::bbox(lon - 1e-4, lat - 1e-4, lon + 1e-4, lat + 1e-4).unwrap();
    let found = sequences(&emulator, area()).await;
    assert_eq!(found.len(), 2);
    for (name, lines) in &found {
        assert_eq!(lines, &[vec![[lon, lat]; 2]], "{name}");
    }
    let before = asked(&emulator, Endpoint::Entity).len();
    let plan = Query::sequences(area()).with_cut(true).plan().unwrap();
    assert_eq!(features_of(&client(&emulator), &plan).await.unwrap().0.len(), 2);
    assert_eq!(asked(&emulator, Endpoint::Entity).len(), before);
}
