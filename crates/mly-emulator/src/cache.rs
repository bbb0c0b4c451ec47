//! Bytes that are slow to make are kept, up to a total size. Compressed forms are not counted.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
    sync::{Arc, Mutex, OnceLock},
};

use bytes::Bytes;

use crate::{answer::gzip, lock::lock};

/// The bytes of an entry. They are compressed when a client first accepts gzip.
#[derive(Debug)]
pub(crate) struct CacheEntry {
    pub(crate) plain: Bytes,
    gzip: OnceLock<Bytes>,
}

impl CacheEntry {
    pub(crate) fn gzip(&self) -> Bytes {
        self.gzip.get_or_init(|| gzip(&self.plain)).clone()
    }
}

/// A cache that drops its oldest entries: of tiles by set and id, of pictures by what they show.
#[derive(Debug)]
pub(crate) struct Cache<Key> {
    most_bytes: usize,
    entries: Mutex<CacheEntries<Key>>,
}

#[derive(Debug)]
struct CacheEntries<Key> {
    by_key: HashMap<Key, Arc<CacheEntry>>,
    /// Oldest first.
    order: VecDeque<Key>,
    bytes: usize,
}

impl<Key: Copy + Eq + Hash> Cache<Key> {
    pub(crate) fn new(most_bytes: usize) -> Self {
        let entries = CacheEntries { by_key: HashMap::new(), order: VecDeque::new(), bytes: 0 };
        Self { most_bytes, entries: Mutex::new(entries) }
    }

    /// The entry, or a new one of the bytes that `make` returns. No lock is held meanwhile, so two requests at once may both
    /// make it; the bytes are the same.
    pub(crate) fn get_or_make(&self, key: Key, make: impl FnOnce() -> Bytes) -> Arc<CacheEntry> {
        if let Some(kept) = lock(&self.entries).by_key.get(&key) {
            return Arc::clone(kept);
        }
        let made = Arc::new(CacheEntry { plain: make(), gzip: OnceLock::new() });
        let mut entries = lock(&self.entries);
        if entries.by_key.insert(key, Arc::clone(&made)).is_none() {
            entries.order.push_back(key);
            entries.bytes += made.plain.len();
        }
        while entries.bytes > self.most_bytes {
            let Some(oldest) = entries.order.pop_front() else { break };
            if let Some(gone) = entries.by_key.remove(&oldest) {
                entries.bytes -= gone.plain.len();
            }
        }
        drop(entries);
        made
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_entries_leave_when_the_bytes_are_too_many() {
        let cache = Cache::new(10);
        let ask = |key: u8, made: &'static [u8]| {
            let mut was_made = false;
            let kept = cache.get_or_make(key, || {
                was_made = true;
                Bytes::from_static(made)
            });
            (kept.plain.len(), was_made)
        };
        assert_eq!([ask(1, b"1234"), ask(2, b"123456"), ask(1, b"")], [(4, true), (6, true), (4, false)]);
        assert_eq!([ask(3, b"1"), ask(2, b""), ask(1, b"123")], [(1, true), (6, false), (3, true)]);
    }
}
