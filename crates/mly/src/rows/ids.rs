//! Sets of ids, by which repeated rows are found.

use std::hint::black_box;
use std::thread;

use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder};

/// Number of shards, one for each value of a byte of the hash. While a shard grows its old and its new memory are both
/// held, and with many shards that is a small part of the whole.
const SHARDS: usize = 256;

/// From this many slots a shard grows in smaller steps. All shards together then take 12 MB.
const MANY: usize = 6144;

/// Ids whose slots are read together before they are inserted.
const TOGETHER: usize = 64;

/// A set of 64-bit ids that takes 9 to 15 bytes each, 9 to 12 from a million on, growth included.
///
/// A crawl of a country remembers tens of millions of ids; the set of the standard library takes up to 36 bytes each
/// while it doubles. It uses open addressing with linear probing. Slots are in the order of the hashes, so that growing
/// reads and writes memory sequentially.
#[derive(Debug)]
pub(crate) struct IdSet {
    shards: Vec<IdSetShard>,
    /// Zero marks a free slot, so the id 0 is kept apart.
    has_zero: bool,
}

#[derive(Debug, Default)]
struct IdSetShard {
    slots: Vec<u64>,
    used: usize,
}

impl Default for IdSet {
    fn default() -> Self {
        Self { shards: (0..SHARDS).map(|_| IdSetShard::default()).collect(), has_zero: false }
    }
}

impl IdSet {
    /// Makes room for this many more ids, and for a fifth more of all.
    pub(super) fn reserve(&mut self, more: usize) {
        let each = IdBatch::share(more);
        self.shards.iter_mut().for_each(|shard| shard.reserve(each));
    }

    /// Adds ids shard by shard, so that each thread works on memory that is close together. The batch is empty
    /// afterwards, and keeps its memory for the next ids.
    pub(super) fn extend(&mut self, ids: &mut IdBatch) {
        self.has_zero |= ids.has_zero;
        ids.count = 0;
        let mut shards: Vec<_> = self.shards.iter_mut().zip(&mut ids.shards).collect();
        let threads = thread::available_parallelism().map_or(1, usize::from);
        thread::scope(|scope| {
            for shards in shards.chunks_mut(SHARDS.div_ceil(threads)) {
                scope.spawn(|| shards.iter_mut().for_each(|(shard, ids)| shard.extend(ids)));
            }
        });
    }

    /// Adds ids in their order, and returns for each whether it is new.
    pub(crate) fn insert_all(&mut self, ids: &[i64]) -> BooleanBuffer {
        let mut fresh = BooleanBufferBuilder::new(ids.len());
        for ids in ids.chunks(TOGETHER) {
            // Every slot is a cache miss. Reading all of them first lets the processor load them at the same time; the
            // result is not used.
            let places = ids.iter().map(|id| mix(id.cast_unsigned()));
            black_box(places.fold(0, |all, hash| all ^ self.shards[shard(hash)].found(hash)));
            for id in ids {
                fresh.append(self.insert(*id));
            }
        }
        fresh.finish()
    }

    /// Adds an id; true when it is new.
    fn insert(&mut self, id: i64) -> bool {
        if id == 0 {
            return !std::mem::replace(&mut self.has_zero, true);
        }
        let id = id.cast_unsigned();
        let hash = mix(id);
        self.shards[shard(hash)].insert(id, hash)
    }

    /// Whether an id is there.
    pub(crate) fn contains(&self, id: i64) -> bool {
        if id == 0 {
            return self.has_zero;
        }
        let id = id.cast_unsigned();
        let hash = mix(id);
        self.shards[shard(hash)].contains(id, hash)
    }

    #[cfg(test)]
    fn bytes(&self) -> usize {
        self.shards.iter().map(|s| s.slots.capacity() * size_of::<u64>()).sum()
    }
}

/// Ids to be added at once, sorted by shard.
#[derive(Debug)]
pub(crate) struct IdBatch {
    shards: Vec<Vec<u64>>,
    has_zero: bool,
    count: usize,
}

impl IdBatch {
    /// Memory for this many ids; more can be added.
    pub(crate) fn with_capacity(ids: usize) -> Self {
        let each = Self::share(ids);
        Self { shards: (0..SHARDS).map(|_| Vec::with_capacity(each)).collect(), has_zero: false, count: 0 }
    }

    /// How many ids it holds.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// Ids of one shard, of which some get a little more than others.
    fn share(ids: usize) -> usize {
        (ids + ids / 32) / SHARDS
    }
}

impl Extend<i64> for IdBatch {
    fn extend<T: IntoIterator<Item = i64>>(&mut self, ids: T) {
        for id in ids {
            self.count += 1;
            match id.cast_unsigned() {
                0 => self.has_zero = true,
                id => self.shards[shard(mix(id))].push(id),
            }
        }
    }
}

impl IdSetShard {
    /// Adds ids of this shard.
    fn extend(&mut self, ids: &mut Vec<u64>) {
        self.reserve(ids.len());
        for id in ids.drain(..) {
            self.insert(id, mix(id));
        }
    }

    /// The content of the slot at which the search for a hash begins.
    fn found(&self, hash: u64) -> u64 {
        self.slots.get(place(hash, self.slots.len())).copied().unwrap_or_default()
    }

    fn insert(&mut self, id: u64, hash: u64) -> bool {
        if self.used * 20 >= self.slots.len() * 17 {
            self.grow();
        }
        let mut at = place(hash, self.slots.len());
        loop {
            match self.slots[at] {
                0 => break,
                found if found == id => return false,
                _ => at = if at + 1 == self.slots.len() { 0 } else { at + 1 },
            }
        }
        self.slots[at] = id;
        self.used += 1;
        true
    }

    fn contains(&self, id: u64, hash: u64) -> bool {
        if self.slots.is_empty() {
            return false;
        }
        let mut at = place(hash, self.slots.len());
        // The loop ends, because some slots are always free.
        while self.slots[at] != 0 && self.slots[at] != id {
            at = if at + 1 == self.slots.len() { 0 } else { at + 1 };
        }
        self.slots[at] == id
    }

    /// Grows by half, and by a quarter from [`MANY`] slots on.
    fn grow(&mut self) {
        let share = if self.slots.len() < MANY { 2 } else { 4 };
        self.make_room(self.slots.len() + self.slots.len() / share + 64);
    }

    /// Makes room for this many more ids, and for a fifth more of all before the shard has to grow again.
    fn reserve(&mut self, more: usize) {
        let room = (self.used + more) * 7 / 5 + 64;
        if room > self.slots.len() {
            self.make_room(room);
        }
    }

    #[expect(
        clippy::slow_vector_initialization,
        reason = "written now; pages that are read first cost twice"
    )]
    fn make_room(&mut self, room: usize) {
        let mut slots = Vec::with_capacity(room);
        slots.resize(room, 0);
        let old = std::mem::replace(&mut self.slots, slots);
        for id in old.into_iter().filter(|id| *id != 0) {
            let mut at = place(mix(id), room);
            while self.slots[at] != 0 {
                at = if at + 1 == room { 0 } else { at + 1 };
            }
            self.slots[at] = id;
        }
    }
}

/// The shard of a hash: its lowest bits. The highest ones choose the place in it.
const fn shard(hash: u64) -> usize {
    hash.to_le_bytes()[0] as usize
}

/// Spreads ids over all 64 bits (the finalizer of MurmurHash3).
fn mix(mut id: u64) -> u64 {
    id ^= id >> 33;
    id = id.wrapping_mul(0xff51_afd7_ed55_8ccd);
    id ^= id >> 33;
    id = id.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    id ^ (id >> 33)
}

/// The first slot of a hash, in `0..slots`: the hash as a fraction of 2^64, so that the order of the slots is that of
/// the hashes.
#[expect(clippy::cast_possible_truncation, reason = "the upper half of the product is below `slots`")]
fn place(hash: u64, slots: usize) -> usize {
    let product = u128::from(hash) * slots as u128;
    (product >> 64) as usize
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_answers_as_the_set_of_the_standard_library(ids in proptest::collection::vec(prop_oneof![-50..50_i64, any::<i64>()], 0..2000)) {
            let (mut seen, mut known) = (IdSet::default(), HashSet::new());
            for id in ids {
                prop_assert_eq!(seen.contains(id), known.contains(&id));
                prop_assert_eq!(seen.insert(id), known.insert(id));
                prop_assert!(seen.contains(id));
            }
        }

        #[test]
        fn many_ids_at_once_are_as_one_after_the_other(
            steps in proptest::collection::vec((any::<bool>(), proptest::collection::vec(prop_oneof![-50..50_i64, any::<i64>()], 0..300)), 0..6), room in 0..5000_usize) {
            let (mut seen, mut known) = (IdSet::default(), HashSet::new());
            for (is_told, ids) in steps {
                let fresh: Vec<bool> = ids.iter().map(|id| known.insert(*id)).collect();
                if is_told {
                    prop_assert_eq!(seen.insert_all(&ids).iter().collect::<Vec<_>>(), fresh);
                } else {
                    let mut gathered = IdBatch::with_capacity(room);
                    gathered.extend(ids);
                    seen.reserve(room);
                    seen.extend(&mut gathered);
                    prop_assert_eq!(gathered.len(), 0);
                }
                prop_assert!(known.iter().all(|id| seen.contains(*id)));
                prop_assert!((-50..50).all(|id| seen.contains(id) == known.contains(&id)));
            }
        }
    }

    #[test]
    fn an_id_takes_nine_to_fifteen_bytes_and_less_when_there_are_many() {
        let mut seen = IdSet::default();
        for id in 1..=3_000_000_i64 {
            assert!(seen.insert(id * 7919));
            if id % 100_000 == 0 {
                let tenths = 10 * seen.bytes() / usize::try_from(id).unwrap();
                let most = if id > 1_500_000 { 125 } else { 155 };
                assert!((90..most).contains(&tenths), "{tenths} tenths of a byte an id at {id}");
            }
        }
    }
}
