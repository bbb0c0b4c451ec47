//! Writes inputs to begin with into `corpus/` beside this package: one folder for each target, made from `fixtures/` and
//! from what the library writes itself. It links libFuzzer for the functions that counted code calls.

use std::fs;
use std::path::{Path, PathBuf};

use libfuzzer_sys as _;
use mly::sink::{self, Destination, Format};
use mly::{Area, Client, Lookup, Options, Query, Subject, TileId, Token};
use mly_emulator::{Emulator, World};
use mly_fuzz::journal;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Larger tiles make for slow mutations.
const LARGEST_TILE: u64 = 8 << 10;

const AREAS: [&str; 3] = [
    r#"{"type":"Polygon","coordinates":[[[9,52],[9.03,52],[9.03,52.02],[9,52.02],[9,52]],[[9.01,52.01],[9.02,52.01],[9.01,52.015],[9.01,52.01]]]}"#,
    r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"a":1},"geometry":{"type":"MultiPolygon","coordinates":[[[[179,1],[180,1],[180,2],[179,1]]],[[[0,0],[1,0],[0,1],[0,0]]]]}}]}"#,
    r#"{"type":"GeometryCollection","geometries":[{"type":"Polygon","coordinates":[[[-10,80],[10,80],[10,89],[-10,80]]]}]}"#,
];

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let fixtures = root.join("../fixtures");
    save(root, "mvt_read", tiles(&fixtures)?)?;
    save(root, "area", AREAS.map(|area| area.as_bytes().to_vec()))?;
    save(root, "plan", plans()?)?;
    save(root, "journal", journal::seeds())?;
    for (target, format) in [("flatgeobuf", Format::FlatGeobuf), ("parquet", Format::Parquet)] {
        save(root, target, files(&fixtures, format)?)?;
    }
    Ok(())
}

fn save(root: &Path, target: &str, seeds: impl IntoIterator<Item = Vec<u8>>) -> Result<()> {
    let folder = root.join("corpus").join(target);
    fs::create_dir_all(&folder)?;
    for (number, seed) in seeds.into_iter().enumerate() {
        fs::write(folder.join(format!("seed-{number}")), seed)?;
    }
    Ok(())
}

/// Small tiles of all fixtures.
fn tiles(folder: &Path) -> Result<Vec<Vec<u8>>> {
    let mut tiles = Vec::new();
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            tiles.extend(self::tiles(&path)?);
        } else if path.extension().is_some_and(|name| name == "mvt" || name == "pbf")
            && path.metadata()?.len() <= LARGEST_TILE
        {
            tiles.push(fs::read(path)?);
        }
    }
    Ok(tiles)
}

fn plans() -> Result<Vec<Vec<u8>>> {
    let town = Area::bbox(8.98, 51.98, 9.03, 52.01)?;
    let circle = Area::near(9.005, 51.998, 300.0)?;
    let queries = [
        Query::images(town.clone()).with_since("2020")?.with_fields(["make"]).with_limit(20),
        Query::sequences(town.clone()).with_prune(10),
        Query::signs(town),
        Query::images(circle).with_fields(["altitude"]),
        Query::points(Area::geojson(AREAS[1])?),
    ];
    let lookups = [
        Lookup::new(Subject::Image, [178_993_950_747_668_i64, 7]).with_fields(["make"]),
        Lookup::new(Subject::DetectionsOfImage, [178_993_950_747_668_i64]),
    ];
    let mut plans: Vec<_> = queries.iter().map(Query::plan).collect::<mly::Result<_>>()?;
    plans.extend(plans[0].partitions(3)?);
    plans.extend(lookups.iter().map(Lookup::plan).collect::<mly::Result<Vec<_>>>()?);
    Ok(plans.iter().map(|plan| plan.to_json().map(String::into_bytes)).collect::<mly::Result<_>>()?)
}

/// The images and sequences of a real tile, few enough for small files.
fn files(fixtures: &Path, format: Format) -> Result<Vec<Vec<u8>>> {
    let tile = fixtures.join("tiles/mly1_public-14-8574-5735.mvt");
    let emulator = Emulator::start(World::open(&tile)?)?;
    let options = Options::default()
        .with_token(Token::new(emulator.token()).ok_or("a token")?)
        .with_base_url(emulator.url())?;
    let client = Client::new(options)?;
    let area = Area::tile(TileId::new(14, 8574, 5735).ok_or("a tile")?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let folder = tempfile::tempdir()?;
    let mut files = Vec::new();
    for query in
        [Query::images(area.clone()).with_limit(30), Query::sequences(area).with_cut(true).with_limit(5)]
    {
        let path = folder.path().join("rows");
        runtime.block_on(async {
            let batches = client.run(&query.plan()?);
            let sink = sink::open(format, Destination::file(&path, true)?, &batches.schema())?;
            batches.write_to(sink).await
        })?;
        files.push(fs::read(path)?);
    }
    Ok(files)
}
