//! `PMTiles`, read by libraries of others: the archive by one, its tiles by another.

#![expect(clippy::cast_precision_loss, clippy::cast_possible_wrap, reason = "numbers of tests are small")]

use std::collections::{BTreeMap, BTreeSet};
use std::f64::consts::PI;
use std::path::Path;
use std::sync::Arc;

use ::pmtiles::{AsyncPmTilesReader, HashMapCache, MmapBackend, TileCoord};
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, BinaryArray, Int64Array, RecordBatch, StringArray};
use fast_mvt::{MvtReaderRef, MvtValueRef};
use futures_util::TryStreamExt;
use geo::CoordsIter;
use mly::sink::{self, Destination, Dialect, Format, TimeForm};
use serde_json::Value;

use crate::files::{LINES, lines_wkb, position, random, rows, save};
use crate::sinks::{POINT, batch, entities, points};

/// Tile units along the side of a tile.
const EXTENT: f64 = 4096.0;

/// A feature of a tile.
#[derive(Debug)]
struct Drawn {
    zoom: u8,
    tile: (u32, u32),
    id: Option<u64>,
    properties: BTreeMap<String, String>,
    /// In degrees, line after line.
    positions: Vec<[f64; 2]>,
}

impl Drawn {
    fn count(&self) -> u64 {
        self.properties.get("mly:count").map_or(1, |count| count.parse().unwrap())
    }
}

/// An archive, and everything in it.
struct Archive {
    reader: Arc<AsyncPmTilesReader<MmapBackend, HashMapCache>>,
    metadata: Value,
    drawn: Vec<Drawn>,
}

impl Archive {
    async fn open(path: &Path) -> Self {
        let reader =
            Arc::new(AsyncPmTilesReader::new_with_cached_path(HashMapCache::default(), path).await.unwrap());
        let metadata = serde_json::from_str(&reader.get_metadata().await.unwrap()).unwrap();
        let entries: Vec<_> = Arc::clone(&reader).entries().try_collect().await.unwrap();
        let mut drawn = Vec::new();
        let coordinates: Vec<TileCoord> =
            entries.iter().flat_map(|entry| entry.iter_coords().map(TileCoord::from)).collect();
        for tile in coordinates {
            let bytes = reader.get_tile_decompressed(tile).await.unwrap().unwrap();
            read(&bytes, (tile.z(), tile.x(), tile.y()), &mut drawn);
        }
        Self { reader, metadata, drawn }
    }

    fn at(&self, zoom: u8) -> impl Iterator<Item = &Drawn> {
        self.drawn.iter().filter(move |drawn| drawn.zoom == zoom)
    }
}

fn text(value: MvtValueRef<'_>) -> String {
    match value {
        MvtValueRef::String(text) => text.to_owned(),
        MvtValueRef::Int(number) => number.to_string(),
        MvtValueRef::Double(number) => number.to_string(),
        MvtValueRef::Bool(is) => is.to_string(),
        other => panic!("{other:?}"),
    }
}

fn read(bytes: &[u8], (zoom, x, y): (u8, u32, u32), out: &mut Vec<Drawn>) {
    let side = f64::from(1_u32 << zoom);
    let reader = MvtReaderRef::new(bytes).unwrap();
    for layer in reader.layers() {
        assert_eq!(f64::from(layer.extent()), EXTENT);
        for feature in layer.features() {
            let properties = feature.properties().map(Result::unwrap);
            let degrees = |at: geo_types::Coord<i32>| {
                let turn = PI - 2.0 * PI * (f64::from(y) + f64::from(at.y) / EXTENT) / side;
                [
                    (f64::from(x) + f64::from(at.x) / EXTENT) / side * 360.0 - 180.0,
                    turn.sinh().atan().to_degrees(),
                ]
            };
            out.push(Drawn {
                zoom,
                tile: (x, y),
                id: feature.id(),
                properties: properties.map(|(key, value)| (key.to_owned(), text(value))).collect(),
                positions: feature.geometry().unwrap().coords_iter().map(degrees).collect(),
            });
        }
    }
}

/// The largest distance of two positions in tile units of a zoom.
fn units([lon, lat]: [f64; 2], [other_lon, other_lat]: [f64; 2], zoom: u8) -> f64 {
    let mercator = |lat: f64| lat.to_radians().tan().asinh().to_degrees();
    let unit = 360.0 / f64::from(1_u32 << zoom) / EXTENT;
    (lon - other_lon).abs().max((mercator(lat) - mercator(other_lat)).abs()) / unit
}

/// Writes batches as tiles and reads them.
async fn tiles(batches: &[RecordBatch]) -> Archive {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pmtiles");
    save(Format::PmTiles, &path, batches).unwrap();
    Archive::open(&path).await
}

#[tokio::test]
async fn every_row_is_in_a_tile_of_the_last_zoom_with_all_that_it_has() {
    let rows = rows(1_000);
    let archive = tiles(std::slice::from_ref(&rows)).await;
    let last: BTreeMap<u64, &Drawn> = archive.at(14).map(|drawn| (drawn.id.unwrap(), drawn)).collect();
    let ids = rows.column(0).as_primitive::<Int64Type>().values();
    let placed: Vec<_> = (0..1_000).filter_map(|row| Some((row, position(row)?))).collect();
    assert_eq!((last.len(), archive.at(14).count()), (placed.len(), placed.len()));
    for (row, at) in placed {
        let drawn = last[&ids[row].cast_unsigned()];
        assert!(units(at, drawn.positions[0], 14) <= 1.0, "{at:?} {drawn:?}");
        let want = rows.schema_ref().fields().iter().zip(rows.columns()).filter_map(|(field, column)| {
            let is_there = field.name() != "geometry" && column.is_valid(row);
            let cell = || match field.name().as_str() {
                "captured_at" => (1_600_000_000_123 + 977 * row as i64).to_string(),
                "compass_angle" => (row as f64 / 7.0).to_string(),
                "is_pano" => (row % 2 == 0).to_string(),
                "sequence_id" => column.as_string::<i32>().value(row).to_owned(),
                _ => column.as_primitive::<Int64Type>().value(row).to_string(),
            };
            is_there.then(|| (field.name().clone(), cell()))
        });
        assert_eq!(drawn.properties, want.collect());
    }
}

/// Rows all over the world, so that hardly two are in one tile.
fn scattered(count: usize) -> (RecordBatch, Vec<[f64; 2]>) {
    let at = |seed: usize| (random(seed as u64) % 100_003) as f64 / 100_003.0;
    let places: Vec<_> =
        (0..count).map(|row| [at(2 * row) * 360.0 - 180.0, at(2 * row + 1) * 160.0 - 80.0]).collect();
    let rows = batch(vec![
        ("id", &[], Arc::new(Int64Array::from_iter_values((0..count).map(|row| row as i64)))),
        ("geometry", POINT, points(&places.iter().copied().map(Some).collect::<Vec<_>>())),
    ]);
    (rows, places)
}

#[tokio::test]
async fn an_archive_of_many_tiles_is_opened_with_one_request() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pmtiles");
    let (rows, places) = scattered(2_000);
    save(Format::PmTiles, &path, &[rows]).unwrap();
    let archive = Archive::open(&path).await;
    assert_eq!(archive.at(14).count(), 2_000);
    let header = archive.reader.get_header();
    assert!(header.clustered());
    assert_eq!((header.min_zoom, header.max_zoom), (0, 14));
    assert!(header.n_tile_entries().unwrap().get() > 10_000, "{header:?}");
    let west = places.iter().map(|at| at[0]).fold(f64::INFINITY, f64::min);
    let north = places.iter().map(|at| at[1]).fold(f64::NEG_INFINITY, f64::max);
    assert!((header.min_longitude - west).abs() < 1e-7 && (header.max_latitude - north).abs() < 1e-7);
    // Readers fetch 16 KiB first, in which the root has to be. The other tiles are in leaves.
    let bytes = std::fs::read(path).unwrap();
    let number = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
    assert!((127 + number(16)) <= 16_384, "the first directory is too long");
    assert!(number(48) > 0, "there are no leaf directories");
    let end = [16, 32, 48, 64].iter().map(|at| number(*at)).sum::<u64>() + 127;
    assert_eq!(end, bytes.len() as u64);
}

/// Rows that are crowded in a few tiles of the last zoom.
fn crowd(count: usize) -> RecordBatch {
    let at = |seed: usize| (random(seed as u64) % 100_003) as f64 / 100_003.0;
    // Half of them are in a corner.
    let place = |row: usize| {
        let share = if row.is_multiple_of(2) { 1.0 } else { 0.05 };
        Some([9.0 + at(2 * row) * 0.06 * share, 52.0 + at(2 * row + 1) * 0.03 * share])
    };
    let places: Vec<_> = (0..count).map(place).collect();
    batch(vec![
        ("id", &[], Arc::new(Int64Array::from_iter_values((0..count).map(|row| row as i64 * 7919 + 1)))),
        ("geometry", POINT, points(&places)),
    ])
}

#[tokio::test]
async fn low_zooms_show_fewer_rows_which_stand_for_all_and_say_so() {
    let archive = tiles(&[crowd(12_000)]).await;
    let mut later: Option<BTreeSet<u64>> = None;
    for zoom in (0..=14).rev() {
        let shown: BTreeSet<u64> = archive.at(zoom).map(|drawn| drawn.id.unwrap()).collect();
        assert_eq!(archive.at(zoom).map(Drawn::count).sum::<u64>(), 12_000, "zoom {zoom}");
        assert_eq!(
            archive.metadata["shown_by_zoom"][zoom.to_string()],
            format!("{} of 12000", shown.len()),
            "zoom {zoom}"
        );
        let mut by_tile: BTreeMap<_, usize> = BTreeMap::new();
        archive.at(zoom).for_each(|drawn| *by_tile.entry(drawn.tile).or_default() += 1);
        assert!(zoom == 14 || by_tile.values().all(|count| *count <= 4096), "zoom {zoom} {by_tile:?}");
        // Nothing vanishes when somebody looks closer.
        assert!(later.as_ref().is_none_or(|later| shown.is_subset(later)), "zoom {zoom}");
        later = Some(shown);
    }
    assert_eq!(archive.at(0).count(), 4096);
    assert_eq!(archive.metadata["vector_layers"][0]["fields"]["mly:count"], "Number");
}

#[tokio::test]
async fn the_shown_rows_do_not_depend_on_the_order_or_the_batches() {
    let whole = crowd(9_000);
    let shown = |archive: &Archive| archive.at(5).map(|drawn| drawn.id.unwrap()).collect::<BTreeSet<_>>();
    let first = shown(&tiles(std::slice::from_ref(&whole)).await);
    assert!(first.len() < 9_000);
    let turned: Vec<_> =
        (0..9_000).step_by(1_111).rev().map(|at| whole.slice(at, 1_111.min(9_000 - at))).collect();
    assert_eq!(shown(&tiles(&turned).await), first);
}

/// Lines with a text as id.
fn lines(shapes: &[Vec<u8>]) -> RecordBatch {
    let ids: Vec<_> = (0..shapes.len()).map(|at| format!("line{at}")).collect();
    let shapes: ArrayRef = Arc::new(BinaryArray::from_iter_values(shapes.iter().map(Vec::as_slice)));
    batch(vec![("id", &[], Arc::new(StringArray::from(ids))), ("geometry", LINES, shapes)])
}

/// The distance of a position from a line in units of a zoom, by many positions on it.
fn distance(at: [f64; 2], line: &[[f64; 2]], zoom: u8) -> f64 {
    let steps = line.windows(2).flat_map(|ends| {
        (0..=2_000).map(move |step| {
            let share = f64::from(step) / 2_000.0;
            [0, 1].map(|side: usize| ends[0][side] + share * (ends[1][side] - ends[0][side]))
        })
    });
    steps.map(|other| units(at, other, zoom)).fold(f64::INFINITY, f64::min)
}

#[tokio::test]
async fn lines_are_in_all_tiles_that_they_touch_and_near_to_where_they_were() {
    let line: Vec<[f64; 2]> =
        (0..40).map(|at| [9.0 + f64::from(at) * 0.002, 52.0 + f64::from(at % 3) * 0.0004]).collect();
    let archive = tiles(&[lines(&[lines_wkb(&[&line])])]).await;
    for zoom in 0..=14 {
        let drawn: Vec<_> = archive.at(zoom).collect();
        // Above the last zoom lines have fewer vertices.
        let tolerance = if zoom == 14 { 1.0 } else { 5.5 };
        for part in &drawn {
            for at in &part.positions {
                assert!(distance(*at, &line, zoom) <= tolerance, "zoom {zoom} {at:?}");
            }
        }
        let all: Vec<_> = drawn.iter().flat_map(|part| part.positions.iter().copied()).collect();
        let (first, last) = (line[0], line[39]);
        for end in [first, last] {
            assert!(all.iter().any(|at| units(*at, end, zoom) <= 1.0), "zoom {zoom}: {end:?} is missing");
        }
        let tiles: BTreeSet<_> = drawn.iter().map(|part| part.tile).collect();
        for at in &line {
            let tile = mly::TileId::containing(at[0], at[1], zoom);
            assert!(tiles.contains(&(tile.x(), tile.y())), "zoom {zoom}: nothing in {tile}");
        }
    }
    assert!(archive.at(8).map(|part| part.positions.len()).sum::<usize>() < 40);
}

#[tokio::test]
async fn lines_of_every_kind_are_drawn() {
    let points = |at: &[[f64; 2]]| {
        let one =
            |[lon, lat]: &[f64; 2]| [&[1, 1, 0, 0, 0][..], &lon.to_le_bytes(), &lat.to_le_bytes()].concat();
        let count = u32::try_from(at.len()).unwrap().to_le_bytes();
        [&[1, 4, 0, 0, 0][..], &count, &at.iter().flat_map(one).collect::<Vec<_>>()].concat()
    };
    let archive = tiles(&[lines(&[
        // Shorter than a unit, over the antimeridian, to the poles, over whole tiles, points in place of a line, one
        // position.
        lines_wkb(&[&[[9.0, 52.0], [9.000_000_1, 52.0]]]),
        lines_wkb(&[&[[179.9, -16.5], [-179.9, -16.4]]]),
        lines_wkb(&[&[[20.0, 80.0], [20.0, 90.0]], &[[20.0, -80.0], [20.0, -90.0]]]),
        lines_wkb(&[&[[170.0, 0.0], [-170.0, 0.1], [-160.0, 0.1]]]),
        points(&[[9.0, 52.0], [9.3, 52.1]]),
        lines_wkb(&[&[[5.0, 5.0]]]),
    ])])
    .await;
    for zoom in 0..=14 {
        let names: BTreeSet<_> = archive.at(zoom).map(|drawn| drawn.properties["id"].as_str()).collect();
        assert_eq!(names.len(), 6, "zoom {zoom}: {names:?}");
    }
    let of = |name: &str| archive.at(14).filter(|drawn| drawn.properties["id"] == name).collect::<Vec<_>>();
    assert!(of("line1").iter().all(|drawn| drawn.positions.iter().all(|at| at[0].abs() > 179.89)));
    let tiles: BTreeSet<_> = of("line1").iter().map(|drawn| drawn.tile.0).collect();
    assert!(tiles.contains(&0) && tiles.contains(&16_383), "{tiles:?}");
    assert!(
        of("line2").iter().any(|drawn| drawn.tile.1 == 0) && of("line2").iter().any(|d| d.tile.1 == 16_383)
    );
    assert_eq!(of("line4").len(), 2);
    assert!(of("line3").len() > 1_300);
}

#[tokio::test]
async fn ids_of_every_kind_and_texts_of_every_kind_survive() {
    let hostile = ["</script>", "\u{2028}\u{2029}", "\"'\\", "\u{1F600}", "a\0b", ""];
    let ids = [1, (1 << 53) + 1, i64::MAX, -5, 0, 7];
    let rows = batch(vec![
        ("id", &[], Arc::new(Int64Array::from(ids.to_vec()))),
        ("text", &[], Arc::new(StringArray::from(hostile.to_vec()))),
        ("geometry", POINT, points(&[Some([1.0, 1.0]); 6])),
    ]);
    let archive = tiles(&[rows]).await;
    for (id, text) in ids.iter().zip(hostile) {
        let found: Vec<_> = archive.at(14).filter(|drawn| drawn.properties["id"] == id.to_string()).collect();
        assert_eq!(found.len(), 1, "{id}");
        assert_eq!((found[0].id, found[0].properties["text"].as_str()), (u64::try_from(*id).ok(), text));
    }
    let order: Vec<_> = archive.at(14).map(|drawn| drawn.id.unwrap_or_default()).collect();
    assert!(order.is_sorted(), "{order:?}");
}

#[tokio::test]
async fn positions_that_tiles_have_no_room_for_are_on_the_edge() {
    let places = [[10.0, 90.0], [180.0, 10.0], [-180.0, 10.0], [10.0, -89.0]];
    let rows = batch(vec![
        ("id", &[], Arc::new(Int64Array::from(vec![1, 2, 3, 4]))),
        ("geometry", POINT, points(&places.map(Some))),
    ]);
    let archive = tiles(&[rows]).await;
    let edges = [[10.0, 85.051_128_7], [180.0, 10.0], [-180.0, 10.0], [10.0, -85.051_128_7]];
    let drawn: Vec<_> = archive.at(14).collect();
    assert_eq!(drawn.len(), 4);
    for drawn in drawn {
        let edge = edges[usize::try_from(drawn.id.unwrap()).unwrap() - 1];
        assert!(units(edge, drawn.positions[0], 14) <= 1.01, "{drawn:?}");
    }
}

#[tokio::test]
async fn rows_without_a_position_are_told_and_an_empty_result_is_an_archive() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pmtiles");
    let rows = entities();
    let mut sink =
        sink::open(Format::PmTiles, Destination::file(&path, false).unwrap(), &rows.schema()).unwrap();
    sink.write(&rows).unwrap();
    let losses = sink.take_losses();
    sink.finish().unwrap();
    assert_eq!((losses.values, losses.rows), (0, 1));
    assert_eq!(losses.first[0].why, "geometry is no position");
    let archive = Archive::open(&path).await;
    assert_eq!(archive.at(14).count(), 2);
    assert_eq!(archive.metadata["shown_by_zoom"]["0"], "2 of 2");

    let archive = tiles(&[rows.slice(0, 0)]).await;
    assert!(archive.drawn.is_empty());
    assert_eq!(archive.metadata["shown_by_zoom"]["14"], "0 of 0");
}

#[tokio::test]
async fn times_are_written_as_in_texts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pmtiles");
    let rows = rows(1);
    let dialect = Dialect::from(Format::PmTiles).with_times(TimeForm::Iso);
    let mut sink = sink::open(dialect, Destination::file(&path, false).unwrap(), &rows.schema()).unwrap();
    sink.write(&rows).unwrap();
    sink.finish().unwrap();
    let archive = Archive::open(&path).await;
    assert_eq!(archive.at(14).next().unwrap().properties["captured_at"], "2020-09-13T12:26:40.123Z");
    assert_eq!(archive.metadata["vector_layers"][0]["fields"]["captured_at"], "String");
}

#[test]
fn an_archive_is_not_taken_for_rows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pmtiles");
    save(Format::PmTiles, &path, &[rows(3)]).unwrap();
    let error = mly::source::rows(&path).err().unwrap().to_string();
    assert!(error.contains("PMTiles archive"), "{error}");
}
