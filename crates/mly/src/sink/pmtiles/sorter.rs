//! Sorts more items than memory holds: runs of items are sorted in memory and written, and then read side by side.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};

use crate::file::Growing;

/// What items are sorted by. No two items have the same.
pub(super) type SortKey = [u64; 3];

/// Bytes of a key and of the length of an item.
const HEAD: usize = 28;

/// Bytes of items in memory, with what is known of them.
const RUN: usize = 96 << 20;

/// Bytes that are read of a run at once. Runs are read side by side, so all of these are in memory.
const BLOCK: usize = 256 << 10;

/// Takes items in any order.
pub(super) struct Sorter {
    bytes: Vec<u8>,
    items: Vec<SortItem>,
    runs: BufWriter<Growing>,
    /// Where the runs end in their file.
    ends: Vec<u64>,
    length: u64,
}

/// An item in memory.
pub(super) struct SortItem {
    key: SortKey,
    begin: usize,
    length: usize,
}

impl Sorter {
    /// A sorter that writes its runs to a file, which must be empty.
    pub(super) fn new(runs: Growing) -> Self {
        let runs = BufWriter::with_capacity(1 << 20, runs);
        Self { bytes: Vec::new(), items: Vec::new(), runs, ends: Vec::new(), length: 0 }
    }

    pub(super) fn add(&mut self, key: SortKey, item: &[u8]) -> io::Result<()> {
        self.items.push(SortItem { key, begin: self.bytes.len(), length: item.len() });
        self.bytes.extend_from_slice(item);
        if self.bytes.len() + self.items.len() * size_of::<SortItem>() >= RUN {
            self.write_run()?;
        }
        Ok(())
    }

    fn write_run(&mut self) -> io::Result<()> {
        self.items.sort_unstable_by_key(|item| item.key);
        for SortItem { key, begin, length } in self.items.drain(..) {
            let item = self.bytes.get(begin..begin + length).unwrap_or_default();
            write_item(key, item, &mut self.runs)?;
            self.length += (HEAD + length) as u64;
        }
        self.bytes.clear();
        self.ends.push(self.length);
        Ok(())
    }

    /// The items in their order.
    pub(super) fn sorted(mut self) -> io::Result<SortedItems> {
        if self.ends.is_empty() {
            self.items.sort_unstable_by_key(|item| item.key);
            return Ok(SortedItems::Memory { bytes: self.bytes, items: self.items.into_iter() });
        }
        self.write_run()?;
        self.bytes = Vec::new();
        self.runs.flush()?;
        let file = self.runs.get_ref().clone();
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        let mut runs: Vec<_> = begins.zip(&self.ends).map(|(at, end)| SortedRun::new(at, *end)).collect();
        let mut heads = BinaryHeap::with_capacity(runs.len());
        for (number, run) in runs.iter_mut().enumerate() {
            heads.extend(run.advance(&file)?.map(|key| Reverse((key, number))));
        }
        Ok(SortedItems::Runs { file, runs, heads, current: None })
    }
}

/// Writes an item with its key, as [`read_item`] reads it.
pub(super) fn write_item(key: SortKey, item: &[u8], out: &mut impl Write) -> io::Result<()> {
    let Ok(length) = u32::try_from(item.len()) else {
        return Err(io::Error::other("a feature is too big"));
    };
    key.iter().try_for_each(|part| out.write_all(&part.to_le_bytes()))?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(item)
}

/// Reads an item and returns its key; `None` at the end.
pub(super) fn read_item(from: &mut impl Read, item: &mut Vec<u8>) -> io::Result<Option<SortKey>> {
    let mut head = Vec::with_capacity(HEAD);
    from.take(HEAD as u64).read_to_end(&mut head)?;
    if head.is_empty() {
        return Ok(None);
    }
    let Some((key, length)) = parse(&head) else { return Err(io::ErrorKind::UnexpectedEof.into()) };
    item.resize(length, 0);
    from.read_exact(item)?;
    Ok(Some(key))
}

/// The key and the length of the item that follows.
fn parse(bytes: &[u8]) -> Option<(SortKey, usize)> {
    let (words, _) = bytes.as_chunks::<8>();
    let [a, b, c] = words.first_chunk::<3>()?.map(u64::from_le_bytes);
    let after = bytes.get(24..28)?;
    let length = u32::from_le_bytes(after.try_into().ok()?);
    Some(([a, b, c], usize::try_from(length).ok()?))
}

/// Items in their order.
pub(super) enum SortedItems {
    /// All of them are in memory.
    Memory { bytes: Vec<u8>, items: std::vec::IntoIter<SortItem> },
    /// They are in runs.
    Runs {
        file: Growing,
        runs: Vec<SortedRun>,
        /// The next item of each run that has one.
        heads: BinaryHeap<Reverse<(SortKey, usize)>>,
        /// The run whose item was handed out last.
        current: Option<usize>,
    },
}

impl SortedItems {
    /// The next item and its key; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<(SortKey, &[u8])>> {
        match self {
            Self::Memory { bytes, items } => Ok(items.next().map(|SortItem { key, begin, length }| {
                (key, bytes.get(begin..begin + length).unwrap_or_default())
            })),
            Self::Runs { file, runs, heads, current } => {
                if let Some((number, run)) = current.and_then(|number| Some((number, runs.get_mut(number)?)))
                {
                    heads.extend(run.advance(file)?.map(|key| Reverse((key, number))));
                }
                let Some(Reverse((key, number))) = heads.pop() else { return Ok(None) };
                *current = Some(number);
                Ok(runs.get(number).map(|run| (key, run.item())))
            }
        }
    }
}

/// A sorted run, of which one block is in memory.
pub(super) struct SortedRun {
    /// Where the rest of it is in the file.
    at: u64,
    end: u64,
    block: Vec<u8>,
    /// Where the current item is in the block.
    item: std::ops::Range<usize>,
}

impl SortedRun {
    fn new(at: u64, end: u64) -> Self {
        Self { at, end, block: Vec::new(), item: 0..0 }
    }

    fn item(&self) -> &[u8] {
        self.block.get(self.item.clone()).unwrap_or_default()
    }

    /// Goes to the next item and returns its key; `None` at the end.
    fn advance(&mut self, file: &Growing) -> io::Result<Option<SortKey>> {
        let mut begin = self.item.end;
        if self.block.len() - begin < HEAD {
            self.fill(&mut begin, HEAD, file)?;
        }
        let head = self.block.get(begin..).unwrap_or_default();
        if head.is_empty() {
            return Ok(None);
        }
        let Some((key, length)) = parse(head) else { return Err(io::ErrorKind::UnexpectedEof.into()) };
        if self.block.len() - begin < HEAD + length {
            self.fill(&mut begin, HEAD + length, file)?;
        }
        self.item = begin + HEAD..begin + HEAD + length;
        Ok(Some(key))
    }

    /// Reads until so many bytes follow `begin`, or as many as there are.
    fn fill(&mut self, begin: &mut usize, wanted: usize, file: &Growing) -> io::Result<()> {
        self.block.drain(..*begin);
        *begin = 0;
        let missing = wanted.max(BLOCK).saturating_sub(self.block.len()) as u64;
        let count = missing.min(self.end - self.at);
        let mut file = file.reread()?;
        file.seek(SeekFrom::Start(self.at))?;
        file.take(count).read_to_end(&mut self.block)?;
        self.at += count;
        Ok(())
    }
}
