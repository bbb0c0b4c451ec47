//! The value table of a layer while it is written.

use std::hash::{BuildHasher, RandomState};
use std::ops::Range;

use crate::layer::VALUE;
use crate::put;
use crate::value::Value;

/// The distinct values, in the order in which they came, as the fields they are in the layer.
///
/// A value is written into `fields` when it comes for the first time, and found there later through an open hash table of
/// indexes: its length is a power of two, and at most half of its slots are in use. A `HashMap` would need an owned key,
/// so it would hold every text a second time.
#[derive(Clone, Debug)]
pub(super) struct Values {
    fields: Vec<u8>,
    entries: Vec<Entry>,
    /// Where the texts are in the fields.
    texts: Vec<Range<usize>>,
    slots: Vec<Slot>,
    /// Secret, so that nobody can choose values that collide. It does not show in what is written.
    seed: u64,
}

/// What distinguishes a value from all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    /// The bits of the value; of a text a hash.
    word: u64,
    /// The type of the value; of a text [`TEXT`] and its place in `texts`.
    what: u32,
}

const TEXT: u32 = 8;

/// A place of the hash table.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    hash: u32,
    /// The index of the value plus one; 0 where the slot is free.
    nth: u32,
}

impl Values {
    pub(super) fn new() -> Self {
        let seed = RandomState::new().hash_one(0);
        Self {
            fields: Vec::new(),
            entries: Vec::new(),
            texts: Vec::new(),
            slots: vec![Slot::default(); 64],
            seed,
        }
    }

    /// The fields, in the order of their indexes.
    pub(super) fn fields(&self) -> &[u8] {
        &self.fields
    }

    /// The index of a value, which is added if it is new.
    #[inline]
    pub(super) fn index(&mut self, value: Value<'_>) -> u32 {
        let (word, what) = match value {
            Value::String(text) => return self.text(text),
            Value::Float(n) => (u64::from(n.to_bits()), 2),
            Value::Double(n) => (n.to_bits(), 3),
            Value::Int(n) => (n.cast_unsigned(), 4),
            Value::UInt(n) => (n, 5),
            Value::SInt(n) => (n.cast_unsigned(), 6),
            Value::Bool(b) => (u64::from(b), 7),
        };
        let entry = Entry { word, what };
        self.find(word, |found| *found == entry).unwrap_or_else(|at| self.insert(value, at, entry))
    }

    #[inline]
    fn text(&mut self, text: &str) -> u32 {
        let word = hash(self.seed, text.as_bytes());
        let is = |found: &Entry| {
            let place = found.what.checked_sub(TEXT).filter(|_| found.word == word);
            let range = place.and_then(|place| self.texts.get(place as usize));
            range.and_then(|range| self.fields.get(range.clone())) == Some(text.as_bytes())
        };
        self.find(word, is).unwrap_or_else(|at| {
            let what = TEXT.saturating_add(narrow(self.texts.len()));
            let index = self.insert(Value::String(text), at, Entry { word, what });
            self.texts.push(self.fields.len() - text.len()..self.fields.len());
            index
        })
    }

    /// The index of the value that `is` the one looked for, or the free slot where it belongs.
    #[inline]
    fn find(&self, word: u64, is: impl Fn(&Entry) -> bool) -> Result<u32, FreeSlot> {
        let mask = self.slots.len() - 1;
        let hash = (fold(self.seed ^ word) >> 32) as u32;
        let mut at = hash as usize & mask;
        loop {
            match self.slots.get(at) {
                Some(&Slot { hash: found, nth: nth @ 1.. }) => {
                    if found == hash && self.entries.get(nth as usize - 1).is_some_and(&is) {
                        return Ok(nth - 1);
                    }
                    at = (at + 1) & mask;
                }
                _ => return Err(FreeSlot { at, hash }),
            }
        }
    }

    #[inline(never)]
    fn insert(&mut self, value: Value<'_>, FreeSlot { at, hash }: FreeSlot, entry: Entry) -> u32 {
        put::message(&mut self.fields, VALUE, |out| value.write(out));
        self.entries.push(entry);
        let nth = narrow(self.entries.len());
        if let Some(free) = self.slots.get_mut(at) {
            *free = Slot { hash, nth };
        }
        if self.entries.len() * 2 > self.slots.len() {
            self.grow();
        }
        nth - 1
    }

    fn grow(&mut self) {
        let mask = self.slots.len() * 4 - 1;
        let mut larger = vec![Slot::default(); mask + 1];
        for slot in &self.slots {
            if slot.nth != 0 {
                let mut at = slot.hash as usize & mask;
                while larger.get(at).is_some_and(|taken| taken.nth != 0) {
                    at = (at + 1) & mask;
                }
                if let Some(free) = larger.get_mut(at) {
                    *free = *slot;
                }
            }
        }
        self.slots = larger;
    }
}

/// Where a free slot is, and the hash that led to it.
struct FreeSlot {
    at: usize,
    hash: u32,
}

/// A count in 32 bits, which is what an index has in the format. More values take more than 100 GB.
fn narrow(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// Mixes all bits into all bits: a multiplication to 128 bits, its halves taken together.
#[inline]
fn fold(word: u64) -> u64 {
    let product = u128::from(word) * 0x9e37_79b9_7f4a_7c15;
    #[expect(clippy::cast_possible_truncation, reason = "this is the lower half")]
    let low = product as u64;
    low ^ (product >> 64) as u64
}

#[inline]
fn hash(seed: u64, bytes: &[u8]) -> u64 {
    let (words, tail) = bytes.as_chunks::<8>();
    let mut hash = seed ^ bytes.len() as u64;
    for &word in words {
        hash = fold(hash ^ u64::from_le_bytes(word));
    }
    let mut last = [0; 8];
    for (to, from) in last.iter_mut().zip(tail) {
        *to = *from;
    }
    fold(hash ^ u64::from_le_bytes(last))
}
