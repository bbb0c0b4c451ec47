//! Every answer again by a look at every edge.

use proptest::prelude::*;

use super::*;

type Position = [f64; 2];
type Ring = Vec<Position>;
type Polygons = Vec<Vec<Ring>>;

/// The textbook test: one ray, all edges, plus a look at every edge for positions on it.
fn brute_force(drawing: &Drawing, p: Position) -> bool {
    let holds = |line: &Ring| line.windows(2).any(|w| is_on(w[0], w[1], p));
    drawing.lines.iter().any(holds)
        || drawing.polygons.iter().any(|rings| {
            let crossed = |w: &&[Position]| {
                (w[0][1] > p[1]) != (w[1][1] > p[1]) && (side(w[0], w[1], p) > 0.0) == (w[1][1] > p[1])
            };
            let odd = rings.iter().flat_map(|ring| ring.windows(2)).filter(crossed).count() % 2 == 1;
            odd || rings.iter().any(holds)
        })
}

fn is_on(a: Position, b: Position, p: Position) -> bool {
    let between = |i: usize| a[i].min(b[i]) <= p[i] && p[i] <= a[i].max(b[i]);
    between(0) && between(1) && side(a, b, p) == 0.0
}

/// Exact orientation, of coordinates made larger by powers of 2 so that no product vanishes.
fn side(a: Position, b: Position, p: Position) -> f64 {
    let mut all = [a, b, p];
    while all.iter().flatten().all(|n| n.abs() < 2_f64.powi(200)) && all.iter().flatten().any(|n| *n != 0.0) {
        all = all.map(|position| position.map(|n| n * 2_f64.powi(300)));
    }
    let [a, b, p] = all.map(|[x, y]| robust::Coord { x, y });
    robust::orient2d(a, b, p)
}

fn closed(mut ring: Ring) -> Ring {
    ring.extend(ring.first().copied());
    ring
}

fn outline(polygons: &Polygons) -> (Drawing, EdgeIndex) {
    let drawing = Drawing { polygons: polygons.clone(), ..Drawing::default() };
    let outline = EdgeIndex::new(&drawing);
    (drawing, outline)
}

/// Places where a mistake would show: corners, places on edges, ends of cells, and all their neighbours by one step.
fn difficult(drawing: &Drawing, outline: &EdgeIndex) -> Vec<Position> {
    let mut places = Vec::new();
    let (mut lons, mut lats) = (Vec::new(), Vec::new());
    for grid in outline.grids.iter().take(20) {
        let few = |count: u32| (0..count).step_by((count as usize / 6).max(1));
        lons.extend(few(grid.x.count()).filter_map(|i| grid.x.numbers(i)).flatten());
        lats.extend(few(grid.y.count()).filter_map(|i| grid.y.numbers(i)).flatten());
    }
    let lines = drawing.polygons.iter().flatten().chain(&drawing.lines);
    for w in lines.flat_map(|line| line.windows(2)) {
        let [[ax, ay], [bx, by]] = [w[0], w[1]];
        places.extend([w[0], w[1], [ax.midpoint(bx), ay.midpoint(by)], [ax, by], [bx, ay]]);
        places.extend([0.1, 0.3, 0.7].map(|t| [ax + t * (bx - ax), ay + t * (by - ay)]));
        lons.truncate(60);
        lats.truncate(60);
        places.extend(lons.iter().step_by(7).map(|lon| [*lon, ay]));
        places.extend(lats.iter().step_by(7).map(|lat| [bx, *lat]));
        if ax < bx {
            let on_edge = |lon: &f64| [*lon, ay + (lon - ax) / (bx - ax) * (by - ay)];
            places.extend(lons.iter().step_by(5).filter(|lon| (ax..bx).contains(*lon)).map(on_edge));
        }
    }
    places.extend(lons.iter().zip(&lats).map(|(lon, lat)| [*lon, *lat]));
    places.iter().flat_map(|&p| around(p)).collect()
}

fn around([x, y]: Position) -> [Position; 9] {
    // Smaller numbers than these have products that `robust` cannot tell from 0.
    let [[w, e], [s, n]] =
        [x, y].map(|at| if at == 0.0 { [-1e-280, 1e-280] } else { [at.next_down(), at.next_up()] });
    [[x, y], [w, y], [e, y], [x, s], [x, n], [w, s], [e, n], [w, n], [e, s]]
}

fn assert_same(polygons: &Polygons, places: &[Position]) {
    let (drawing, outline) = outline(polygons);
    for &p in difficult(&drawing, &outline).iter().chain(places) {
        assert_eq!(outline.contains(p), brute_force(&drawing, p), "{p:?} in {polygons:?}");
    }
}

/// Rings on a coarse lattice: self-crossing, self-touching, with repeated corners and edges in line.
fn lattice_ring() -> impl Strategy<Value = Ring> {
    proptest::collection::vec((-8..8_i32, -8..8_i32), 3..9)
        .prop_map(|points| closed(points.iter().map(|&(x, y)| [f64::from(x), f64::from(y)]).collect()))
}

fn lattice_polygons() -> impl Strategy<Value = Polygons> {
    proptest::collection::vec(proptest::collection::vec(lattice_ring(), 1..3), 1..4)
}

/// Rings with many short edges and some long ones, crowded in places.
fn crowded_ring() -> impl Strategy<Value = Ring> {
    let spot = (-170.0..170.0_f64, -80.0..80.0_f64, -6..1_i32);
    let cluster = (spot, proptest::collection::vec((-5.0..5.0_f64, -5.0..5.0_f64), 1..30));
    proptest::collection::vec(cluster, 1..4).prop_map(|clusters| {
        let spread = clusters.into_iter().flat_map(|((lon, lat, size), places)| {
            let size = 10_f64.powi(size);
            places.into_iter().map(move |(x, y)| [lon + x * size, lat + y * size])
        });
        closed(spread.collect())
    })
}

fn places() -> impl Strategy<Value = Vec<Position>> {
    proptest::collection::vec((-10.0..10.0_f64, -10.0..10.0_f64).prop_map(|(x, y)| [x, y]), 100)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn every_grid_position_is_decided_as_by_brute_force(polygons in lattice_polygons()) {
        let (drawing, outline) = outline(&polygons);
        for x in -17..17 {
            for y in -17..17 {
                let p = [f64::from(x) / 2.0, f64::from(y) / 2.0];
                prop_assert_eq!(outline.contains(p), brute_force(&drawing, p), "{:?}", p);
            }
        }
    }

    #[test]
    fn difficult_places_are_decided_as_by_brute_force(polygons in lattice_polygons(), places in places()) {
        assert_same(&polygons, &places);
    }

    #[test]
    fn the_size_of_coordinates_does_not_matter(polygons in lattice_polygons(), size in -700..4_i32, far in any::<bool>()) {
        let scaled = |n: f64, end: f64| {
            // At the poles and the antimeridian, numbers are wide apart: positions fall together.
            let n = n * 2_f64.powi(size);
            if far { (end - 8.0 * 2_f64.powi(size) + n).min(end) } else { n }
        };
        let polygons: Polygons = polygons.into_iter().map(|rings| rings.into_iter().map(|ring| {
            ring.into_iter().map(|[x, y]| [scaled(x, 180.0), scaled(y, -90.0).max(-90.0)]).collect()
        }).collect()).collect();
        assert_same(&polygons, &[[180.0, -90.0], [0.0, 0.0]]);
    }

    #[test]
    fn boxes_and_lines_meet_the_edges_that_a_look_at_every_edge_finds(rings in proptest::collection::vec(crowded_ring(), 1..3),
        steps in proptest::collection::vec((0..1000_usize, -6..2_i32, -1.0..1.0_f64, -1.0..1.0_f64), 50)) {
        let edges: Vec<_> = rings.iter().flat_map(|r| r.windows(2)).map(|w| Edge { from: w[0], to: w[1] }).collect();
        let (_, outline) = outline(&vec![rings.clone()]);
        for (i, size, dx, dy) in steps {
            let [x, y] = edges[i % edges.len()].from;
            let to = [x + dx * 10_f64.powi(size), y + dy * 10_f64.powi(size)];
            // Away from the corner by as much again, or not.
            for from in [[x, y], [x + 0.5 * (to[0] - x), y + 0.5 * (to[1] - y)]] {
                let line = Edge { from, to };
                let b = line.bbox();
                prop_assert_eq!(outline.crosses(from, to), edges.iter().any(|e| e.meets(&line)), "{:?}", line);
                prop_assert_eq!(outline.runs_through(&b), edges.iter().any(|e| e.meets_box(&b)), "{:?}", b);
            }
        }
    }

    #[test]
    fn a_box_that_no_edge_runs_through_is_all_in_or_all_out(rings in proptest::collection::vec(lattice_ring(), 1..3), x in -9..9_i32, y in -9..9_i32, size in 1..4_i32) {
        let (_, outline) = outline(&vec![rings]);
        let b = Bbox { west: f64::from(x), south: f64::from(y), east: f64::from(x + size), north: f64::from(y + size) };
        let places: Vec<bool> = (0..=8).flat_map(|i| (0..=8).map(move |j| (i, j)))
            .map(|(i, j)| outline.contains([b.west + f64::from(size * i) / 8.0, b.south + f64::from(size * j) / 8.0])).collect();
        if !outline.runs_through(&b) {
            prop_assert!(places.iter().all(|p| *p == places[0]));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn crowded_drawings_are_decided_as_by_brute_force(rings in proptest::collection::vec(crowded_ring(), 1..4), places in places()) {
        assert_same(&rings.into_iter().map(|ring| vec![ring]).collect(), &places);
    }

    #[test]
    fn lines_are_border_in_every_cell(lines in proptest::collection::vec(crowded_ring(), 1..3), polygons in lattice_polygons()) {
        let drawing = Drawing { polygons, lines, ..Drawing::default() };
        let outline = EdgeIndex::new(&drawing);
        for p in difficult(&drawing, &outline) {
            prop_assert_eq!(outline.contains(p), brute_force(&drawing, p), "{:?}", p);
        }
    }
}

/// A square of `size` at a position.
fn square([x, y]: Position, size: f64) -> Ring {
    closed(vec![[x, y], [x + size, y], [x + size, y + size], [x, y + size]])
}

#[test]
fn neighbours_that_share_edges_leave_no_gap_and_holes_are_out() {
    let place = |i: i32, j: i32| [f64::from(i) * 0.3, f64::from(j) * 0.3];
    let mut polygons: Polygons =
        (0..6).flat_map(|i| (0..6).map(move |j| vec![square(place(i, j), 0.3)])).collect();
    assert_same(&polygons, &[]);
    polygons.push(vec![square([20.0, 20.0], 9.0), square([22.0, 22.0], 3.0), square([25.0, 25.0], 1.0)]);
    assert_same(&polygons, &[[23.0, 23.0], [25.0, 25.0], [25.5, 25.5], [21.0, 21.0], [22.0, 24.0]]);
}

#[test]
fn the_poles_and_the_antimeridian_are_edges_like_others() {
    let world = closed(vec![[-180.0, -90.0], [180.0, -90.0], [180.0, 90.0], [-180.0, 90.0]]);
    let hole = closed(vec![[-180.0, -90.0], [0.0, 0.0], [180.0, -90.0]]);
    assert_same(&vec![vec![world, hole]], &[[180.0, 90.0], [-180.0, -90.0], [0.0, -90.0], [0.0, -45.0]]);
}

#[test]
fn rings_without_inside_are_border() {
    let there_and_back = closed(vec![[0.0, 0.0], [3.0, 1.0], [6.0, 2.0], [3.0, 1.0]]);
    let point = vec![[1.0, 1.0]; 5];
    let flat = closed(vec![[0.0, 5.0], [4.0, 5.0], [2.0, 5.0]]);
    assert_same(&vec![vec![there_and_back], vec![point], vec![flat]], &[[2.0, 2.0]]);
}

#[test]
fn a_stored_ring_that_is_open_is_closed() {
    let mut ring = square([0.0, 0.0], 4.0);
    ring.pop();
    let (_, outline) = outline(&vec![vec![ring]]);
    assert!(outline.contains([0.0, 2.0]) && outline.contains([1.0, 2.0]) && !outline.contains([-1.0, 2.0]));
}

#[test]
fn nothing_drawn_holds_nothing() {
    let (_, outline) = outline(&vec![vec![vec![]]]);
    let world = Bbox { west: -180.0, south: -90.0, east: 180.0, north: 90.0 };
    assert!(!outline.contains([0.0, 0.0]) && !outline.runs_through(&world));
    assert!(!outline.crosses([-180.0, 0.0], [180.0, 0.0]));
}

/// A ring of many corners around a position.
fn round([x, y]: Position, radius: f64, corners: u32) -> Ring {
    let corner = |i| f64::from(i) / f64::from(corners) * std::f64::consts::TAU;
    closed((0..corners).map(corner).map(|a: f64| [x + radius * a.cos(), y + radius * a.sin()]).collect())
}

#[test]
fn a_small_crowded_island_far_from_the_rest_is_found_in_finer_grids() {
    let island = round([30.0, -20.0], 1e-7, 20_000);
    let (drawing, outline) = outline(&vec![vec![round([-30.0, 40.0], 20.0, 50)], vec![island.clone()]]);
    let longest = outline.grids.iter().flat_map(|grid| (0..grid.y.count()).map(move |row| (grid, row)));
    let longest = longest.flat_map(|(grid, row)| grid.lists(row, [0, grid.x.count() - 1])).map(<[_]>::len);
    assert!(longest.max().unwrap() < 40);
    let places = island.iter().step_by(1000).flat_map(|&p| around(p)).chain([[30.0, -20.0], [-30.0, 40.0]]);
    for p in places {
        assert_eq!(outline.contains(p), brute_force(&drawing, p), "{p:?}");
    }
}

#[test]
fn hostile_drawings_do_not_fill_the_memory() {
    const EDGES: u32 = 20_000;
    let all = |place: &dyn Fn(f64) -> Position| {
        vec![vec![closed((0..EDGES).map(|i| place(f64::from(i))).collect())]]
    };
    let far = |i: f64| if i % 2.0 == 0.0 { -80.0 } else { 80.0 };
    let drawings: [(&str, Polygons); 7] = [
        ("a comb of long upright edges", all(&|i| [i / 1000.0, far(i)])),
        ("a comb of long lying edges", all(&|i| [far(i), i / 1000.0])),
        ("long diagonals", all(&|i| [far(i) + i / 1e6, far(i)])),
        ("a star", all(&|i| if i % 2.0 == 0.0 { [0.0, 0.0] } else { [80.0 * i.sin(), 80.0 * i.cos()] })),
        ("the same edge again and again", all(&|i| [far(i), far(i)])),
        ("one place", all(&|_| [1.0, 1.0])),
        (
            "tiny parts and a huge one",
            (0..5000)
                .map(|i| vec![square([f64::from(i % 71), f64::from(i / 71)], 1e-9)])
                .chain([vec![square([-100.0, -80.0], 160.0)]])
                .collect(),
        ),
    ];
    for (name, polygons) in drawings {
        let (drawing, outline) = outline(&polygons);
        assert!(outline.bytes() < 300 * EDGES as usize, "{name}: {} bytes", outline.bytes());
        for p in [[1.0, 1.0], [0.0, 0.0], [10.5, 10.5], [10.000_3, -40.0], [-80.0, 80.0], [5.0, 5.0]] {
            assert_eq!(outline.contains(p), brute_force(&drawing, p), "{name}: {p:?}");
        }
    }
}
