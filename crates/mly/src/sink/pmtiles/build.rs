//! Makes the tiles of all rows.

use std::io::{self, BufReader, Write};
use std::sync::Arc;

use super::cut::{TileShape, cut};
use super::directory::Directories;
use super::feature::Feature;
use super::header::Header;
use super::pyramid::{Filled, Pyramid, ShownFeature, is_in_one_tile};
use super::sorter::{Sorter, read_item};
use super::store::{TileStore, first_id};
use super::tile::{TileContent, TileFeature, TileLayer};
use super::world::{ZOOMS, point_in_tile, tile_at};
use crate::error::Cause;
use crate::file::Growing;
use crate::sink::threads::Threads;

/// Features that are encoded on one thread before the next one begins.
const BATCH: usize = 8192;

/// Bytes that are read of the rows at once.
const BUFFER: usize = 1 << 20;

/// The files that are needed for a while, all empty.
pub(super) struct Scratch {
    /// Rows along the curve.
    pub(super) sorted: Growing,
    /// What of rows lies in which tiles.
    pub(super) pieces: Growing,
    /// Tiles.
    pub(super) tiles: Growing,
}

/// The tiles of an archive.
pub(super) struct Tiles {
    store: TileStore,
    /// Features that are shown at each zoom.
    pub(super) shown: [u64; ZOOMS],
}

/// Makes tiles of the rows in a file.
///
/// Points are in one tile of each zoom, so their tiles are complete as the rows come along the curve. Whatever `has_shapes`
/// besides points is cut first, and its pieces are sorted by tile.
pub(super) fn build(
    rows: &Growing,
    layer: TileLayer,
    has_shapes: bool,
    scratch: Scratch,
) -> Result<Tiles, Cause> {
    let mut sorter = Sorter::new(scratch.sorted);
    let (mut from, mut item) = (BufReader::with_capacity(BUFFER, rows.reread()?), Vec::new());
    while let Some(key) = read_item(&mut from, &mut item)? {
        sorter.add(key, &item)?;
    }
    let (mut sorted, mut pyramid) = (sorter.sorted()?, Pyramid::default());
    let mut encoder = TileEncoder::new(layer, TileStore::new(scratch.tiles));
    let (mut pieces, mut bytes) = (Sorter::new(scratch.pieces), Vec::new());
    let mut put = |filled: Filled<'_>| {
        if has_shapes {
            put_pieces(&filled, &mut pieces, &mut bytes)
        } else {
            encoder.add(point_tile(&filled))
        }
    };
    while let Some(([place, _, row], item)) = sorted.next()? {
        let feature = Feature::unpack(row, item).ok_or_else(unreadable)?;
        let anchor = feature.shape.anchor().ok_or_else(unreadable)?;
        pyramid.add(place, ShownFeature { feature: Arc::new(feature), anchor, count: 1 }, &mut put)?;
    }
    pyramid.finish(&mut put)?;
    drop(sorted);
    if has_shapes {
        put_tiles(pieces, &mut encoder)?;
    }
    Ok(Tiles { store: encoder.finish()?, shown: pyramid.shown })
}

fn unreadable() -> Cause {
    io::Error::new(io::ErrorKind::InvalidData, "rows that wait for their tiles cannot be read again").into()
}

/// A tile of points.
fn point_tile(filled: &Filled<'_>) -> TileContent {
    let features = filled.features.iter().filter(|shown| is_in_one_tile(&shown.feature.shape)).map(|shown| {
        let at = point_in_tile(shown.anchor, tile_at(shown.anchor, filled.zoom));
        TileFeature {
            id: shown.feature.id.number,
            count: shown.count,
            shape: TileShape::Points(vec![at]),
            attributes: Arc::clone(&shown.feature.attributes),
        }
    });
    TileContent { id: first_id(filled.zoom) + filled.place, features: features.collect() }
}

/// Cuts features into all tiles that they touch.
fn put_pieces(filled: &Filled<'_>, pieces: &mut Sorter, bytes: &mut Vec<u8>) -> Result<(), Cause> {
    for ShownFeature { feature, anchor, count } in filled.features {
        for (tile, shape) in cut(&feature.shape, *anchor, filled.zoom) {
            let (id, attributes) = (feature.id.number, Arc::clone(&feature.attributes));
            bytes.clear();
            TileFeature { id, count: *count, shape, attributes }.pack(bytes);
            let place = first_id(filled.zoom) + tile.hilbert();
            pieces.add([place, id.unwrap_or_default(), feature.row], bytes)?;
        }
    }
    Ok(())
}

/// Makes tiles of pieces.
fn put_tiles(pieces: Sorter, encoder: &mut TileEncoder) -> Result<(), Cause> {
    let mut pieces = pieces.sorted()?;
    let mut tile = TileContent { id: 0, features: Vec::new() };
    while let Some(([id, ..], item)) = pieces.next()? {
        let feature = TileFeature::unpack(item).ok_or_else(unreadable)?;
        if tile.id != id {
            let full = std::mem::replace(&mut tile, TileContent { id, features: Vec::new() });
            encoder.add(full)?;
        }
        tile.features.push(feature);
    }
    encoder.add(tile)
}

/// A tile as it is in the archive.
struct EncodedTile {
    id: u64,
    bytes: Vec<u8>,
}

/// Encodes tiles on several threads and stores them in the order in which they come.
struct TileEncoder {
    layer: Arc<TileLayer>,
    /// Tiles that wait until they are enough for a thread.
    waiting: Vec<TileContent>,
    features: usize,
    threads: Threads<Result<Vec<EncodedTile>, Cause>>,
    store: TileStore,
}

impl TileEncoder {
    fn new(layer: TileLayer, store: TileStore) -> Self {
        Self { layer: Arc::new(layer), waiting: Vec::new(), features: 0, threads: Threads::new(), store }
    }

    fn add(&mut self, tile: TileContent) -> Result<(), Cause> {
        if tile.features.is_empty() {
            return Ok(());
        }
        self.features += tile.features.len();
        self.waiting.push(tile);
        if self.features >= BATCH {
            self.begin();
            while let Some(done) = self.threads.ready() {
                self.put(&done?)?;
            }
        }
        Ok(())
    }

    fn begin(&mut self) {
        let (layer, tiles) = (Arc::clone(&self.layer), std::mem::take(&mut self.waiting));
        self.features = 0;
        self.threads.begin(move || {
            tiles
                .into_iter()
                .map(|tile| Ok(EncodedTile { id: tile.id, bytes: layer.encode(tile)? }))
                .collect()
        });
    }

    fn put(&mut self, tiles: &[EncodedTile]) -> io::Result<()> {
        tiles.iter().try_for_each(|EncodedTile { id, bytes }| self.store.add(*id, bytes))
    }

    fn finish(mut self) -> Result<TileStore, Cause> {
        self.begin();
        while let Some(done) = self.threads.next() {
            self.put(&done?)?;
        }
        Ok(self.store)
    }
}

impl Tiles {
    /// Writes the archive.
    pub(super) fn write(&self, sides: [f64; 4], metadata: &str, out: &mut impl Write) -> io::Result<()> {
        let entries = self.store.entries();
        let directories = Directories::of(&entries)?;
        let metadata = super::tile::gzip(metadata.as_bytes())?;
        let length = entries.last().map_or(0, |last| last.offset + u64::from(last.length));
        let lengths = [directories.root.len(), metadata.len(), directories.leaves.len()];
        let [root, metadata_length, leaves] = lengths.map(|length| length as u64);
        let header =
            Header { lengths: [root, metadata_length, leaves, length], tiles: entries.len() as u64, sides };
        out.write_all(&header.bytes())?;
        out.write_all(&directories.root)?;
        out.write_all(&metadata)?;
        out.write_all(&directories.leaves)?;
        self.store.write(out)
    }
}
