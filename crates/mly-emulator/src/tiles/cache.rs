//! Tiles that were made are kept, up to a total size; their compressed forms come on top of it.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, OnceLock},
};

use bytes::Bytes;

use super::Set;
use crate::{answer::gzip, grid::TileId, lock::lock};

/// A made tile; compressed when a client first asks for that.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) plain: Bytes,
    gzip: OnceLock<Bytes>,
}

impl Kept {
    pub(crate) fn gzip(&self) -> Bytes {
        self.gzip.get_or_init(|| gzip(&self.plain)).clone()
    }
}

/// The tiles made last.
#[derive(Debug)]
pub(crate) struct Cache {
    most_bytes: usize,
    tiles: Mutex<Tiles>,
}

#[derive(Debug, Default)]
struct Tiles {
    by_id: HashMap<(Set, TileId), Arc<Kept>>,
    /// Oldest first.
    order: VecDeque<(Set, TileId)>,
    bytes: usize,
}

impl Cache {
    pub(crate) fn new(most_bytes: usize) -> Self {
        Self { most_bytes, tiles: Mutex::default() }
    }

    /// The kept tile, or the one that `make` makes. Two requests at once may both make it.
    pub(crate) fn get_or_make(&self, set: Set, at: TileId, make: impl FnOnce() -> Bytes) -> Arc<Kept> {
        let key = (set, at);
        if let Some(kept) = lock(&self.tiles).by_id.get(&key) {
            return Arc::clone(kept);
        }
        let made = Arc::new(Kept { plain: make(), gzip: OnceLock::new() });
        let mut tiles = lock(&self.tiles);
        if tiles.by_id.insert(key, Arc::clone(&made)).is_none() {
            tiles.order.push_back(key);
            tiles.bytes += made.plain.len();
        }
        while tiles.bytes > self.most_bytes {
            let Some(oldest) = tiles.order.pop_front() else { break };
            if let Some(gone) = tiles.by_id.remove(&oldest) {
                tiles.bytes -= gone.plain.len();
            }
        }
        drop(tiles);
        made
    }
}
