//! A result into a file: the one place that does it.

use std::path::PathBuf;

use mly::Summary;
use mly::sink::{self, Destination, Format};

use crate::running::Held;

/// Writes what is left of a result. The file appears under its name when it is complete.
pub(crate) async fn write(
    held: Held,
    path: PathBuf,
    format: Format,
    overwrite: bool,
) -> mly::Result<Summary> {
    let (schema, progress) = (held.schema(), held.progress());
    let mut sink = sink::open(format, Destination::file(&path, overwrite)?, &schema)?;
    let (batches, ahead) = held.into_parts();
    for batch in &ahead {
        sink.write(batch)?;
    }
    match batches {
        Some(batches) => batches.write_to(sink).await,
        None => sink.finish().map(|()| progress.summary()),
    }
}
