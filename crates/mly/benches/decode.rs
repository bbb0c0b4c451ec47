//! A dense coverage tile to Arrow columns, against fast-mvt to the same columns.
//!
//! `cargo bench -p mly --features __private --bench decode` prints criterion's numbers and then the ratio.

#![expect(clippy::print_stdout, reason = "a bench reports to the terminal")]
#![expect(clippy::cast_precision_loss, reason = "sizes are far below 2^52")]
#![expect(clippy::unwrap_used, reason = "a bench on a tile of our own emulator")]

use std::f64::consts::PI;
use std::hint::black_box;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow_array::ArrayRef;
use arrow_array::builder::{
    BooleanBuilder, Float64Builder, Int64Builder, StringDictionaryBuilder, TimestampMillisecondBuilder,
};
use arrow_array::types::Int32Type;
use criterion::{Criterion, Throughput, criterion_group};
use fast_mvt::{MvtReaderRef, MvtValueRef};
use geo_types::Geometry;
use mly::{Layer, TileId};
use mly_emulator::{Emulator, World};

/// The only tile of a random world of 20,000 images.
const TILE: (u8, u32, u32) = (14, 8601, 5389);

/// What vtzero reaches on such a tile relative to fast-mvt: 535 against 248 MB/s.
const VTZERO: f64 = 2.16;

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

/// What a program on fast-mvt does to get the same columns: Arrow's own builders, a dictionary for sequence ids too.
#[derive(Default)]
struct Columns {
    id: Int64Builder,
    sequence: StringDictionaryBuilder<Int32Type>,
    captured_at: TimestampMillisecondBuilder,
    compass_angle: Float64Builder,
    is_pano: BooleanBuilder,
    organization_id: Int64Builder,
    creator_id: Int64Builder,
    quality_score: Float64Builder,
    foot: BooleanBuilder,
    lon: Vec<f64>,
    lat: Vec<f64>,
}

/// The properties of one feature.
#[derive(Default)]
struct Row<'a> {
    id: Option<i64>,
    sequence: Option<&'a str>,
    captured_at: Option<i64>,
    compass_angle: Option<f64>,
    is_pano: Option<bool>,
    organization_id: Option<i64>,
    creator_id: Option<i64>,
    quality_score: Option<f64>,
    foot: Option<bool>,
}

impl<'a> Row<'a> {
    fn set(&mut self, key: &str, value: MvtValueRef<'a>) {
        match (key, value) {
            ("id", MvtValueRef::Int(n)) => self.id = Some(n),
            ("sequence_id", MvtValueRef::String(text)) => self.sequence = Some(text),
            ("captured_at", MvtValueRef::Int(n)) => self.captured_at = Some(n),
            ("compass_angle", MvtValueRef::Double(n)) => self.compass_angle = Some(n),
            ("is_pano", MvtValueRef::Bool(b)) => self.is_pano = Some(b),
            ("organization_id", MvtValueRef::Int(n)) => self.organization_id = Some(n),
            ("creator_id", MvtValueRef::Int(n)) => self.creator_id = Some(n),
            ("quality_score", MvtValueRef::Double(n)) => self.quality_score = Some(n),
            ("foot", MvtValueRef::Bool(b)) => self.foot = Some(b),
            _ => {}
        }
    }
}

impl Columns {
    fn push(&mut self, row: &Row<'_>) {
        self.id.append_option(row.id);
        self.sequence.append_option(row.sequence);
        self.captured_at.append_option(row.captured_at);
        self.compass_angle.append_option(row.compass_angle);
        self.is_pano.append_option(row.is_pano);
        self.organization_id.append_option(row.organization_id);
        self.creator_id.append_option(row.creator_id);
        self.quality_score.append_option(row.quality_score);
        self.foot.append_option(row.foot);
    }

    fn finish(mut self) -> (Vec<ArrayRef>, Vec<f64>, Vec<f64>) {
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.id.finish()),
            Arc::new(self.sequence.finish()),
            Arc::new(self.captured_at.finish()),
            Arc::new(self.compass_angle.finish()),
            Arc::new(self.is_pano.finish()),
            Arc::new(self.organization_id.finish()),
            Arc::new(self.creator_id.finish()),
            Arc::new(self.quality_score.finish()),
            Arc::new(self.foot.finish()),
        ];
        (columns, self.lon, self.lat)
    }
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
    let reader = MvtReaderRef::new(bytes).unwrap();
    for layer in reader.layers().filter(|layer| layer.name() == "image") {
        let extent = f64::from(layer.extent());
        for feature in layer.features() {
            let mut row = Row::default();
            for property in feature.properties() {
                let (key, value) = property.unwrap();
                row.set(key, value);
            }
            columns.push(&row);
            let Geometry::Point(at) = feature.geometry().unwrap() else { continue };
            columns
                .lon
                .push((f64::from(x) + f64::from(at.x()) / extent) / f64::from(1_u32 << z) * 360.0 - 180.0);
            columns.lat.push(latitude(f64::from(at.y()) / extent));
        }
    }
    black_box(columns.finish()).1.len()
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
    let ratio = theirs.as_secs_f64() / mine.as_secs_f64();
    println!("fast-mvt {:6.0} MB/s", rate(theirs));
    println!("mly      {:6.0} MB/s   {ratio:.2} x fast-mvt", rate(mine));
    println!("{:.2} x what vtzero was measured at ({VTZERO} x fast-mvt)", ratio / VTZERO);
}

criterion_group!(all, benches);

fn main() {
    all();
    Criterion::default().configure_from_args().final_summary();
    // A profile of one side must not hold the other.
    if !std::env::args().any(|argument| argument == "--profile-time") {
        ratio();
    }
}
