//! Writes results to files and streams. A file is whole or absent.
//!
//! [`open`] makes the sink of a [`Format`] or [`Dialect`]. Anything else that takes record batches can be a [`Sink`] too.

mod arrow;
mod bounds;
mod coco;
mod csv;
mod dialect;
mod finish;
mod fit;
mod flatgeobuf;
mod format;
mod geo;
mod geojson;
#[cfg(feature = "sqlite")]
mod geopackage;
mod layer;
mod losses;
#[cfg(feature = "parquet")]
mod parquet;
mod pmtiles;
mod shapes;
mod text;
mod threads;
mod traits;
mod value;
mod window;

use std::path::PathBuf;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

pub(crate) use arrow::{Tape, tape};
pub use coco::CocoOutline;
pub use dialect::{Dialect, IdForm, TimeForm};
pub(crate) use fit::{Fitted, Fitter};
pub use format::Format;
pub use layer::{check_layer, layer_of, with_description, with_layer};
pub use losses::{Loss, Losses};
pub(crate) use traits::ResumableSink;
pub use traits::Sink;

#[cfg(not(all(feature = "parquet", feature = "sqlite")))]
use crate::error::Error;
use crate::error::Result;
pub use crate::file::Destination;

/// A sink that writes batches of `schema` to `destination`.
///
/// What the format cannot hold, such as a time beyond the year 9999 in a GeoPackage, is null in the file. If its column
/// has no null, the row is left out. [`Sink::take_losses`] tells both.
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
    let (dialect, name) = (dialect.into(), destination.path());
    let format = dialect.format();
    let sink = resume(dialect, destination, schema)?;
    Ok(Box::new(FittedSink { sink, fitter: Fitter::new(format), losses: Losses::default(), format, name }))
}

/// A sink that gets only what its format can hold.
struct FittedSink {
    sink: Box<dyn ResumableSink>,
    fitter: Fitter,
    losses: Losses,
    format: Format,
    name: Option<PathBuf>,
}

impl Sink for FittedSink {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let fitted = self.fitter.fit(batch);
        let Fitted { rows, losses, .. } =
            fitted.map_err(|e| finish::failed(self.name.as_ref(), self.format, e))?;
        self.losses.extend(losses);
        if rows.num_rows() == 0 && batch.num_rows() > 0 { Ok(()) } else { self.sink.write(&rows) }
    }

    fn take_losses(&mut self) -> Losses {
        std::mem::take(&mut self.losses)
    }

    fn next_table(&mut self, schema: &SchemaRef) -> Result<()> {
        self.fitter = Fitter::new(self.format);
        self.sink.next_table(schema)
    }

    fn finish(self: Box<Self>) -> Result<()> {
        self.sink.finish()
    }
}

/// A sink that resumes what its destination has already. It must be given rows that a [`Fitter`] has fitted.
pub(crate) fn resume(
    dialect: Dialect,
    destination: Destination,
    schema: &SchemaRef,
) -> Result<Box<dyn ResumableSink>> {
    Ok(match dialect.format().in_this_build()? {
        Format::GeoJson => Box::new(geojson::GeoJson::collection(destination, schema, dialect.form)),
        Format::GeoJsonSeq => Box::new(geojson::GeoJson::sequence(destination, schema, dialect.form)),
        Format::Csv => Box::new(csv::Csv::new(destination, schema, dialect)),
        Format::Arrow => Box::new(arrow::Arrow::new(destination, schema)?),
        #[cfg(feature = "parquet")]
        Format::Parquet => Box::new(parquet::Parquet::new(destination, schema)?),
        Format::FlatGeobuf => Box::new(flatgeobuf::FlatGeobuf::new(destination, schema)?),
        #[cfg(feature = "sqlite")]
        Format::GeoPackage => Box::new(geopackage::GeoPackage::new(destination, schema)?),
        Format::PmTiles => Box::new(pmtiles::PmTiles::new(destination, schema, dialect.form)?),
        Format::Coco => Box::new(coco::Coco::new(destination, schema)?),
        #[cfg(not(all(feature = "parquet", feature = "sqlite")))]
        other => return Err(Error::internal(format!("nothing writes the format {other}"))),
    })
}
