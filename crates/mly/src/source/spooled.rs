//! Ids of formats that are not read from their beginning to their end.

use std::io::Read;

use super::arrow::Projection;
use super::beginning::unreadable;
use super::collector::Collector;
use super::rows::rows;
use crate::error::{Error, Result};

/// Takes the rows of an input, which goes through a temporary file.
pub(super) fn read(mut input: impl Read, collector: &mut Collector<'_>) -> Result<()> {
    let mut file = tempfile::NamedTempFile::new()
        .map_err(|e| Error::query(format!("there is no place for a temporary file: {e}")))?;
    std::io::copy(&mut input, &mut file).map_err(|e| unreadable(&e))?;
    let rows = rows(file.path())?;
    let ids = Projection::of(&rows.schema())?;
    let mut before = 0;
    for rows in rows {
        let rows = rows?;
        let columns: Vec<_> = ids.indexes.iter().map(|at| rows.column(*at)).cloned().collect();
        if !ids.take(&columns, rows.num_rows(), before, collector)? {
            return Err(Error::query("a column of ids is of another type"));
        }
        before += rows.num_rows() as u64;
    }
    Ok(())
}
