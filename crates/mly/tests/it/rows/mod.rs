//! Rows read back from files: what was written comes back, whichever format it went through.

mod crs;
mod foreign;
mod hostile;
mod ids;
mod law;
mod packed;

use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use mly::Error;
use mly::sink::{self, Destination, Format};
use mly::source;

use crate::sources::said_of_input;

/// Writes the rows of a file into another one.
fn convert(from: &Path, format: Format, to: &Path) -> Result<u64, Error> {
    let rows = source::rows(from)?;
    let mut sink = sink::open(format, Destination::file(to, true)?, &rows.schema())?;
    let mut count = 0;
    for rows in rows {
        let rows = rows?;
        count += rows.num_rows() as u64;
        sink.write(&rows)?;
    }
    sink.finish()?;
    Ok(count)
}

/// All rows of a file.
fn read(path: &Path) -> Result<Vec<RecordBatch>, Error> {
    source::rows(path)?.collect()
}

/// A file in a folder with the extension of a format.
fn file(folder: &Path, name: &str, format: Format) -> PathBuf {
    folder.join(format!("{name}.{}", format.extensions()[0]))
}

/// What is said about a file, with its hint.
fn said(path: &Path) -> String {
    let error = read(path).unwrap_err();
    assert!(matches!(&error, Error::Input { path: Some(named), .. } if named == path), "{error:?}");
    said_of_input(error)
}
