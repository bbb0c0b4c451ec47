//! Tiles of all zooms, which wait in a file until their number is known.
//!
//! The tiles of one zoom come in their order, but the zooms take turns. So each zoom fills a block in memory, and full
//! blocks go to the file.

use std::io::{self, Read, Seek, SeekFrom, Write};

use super::directory::TileEntry;
use super::world::{LAST_ZOOM, ZOOMS};
use crate::file::Growing;

/// Bytes of a block.
const BLOCK: usize = 512 << 10;

/// Tiles that are complete.
pub(super) struct TileStore {
    file: Growing,
    length: u64,
    zooms: [ZoomTiles; ZOOMS],
}

#[derive(Default)]
struct ZoomTiles {
    /// Id and length of each tile.
    tiles: Vec<(u64, u32)>,
    /// Bytes that are not in the file yet.
    open: Vec<u8>,
    /// Where the full blocks are in the file, and their lengths.
    blocks: Vec<(u64, usize)>,
}

impl TileStore {
    /// A store without tiles, in an empty file.
    pub(super) fn new(file: Growing) -> Self {
        Self { file, length: 0, zooms: Default::default() }
    }

    /// Appends a tile. Tiles of one zoom come in the order of their ids.
    pub(super) fn add(&mut self, id: u64, tile: &[u8]) -> io::Result<()> {
        let Ok(length) = u32::try_from(tile.len()) else { return Err(io::Error::other("a tile is too big")) };
        let Some(zoom) = self.zooms.get_mut(zoom_of(id)) else { return Ok(()) };
        zoom.tiles.push((id, length));
        zoom.open.extend_from_slice(tile);
        if zoom.open.len() >= BLOCK {
            self.file.write_all(&zoom.open)?;
            zoom.blocks.push((self.length, zoom.open.len()));
            self.length += zoom.open.len() as u64;
            zoom.open.clear();
        }
        Ok(())
    }

    /// All tiles in their order, and where each begins when all are written one after the other.
    pub(super) fn entries(&self) -> Vec<TileEntry> {
        let mut offset = 0;
        let entry = |(id, length): &(u64, u32)| {
            let entry = TileEntry { id: *id, offset, length: *length, run: 1 };
            offset += u64::from(*length);
            entry
        };
        self.zooms.iter().flat_map(|zoom| &zoom.tiles).map(entry).collect()
    }

    /// Writes all tiles in their order.
    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let mut block = Vec::new();
        for zoom in &self.zooms {
            for (begin, length) in &zoom.blocks {
                let mut file = self.file.reread()?;
                file.seek(SeekFrom::Start(*begin))?;
                block.resize(*length, 0);
                file.read_exact(&mut block)?;
                out.write_all(&block)?;
            }
            out.write_all(&zoom.open)?;
        }
        Ok(())
    }
}

/// The zoom of a tile, by its id.
fn zoom_of(id: u64) -> usize {
    (0..=LAST_ZOOM).take_while(|zoom| first_id(zoom + 1) <= id).count()
}

/// The id of the first tile of a zoom: the tiles of the zooms before have the lower ids.
pub(super) fn first_id(zoom: u8) -> u64 {
    ((1_u64 << (2 * zoom)) - 1) / 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_the_zoom() {
        for (id, zoom) in
            [(0, 0), (1, 1), (4, 1), (5, 2), (20, 2), (21, 3), (89_478_485, 14), (357_913_940, 14)]
        {
            assert_eq!(zoom_of(id), zoom, "{id}");
        }
    }
}
