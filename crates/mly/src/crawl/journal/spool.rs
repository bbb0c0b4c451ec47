//! Rows that a sink still holds in memory, such as those of a row group that is not full: they would be lost with the
//! process, so a copy of them is kept in files until the sink has settled them.

use std::collections::VecDeque;
use std::io::BufReader;

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use arrow_schema::{ArrowError, SchemaRef};
use serde::{Deserialize, Serialize};

use crate::file::{Files, Growing};
use crate::sink::{Tape, tape};

/// Rows of a file; more go into the next one. A file can be removed when all its rows are settled, so files are kept small.
const ROWS_A_FILE: u64 = 50_000;

/// A file of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SpooledFile {
    /// Number of the file.
    file: u64,
    /// Number of its first row.
    first: u64,
}

/// What names of files of rows begin with.
pub(super) const ROWS: &str = "rows-";

impl SpooledFile {
    fn name(self) -> String {
        format!("{ROWS}{}", self.file)
    }
}

/// Keeps rows in files until they are settled.
pub(super) struct Spool {
    files: Files,
    schema: SchemaRef,
    /// The files in the order of their rows; each begins with the row after the last one of the file before.
    kept: VecDeque<SpooledFile>,
    /// Writes to the last of them. A resumed spool has none: its files are not written to again.
    tape: Option<Tape<Growing>>,
    /// Number of the next file. No number is used twice, so that a checkpoint never names a file that was replaced.
    next: u64,
    /// Files without unsettled rows: the next checkpoint does not name them.
    stale: Vec<SpooledFile>,
    /// The last durable checkpoint names files below this number only.
    durable: u64,
}

impl Spool {
    /// Resumes with the files that a checkpoint names.
    pub(super) fn new(files: Files, schema: SchemaRef, kept: Vec<SpooledFile>, next: u64) -> Self {
        Self { files, schema, kept: kept.into(), tape: None, next, stale: Vec::new(), durable: next }
    }

    /// The rows of all files, with the number of the first row of each batch.
    pub(super) fn rows(&self) -> impl Iterator<Item = Result<(u64, RecordBatch), ArrowError>> {
        self.kept.iter().flat_map(|kept| {
            let open = || {
                StreamReader::try_new(
                    BufReader::new(self.files.open(&kept.name())?.reread()?.try_clone()?),
                    None,
                )
            };
            let (batches, error) = match open() {
                Ok(batches) => (Some(batches), None),
                Err(error) => (None, Some(Err(error))),
            };
            let mut next = kept.first;
            let numbered = move |batch: Result<RecordBatch, ArrowError>| {
                let batch = batch?;
                let first = next;
                next += batch.num_rows() as u64;
                Ok((first, batch))
            };
            batches.into_iter().flatten().map(numbered).chain(error)
        })
    }

    /// The files that the next checkpoint has to name.
    pub(super) fn kept(&self) -> Vec<SpooledFile> {
        self.kept.iter().copied().collect()
    }

    /// Adds rows, the first of which has the number `first` in the result. All rows of the result below `settled` are
    /// settled, and need not be kept.
    pub(super) fn add(&mut self, batch: &RecordBatch, first: u64, settled: u64) -> Result<(), ArrowError> {
        let end = first + batch.num_rows() as u64;
        if settled < end {
            let begin = settled.max(first);
            if self.kept.back().is_none_or(|last| begin - last.first >= ROWS_A_FILE || self.tape.is_none()) {
                let kept = SpooledFile { file: self.next, first: begin };
                self.tape = Some(tape(self.files.open(&kept.name())?, &self.schema, true)?);
                self.kept.push_back(kept);
                self.next += 1;
            }
            if let Some(tape) = &mut self.tape {
                let skip = usize::try_from(begin - first).unwrap_or(usize::MAX);
                tape.write(&batch.slice(skip, batch.num_rows() - skip))?;
                tape.flush()?;
            }
        }
        // A file ends where the next one begins.
        let end_of = |at: usize| self.kept.get(at + 1).map_or(end, |next| next.first);
        let count = (0..self.kept.len()).take_while(|at| end_of(*at) <= settled).count();
        for kept in self.kept.drain(..count) {
            self.files.forget(&kept.name());
            self.stale.push(kept);
        }
        if self.kept.is_empty() {
            self.tape = None;
        }
        Ok(())
    }

    /// Number of the next file.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// Removes files that neither the checkpoint just written nor the last durable one names.
    ///
    /// After a loss of power the work may go back to the durable one, which therefore keeps its files.
    pub(super) fn clean(&mut self, is_durable: bool) {
        if is_durable {
            self.durable = self.next;
        }
        for kept in self.stale.extract_if(.., |kept| is_durable || kept.file >= self.durable) {
            // One that cannot be removed takes room, and does no other harm.
            let _ = std::fs::remove_file(self.files.folder().join(kept.name()));
        }
    }
}
