//! Answers of look-ups that are kept in the folder of a data set, so that no run asks again for what another one knows.
//!
//! Each run that asks writes one numbered file: `detections-0.arrow`, `detections-1.arrow`. Beside it is a list of the
//! ids that had no answer, which a later run asks again.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use futures_util::future::BoxFuture;
use mly::sink::Format;
use mly::{Batches, Client, Lookup, Result, source};

use crate::folder::{DatasetFolder, failed, remove, write_small};

/// The answers to one kind of look-up.
#[derive(Debug)]
pub(crate) struct Answers {
    folder: PathBuf,
    name: &'static str,
}

impl Answers {
    pub(crate) fn of(folder: &DatasetFolder, name: &'static str) -> Self {
        Self { folder: folder.kept(""), name }
    }

    fn file(&self, number: usize) -> PathBuf {
        self.folder.join(format!("{}-{number}.arrow", self.name))
    }

    fn unanswered(&self, number: usize) -> PathBuf {
        self.folder.join(format!("{}-{number}.unanswered", self.name))
    }

    /// The files, in the order in which they were written.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        loop {
            let next = self.file(files.len());
            if !next.exists() {
                return files;
            }
            files.push(next);
        }
    }

    /// The ids that no run has had an answer for, in their order.
    ///
    /// # Errors
    /// [`mly::Error::Output`] when the list cannot be read.
    pub(crate) fn left(&self, ids: &[String]) -> Result<Vec<String>> {
        let mut left = ids.to_vec();
        for number in 0..self.files().len() {
            let list = self.unanswered(number);
            let text = match fs::read_to_string(&list) {
                Ok(text) => text,
                // The run was stopped between the file and its list. Asking again costs requests, and nothing else.
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => continue,
                Err(e) => return Err(failed(&list, e)),
            };
            let unanswered: HashSet<&str> = text.lines().collect();
            left.retain(|id| unanswered.contains(id.as_str()));
        }
        Ok(left)
    }

    /// Asks for what is left, and gives the work and the batches that it is made of.
    ///
    /// # Errors
    /// Those of [`Lookup::plan`].
    pub(crate) fn ask(&self, client: &Client, lookup: &Lookup) -> Result<(Batches, PathBuf, PathBuf)> {
        let number = self.files().len();
        Ok((client.run(&lookup.plan()?), self.file(number), self.unanswered(number)))
    }
}

/// Writes answers into their file, and the ids without an answer into a list.
pub(crate) fn keep(batches: Batches, file: PathBuf, list: PathBuf) -> BoxFuture<'static, Result<()>> {
    Box::pin(async move {
        let mut batches = batches;
        let summary = batches.write_file(&file, Format::Arrow, false).await?;
        let failed = summary.failed.iter().map(|(id, _)| id);
        let unanswered: Vec<&str> = summary.not_found.iter().chain(failed).map(String::as_str).collect();
        if summary.rows == 0 && !unanswered.is_empty() {
            // Nothing is known that was not known before.
            return remove(&file);
        }
        write_small(&list, unanswered.join("\n").as_bytes())
    })
}

/// Reads the batches of a file of answers.
pub(crate) fn read(path: &Path) -> Result<source::Rows> {
    source::rows(path)
}
