use proptest::prelude::*;

use super::*;
use crate::query::shape::{Buffered, Shape};
use crate::query::{Area, Region};
use crate::tile::TileId;

/// The least of the exact distances to many places of the edges, and how far two of those places are apart.
fn by_brute_force(lines: &[Vec<[f64; 2]>], from: [f64; 2]) -> (f64, f64) {
    const PLACES: u32 = 400;
    let (mut least, mut step) = (f64::MAX, 0.0_f64);
    for edge in lines.iter().flat_map(|line| line.windows(2)) {
        let (a, b) = (edge[0], shorter_way(edge[0], edge[1]));
        step = step.max(distance_m(a, b) / f64::from(PLACES));
        for i in 0..=PLACES {
            let t = f64::from(i) / f64::from(PLACES);
            let at = [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
            least = least.min(distance_m(from, at));
        }
    }
    (least, step)
}

fn region(drawing: Drawing, buffer_m: f64) -> Region {
    Area(Shape::Buffered(Buffered { drawing, buffer_m })).region()
}

fn points(points: &[[f64; 2]]) -> Drawing {
    Drawing { points: points.to_vec(), ..Drawing::default() }
}

fn lines(lines: &[Vec<[f64; 2]>]) -> Drawing {
    Drawing { lines: lines.to_vec(), ..Drawing::default() }
}

/// A place at a distance and an angle, roughly.
fn beside([lon, lat]: [f64; 2], metres: f64, angle: f64) -> [f64; 2] {
    let lat_2 = (lat + metres * angle.cos() / 111_195.0).clamp(-90.0, 90.0);
    let lon_2 = lon + metres * angle.sin() / 111_195.0 / lat.to_radians().cos().max(1e-6);
    [(lon_2 + 540.0).rem_euclid(360.0) - 180.0, lat_2]
}

#[test]
fn distances_are_those_of_geographiclib() {
    // pyproj.Geod(ellps="WGS84").inv(*from, *to)[2], pyproj 3.7.2 with PROJ 9.5.1.
    for (from, to, metres) in [
        ([0.0, 0.0], [1.0, 0.0], 111_319.490_793_273_57),
        ([0.0, 0.0], [0.0, 1.0], 110_574.388_557_798_78),
        ([0.0, 89.0], [180.0, 89.0], 223_387.729_828_399_72),
        ([9.0, 52.0], [9.3, 52.2], 30_295.874_809_546_058),
        ([179.9, -17.0], [-179.8, -16.9], 33_816.364_803_768_23),
    ] {
        assert!((distance_m(from, to) - metres).abs() < 1e-6, "{} {metres}", distance_m(from, to));
    }
}

#[test]
fn a_position_exactly_at_the_distance_is_inside() {
    for (at, other) in [
        ([9.0, 52.0], [9.000_5, 52.000_3]),
        ([179.999_9, -17.0], [-179.999_9, -17.0]),
        ([10.0, 89.999], [-170.0, 89.999_5]),
        ([0.0, 0.0], [6.0, 5.0]),
    ] {
        let metres = distance_m(at, other);
        assert!(region(points(&[at]), metres).contains(other[0], other[1]));
        assert!(!region(points(&[at]), metres - 1e-4).contains(other[0], other[1]));
    }
}

#[test]
fn a_buffer_reaches_over_poles_and_the_antimeridian() {
    let pole = region(points(&[[0.0, 90.0]]), 1000.0);
    assert!((0..36).all(|i| pole.contains(f64::from(i) * 10.0 - 180.0, 89.992)));
    assert!(!pole.contains(10.0, 89.99));
    let fiji = lines(&[vec![[179.999, -17.0], [-179.999, -17.0]]]);
    let fiji = region(fiji, 30.0);
    assert!(fiji.contains(180.0, -17.000_1) && fiji.contains(-180.0, -17.000_1));
    assert!(!fiji.contains(0.0, -17.0) && !fiji.contains(-179.998, -17.0));
    let tiles = fiji.near().unwrap().tiles(14);
    assert_eq!(tiles.iter().map(|range| range.end - range.start).sum::<u64>(), 2);
    assert!(fiji.touches_line(&[[-179.999_5, -17.1], [-179.999_5, -16.9]]));
}

#[test]
fn a_polygon_is_widened_and_keeps_what_it_holds() {
    let square = vec![[9.0, 52.0], [9.1, 52.0], [9.1, 52.1], [9.0, 52.1], [9.0, 52.0]];
    let hole = vec![[9.04, 52.04], [9.06, 52.04], [9.06, 52.06], [9.04, 52.06], [9.04, 52.04]];
    let drawing = Drawing { polygons: vec![vec![square, hole]], ..Drawing::default() };
    let region = region(drawing, 100.0);
    for (lon, lat, is_inside) in [
        (9.02, 52.02, true),
        (9.05, 52.099, true),
        (9.05, 52.100_8, true),
        (9.05, 52.101, false),
        (9.05, 52.05, false),
        (9.05, 52.040_5, true),
    ] {
        assert_eq!(region.contains(lon, lat), is_inside, "{lon} {lat}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn points_are_near_exactly_when_their_distance_says_so(
        lon in -180.0..180.0_f64, lat in -90.0..90.0_f64, size in 0.0..6.0_f64,
        others in proptest::collection::vec((0.0..2.0_f64, 0.0..6.3_f64), 1..40)) {
        let metres = 10.0_f64.powf(size);
        let region = region(points(&[[lon, lat]]), metres);
        for (far, angle) in others {
            let [x, y] = beside([lon, lat], far * metres, angle);
            prop_assert_eq!(region.contains(x, y), distance_m([lon, lat], [x, y]) <= metres);
        }
    }

    #[test]
    fn positions_near_lines_are_found_within_a_centimetre(
        lon in -180.0..180.0_f64, lat in -89.0..89.0_f64, size in 0.5..5.7_f64,
        corners in proptest::collection::vec((0.0..3.0_f64, 0.0..6.3_f64), 2..5),
        others in proptest::collection::vec((0.0..4.0_f64, 0.0..6.3_f64), 1..10)) {
        let metres = 10.0_f64.powf(size);
        let line: Vec<_> = corners.iter().map(|(far, angle)| beside([lon, lat], far * metres, *angle)).collect();
        let region = region(lines(std::slice::from_ref(&line)), metres);
        for (far, angle) in others {
            let at = beside([lon, lat], far * metres, angle);
            let (least, step) = by_brute_force(std::slice::from_ref(&line), at);
            // Places of the brute force are this far from the nearest one at most.
            let error = step * step / least.max(step) + 0.01;
            if (least - metres).abs() > error {
                prop_assert_eq!(region.contains(at[0], at[1]), least <= metres, "{} {} {:?}", least, metres, at);
            }
        }
    }

    #[test]
    fn the_grid_decides_as_the_tree_does(
        lon in prop_oneof![-180.0..180.0_f64, 179.9..180.0_f64, -180.0..-179.9_f64],
        lat in prop_oneof![-89.0..89.0_f64, 89.9..90.0_f64],
        size in 0.0..4.0_f64,
        corners in proptest::collection::vec((0.0..3000.0_f64, 0.0..6.3_f64, 0.0..300.0_f64, 0.0..6.3_f64), 1..80),
        others in proptest::collection::vec((0.0..4000.0_f64, 0.0..6.3_f64), 200)) {
        let network: Vec<_> = corners
            .iter()
            .map(|(far, angle, length, turn)| {
                let from = beside([lon, lat], *far, *angle);
                vec![from, beside(from, *length, *turn)]
            })
            .collect();
        let region = region(lines(&network), 10.0_f64.powf(size));
        let near = region.near().unwrap();
        for (far, angle) in others {
            let at = beside([lon, lat], far, angle);
            let p = in_space(at);
            let is_near = |index| stop_if(near.stretch(index).is_near(at, p, &near.limit));
            prop_assert_eq!(region.contains(at[0], at[1]), near.each_within(p, p, 0.0, is_near).is_break());
        }
    }

    #[test]
    fn tiles_are_those_with_a_place_within_the_distance(
        lon in -180.0..180.0_f64, lat in -84.0..84.0_f64, size in 0.5..4.3_f64,
        corners in proptest::collection::vec((0.0..9000.0_f64, 0.0..6.3_f64), 1..6),
        others in proptest::collection::vec((0.0..1.05_f64, 0.0..6.3_f64), 60)) {
        let metres = 10.0_f64.powf(size);
        let line: Vec<_> = corners.iter().map(|(far, angle)| beside([lon, lat], *far, *angle)).collect();
        let drawing = if line.len() > 1 { lines(std::slice::from_ref(&line)) } else { points(&line) };
        let region = region(drawing, metres);
        let near = region.near().unwrap();
        let ranges = near.tiles(14);
        let has = |tile: TileId| ranges.iter().any(|range| range.contains(&tile.hilbert()));
        for (far, angle) in others {
            for corner in &line {
                let [x, y] = beside(*corner, far * metres, angle);
                if region.contains(x, y) {
                    prop_assert!(y.abs() > 85.0 || has(TileId::containing(x, y, 14)), "{} {}", x, y);
                }
            }
        }
        for tile in ranges.iter().cloned().flatten().take(3000).map(|index| TileId::from_hilbert(14, index)) {
            prop_assert!(near.nearness(tile) != Nearness::Far);
            // The nearest of a grid of places is at most a step from the nearest one of all.
            let grid = (0..=16).flat_map(|i| (0..=16).map(move |j| [f64::from(i) / 16.0, f64::from(j) / 16.0]));
            let wider = Limit::new(metres + 2500.0 / 16.0);
            let is_near = grid.map(|[u, v]| [tile.lon(u), tile.lat(v)]).any(|at| {
                near.stretches.iter().any(|stretch| stretch.is_near(at, in_space(at), &wider))
            });
            prop_assert!(is_near, "{tile} is too far");
        }
    }
}
