//! A result into a file: the one place that does it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mly::sink::Format;
use mly::{Error, Summary};

use crate::running::{Held, Running};

/// The format that was asked for, or that the name tells.
pub(crate) fn format_of(path: &Path, format: Option<Format>) -> mly::Result<Format> {
    format.map_or_else(|| Format::of_path(path), Ok)
}

/// Writes a result, or goes on with what an earlier run of the same query has left of the file.
///
/// A file that cannot be begun leaves the result as it is.
pub(crate) async fn write(
    running: Arc<Running>,
    mut held: Held,
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
