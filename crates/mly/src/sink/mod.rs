//! Writes results to files and streams. A file is whole or absent.
//!
//! [`open`] makes the sink of a [`Format`] or [`Dialect`]. Anything else that takes record batches can be a [`Sink`] too.

mod arrow;
mod bounds;
mod coco;
mod csv;
mod dialect;
mod finish;
mod flatgeobuf;
mod format;
mod geojson;
mod geopackage;
mod parquet;
mod text;
mod traits;
mod value;
mod window;

use arrow_schema::SchemaRef;

pub(crate) use arrow::{Tape, tape};
pub use dialect::Dialect;
pub use format::Format;
pub(crate) use traits::ResumableSink;
pub use traits::Sink;

use crate::error::Result;
pub use crate::file::Destination;

/// A sink that writes batches of `schema` to `destination`.
///
/// # Errors
/// [`Error::Output`](crate::Error::Output) when the beginning of the file cannot be written,
/// [`Error::InvalidQuery`](crate::Error::InvalidQuery) when the format is not for such rows or
/// [needs a file](Format::needs_file) and the destination is none.
pub fn open(
    dialect: impl Into<Dialect>,
    destination: Destination,
    schema: &SchemaRef,
) -> Result<Box<dyn Sink>> {
    Ok(resume(dialect.into(), destination, schema)?)
}

/// A sink that resumes what its destination has already.
pub(crate) fn resume(
    dialect: Dialect,
    destination: Destination,
    schema: &SchemaRef,
) -> Result<Box<dyn ResumableSink>> {
    Ok(match dialect.format() {
        Format::GeoJson => Box::new(geojson::GeoJson::collection(destination, schema)),
        Format::GeoJsonSeq => Box::new(geojson::GeoJson::sequence(destination, schema)),
        Format::Csv => Box::new(csv::Csv::new(destination, schema, dialect.is_csv_safe())),
        Format::Arrow => Box::new(arrow::ArrowStream::new(destination, schema)?),
        Format::Parquet => Box::new(parquet::Parquet::new(destination, schema)?),
        Format::FlatGeobuf => Box::new(flatgeobuf::FlatGeobuf::new(destination, schema)?),
        Format::GeoPackage => Box::new(geopackage::GeoPackage::new(destination, schema)?),
        Format::Coco => Box::new(coco::Coco::new(destination, schema)?),
    })
}
