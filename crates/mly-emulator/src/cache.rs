//! Bytes that are slow to make are kept, up to a total size.

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
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
    fn bytes(&self) -> usize {
        self.plain.len() + self.gzip.get().map_or(0, Bytes::len)
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
    /// Each with the bytes that are counted for it.
    by_key: HashMap<Key, (Arc<CacheEntry>, usize)>,
    /// Oldest first.
    order: VecDeque<Key>,
    bytes: usize,
}

impl<Key: Copy + Eq + Hash> CacheEntries<Key> {
    /// Counts an entry anew, and drops the oldest ones while there are too many bytes.
    fn count(&mut self, key: Key, most_bytes: usize) {
        if let Some((entry, counted)) = self.by_key.get_mut(&key) {
            self.bytes = self.bytes - *counted + entry.bytes();
            *counted = entry.bytes();
        }
        while self.bytes > most_bytes {
            let Some(oldest) = self.order.pop_front() else { break };
            if let Some((_, counted)) = self.by_key.remove(&oldest) {
                self.bytes -= counted;
            }
        }
    }
}

impl<Key: Copy + Eq + Hash> Cache<Key> {
    pub(crate) fn new(most_bytes: usize) -> Self {
        let entries = CacheEntries { by_key: HashMap::new(), order: VecDeque::new(), bytes: 0 };
        Self { most_bytes, entries: Mutex::new(entries) }
    }

    /// The entry, or a new one of the bytes that `make` returns. No lock is held meanwhile, so two requests at once may both
    /// make it; the bytes are the same.
    pub(crate) fn get_or_make(&self, key: Key, make: impl FnOnce() -> Bytes) -> Arc<CacheEntry> {
        if let Some((kept, _)) = lock(&self.entries).by_key.get(&key) {
            return Arc::clone(kept);
        }
        let made = Arc::new(CacheEntry { plain: make(), gzip: OnceLock::new() });
        let mut entries = lock(&self.entries);
        match entries.by_key.entry(key) {
            Entry::Occupied(other) => return Arc::clone(&other.get().0),
            Entry::Vacant(place) => place.insert((Arc::clone(&made), 0)),
        };
        entries.order.push_back(key);
        entries.count(key, self.most_bytes);
        drop(entries);
        made
    }

    /// The compressed form of an entry, which is made when it is first asked for and counts too.
    pub(crate) fn gzip(&self, key: Key, entry: &CacheEntry) -> Bytes {
        if let Some(made) = entry.gzip.get() {
            return made.clone();
        }
        let made = entry.gzip.get_or_init(|| gzip(&entry.plain)).clone();
        lock(&self.entries).count(key, self.most_bytes);
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

    #[test]
    fn compressed_forms_count_too() {
        let cache = Cache::new(50);
        let kept = cache.get_or_make(1, || Bytes::from_static(&[0; 40]));
        assert!(!cache.gzip(1, &kept).is_empty());
        let mut was_made = false;
        cache.get_or_make(1, || {
            was_made = true;
            Bytes::new()
        });
        assert!(
            was_made,
            "40 bytes and their compressed form, which has a head of its own, are more than 50"
        );
    }
}
