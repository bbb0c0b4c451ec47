//! Writes a result into a file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mly::sink::Format;
use mly::{Error, Summary};

use crate::running::{Lease, Running};

/// The format that was given, or that of the extension.
pub(crate) fn format_of(path: &Path, format: Option<Format>) -> mly::Result<Format> {
    format.map_or_else(|| Format::of_path(path), Ok)
}

/// Writes a result, or resumes the file that an earlier run of the same query has left unfinished.
///
/// If the file cannot be started, the result can still be read.
pub(crate) async fn write(
    running: Arc<Running>,
    mut held: Lease,
    path: PathBuf,
    format: Format,
    overwrite: bool,
) -> mly::Result<Summary> {
    let written = held.write_file(&path, format, overwrite).await;
    if let Err(Error::InvalidQuery { .. } | Error::Journal { .. }) = &written {
        drop(held);
        running.unclaim();
    }
    written
}
