//! A dense coverage tile, read and written, against fast-mvt.
//!
//! `cargo bench -p mly-mvt --bench read` prints criterion's numbers and then the ratios.

#![expect(clippy::print_stdout, reason = "a bench reports to the terminal")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group};
use fast_mvt::{DEFAULT_EXTENT, MvtCoord, MvtGeomType, MvtReaderRef, MvtTileBuilder, MvtValueRef};
use mly_mvt::{Geometry, Layer, LayerWriter, Tile, TileWriter, Value};

const IMAGES: usize = 20_000;
const SEQUENCES: usize = 200;

/// What the tile shows, drawn once so that writers are given it ready.
struct World {
    sequences: Vec<Sequence>,
    images: Vec<Image>,
}

struct Sequence {
    id: String,
    image_id: i64,
    captured_at_ms: i64,
    line: Vec<[i32; 2]>,
}

struct Image {
    id: i64,
    sequence: usize,
    captured_at_ms: i64,
    compass_angle: f64,
    is_pano: bool,
    organization_id: Option<i64>,
    at: [i32; 2],
}

/// splitmix64: the same world in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// One of `0..end`, as the type that is needed.
    fn below<T: TryFrom<u64>>(&mut self, end: u64) -> T {
        T::try_from(self.next() % end).ok().expect("an end that the type can hold")
    }
}

impl World {
    fn new() -> Self {
        let mut random = Random(7);
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut world = Self { sequences: Vec::new(), images: Vec::new() };
        for sequence in 0..SEQUENCES {
            let id = (0..22).map(|_| char::from(letters[random.below::<usize>(64)])).collect();
            let mut captured_at_ms = 1_500_000_000_000 + random.below::<i64>(200_000_000_000);
            let organization_id =
                (sequence % 4 == 0).then(|| 1_000_000_000_000_000 + random.below::<i64>(1 << 40));
            let mut at: [i32; 2] = [random.below(4096), random.below(4096)];
            let (first, mut line) = (world.images.len(), vec![at]);
            for _ in 0..IMAGES / SEQUENCES {
                for axis in &mut at {
                    *axis = (*axis + random.below::<i32>(25) - 12).clamp(0, 4095);
                }
                line.push(at);
                captured_at_ms += 1000 + random.below::<i64>(1000);
                world.images.push(Image {
                    id: 100_000_000_000_000 + random.below::<i64>(2_000_000_000_000_000),
                    sequence,
                    captured_at_ms,
                    compass_angle: f64::from(random.below::<u32>(1 << 32)) / f64::from(u32::MAX) * 360.0,
                    is_pano: sequence % 5 == 0,
                    organization_id,
                    at,
                });
            }
            let Image { id: image_id, captured_at_ms, .. } = world.images[first];
            world.sequences.push(Sequence { id, image_id, captured_at_ms, line });
        }
        // As the service has them: image features are sorted by nothing.
        for last in (1..world.images.len()).rev() {
            let other = random.below::<usize>(last as u64 + 1);
            world.images.swap(last, other);
        }
        world
    }

    fn write(&self) -> Vec<u8> {
        let mut sequences = LayerWriter::new("sequence", 4096);
        let mut id = 0;
        for sequence in &self.sequences {
            let properties = [
                ("captured_at", Value::Int(sequence.captured_at_ms)),
                ("id", Value::String(&sequence.id)),
                ("image_id", Value::Int(sequence.image_id)),
                ("is_pano", Value::Bool(false)),
            ];
            let line = Geometry::Lines(vec![sequence.line.clone()]);
            sequences.feature(Some(id), &line, &properties).expect("a line of many vertices");
            id += 1;
        }
        let mut images = LayerWriter::new("image", 4096);
        for image in &self.images {
            let properties = [
                ("captured_at", Value::Int(image.captured_at_ms)),
                ("compass_angle", Value::Double(image.compass_angle)),
                ("id", Value::Int(image.id)),
                ("is_pano", Value::Bool(image.is_pano)),
                ("sequence_id", Value::String(&self.sequences[image.sequence].id)),
                ("organization_id", Value::Int(image.organization_id.unwrap_or_default())),
            ];
            let present = if image.organization_id.is_some() { &properties[..] } else { &properties[..5] };
            images.point(Some(id), image.at, present);
            id += 1;
        }
        let mut tile = TileWriter::new();
        tile.layer(sequences);
        tile.layer(images);
        tile.finish()
    }

    /// The same with fast-mvt's writer.
    fn write_fast(&self) -> Vec<u8> {
        let at = |[x, y]: [i32; 2]| MvtCoord { x, y };
        let mut layer = MvtTileBuilder::new().layer("sequence").expect("a name");
        layer.extent(DEFAULT_EXTENT);
        let mut id = 0;
        for sequence in &self.sequences {
            let mut feature = layer.feature_of(MvtGeomType::LineString);
            feature.id(Some(id));
            feature.line(sequence.line.iter().copied().map(at)).expect("a line");
            feature.tag_int("captured_at", sequence.captured_at_ms).expect("a tag");
            feature.tag_ref("id", MvtValueRef::String(&sequence.id)).expect("a tag");
            feature.tag_int("image_id", sequence.image_id).expect("a tag");
            feature.tag_bool("is_pano", false).expect("a tag");
            layer = feature.end();
            id += 1;
        }
        let mut layer = layer.layer("image").expect("a name");
        for image in &self.images {
            let mut feature = layer.feature_of(MvtGeomType::Point);
            feature.id(Some(id));
            feature.points([at(image.at)]).expect("a point");
            feature.tag_int("captured_at", image.captured_at_ms).expect("a tag");
            feature.tag_double("compass_angle", image.compass_angle).expect("a tag");
            feature.tag_int("id", image.id).expect("a tag");
            feature.tag_bool("is_pano", image.is_pano).expect("a tag");
            feature
                .tag_ref("sequence_id", MvtValueRef::String(&self.sequences[image.sequence].id))
                .expect("a tag");
            if let Some(organization_id) = image.organization_id {
                feature.tag_int("organization_id", organization_id).expect("a tag");
            }
            layer = feature.end();
            id += 1;
        }
        layer.encode()
    }
}

/// All features, all tags, all points, once; the sum keeps the compiler from skipping any.
fn walk(layer: &Layer<'_>) -> u64 {
    let mut sum = 0_u64;
    for feature in layer.features() {
        let feature = feature.expect("a sound feature");
        let [x, y] = feature.point().expect("a point");
        sum += u64::from(x.cast_unsigned()) + u64::from(y.cast_unsigned());
        for tag in feature.tags() {
            let (key, value) = tag.expect("a sound tag");
            sum += u64::from(key ^ value);
        }
    }
    sum
}

/// The whole tile from its bytes: every property with its value, every geometry.
fn read(bytes: &[u8]) -> u64 {
    let mut sum = 0_u64;
    for layer in Tile::new(bytes).layers() {
        let layer = layer.expect("a sound layer");
        for feature in layer.features() {
            let feature = feature.expect("a sound feature");
            for property in layer.properties(&feature) {
                let (key, value) = property.expect("a sound property");
                black_box(value);
                sum += key.len() as u64;
            }
            black_box(feature.geometry().expect("a geometry"));
        }
    }
    sum
}

/// The same with fast-mvt.
fn read_fast(bytes: &[u8]) -> u64 {
    let mut sum = 0_u64;
    for layer in MvtReaderRef::new(bytes).expect("a sound tile").layers() {
        for feature in layer.features() {
            for property in feature.properties() {
                let (key, value) = property.expect("a sound property");
                black_box(value);
                sum += key.len() as u64;
            }
            black_box(feature.geometry().expect("a geometry"));
        }
    }
    sum
}

fn benches(c: &mut Criterion) {
    let world = World::new();
    let bytes = world.write();
    assert_eq!(read(&bytes), read_fast(&bytes), "both readers must see the same");
    let tile = Tile::new(&bytes);
    let layer = tile.layer("image").expect("a sound tile").expect("the image layer");

    let mut group = c.benchmark_group("tile");
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("walk", |b| b.iter(|| walk(black_box(&layer))));
    group.bench_function("tables", |b| b.iter(|| black_box(tile).layer("image")));
    group.bench_function("read", |b| b.iter(|| read(black_box(&bytes))));
    group.bench_function("read, fast-mvt", |b| b.iter(|| read_fast(black_box(&bytes))));
    group.bench_function("write", |b| b.iter(|| black_box(&world).write()));
    group.bench_function("write, fast-mvt", |b| b.iter(|| black_box(&world).write_fast()));
    group.finish();
}

/// Prints the ratios: of each job the shortest of many runs, which are taken in turns so that what else the machine does
/// falls on all of them.
fn ratios() {
    let world = World::new();
    let bytes = world.write();
    let tile = Tile::new(&bytes);
    let tables = || tile.layer("image").expect("a sound tile").expect("the image layer");
    let layer = tables();
    // What, which job is the base of its ratio, and how.
    let jobs: [(&str, usize, &dyn Fn() -> u64); 6] = [
        ("read, fast-mvt", 0, &|| read_fast(&bytes)),
        ("read", 0, &|| read(&bytes)),
        ("tables and walk", 0, &|| walk(&tables())),
        ("walk", 0, &|| walk(&layer)),
        ("write, fast-mvt", 4, &|| world.write_fast().len() as u64),
        ("write", 4, &|| world.write().len() as u64),
    ];
    let mut shortest = [Duration::MAX; 6];
    for _ in 0..100 {
        for ((_, _, run), best) in jobs.iter().zip(&mut shortest) {
            let start = Instant::now();
            black_box(run());
            *best = start.elapsed().min(*best);
        }
    }
    println!("{} bytes, {IMAGES} images, {SEQUENCES} sequences", bytes.len());
    let megabytes = f64::from(u32::try_from(bytes.len()).expect("a tile of some megabytes")) / 1e6;
    for ((what, base, _), time) in jobs.iter().zip(shortest) {
        let ratio = shortest[*base].as_secs_f64() / time.as_secs_f64();
        println!("{what:16} {:6.0} MB/s  {ratio:5.1} x fast-mvt", megabytes / time.as_secs_f64());
    }
}

criterion_group!(all, benches);

fn main() {
    all();
    Criterion::default().configure_from_args().final_summary();
    ratios();
}
