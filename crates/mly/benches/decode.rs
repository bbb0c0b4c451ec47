//! A dense coverage tile to Arrow columns, against fast-mvt to plain columns.
//!
//! `cargo bench -p mly --features __private --bench decode` prints criterion's numbers and then the ratio.

#![expect(clippy::print_stdout, reason = "a bench reports to the terminal")]
#![expect(clippy::cast_precision_loss, reason = "sizes are far below 2^52")]
#![expect(clippy::unwrap_used, reason = "a bench on a tile of our own emulator")]

use std::collections::HashMap;
use std::f64::consts::PI;
use std::hint::black_box;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group};
use fast_mvt::{MvtReaderRef, MvtValueRef};
use mly::{Layer, TileId};
use mly_emulator::{Emulator, World};

/// The only tile of a random world of 20,000 images.
const TILE: (u8, u32, u32) = (14, 8601, 5389);

/// Measuring time of each side for the ratio.
const PATIENCE: Duration = Duration::from_secs(3);

/// The tile as it is sent, nine properties a feature.
fn dense_tile() -> Vec<u8> {
    let emulator = Emulator::start(World::random(1, 20_000)).unwrap();
    let host = emulator.url().trim_start_matches("http://").to_owned();
    let (z, x, y) = TILE;
    let token = emulator.token().replace('|', "%7C");
    let mut socket = TcpStream::connect(&host).unwrap();
    write!(
        socket,
        "GET /maps/vtp/mly1_public/2/{z}/{x}/{y}?access_token={token} HTTP/1.0\r\nHost: {host}\r\n\r\n"
    )
    .unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).unwrap();
    let body = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
    answer.split_off(body)
}

fn ours(bytes: &[u8]) -> usize {
    let (z, x, y) = TILE;
    mly::__private::decode(Layer::Images, TileId::new(z, x, y).unwrap(), bytes).unwrap()
}

/// What a program on fast-mvt does to get the same columns; sequence ids as numbers of a dictionary, too.
#[derive(Default)]
struct Columns {
    id: Vec<i64>,
    sequence: Vec<u32>,
    captured_at: Vec<i64>,
    compass_angle: Vec<f64>,
    is_pano: Vec<bool>,
    organization_id: Vec<Option<i64>>,
    creator_id: Vec<Option<i64>>,
    quality_score: Vec<Option<f64>>,
    foot: Vec<Option<bool>>,
    lon: Vec<f64>,
    lat: Vec<f64>,
}

fn int(value: MvtValueRef<'_>) -> i64 {
    if let MvtValueRef::Int(n) = value { n } else { 0 }
}

fn double(value: MvtValueRef<'_>) -> f64 {
    if let MvtValueRef::Double(n) = value { n } else { f64::NAN }
}

fn bool(value: MvtValueRef<'_>) -> bool {
    matches!(value, MvtValueRef::Bool(true))
}

/// Latitude by the same series as ours, so that only the decoders differ.
fn latitude_series(z: u8, y: u32) -> impl Fn(f64) -> f64 {
    let side = f64::from(1_u32 << z);
    let middle = (PI * (1.0 - 2.0 * (f64::from(y) + 0.5) / side)).sinh().atan();
    let (s, c) = middle.sin_cos();
    let [c0, c1, c2, c3, c4] =
        [middle, c, -s * c / 2.0, c * (1.0 - 2.0 * c * c) / 6.0, s * c * (6.0 * c * c - 1.0) / 24.0]
            .map(f64::to_degrees);
    move |v| {
        let t = -2.0 * PI / side * (v - 0.5);
        c0 + t * (c1 + t * (c2 + t * (c3 + t * c4)))
    }
}

fn fast_mvt(bytes: &[u8]) -> usize {
    let (z, x, y) = TILE;
    let latitude = latitude_series(z, y);
    let mut columns = Columns::default();
    let mut words: HashMap<String, u32> = HashMap::new();
    let reader = MvtReaderRef::new(bytes).unwrap();
    for layer in reader.layers().filter(|layer| layer.name() == "image") {
        let extent = f64::from(layer.extent());
        for feature in layer.features() {
            let (mut organization, mut creator, mut quality, mut foot) = (None, None, None, None);
            for property in feature.properties() {
                let (key, value) = property.unwrap();
                match key {
                    "id" => columns.id.push(int(value)),
                    "sequence_id" => {
                        let MvtValueRef::String(text) = value else { continue };
                        let next = u32::try_from(words.len()).unwrap();
                        let known = words.get(text).copied();
                        columns
                            .sequence
                            .push(known.unwrap_or_else(|| *words.entry(text.to_owned()).or_insert(next)));
                    }
                    "captured_at" => columns.captured_at.push(int(value)),
                    "compass_angle" => columns.compass_angle.push(double(value)),
                    "is_pano" => columns.is_pano.push(bool(value)),
                    "organization_id" => organization = Some(int(value)),
                    "creator_id" => creator = Some(int(value)),
                    "quality_score" => quality = Some(double(value)),
                    "foot" => foot = Some(bool(value)),
                    _ => {}
                }
            }
            columns.organization_id.push(organization);
            columns.creator_id.push(creator);
            columns.quality_score.push(quality);
            columns.foot.push(foot);
            // The raw commands are the fastest way to a point in fast-mvt: one `move to`, then its two parameters.
            let &[_, u, v] = feature.geometry_commands() else { continue };
            let zigzag = |n: u32| f64::from((n >> 1).cast_signed() ^ -(n & 1).cast_signed());
            columns.lon.push((f64::from(x) + zigzag(u) / extent) / f64::from(1_u32 << z) * 360.0 - 180.0);
            columns.lat.push(latitude(zigzag(v) / extent));
        }
    }
    black_box(&columns).id.len()
}

fn benches(c: &mut Criterion) {
    let bytes = dense_tile();
    let mut group = c.benchmark_group("decode");
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("mly", |b| b.iter(|| ours(black_box(&bytes))));
    group.bench_function("fast-mvt", |b| b.iter(|| fast_mvt(black_box(&bytes))));
    group.finish();
}

/// The shortest of many alternating runs of each side: noise of the machine only ever adds time.
fn ratio() {
    let bytes = dense_tile();
    assert_eq!(ours(&bytes), fast_mvt(&bytes), "both must see the same images");
    let time = |run: &dyn Fn(&[u8]) -> usize| {
        let begin = Instant::now();
        black_box(run(black_box(&bytes)));
        begin.elapsed()
    };
    let (mut mine, mut theirs) = (Duration::MAX, Duration::MAX);
    let begin = Instant::now();
    while begin.elapsed() < 2 * PATIENCE {
        mine = mine.min(time(&ours));
        theirs = theirs.min(time(&fast_mvt));
    }
    let images = ours(&bytes);
    let rate = |t: Duration| bytes.len() as f64 / t.as_secs_f64() / 1e6;
    println!("{} bytes, {images} images, all properties, longitude and latitude, one core", bytes.len());
    println!("fast-mvt {:6.0} MB/s", rate(theirs));
    println!(
        "mly      {:6.0} MB/s   {:.2} x fast-mvt",
        rate(mine),
        theirs.as_secs_f64() / mine.as_secs_f64()
    );
}

criterion_group!(all, benches);

fn main() {
    all();
    Criterion::default().configure_from_args().final_summary();
    ratio();
}
