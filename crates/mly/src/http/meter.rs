//! Counts the requests and bytes of a run.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::api::Endpoint;
use crate::tile::TileId;

/// Counters that all requests of a run share.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    tiles: AtomicU64,
    entities: AtomicU64,
    searches: AtomicU64,
    files: AtomicU64,
    cache_hits: AtomicU64,
    pub(super) bytes: AtomicU64,
    pub(super) retries: AtomicU64,
    pub(super) waited_ms: AtomicU64,
    missing: std::sync::Mutex<Vec<TileId>>,
}

impl Meter {
    pub(crate) fn tiles(&self) -> u64 {
        self.tiles.load(Ordering::Relaxed)
    }

    /// Look-ups by id.
    pub(crate) fn entities(&self) -> u64 {
        self.entities.load(Ordering::Relaxed)
    }

    pub(crate) fn searches(&self) -> u64 {
        self.searches.load(Ordering::Relaxed)
    }

    /// Requests for photos, meshes and point clouds.
    pub(crate) fn files(&self) -> u64 {
        self.files.load(Ordering::Relaxed)
    }

    /// Tiles that came from the cache.
    pub(crate) fn cache_hits(&self) -> u64 {
        self.cache_hits.load(Ordering::Relaxed)
    }

    pub(super) fn note_cache_hits(&self, count: u64) {
        self.cache_hits.fetch_add(count, Ordering::Relaxed);
    }

    pub(super) fn note_request(&self, endpoint: Endpoint) {
        let counter = match endpoint {
            Endpoint::Tiles => &self.tiles,
            Endpoint::Entities => &self.entities,
            Endpoint::Searches => &self.searches,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn note_file(&self) {
        self.files.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(crate) fn retries(&self) -> u64 {
        self.retries.load(Ordering::Relaxed)
    }

    pub(crate) fn waited(&self) -> Duration {
        Duration::from_millis(self.waited_ms.load(Ordering::Relaxed))
    }

    /// Tiles that still answered 404 at the last attempt, sorted.
    pub(crate) fn missing(&self) -> Vec<TileId> {
        let mut list = self.missing.lock().map(|list| list.clone()).unwrap_or_default();
        list.sort_unstable();
        list.dedup();
        list
    }

    /// Missing tiles after the first `count`, in the order in which they were added.
    pub(crate) fn missing_after(&self, count: usize) -> Vec<TileId> {
        self.missing.lock().map(|list| list.get(count..).unwrap_or_default().to_vec()).unwrap_or_default()
    }

    pub(crate) fn note_missing(&self, tile: TileId) {
        if let Ok(mut list) = self.missing.lock() {
            list.push(tile);
        }
    }

    pub(super) fn note_wait(&self, wait: Duration) {
        let ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        self.waited_ms.fetch_add(ms, Ordering::Relaxed);
    }
}
