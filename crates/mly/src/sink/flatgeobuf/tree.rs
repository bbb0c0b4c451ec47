//! The packed R-tree: full nodes in the order of the features. Levels are written from the root to the leaves.
//!
//! Features come along the Hilbert curve, so each 16 in a row make a good node and nothing has to be searched or
//! sorted. Leaves go to a temporary file. Memory holds only the boxes of the level above, from which the others follow.

use std::io::{self, BufReader, BufWriter, Read, Write};

use super::spool::{BUFFER, copy};
use crate::file::Growing;
use crate::sink::bounds::Bounds;

/// Children of a node.
pub(super) const NODE_SIZE: u16 = 16;

/// Bytes of a node: four coordinates and an offset.
const NODE_BYTES: usize = 40;

/// The index of the features so far.
pub(super) struct Tree {
    /// The lowest level, one node a feature.
    leaves: BufWriter<Growing>,
    count: u64,
    /// The boxes of the level above.
    parents: Vec<Bounds>,
}

impl Tree {
    /// Resumes the index from the leaves that an earlier process has written, if any.
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

    /// Writes the buffered leaves to their file.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.leaves.flush()
    }

    /// Adds the feature that begins at an offset. A feature without a geometry has an empty box, which no search meets.
    pub(super) fn add(&mut self, bounds: &Bounds, offset: u64) -> io::Result<()> {
        self.leaves.write_all(&node(bounds, offset))?;
        self.note(bounds);
        Ok(())
    }

    /// Counts a leaf and extends the box of its parent.
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
                // Nodes are numbered from the root on, and an inner node refers to its first child by that number.
                out.write_all(&node(bounds, next_level + number * u64::from(NODE_SIZE)))?;
            }
        }
        copy(&mut self.leaves, out)
    }
}

/// A node as bytes: west, south, east, north, and the offset of the feature (leaves) or number of the first child.
fn node(bounds: &Bounds, offset: u64) -> [u8; NODE_BYTES] {
    let mut bytes = [0; NODE_BYTES];
    let [west, south, east, north] = bounds.degrees().map(f64::to_le_bytes);
    for (place, value) in bytes.chunks_exact_mut(8).zip([west, south, east, north, offset.to_le_bytes()]) {
        place.copy_from_slice(&value);
    }
    bytes
}
