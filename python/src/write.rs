//! A result into a file: the one place that does it.

use std::path::Path;

use arrow_schema::SchemaRef;
use mly::Summary;
use mly::sink::{self, Destination, Format, Sink};

use crate::running::Held;

/// Opens the file. It appears under its name when it is complete.
pub(crate) fn open(
    path: &Path,
    format: Option<Format>,
    overwrite: bool,
    schema: &SchemaRef,
) -> mly::Result<Box<dyn Sink>> {
    let format = format.map_or_else(|| Format::of_path(path), Ok)?;
    sink::open(format, Destination::file(path, overwrite)?, schema)
}

/// Writes what is left of a result.
pub(crate) async fn write(held: Held, mut sink: Box<dyn Sink>) -> mly::Result<Summary> {
    let progress = held.progress();
    let (batches, ahead) = held.into_parts();
    for batch in &ahead {
        sink.write(batch)?;
    }
    match batches {
        Some(batches) => batches.write_to(sink).await,
        None => sink.finish().map(|()| progress.summary()),
    }
}
