//! Records of one size, sorted by a key: in memory as long as they are few, on the disk beyond that.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::marker::PhantomData;

use mly::{Error, Result};
use rayon::slice::ParallelSliceMut;

/// Bytes that are read from each file at once.
const BUFFER: usize = 1 << 18;

/// What can be kept on the disk.
pub(crate) trait SpoolRecord: Copy + Send + Sync {
    /// How many bytes [`SpoolRecord::pack`] writes.
    const BYTES: usize;

    /// By what records are sorted.
    type Key: Ord;

    fn key(&self) -> Self::Key;

    fn pack(&self, out: &mut Vec<u8>);

    fn unpack(bytes: &mut PackedFields<'_>) -> Self;
}

/// Reads the fields of a record one after the other.
pub(crate) struct PackedFields<'b>(&'b [u8]);

impl PackedFields<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (field, rest) = self.0.split_first_chunk::<N>().map_or(([0; N], self.0), |(f, rest)| (*f, rest));
        self.0 = rest;
        field
    }

    pub(crate) fn u8(&mut self) -> u8 {
        self.take::<1>()[0]
    }

    pub(crate) fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.take())
    }

    pub(crate) fn i64(&mut self) -> i64 {
        i64::from_le_bytes(self.take())
    }

    pub(crate) fn f32(&mut self) -> f32 {
        f32::from_le_bytes(self.take())
    }

    pub(crate) fn f64(&mut self) -> f64 {
        f64::from_le_bytes(self.take())
    }

    /// What [`pack_flag`] has written.
    pub(crate) fn flag(&mut self) -> Option<bool> {
        match self.u8() {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

/// One byte for a flag that may not be known.
pub(crate) fn pack_flag(flag: Option<bool>) -> u8 {
    flag.map_or(2, u8::from)
}

/// Records in the order in which they were added, on the disk.
pub(crate) struct SpoolFile<T> {
    out: BufWriter<File>,
    bytes: Vec<u8>,
    of: PhantomData<T>,
}

impl<T: SpoolRecord> SpoolFile<T> {
    pub(crate) fn new() -> Result<Self> {
        let file = tempfile::tempfile().map_err(unwritten)?;
        Ok(Self { out: BufWriter::with_capacity(BUFFER, file), bytes: Vec::new(), of: PhantomData })
    }

    pub(crate) fn add(&mut self, record: &T) -> Result<()> {
        self.bytes.clear();
        record.pack(&mut self.bytes);
        self.out.write_all(&self.bytes).map_err(unwritten)
    }

    /// The records from the first on.
    pub(crate) fn read(self) -> Result<SpoolReader<T>> {
        let read = || {
            let mut file = self.out.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.rewind()?;
            Ok(SpoolReader {
                input: BufReader::with_capacity(BUFFER, file),
                bytes: vec![0; T::BYTES],
                of: PhantomData,
            })
        };
        read().map_err(unwritten)
    }
}

/// Reads the records of a file.
pub(crate) struct SpoolReader<T> {
    input: BufReader<File>,
    bytes: Vec<u8>,
    of: PhantomData<T>,
}

impl<T: SpoolRecord> Iterator for SpoolReader<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.input.read_exact(&mut self.bytes) {
            Ok(()) => Some(Ok(T::unpack(&mut PackedFields(&self.bytes)))),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => None,
            Err(error) => Some(Err(unwritten(error))),
        }
    }
}

/// Takes records in any order.
pub(crate) struct Spool<T> {
    records: Vec<T>,
    most: usize,
    runs: Vec<SpoolFile<T>>,
}

impl<T: SpoolRecord> Spool<T> {
    /// A spool that keeps this many records in memory.
    pub(crate) fn new(most: usize) -> Self {
        Self { records: Vec::new(), most: most.max(1), runs: Vec::new() }
    }

    /// Adds records.
    ///
    /// # Errors
    /// [`Error::Output`] when the disk is full.
    pub(crate) fn extend(&mut self, records: impl IntoIterator<Item = T>) -> Result<()> {
        for record in records {
            if self.records.len() >= self.most {
                self.spill()?;
            }
            self.records.push(record);
        }
        Ok(())
    }

    fn sort(&mut self) {
        self.records.par_sort_unstable_by_key(T::key);
    }

    /// Sorts the records in memory and writes them to a file without a name.
    fn spill(&mut self) -> Result<()> {
        self.sort();
        let mut run = SpoolFile::new()?;
        self.records.drain(..).try_for_each(|record| run.add(&record))?;
        self.runs.push(run);
        Ok(())
    }

    /// The records in order.
    ///
    /// # Errors
    /// [`Error::Output`] when what was written cannot be read.
    pub(crate) fn in_order(mut self) -> Result<SpoolInOrder<T>> {
        self.sort();
        let mut runs = Vec::new();
        for run in self.runs {
            runs.push(SpoolRun::File(run.read()?));
        }
        runs.push(SpoolRun::Memory(self.records.into_iter()));
        let mut heads = BinaryHeap::new();
        for (number, run) in runs.iter_mut().enumerate() {
            if let Some(record) = run.next().transpose()? {
                heads.push(Reverse(RunHead { record, run: number }));
            }
        }
        Ok(SpoolInOrder { heads, runs })
    }
}

/// Iterates over the records of all runs in order.
pub(crate) struct SpoolInOrder<T: SpoolRecord> {
    heads: BinaryHeap<Reverse<RunHead<T>>>,
    runs: Vec<SpoolRun<T>>,
}

enum SpoolRun<T> {
    File(SpoolReader<T>),
    Memory(std::vec::IntoIter<T>),
}

impl<T: SpoolRecord> Iterator for SpoolRun<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::File(records) => records.next(),
            Self::Memory(records) => records.next().map(Ok),
        }
    }
}

impl<T: SpoolRecord> Iterator for SpoolInOrder<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        // Most often everything is in memory.
        if let [run] = &mut self.runs[..] {
            return self.heads.pop().map(|Reverse(head)| Ok(head.record)).or_else(|| run.next());
        }
        let mut head = self.heads.peek_mut()?;
        let run = self.runs.get_mut(head.0.run)?;
        match run.next() {
            Some(Ok(next)) => Some(Ok(std::mem::replace(&mut head.0.record, next))),
            None => Some(Ok(PeekMut::pop(head).0.record)),
            Some(Err(error)) => Some(Err(error)),
        }
    }
}

/// The next record of a run.
struct RunHead<T> {
    record: T,
    run: usize,
}

impl<T: SpoolRecord> PartialEq for RunHead<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<T: SpoolRecord> Eq for RunHead<T> {}

impl<T: SpoolRecord> PartialOrd for RunHead<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: SpoolRecord> Ord for RunHead<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.record.key().cmp(&other.record.key()).then(self.run.cmp(&other.run))
    }
}

fn unwritten(error: io::Error) -> Error {
    Error::Output {
        path: Some(std::env::temp_dir()),
        format: "records that are sorted",
        source: error.into(),
    }
}
