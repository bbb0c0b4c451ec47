//! The spool: copies of rows that a sink still holds in memory, such as those of a row group that is not full. They
//! would be lost with the process, so they are kept in files until the sink has settled them.

use std::collections::VecDeque;
use std::io::BufReader;

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use arrow_schema::{ArrowError, SchemaRef};
use serde::{Deserialize, Serialize};

use crate::file::{Files, Growing};
use crate::sink::{Tape, tape};

/// Rows after which a new file begins. A file is removed when all its rows are settled, so small files save space.
const ROWS_A_FILE: u64 = 50_000;

/// A file of the spool: an Arrow stream of consecutive rows of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SpooledFile {
    /// Number of the file.
    file: u64,
    /// Number of its first row in the result.
    first: u64,
}

/// Prefix of the names of spooled files.
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
    /// Writes to the last file. A resumed spool begins a new file, since an Arrow stream cannot be appended to.
    tape: Option<Tape<Growing>>,
    /// Number of the next file. No number is used twice, so that an older checkpoint never names a file with other
    /// rows.
    next: u64,
    /// Files whose rows are all settled. They are removed once no checkpoint that may be used names them.
    stale: Vec<SpooledFile>,
    /// All files that the last durable checkpoint names have numbers below this one.
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

    /// The files with unsettled rows, which the next checkpoint names.
    pub(super) fn kept(&self) -> Vec<SpooledFile> {
        self.kept.iter().copied().collect()
    }

    /// Adds rows, the first of which has the number `first` in the result. The first `settled` rows of the result are
    /// settled and not kept.
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

    /// Removes files that neither the last checkpoint nor the last durable one names. After a loss of power, the run
    /// may resume from the durable one.
    pub(super) fn clean(&mut self, is_durable: bool) {
        if is_durable {
            self.durable = self.next;
        }
        for kept in self.stale.extract_if(.., |kept| is_durable || kept.file >= self.durable) {
            // A file that cannot be removed only takes space.
            let _ = std::fs::remove_file(self.files.folder().join(kept.name()));
        }
    }
}
