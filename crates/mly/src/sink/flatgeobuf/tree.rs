//! The packed R-tree: nodes of one size, the root first and the features last.

use std::io::{self, BufReader, BufWriter, Read, Write};

use super::spool::{BUFFER, copy};
use crate::file::Growing;
use crate::sink::bounds::Bounds;

/// Nodes that one node holds.
pub(super) const NODE_SIZE: u16 = 16;

/// Bytes of a node.
const NODE_BYTES: usize = 40;

/// An index in the making.
pub(super) struct Tree {
    /// The lowest level, one node a feature.
    leaves: BufWriter<Growing>,
    count: u64,
    /// The boxes of the level above.
    parents: Vec<Bounds>,
}

impl Tree {
    /// An index with what its file of leaves holds already.
    pub(super) fn new(leaves: Growing) -> io::Result<Self> {
        let mut tree =
            Self { leaves: BufWriter::with_capacity(BUFFER, leaves), count: 0, parents: Vec::new() };
        let known = tree.leaves.get_ref().clone();
        let mut nodes = BufReader::with_capacity(BUFFER, known.reread()?);
        for _ in 0..known.length() / NODE_BYTES as u64 {
            let mut bytes = [0; NODE_BYTES];
            nodes.read_exact(&mut bytes)?;
            let (sides, _) = bytes.as_chunks::<8>();
            let [west, south, east, north] =
                [0, 1, 2, 3].map(|at| sides.get(at).copied().map_or(0.0, f64::from_le_bytes));
            tree.note(&Bounds { west, south, east, north });
        }
        Ok(tree)
    }

    /// Hands everything to the system.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.leaves.flush()
    }

    /// Adds the feature that begins at an offset. The box of none is empty, and no search meets it.
    pub(super) fn add(&mut self, bounds: &Bounds, offset: u64) -> io::Result<()> {
        self.leaves.write_all(&node(bounds, offset))?;
        self.note(bounds);
        Ok(())
    }

    fn note(&mut self, bounds: &Bounds) {
        if self.count.is_multiple_of(u64::from(NODE_SIZE)) {
            self.parents.push(Bounds::EMPTY);
        }
        if let Some(parent) = self.parents.last_mut() {
            parent.join(bounds);
        }
        self.count += 1;
    }

    /// Features so far.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Writes all levels, from the root to the leaves.
    pub(super) fn write(&mut self, out: &mut impl Write) -> io::Result<()> {
        let mut levels = vec![std::mem::take(&mut self.parents)];
        while let Some(below) = levels.last().filter(|below| below.len() > 1) {
            let around = |boxes: &[Bounds]| {
                let mut around = Bounds::EMPTY;
                for one in boxes {
                    around.join(one);
                }
                around
            };
            levels.push(below.chunks(usize::from(NODE_SIZE)).map(around).collect());
        }
        let mut next_level = 0;
        for level in levels.iter().rev() {
            next_level += level.len() as u64;
            for (bounds, number) in level.iter().zip(0_u64..) {
                // The number of the first node below.
                out.write_all(&node(bounds, next_level + number * u64::from(NODE_SIZE)))?;
            }
        }
        copy(&mut self.leaves, out)
    }
}

/// A node: west, south, east, north, and where to go on.
fn node(bounds: &Bounds, offset: u64) -> [u8; NODE_BYTES] {
    let mut bytes = [0; NODE_BYTES];
    let [west, south, east, north] = bounds.degrees().map(f64::to_le_bytes);
    for (place, value) in bytes.chunks_exact_mut(8).zip([west, south, east, north, offset.to_le_bytes()]) {
        place.copy_from_slice(&value);
    }
    bytes
}
