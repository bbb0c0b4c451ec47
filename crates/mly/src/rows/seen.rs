//! The ids that have been given out.

/// One for each value of a byte of the hash, so that only a small part of the memory is held twice while one of them grows.
const SHARDS: usize = 256;

/// Slots of a shard from which on it grows in small steps: together 12 MB.
const MANY: usize = 6144;

/// A set of 64-bit ids that takes 9 to 15 bytes each, 9 to 12 from a million on, growth included.
///
/// A crawl of a country remembers tens of millions of ids; the set of the standard library takes up to 36 bytes each
/// while it doubles. Open addressing with linear probing; places follow the order of the hashes, so that growing is one
/// sequential pass.
#[derive(Debug)]
pub(crate) struct Seen {
    shards: Vec<Shard>,
    /// Zero marks a free slot, so the id 0 is kept apart.
    has_zero: bool,
}

#[derive(Debug, Default)]
struct Shard {
    slots: Vec<u64>,
    used: usize,
}

impl Default for Seen {
    fn default() -> Self {
        Self { shards: (0..SHARDS).map(|_| Shard::default()).collect(), has_zero: false }
    }
}

impl Seen {
    /// Adds many ids, those of a shard together: memory is read once and not here and there.
    pub(crate) fn extend(&mut self, mut ids: Vec<i64>) {
        ids.sort_unstable_by_key(|id| mix(id.cast_unsigned()).to_le_bytes()[0]);
        for id in ids {
            self.insert(id);
        }
    }

    /// Adds an id; true when it was not there.
    pub(super) fn insert(&mut self, id: i64) -> bool {
        if id == 0 {
            return !std::mem::replace(&mut self.has_zero, true);
        }
        let id = id.cast_unsigned();
        let hash = mix(id);
        // The lowest bits choose the shard, the highest ones the place in it.
        let [shard, ..] = hash.to_le_bytes();
        self.shards[usize::from(shard)].insert(id, hash)
    }

    /// Whether an id is there.
    pub(crate) fn contains(&self, id: i64) -> bool {
        if id == 0 {
            return self.has_zero;
        }
        let id = id.cast_unsigned();
        let hash = mix(id);
        let [shard, ..] = hash.to_le_bytes();
        self.shards[usize::from(shard)].contains(id, hash)
    }

    #[cfg(test)]
    fn bytes(&self) -> usize {
        self.shards.iter().map(|s| s.slots.capacity() * size_of::<u64>()).sum()
    }
}

impl Shard {
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
        // Some slots are always free.
        while self.slots[at] != 0 && self.slots[at] != id {
            at = if at + 1 == self.slots.len() { 0 } else { at + 1 };
        }
        self.slots[at] == id
    }

    /// Half as much room again, or a quarter where that is much already.
    fn grow(&mut self) {
        let share = if self.slots.len() < MANY { 2 } else { 4 };
        let room = self.slots.len() + self.slots.len() / share + 64;
        let old = std::mem::replace(&mut self.slots, vec![0; room]);
        for id in old.into_iter().filter(|id| *id != 0) {
            let mut at = place(mix(id), room);
            while self.slots[at] != 0 {
                at = if at + 1 == room { 0 } else { at + 1 };
            }
            self.slots[at] = id;
        }
    }
}

/// Spreads ids over all 64 bits (the finalizer of MurmurHash3).
fn mix(mut id: u64) -> u64 {
    id ^= id >> 33;
    id = id.wrapping_mul(0xff51_afd7_ed55_8ccd);
    id ^= id >> 33;
    id = id.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    id ^ (id >> 33)
}

/// A place in `0..slots` that grows with the hash.
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
            let (mut seen, mut known) = (Seen::default(), HashSet::new());
            for id in ids {
                prop_assert_eq!(seen.contains(id), known.contains(&id));
                prop_assert_eq!(seen.insert(id), known.insert(id));
                prop_assert!(seen.contains(id));
            }
        }
    }

    #[test]
    fn an_id_takes_nine_to_fifteen_bytes_and_less_when_there_are_many() {
        let mut seen = Seen::default();
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
