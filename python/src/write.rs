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
    let destination = Destination::file(&path, overwrite)?;
    let Some((batches, ahead)) = held.into_parts() else { return Err(mly::Error::Cancelled) };
    let mut sink = sink::open(format, destination, &batches.schema())?;
    for batch in &ahead {
        sink.write(batch)?;
    }
    batches.write_to(sink).await
}
