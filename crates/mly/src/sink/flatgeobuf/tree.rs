//! The packed R-tree: nodes of one size, the root first and the features last.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use super::{copy, spool};
use crate::sink::bounds::Bounds;

/// Nodes that one node holds.
pub(super) const NODE_SIZE: u16 = 16;

/// An index in the making.
pub(super) struct Tree {
    /// The lowest level, one node a feature.
    leaves: BufWriter<File>,
    count: u64,
    /// The boxes of the level above.
    parents: Vec<Bounds>,
}

impl Tree {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { leaves: spool()?, count: 0, parents: Vec::new() })
    }

    /// Adds the feature that begins at an offset. The box of none is empty, and no search meets it.
    pub(super) fn add(&mut self, bounds: &Bounds, offset: u64) -> io::Result<()> {
        self.leaves.write_all(&node(bounds, offset))?;
        if self.count.is_multiple_of(u64::from(NODE_SIZE)) {
            self.parents.push(Bounds::EMPTY);
        }
        if let Some(parent) = self.parents.last_mut() {
            parent.join(bounds);
        }
        self.count += 1;
        Ok(())
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
fn node(bounds: &Bounds, offset: u64) -> [u8; 40] {
    let mut bytes = [0; 40];
    let [west, south, east, north] = bounds.degrees().map(f64::to_le_bytes);
    for (place, value) in bytes.chunks_exact_mut(8).zip([west, south, east, north, offset.to_le_bytes()]) {
        place.copy_from_slice(&value);
    }
    bytes
}
