//! Records sorted by id: in memory as long as they are few, on the disk beyond that.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Seek, Write};

use mly::{Error, Result};
use rayon::slice::ParallelSliceMut;

use super::record::Record;
use crate::columns::Id;

/// Records that are kept in memory before they are sorted and written to the disk: about 250 MB.
pub(super) const IN_MEMORY: usize = 3_000_000;

/// Bytes that are read from each sorted file at once.
const BUFFER: usize = 1 << 18;

/// Takes records in any order.
pub(super) struct Sorter {
    records: Vec<Record>,
    most: usize,
    runs: Vec<File>,
}

impl Sorter {
    /// A sorter that keeps this many records in memory.
    pub(super) fn new(most: usize) -> Self {
        Self { records: Vec::new(), most: most.max(1), runs: Vec::new() }
    }

    /// Adds a record.
    ///
    /// # Errors
    /// [`Error::Output`] when the disk is full.
    pub(super) fn add(&mut self, record: Record) -> Result<()> {
        if self.records.len() >= self.most {
            self.spill().map_err(unwritten)?;
        }
        self.records.push(record);
        Ok(())
    }

    /// Sorts the records in memory and writes them to a file without a name.
    fn spill(&mut self) -> io::Result<()> {
        sort(&mut self.records);
        let mut out = BufWriter::with_capacity(BUFFER, tempfile::tempfile()?);
        for record in self.records.drain(..) {
            record.write(&mut out)?;
        }
        out.flush()?;
        self.runs.push(out.into_inner().map_err(io::IntoInnerError::into_error)?);
        Ok(())
    }

    /// All records.
    pub(super) fn finish(mut self) -> SortedRecords {
        sort(&mut self.records);
        SortedRecords { records: self.records, runs: self.runs }
    }
}

fn sort(records: &mut [Record]) {
    records.par_sort_unstable_by(|a, b| (&a.id, a.row).cmp(&(&b.id, b.row)));
}

fn unwritten(error: io::Error) -> Error {
    Error::Output {
        path: Some(std::env::temp_dir()),
        format: "records that are sorted",
        source: error.into(),
    }
}

/// Records sorted by id; of those with the same id only the first one of the input.
#[derive(Debug)]
pub(super) struct SortedRecords {
    records: Vec<Record>,
    runs: Vec<File>,
}

impl SortedRecords {
    /// The records in order. Only one such iterator may be in use at a time: they share the position in the files.
    ///
    /// # Errors
    /// [`Error::Output`] when what was written to the disk cannot be read.
    pub(super) fn in_order(&self) -> Result<RecordsInOrder<'_>> {
        let mut heads = BinaryHeap::new();
        let mut runs: Vec<Run<'_>> = Vec::new();
        for file in &self.runs {
            let mut file = file;
            file.rewind().map_err(unwritten)?;
            runs.push(Run::File(BufReader::with_capacity(BUFFER, file)));
        }
        runs.push(Run::Memory(self.records.iter()));
        for (at, run) in runs.iter_mut().enumerate() {
            if let Some(record) = run.next().map_err(unwritten)? {
                heads.push(Reverse(Head { record, run: at }));
            }
        }
        Ok(RecordsInOrder { heads, runs, last: None, repeated: 0 })
    }
}

/// Iterates over records of several sorted runs.
pub(super) struct RecordsInOrder<'a> {
    heads: BinaryHeap<Reverse<Head>>,
    runs: Vec<Run<'a>>,
    last: Option<Id>,
    /// Records that were left out since their id had come before.
    pub(super) repeated: u64,
}

enum Run<'a> {
    File(BufReader<&'a File>),
    Memory(std::slice::Iter<'a, Record>),
}

impl Run<'_> {
    fn next(&mut self) -> io::Result<Option<Record>> {
        match self {
            Self::File(file) => Record::read(file),
            Self::Memory(records) => Ok(records.next().cloned()),
        }
    }
}

impl RecordsInOrder<'_> {
    /// The next record, also if its id has come before.
    fn any(&mut self) -> Option<Result<Record>> {
        let mut head = self.heads.peek_mut()?;
        let run = self.runs.get_mut(head.0.run)?;
        match run.next() {
            Ok(Some(next)) => Some(Ok(std::mem::replace(&mut head.0.record, next))),
            Ok(None) => Some(Ok(PeekMut::pop(head).0.record)),
            Err(error) => Some(Err(unwritten(error))),
        }
    }
}

impl Iterator for RecordsInOrder<'_> {
    type Item = Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let record = match self.any()? {
                Ok(record) => record,
                error => return Some(error),
            };
            if self.last.as_ref() == Some(&record.id) {
                self.repeated += 1;
                continue;
            }
            self.last = Some(record.id.clone());
            return Some(Ok(record));
        }
    }
}

/// The next record of a run.
struct Head {
    record: Record,
    run: usize,
}

impl Head {
    fn key(&self) -> (&Id, u64) {
        (&self.record.id, self.record.row)
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Head {}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Head {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::record::Traits;
    use super::*;

    proptest! {
        #[test]
        fn records_come_sorted_and_once_however_few_fit_in_memory(ids in proptest::collection::vec((-9..9_i64, any::<bool>()), 0..60), most in 1..70_usize) {
            let traits = Traits { corners: Some([[9.0, 52.0]; 2]), content: 7, last_ms: Some(5), facing: None, is_shown: true };
            let mut sorter = Sorter::new(most);
            let mut want: Vec<(Id, u64)> = Vec::new();
            for (row, (number, is_text)) in (0..).zip(&ids) {
                let id = if *is_text { Id::Text(format!("x{number}").into()) } else { Id::Number(*number) };
                sorter.add(Record::new(id.clone(), row, &traits)).unwrap();
                if !want.iter().any(|(known, _)| *known == id) {
                    want.push((id, row));
                }
            }
            want.sort();
            let sorted = sorter.finish();
            for _ in 0..2 {
                let mut records = sorted.in_order().unwrap();
                let found: Vec<Record> = records.by_ref().collect::<Result<_>>().unwrap();
                prop_assert_eq!(records.repeated, (ids.len() - want.len()) as u64);
                for (record, (id, row)) in found.iter().zip(&want) {
                    prop_assert_eq!((&record.id, record.row), (id, *row));
                    prop_assert_eq!(record.at(), Some([9.0, 52.0]));
                    prop_assert_eq!((record.content, record.is_shown, record.facing()), (7, true, None));
                }
                prop_assert_eq!(found.len(), want.len());
            }
        }
    }
}
