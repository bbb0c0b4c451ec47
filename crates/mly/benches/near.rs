//! A million positions against a buffer of 20 m around 200,000 segments, and the planning of large buffers.
//!
//! `bench/near.py` makes the network and the positions, runs this, and compares with geopandas in the same run. Alone,
//! `cargo bench -p mly --features __private --bench near` measures the plans only.

#![expect(clippy::print_stdout, reason = "a bench reports to the terminal")]
#![expect(clippy::unwrap_used, reason = "a bench on files of our own")]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use mly::source::AreaReader;
use mly::{Area, Query};

const BUFFER_M: f64 = 20.0;
const ROUNDS: usize = 5;
/// Positions that a thread takes at a time.
const ROWS: usize = 5_000;
/// Positions that are looked up segment by segment.
const SAMPLE: usize = 2_000;

fn main() {
    match std::env::args().nth(1).map(PathBuf::from).filter(|path| path.is_dir()) {
        Some(folder) => positions(&folder),
        None => plans(),
    }
}

fn floats(path: &Path) -> Vec<f64> {
    let bytes = std::fs::read(path).unwrap();
    bytes.chunks_exact(8).map(|eight| f64::from_le_bytes(eight.try_into().unwrap())).collect()
}

/// The time from an area to all answers, the making of its index and grid with it, and the answers that differ from brute force.
fn positions(folder: &Path) {
    let begin = Instant::now();
    let area = AreaReader::new().with_buffer_m(BUFFER_M).file(&folder.join("roads.parquet")).unwrap();
    let read_ms = begin.elapsed().as_millis();
    println!("read {read_ms} ms");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    for order in ["tiles", "any"] {
        let numbers = floats(&folder.join(order).with_extension("f64"));
        let (points, _) = numbers.as_chunks::<2>();
        for threads in [1, cores] {
            let (mut best, mut of_index, mut count, mut bytes) = (f64::MAX, 0.0, 0, 0);
            for _ in 0..ROUNDS {
                let begin = Instant::now();
                let (contains, made) = area.__prepared();
                let index = begin.elapsed().as_secs_f64();
                count = inside(points, &contains, threads);
                let all = begin.elapsed().as_secs_f64();
                if all < best {
                    (best, of_index, bytes) = (all, index, made);
                }
            }
            println!(
                "{order}: {threads} threads {best:.4} s, of these {of_index:.4} s for the stretches of {} MB, inside {count}",
                bytes >> 20
            );
        }
    }
    let numbers = floats(&folder.join("any.f64"));
    let (points, _) = numbers.as_chunks::<2>();
    let (contains, _) = area.__prepared();
    let segments = floats(&folder.join("segments.f64"));
    let (segments, _) = segments.as_chunks::<4>();
    let (mut wrong, mut doubtful) = (0, 0);
    for [lon, lat] in points.iter().step_by(points.len() / SAMPLE) {
        let metres = segments.iter().map(|edge| metres([*lon, *lat], edge)).fold(f64::MAX, f64::min);
        // Both are right within a centimetre.
        if (metres - BUFFER_M).abs() < 0.01 {
            doubtful += 1;
        } else if (metres <= BUFFER_M) != contains(*lon, *lat) {
            wrong += 1;
        }
    }
    println!("wrong {wrong} of {SAMPLE}, {doubtful} within a centimetre");
}

/// How many positions are inside, found on several threads as a query does: each takes the next rows of a tile.
fn inside(points: &[[f64; 2]], contains: &(impl Fn(f64, f64) -> bool + Sync), threads: usize) -> usize {
    let next = AtomicUsize::new(0);
    let count = || {
        let mut count = 0;
        while let Some(rows) = points.chunks(ROWS).nth(next.fetch_add(1, Ordering::Relaxed)) {
            count += rows.iter().filter(|[lon, lat]| contains(*lon, *lat)).count();
        }
        count
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(count)).collect();
        count() + others.into_iter().map(|other| other.join().unwrap()).sum::<usize>()
    })
}

/// Distance to a short segment: degrees scaled by the radii of the ellipsoid at the latitude of the position.
fn metres([lon, lat]: [f64; 2], [x0, y0, x1, y1]: &[f64; 4]) -> f64 {
    const A: f64 = 6_378_137.0;
    const E2: f64 = 0.006_694_379_990_141_316;
    let (sin, cos) = lat.to_radians().sin_cos();
    let root = (1.0 - E2 * sin * sin).sqrt();
    let (north, east) = ((A * (1.0 - E2) / root.powi(3)).to_radians(), (A / root * cos).to_radians());
    let ([ax, ay], [bx, by]) =
        ([(x0 - lon) * east, (y0 - lat) * north], [(x1 - lon) * east, (y1 - lat) * north]);
    let (dx, dy) = (bx - ax, by - ay);
    let t = (-(ax * dx + ay * dy) / (dx * dx + dy * dy).max(1e-12)).clamp(0.0, 1.0);
    f64::hypot(ax + t * dx, ay + t * dy)
}

/// A rugged line or scattered points, as well-known text.
fn rugged(count: u32, step: f64) -> Vec<[f64; 2]> {
    let place = |i: u32| {
        let t = f64::from(i);
        [7.0 + step * t * 0.7 + 0.01 * (t * 0.37).sin(), 47.0 + step * t * 0.5 + 0.01 * (t * 0.23).cos()]
    };
    (0..count).map(place).collect()
}

fn line(positions: &[[f64; 2]]) -> String {
    let mut text = String::from("LINESTRING (");
    for (i, [x, y]) in positions.iter().enumerate() {
        write!(text, "{}{x} {y}", if i == 0 { "" } else { "," }).unwrap();
    }
    text + ")"
}

fn scattered(count: u32) -> String {
    // Multiples of irrational numbers are spread evenly.
    let place = |i: u32, factor: f64, size: f64| (f64::from(i) * factor).fract() * size - size / 2.0;
    (0..count).fold(String::new(), |mut text, i| {
        writeln!(text, "POINT ({} {})", place(i, 0.754_877_666, 358.0), place(i, 0.569_840_291, 160.0))
            .unwrap();
        text
    })
}

fn plans() {
    for (name, text, metres) in [
        ("a route of 50,000 vertices, 25 m", line(&rugged(50_000, 1e-4)), 25.0),
        ("a route of 50,000 vertices, 50 km", line(&rugged(50_000, 1e-4)), 50_000.0),
        ("100,000 points of the world, 50 m", scattered(100_000), 50.0),
        ("10,000 points of the world, 1 km", scattered(10_000), 1000.0),
        ("a point, 1,000 km", "POINT (9 52)".to_owned(), 1e6),
    ] {
        let begin = Instant::now();
        let area: Area = AreaReader::new().with_buffer_m(metres).text(&text).unwrap();
        let read_ms = begin.elapsed().as_millis();
        let begin = Instant::now();
        let tiles = Query::images(area).plan().unwrap().cost().tiles;
        println!("{name}: read {read_ms} ms, planned {} ms, {tiles} tiles", begin.elapsed().as_millis());
    }
}
