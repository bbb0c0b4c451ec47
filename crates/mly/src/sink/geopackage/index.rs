//! The spatial index, a packed R-tree that is built from the leaves to the root.
//!
//! `SQLite` would insert boxes one by one, and search the tree and split nodes each time. Here boxes come along the
//! Hilbert curve, so that any 51 boxes in a row are neighbours and make a good node. Nodes are therefore filled in the
//! order of the rows and written once, directly into the three tables that an R-tree of `SQLite` consists of
//! (`ext/rtree/rtree.c`, "Database Format of R-Tree Tables"). Only one open node of each level is in memory.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Statement, params};
use serde::{Deserialize, Serialize};

use super::check::{ContentSum, RowBytes};
use super::schema::FeatureTable;

/// Cells of a full node, the number that `SQLite` uses itself (`RTREE_MAXCELLS`).
const CELLS: usize = 51;

/// Bytes of a node: depth of the tree (in the root only), number of cells, and the cells, each an id and four
/// coordinates.
const NODE_SIZE: usize = 4 + 24 * CELLS;

/// The id that `SQLite` expects of the root.
const ROOT: i64 = 1;

/// The open nodes of a tree, leaves first.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct RtreeLevels {
    levels: Vec<Vec<IndexCell>>,
    /// Nodes that are written.
    count: i64,
}

/// An entry of a node: a row (in leaves) or a node of the level below, and the box around it.
#[derive(Serialize, Deserialize)]
struct IndexCell {
    id: i64,
    /// West, south, east, north.
    sides: [f32; 4],
}

/// Writes the nodes of a tree into the tables of a database.
pub(super) struct NodeWriter<'a> {
    index: &'a mut RtreeLevels,
    sum: &'a mut ContentSum,
    bytes: RowBytes,
    node: Statement<'a>,
    row: Statement<'a>,
    parent: Statement<'a>,
}

impl RtreeLevels {
    /// A writer that also adds what it writes to a sum.
    pub(super) fn nodes<'a>(
        &'a mut self,
        layer: &FeatureTable,
        database: &'a Connection,
        sum: &'a mut ContentSum,
    ) -> rusqlite::Result<NodeWriter<'a>> {
        let [node, row, parent] = ["_node", "_rowid", "_parent"].map(|part| layer.index(part));
        Ok(NodeWriter {
            index: self,
            sum,
            bytes: RowBytes::default(),
            node: database.prepare(&format!("REPLACE INTO {node} (nodeno, data) VALUES (?, ?)"))?,
            row: database.prepare(&format!("INSERT INTO {row} (rowid, nodeno) VALUES (?, ?)"))?,
            parent: database.prepare(&format!("INSERT INTO {parent} (nodeno, parentnode) VALUES (?, ?)"))?,
        })
    }
}

impl NodeWriter<'_> {
    /// Adds a row. Rows come in the order of their ids, which is that of the curve within a window.
    pub(super) fn add(&mut self, row: i64, sides: [f32; 4]) -> rusqlite::Result<()> {
        self.put(0, IndexCell { id: row, sides })
    }

    /// Adds a cell to the open node of a level. A full node is closed first.
    fn put(&mut self, level: usize, cell: IndexCell) -> rusqlite::Result<()> {
        if self.index.levels.len() <= level {
            self.index.levels.push(Vec::with_capacity(CELLS));
        }
        if self.index.levels.get(level).is_some_and(|cells| cells.len() >= CELLS) {
            self.close(level)?;
        }
        if let Some(cells) = self.index.levels.get_mut(level) {
            cells.push(cell);
        }
        Ok(())
    }

    /// Writes the open node of a level and adds it to the level above.
    fn close(&mut self, level: usize) -> rusqlite::Result<()> {
        let Some(cells) = self.index.levels.get_mut(level).map(std::mem::take) else { return Ok(()) };
        self.index.count += 1;
        let id = ROOT + self.index.count;
        self.write(id, level, 0, &cells)?;
        let sides = cells.iter().map(|cell| cell.sides).reduce(around).unwrap_or_default();
        self.put(level + 1, IndexCell { id, sides })
    }

    /// Writes the open nodes of all levels. That of the highest level is the root.
    pub(super) fn finish(mut self) -> rusqlite::Result<()> {
        let mut level = 0;
        while level + 1 < self.index.levels.len() {
            self.close(level)?;
            level += 1;
        }
        let root = self.index.levels.pop().unwrap_or_default();
        // With 51 cells a node, 12 levels hold more rows than 64 bits can count, so the depth always fits.
        self.write(ROOT, level, u16::try_from(level).unwrap_or(u16::MAX), &root)
    }

    fn write(&mut self, id: i64, level: usize, depth: u16, cells: &[IndexCell]) -> rusqlite::Result<()> {
        let mut data = Vec::with_capacity(NODE_SIZE);
        data.extend_from_slice(&depth.to_be_bytes());
        data.extend_from_slice(&u16::try_from(cells.len()).unwrap_or(u16::MAX).to_be_bytes());
        for IndexCell { id, sides: [west, south, east, north] } in cells {
            data.extend_from_slice(&id.to_be_bytes());
            for side in [west, east, south, north] {
                data.extend_from_slice(&side.to_be_bytes());
            }
        }
        data.resize(NODE_SIZE, 0);
        self.node.execute(params![id, data])?;
        self.note([ValueRef::Integer(id), ValueRef::Blob(&data)]);
        for cell in cells {
            let below = if level == 0 { &mut self.row } else { &mut self.parent };
            below.execute(params![cell.id, id])?;
            self.note([ValueRef::Integer(cell.id), ValueRef::Integer(id)]);
        }
        Ok(())
    }

    fn note(&mut self, row: [ValueRef<'_>; 2]) {
        for value in row {
            self.bytes.add(value);
        }
        self.bytes.end(self.sum);
    }
}

/// The box around two boxes.
fn around([w, s, e, n]: [f32; 4], [west, south, east, north]: [f32; 4]) -> [f32; 4] {
    [w.min(west), s.min(south), e.max(east), n.max(north)]
}
