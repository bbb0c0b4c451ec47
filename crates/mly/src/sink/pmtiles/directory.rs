//! Directories: which tile is where.

use std::io;

use super::tile::gzip;

/// Most bytes of the root, so that it is with the header in what readers fetch first.
const MOST_ROOT: usize = 16_384 - super::header::LENGTH;

/// A tile, or a leaf directory, which has a run of 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TileEntry {
    /// Id of the tile, or of the first tile of the leaf.
    pub(super) id: u64,
    /// Where it is among all tiles, or among all leaves.
    pub(super) offset: u64,
    pub(super) length: u32,
    /// How many tiles with ids in a row have these bytes.
    pub(super) run: u32,
}

/// The root directory, and the leaves if it cannot hold all tiles.
#[derive(Debug)]
pub(super) struct Directories {
    pub(super) root: Vec<u8>,
    pub(super) leaves: Vec<u8>,
}

impl Directories {
    /// The directories of tiles in the order of their ids.
    pub(super) fn of(tiles: &[TileEntry]) -> io::Result<Self> {
        // A root of more tiles than bytes is too long whatever they are.
        if tiles.len() <= MOST_ROOT {
            let root = pack(tiles)?;
            if root.len() <= MOST_ROOT {
                return Ok(Self { root, leaves: Vec::new() });
            }
        }
        let mut size = 4096;
        loop {
            let (mut leaves, mut entries) = (Vec::new(), Vec::new());
            for leaf in tiles.chunks(size) {
                let packed = pack(leaf)?;
                let Ok(length) = u32::try_from(packed.len()) else {
                    return Err(io::Error::other("a directory is too big"));
                };
                let id = leaf.first().map_or(0, |first| first.id);
                entries.push(TileEntry { id, offset: leaves.len() as u64, length, run: 0 });
                leaves.extend_from_slice(&packed);
            }
            let root = pack(&entries)?;
            if root.len() <= MOST_ROOT {
                return Ok(Self { root, leaves });
            }
            size *= 2;
        }
    }
}

/// A directory as bytes: the number of entries, then all differences of ids, all runs, all lengths and all offsets.
fn pack(entries: &[TileEntry]) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(8 * entries.len());
    varint(entries.len() as u64, &mut bytes);
    let mut before = 0;
    for entry in entries {
        varint(entry.id - before, &mut bytes);
        before = entry.id;
    }
    for entry in entries {
        varint(entry.run.into(), &mut bytes);
    }
    for entry in entries {
        varint(entry.length.into(), &mut bytes);
    }
    let mut next = None;
    for entry in entries {
        // 0 says that it follows the one before.
        varint(if next == Some(entry.offset) { 0 } else { entry.offset + 1 }, &mut bytes);
        next = Some(entry.offset + u64::from(entry.length));
    }
    gzip(&bytes)
}

fn varint(mut number: u64, out: &mut Vec<u8>) {
    while number > 0x7F {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}
