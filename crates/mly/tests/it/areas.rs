//! What lies in an area, decided again by brute force.

use mly::{Area, Layer, Query, TileId};
use mly_emulator::Emulator;
use serde_json::Value;

use crate::support::truth::{assert_same_points, features_around, position};
use crate::support::{TOWN, demo, features, options, town};

/// Everything in the tiles of a box larger than the town.
fn all(emulator: &Emulator, layer: Layer) -> Vec<Value> {
    let [w, s, e, n] = TOWN;
    features_around(emulator, layer.tile_set(), layer.tile_layer(), [w - 0.1, s - 0.06, e + 0.1, n + 0.06])
}

async fn same(emulator: &Emulator, layer: Layer, area: Area, is_inside: impl Fn([f64; 2]) -> bool) -> usize {
    let got = features(options(emulator), &Query::new(layer, area)).await.unwrap();
    let want: Vec<_> = all(emulator, layer).into_iter().filter(|f| is_inside(position(f))).collect();
    let count = got.len();
    assert_same_points(got, want);
    count
}

#[tokio::test]
async fn a_box_has_every_image_sign_and_point_inside_and_no_other() {
    let emulator = demo();
    let [w, s, e, n] = [8.997, 51.993, 9.0151, 52.0021];
    for layer in [Layer::Images, Layer::Points, Layer::Signs] {
        let area = Area::bbox(w, s, e, n).unwrap();
        let inside = |[x, y]: [f64; 2]| w <= x && x <= e && s <= y && y <= n;
        let count = same(&emulator, layer, area, inside).await;
        assert!(count > 100, "{layer}: {count}");
    }
}

#[tokio::test]
async fn a_position_on_the_border_of_a_box_is_inside() {
    let emulator = demo();
    let images = features(options(&emulator), &Query::images(town())).await.unwrap();
    let [lon, lat] = position(&images[images.len() / 2]);
    let id = &images[images.len() / 2]["properties"]["id"];
    for [w, s, e, n] in [[lon, lat, 9.03, 52.01], [8.98, 51.98, lon, lat], [lon, lat, lon, lat]] {
        let area = Area::bbox(w, s, e, n).unwrap();
        let got = features(options(&emulator), &Query::images(area)).await.unwrap();
        assert!(got.iter().any(|f| &f["properties"]["id"] == id));
    }
}

#[tokio::test]
async fn a_polygon_with_a_hole_has_what_the_textbook_says() {
    let emulator = demo();
    let outer = [[8.985, 51.99], [9.02, 51.985], [9.012, 52.008], [8.99, 52.005]];
    let hole = [[9.0, 51.995], [9.006, 51.995], [9.006, 52.0], [9.0, 52.0]];
    let ring = |corners: &[[f64; 2]]| {
        let closed: Vec<_> =
            corners.iter().chain(corners.first()).map(|[x, y]| format!("[{x},{y}]")).collect();
        format!("[{}]", closed.join(","))
    };
    let text = format!(r#"{{"type":"Polygon","coordinates":[{},{}]}}"#, ring(&outer), ring(&hole));
    let inside = |corners: &[[f64; 2]], [x, y]: [f64; 2]| {
        let mut odd = false;
        for i in 0..corners.len() {
            let ([ax, ay], [bx, by]) = (corners[i], corners[(i + 1) % corners.len()]);
            if (ay > y) != (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax {
                odd = !odd;
            }
        }
        odd
    };
    let wanted = |p| inside(&outer, p) && !inside(&hole, p);
    let count = same(&emulator, Layer::Images, Area::geojson(&text).unwrap(), wanted).await;
    assert!(count > 500, "{count}");
}

#[tokio::test]
async fn a_circle_has_what_is_within_its_radius_across_tile_borders() {
    let emulator = demo();
    // The corner where four tiles meet.
    let corner = TileId::containing(9.01, 51.999, 14).bbox();
    let (lon, lat, radius_m) = (corner.west, corner.south, 600.0);
    let distance = |[x, y]: [f64; 2]| {
        let (p, q) = (lat.to_radians(), y.to_radians());
        let cosine = p.sin() * q.sin() + p.cos() * q.cos() * (x - lon).to_radians().cos();
        6_371_008.8 * cosine.min(1.0).acos()
    };
    let area = Area::near(lon, lat, radius_m).unwrap();
    let count = same(&emulator, Layer::Images, area, |p| distance(p) <= radius_m).await;
    assert!(count > 100, "{count}");
}

#[tokio::test]
async fn a_tile_has_what_was_sent_in_it_at_any_zoom() {
    let emulator = demo();
    let tile = TileId::containing(9.005, 51.998, 14);
    for id in [tile, TileId::containing(9.005, 51.998, 12), TileId::containing(9.005, 51.998, 16)] {
        let b = id.bbox();
        // A tile of the data zoom or above holds its western and northern edge; below, the border is inside as always.
        let other_edges = if id.z() > 14 { -1e-12 } else { 1e-12 };
        let inside = |[x, y]: [f64; 2]| {
            b.west - 1e-12 <= x
                && x + other_edges < b.east
                && b.south + other_edges < y
                && y <= b.north + 1e-12
        };
        assert!(same(&emulator, Layer::Images, Area::tile(id), inside).await > 50, "{id}");
    }
    let asked = emulator.requests().iter().filter(|r| r.path.ends_with(&tile.to_string())).count();
    assert!(asked >= 1);
}

#[tokio::test]
async fn only_tiles_that_can_hold_something_are_asked_for() {
    let emulator = demo();
    let b = TileId::containing(9.005, 51.998, 14).bbox();
    let [lon, lat] = b.center();
    features(options(&emulator), &Query::images(Area::near(lon, lat, 100.0).unwrap())).await.unwrap();
    assert_eq!(emulator.requests().len(), 1);
}
