//! Rows that their sink has not settled: it would lose them with its process.

use std::io::BufReader;

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use arrow_schema::{ArrowError, SchemaRef};
use serde::{Deserialize, Serialize};

use crate::sink::{Files, Growing, Tape, tape};

/// Which file holds rows, and which ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    /// Number of the file.
    file: u64,
    /// Number of its first row.
    first: u64,
}

/// What names of files of rows begin with.
pub(super) const ROWS: &str = "rows-";

fn name(file: u64) -> String {
    format!("{ROWS}{file}")
}

/// Keeps rows until they are settled.
pub(super) struct Spool {
    files: Files,
    schema: SchemaRef,
    kept: Option<(Kept, Tape<Growing>)>,
    next: u64,
    /// Files that no record names any more once the next one is written.
    stale: Vec<String>,
}

impl Spool {
    /// Goes on with the file that a record names.
    pub(super) fn new(files: Files, schema: SchemaRef, kept: Option<Kept>) -> Result<Self, ArrowError> {
        let open = |kept: Kept| Ok((kept, tape(files.open(&name(kept.file))?, &schema, false)?));
        let opened: Result<_, ArrowError> = kept.map(open).transpose();
        Ok(Self {
            kept: opened?,
            next: kept.map_or(0, |kept| kept.file + 1),
            stale: Vec::new(),
            files,
            schema,
        })
    }

    /// The rows in it, to the end, with the number of the first of each batch.
    pub(super) fn rows(
        &self,
    ) -> Result<impl Iterator<Item = Result<(u64, RecordBatch), ArrowError>>, ArrowError> {
        let mut next = self.kept().map_or(0, |kept| kept.first);
        let open = |(_, tape): &(Kept, Tape<Growing>)| {
            let file = tape.get_ref().get_ref().out().reread()?.try_clone()?;
            StreamReader::try_new(BufReader::new(file), None)
        };
        let batches = self.kept.as_ref().map(open).transpose()?;
        Ok(batches.into_iter().flatten().map(move |batch| {
            let batch = batch?;
            let first = next;
            next += batch.num_rows() as u64;
            Ok((first, batch))
        }))
    }

    /// What the next record has to name.
    pub(super) fn kept(&self) -> Option<Kept> {
        self.kept.as_ref().map(|(kept, _)| *kept)
    }

    /// Takes the rows from `first` on, of which those before `settled` are settled.
    pub(super) fn add(&mut self, batch: &RecordBatch, first: u64, settled: u64) -> Result<(), ArrowError> {
        let end = first + batch.num_rows() as u64;
        if settled >= first {
            self.stale.extend(self.kept.take().map(|(kept, _)| name(kept.file)));
        }
        if settled >= end {
            return Ok(());
        }
        let begin = settled.max(first);
        if self.kept.is_none() {
            let kept = Kept { file: self.next, first: begin };
            self.next += 1;
            self.kept = Some((kept, tape(self.files.open(&name(kept.file))?, &self.schema, true)?));
        }
        let Some((_, tape)) = &mut self.kept else { return Ok(()) };
        let skip = usize::try_from(begin - first).unwrap_or(usize::MAX);
        tape.write(&batch.slice(skip, batch.num_rows() - skip))?;
        tape.flush()
    }

    /// Files that the next record must not name: they go away after it.
    pub(super) fn stale(&self) -> &[String] {
        &self.stale
    }

    /// Takes files away that the record just written does not name. It has to be durable: the last such record names
    /// them still.
    pub(super) fn clean(&mut self) {
        for name in self.stale.drain(..) {
            // One that stays takes room, and nothing else.
            let _ = self.files.remove(&name);
        }
    }
}
