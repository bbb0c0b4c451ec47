//! WRITE: a file is whole or absent.
//!
//! [`open`] makes the sink of a [`Format`]. Anything else that takes record batches can be a [`Sink`] too.

mod arrow;
mod bounds;
mod coco;
mod csv;
mod flatgeobuf;
mod format;
mod geojson;
mod geopackage;
mod json;
mod numbers;
mod parquet;
mod settle;
mod text;
mod value;
mod window;

use std::path::PathBuf;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

pub(crate) use arrow::{Tape, tape};
pub use format::Format;
pub(crate) use settle::Settle;

use crate::error::{Error, Result};
pub use crate::file::Destination;

/// Takes the batches of a run, one after the other.
///
/// A sink that is dropped before [`Sink::finish`] leaves nothing under its final name.
pub trait Sink: Send {
    /// Writes a batch.
    ///
    /// # Errors
    /// [`Error::Output`](crate::Error::Output) when it cannot be written.
    fn write(&mut self, batch: &RecordBatch) -> Result<()>;

    /// Writes what is left and puts the result in its place.
    ///
    /// # Errors
    /// [`Error::Output`](crate::Error::Output) when it cannot be written.
    fn finish(self: Box<Self>) -> Result<()>;
}

/// A sink that writes batches of `schema` to `destination`.
///
/// # Errors
/// [`Error::Output`](crate::Error::Output) when the beginning of the file cannot be written,
/// [`Error::InvalidQuery`](crate::Error::InvalidQuery) when the format is not for such rows or
/// [needs a file](Format::needs_file) and the destination is none.
pub fn open(format: Format, destination: Destination, schema: &SchemaRef) -> Result<Box<dyn Sink>> {
    Ok(resume(format, destination, schema)?)
}

/// A sink that goes on with what its destination has already.
pub(crate) fn resume(
    format: Format,
    destination: Destination,
    schema: &SchemaRef,
) -> Result<Box<dyn Settle>> {
    Ok(match format {
        Format::GeoJson => Box::new(geojson::GeoJson::collection(destination, schema)),
        Format::GeoJsonSeq => Box::new(geojson::GeoJson::sequence(destination, schema)),
        Format::Csv => Box::new(csv::Csv::new(destination, schema)),
        Format::Arrow => Box::new(arrow::ArrowStream::new(destination, schema)?),
        Format::Parquet => Box::new(parquet::Parquet::new(destination, schema)?),
        Format::FlatGeobuf => Box::new(flatgeobuf::FlatGeobuf::new(destination, schema)?),
        Format::GeoPackage => Box::new(geopackage::GeoPackage::new(destination, schema)?),
        Format::Coco => Box::new(coco::Coco::new(destination, schema)?),
    })
}

/// Gives the finished file of a sink its name.
fn finish(destination: Destination, format: Format) -> crate::Result<()> {
    let path = destination.path();
    destination.commit().map_err(|e| failed(path.as_ref(), format, e))
}

/// An [`Error::Output`] about a destination.
fn failed(
    path: Option<&PathBuf>,
    format: Format,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> Error {
    Error::Output { path: path.cloned(), format: format.name(), source: source.into() }
}
