//! A million positions against a polygon of 50,000 corners with holes, beside the fastest index of `geo`.
//!
//! `cargo bench -p mly --features __private --bench area` prints nanoseconds a position, the ratio, and how many of a
//! sample of answers differ from a look at every edge.

#![expect(clippy::print_stdout, reason = "a bench reports to the terminal")]
#![expect(clippy::cast_precision_loss, reason = "sizes are far below 2^52")]
#![expect(clippy::unwrap_used, reason = "a bench on a polygon of our own")]

use std::f64::consts::TAU;
use std::hint::black_box;
use std::time::{Duration, Instant};

use geo::Contains;
use geo::indexed::IntervalTreeMultiPolygon;
use geo::orient::{Direction, Orient};
use geo_types::{LineString, MultiPolygon, Point, Polygon};
use mly::{Area, Query, TileId};
use robust::{Coord, orient2d};

type Position = [f64; 2];
type Ring = Vec<Position>;

const POSITIONS: usize = 1_000_000;
/// Corners of the exterior and of each of the holes, 50,000 together.
const EXTERIOR: u32 = 40_000;
const HOLE: u32 = 500;
const HOLES: u32 = 20;
/// Positions that are looked up edge by edge.
const SAMPLE: usize = 4_000;
const ROUNDS: usize = 5;

/// Random numbers of 0..1, by `SplitMix64`.
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn within(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 0..count")]
    fn index(&mut self, count: usize) -> usize {
        (self.unit() * count as f64) as usize
    }
}

/// A rugged closed line around a centre: bays within bays, never across itself.
fn coast(random: &mut Random, [lon, lat]: Position, radius: f64, corners: u32) -> Ring {
    let waves: Vec<_> = (1..=60)
        .map(|i| {
            let turns = (1.15_f64.powi(i)).round();
            (turns, 0.25 / turns.powf(0.9), random.within(0.0, TAU))
        })
        .filter(|(turns, ..)| *turns < f64::from(corners) / 6.0)
        .collect();
    let corner = |i: u32| {
        let angle = TAU * f64::from(i) / f64::from(corners);
        let swell: f64 =
            waves.iter().map(|(turns, height, phase)| height * (turns * angle + phase).cos()).sum();
        let r = radius * (swell / 1.5).exp();
        [lon + 1.4 * r * angle.cos(), lat + r * angle.sin()]
    };
    let mut ring: Ring = (0..corners).map(corner).collect();
    ring.push(ring[0]);
    ring
}

fn country(random: &mut Random) -> Vec<Ring> {
    let centre = [10.0, 51.0];
    let mut rings = vec![coast(random, centre, 2.9, EXTERIOR)];
    for i in 0..HOLES {
        let angle = TAU * f64::from(i) / f64::from(HOLES);
        let far = if i % 2 == 0 { 0.6 } else { 1.1 };
        let at = [centre[0] + 1.4 * far * angle.cos(), centre[1] + far * angle.sin()];
        rings.push(coast(random, at, 0.06, HOLE));
    }
    rings
}

fn extent(rings: &[Ring]) -> [f64; 4] {
    rings.iter().flatten().fold([180.0, 90.0, -180.0, -90.0], |[w, s, e, n]: [f64; 4], &[x, y]| {
        [w.min(x), s.min(y), e.max(x), n.max(y)]
    })
}

fn uniform(random: &mut Random, rings: &[Ring]) -> Vec<Position> {
    let [w, s, e, n] = extent(rings);
    (0..POSITIONS).map(|_| [random.within(w, e), random.within(s, n)]).collect()
}

/// Beside the border, from a millimetre to a kilometre away; one in fifty is a corner.
fn near_border(random: &mut Random, rings: &[Ring]) -> Vec<Position> {
    let edges: Vec<_> = rings.iter().flat_map(|ring| ring.windows(2)).collect();
    let place = |_| {
        let edge = edges[random.index(edges.len())];
        if random.unit() < 0.02 {
            return edge[0];
        }
        let (along, angle, far) =
            (random.unit(), random.within(0.0, TAU), 10_f64.powf(random.within(-8.0, -2.0)));
        let between = |i: usize| edge[0][i] + along * (edge[1][i] - edge[0][i]);
        [between(0) + far * angle.cos(), between(1) + far * angle.sin()]
    };
    (0..POSITIONS).map(place).collect()
}

/// Tile after tile of zoom 14, five hundred positions in each.
fn in_tiles(random: &mut Random, rings: &[Ring]) -> Vec<Position> {
    let [w, s, e, n] = extent(rings);
    let tile = |_| {
        let b = TileId::containing(random.within(w, e), random.within(s, n), 14).bbox();
        (0..500).map(|_| [random.within(b.west, b.east), random.within(b.south, b.north)]).collect::<Vec<_>>()
    };
    (0..POSITIONS / 500).flat_map(tile).collect()
}

/// Where a position lies to a polygon.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Inside,
    Border,
    Outside,
}

/// A look at every edge.
fn place(rings: &[Ring], [x, y]: Position) -> Place {
    let coord = |[x, y]: Position| Coord { x, y };
    let mut odd = false;
    for edge in rings.iter().flat_map(|ring| ring.windows(2)) {
        let ([ax, ay], [bx, by]) = (edge[0], edge[1]);
        if y < ay.min(by) || y > ay.max(by) {
            continue;
        }
        let side = orient2d(coord(edge[0]), coord(edge[1]), coord([x, y]));
        if side == 0.0 && ax.min(bx) <= x && x <= ax.max(bx) {
            return Place::Border;
        }
        odd ^= (ay > y) != (by > y) && (side > 0.0) == (by > y);
    }
    if odd { Place::Inside } else { Place::Outside }
}

fn geojson(rings: &[Ring]) -> String {
    let ring = |ring: &Ring| ring.iter().map(|[x, y]| format!("[{x:?},{y:?}]")).collect::<Vec<_>>().join(",");
    let rings = rings.iter().map(|r| format!("[{}]", ring(r))).collect::<Vec<_>>().join(",");
    format!(r#"{{"type":"Polygon","coordinates":[{rings}]}}"#)
}

fn of_geo(rings: &[Ring]) -> MultiPolygon<f64> {
    let mut lines = rings.iter().map(|ring| LineString::from(ring.clone()));
    let polygon = Polygon::new(lines.next().unwrap(), lines.collect());
    MultiPolygon::new(vec![polygon]).orient(Direction::Default)
}

/// The shortest of a few runs: noise of the machine only ever adds time.
fn shortest<T>(mut run: impl FnMut() -> T) -> Duration {
    let once = |_| {
        let begin = Instant::now();
        black_box(run());
        begin.elapsed()
    };
    (0..ROUNDS).map(once).min().unwrap()
}

fn count(positions: &[Position], test: impl Fn(f64, f64) -> bool) -> usize {
    positions.iter().filter(|[lon, lat]| test(*lon, *lat)).count()
}

fn compare(
    name: &str,
    rings: &[Ring],
    positions: &[Position],
    ours: &impl Fn(f64, f64) -> bool,
    theirs: &impl Fn(f64, f64) -> bool,
) {
    let (mut mine, mut other) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        mine = mine.min(shortest(|| count(positions, ours)));
        other = other.min(shortest(|| count(positions, theirs)));
    }
    let sample: Vec<_> =
        positions.iter().step_by(POSITIONS / SAMPLE).map(|&p| (p, place(rings, p))).collect();
    let differ = |test: &dyn Fn(f64, f64) -> bool, border: Option<bool>| {
        let wrong = |([x, y], place): &&(Position, Place)| match (place, border) {
            (Place::Border, None) => false,
            (Place::Border, Some(border)) => test(*x, *y) != border,
            (place, _) => test(*x, *y) != (*place == Place::Inside),
        };
        sample.iter().filter(wrong).count()
    };
    let each = |t: Duration| t.as_secs_f64() * 1e9 / POSITIONS as f64;
    let on_border = sample.iter().filter(|(_, place)| *place == Place::Border).count();
    println!(
        "{name:<20} mly {:6.1} ns ({} wrong)   geo {:6.1} ns ({} wrong)   {:5.2} x   {on_border} of {} on the border",
        each(mine),
        differ(ours, Some(true)),
        each(other),
        differ(theirs, None),
        other.as_secs_f64() / mine.as_secs_f64(),
        sample.len(),
    );
}

fn main() {
    let mut random = Random(1);
    let rings = country(&mut random);
    let corners = rings.iter().map(|ring| ring.len() - 1).sum::<usize>();
    let area = Area::geojson(&geojson(&rings)).unwrap();
    let (ours, bytes) = area.__prepared();
    let polygons = of_geo(&rings);
    let tree = IntervalTreeMultiPolygon::new(&polygons);
    let theirs = |lon, lat| tree.contains(&Point::new(lon, lat));

    println!(
        "{corners} corners, {HOLES} holes, {POSITIONS} positions; answers of geo off the border, one core"
    );
    let built = shortest(|| area.__prepared());
    let built_of_geo = shortest(|| IntervalTreeMultiPolygon::new(&polygons));
    println!(
        "built                mly {:6.1} ms, {:.1} MB     geo {:6.1} ms",
        built.as_secs_f64() * 1e3,
        bytes as f64 / 1e6,
        built_of_geo.as_secs_f64() * 1e3,
    );
    compare("uniform", &rings, &uniform(&mut random, &rings), &ours, &theirs);
    compare("near the border", &rings, &near_border(&mut random, &rings), &ours, &theirs);
    compare("clustered in tiles", &rings, &in_tiles(&mut random, &rings), &ours, &theirs);

    let query = Query::images(area.clone());
    let plan = query.plan().unwrap();
    let planned = shortest(|| query.plan());
    println!("planned              {} tiles in {:.1} ms", plan.cost().tiles, planned.as_secs_f64() * 1e3);
}
