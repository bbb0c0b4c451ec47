//! What a job reads.

use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use mly::{Result, source};

use crate::table::Table;

/// Rows that a job reads: a file in any format that `mly` reads, or a table.
///
/// A job may read an input more than once.
#[derive(Clone, Debug)]
pub enum Input {
    /// A file.
    File(PathBuf),
    /// A table, whose columns have the types that results have; [`mly::source::adapt`] makes them so.
    Table(Table),
}

/// The rows of an input, one batch after the other.
pub(crate) struct InputRows {
    pub(crate) schema: SchemaRef,
    pub(crate) batches: Box<dyn Iterator<Item = Result<RecordBatch>>>,
}

impl Input {
    /// Begins to read the rows.
    ///
    /// # Errors
    /// [`mly::Error::Input`] when it cannot be read.
    pub(crate) fn rows(&self) -> Result<InputRows> {
        match self {
            Self::File(path) => {
                let rows = source::rows(path)?;
                Ok(InputRows { schema: rows.schema(), batches: Box::new(rows) })
            }
            Self::Table(table) => {
                let batches = table.batches().to_vec();
                Ok(InputRows { schema: table.schema(), batches: Box::new(batches.into_iter().map(Ok)) })
            }
        }
    }

    /// As [`Input::rows`]; columns that are not named may come without values, which is faster.
    ///
    /// # Errors
    /// [`mly::Error::Input`] when it cannot be read.
    pub(crate) fn rows_of(&self, columns: &'static [&'static str]) -> Result<InputRows> {
        match self {
            Self::File(path) => {
                let rows = source::rows_of(path, columns)?;
                Ok(InputRows { schema: rows.schema(), batches: Box::new(rows) })
            }
            Self::Table(_) => self.rows(),
        }
    }

    /// How messages call it: the name of the file, or what its rows are for the job.
    pub(crate) fn name(&self, role: &str) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Table(_) => role.to_owned(),
        }
    }
}

impl From<&Path> for Input {
    fn from(path: &Path) -> Self {
        Self::File(path.to_owned())
    }
}

impl From<PathBuf> for Input {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

impl From<Table> for Input {
    fn from(table: Table) -> Self {
        Self::Table(table)
    }
}
