//! Writes a result into a file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mly::sink::{Dialect, Format};
use mly::{Error, Summary};

use crate::running::{Lease, Running};

/// The format that was given, or that of the extension; CSV is made safe for spreadsheets on request.
pub(crate) fn dialect_of(path: &Path, format: Option<Format>, csv_safe: bool) -> mly::Result<Dialect> {
    let format = format.map_or_else(|| Format::of_path(path), Ok)?;
    Dialect::csv_safe(format, csv_safe)
}

/// Writes a result, or resumes the file that an earlier run of the same query has left unfinished.
///
/// If the file cannot be started, the result can still be read.
pub(crate) async fn write(
    running: Arc<Running>,
    mut held: Lease,
    path: PathBuf,
    (dialect, overwrite): (Dialect, bool),
    layer: Option<String>,
) -> mly::Result<Summary> {
    let written = held.write_file(&path, dialect, overwrite, layer.as_deref()).await;
    if let Err(Error::InvalidQuery { .. } | Error::Journal { .. }) = &written {
        drop(held);
        running.unclaim();
    }
    written
}
