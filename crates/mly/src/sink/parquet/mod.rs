//! GeoParquet 1.1 (<https://geoparquet.org/releases/v1.1.0/>), or plain Parquet for rows without a geometry.
//!
//! Rows are sorted along the Hilbert curve within each row group, and each has a box around its geometry whose statistics
//! tell readers of an area which row groups to pass over.

mod covering;
mod footer;
mod geo;
mod layout;

use std::path::PathBuf;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use parquet::arrow::{ArrowSchemaConverter, ArrowWriter};
use parquet::errors::ParquetError;

use self::covering::Covering;
use self::footer::Footer;
use self::geo::Geo;
use super::destination::{Destination, failed, finish};
use super::window::{Sorted, Window};
use super::{Format, Sink};
use crate::error::{Error, Result};

/// Writes row groups.
pub(super) struct Parquet {
    path: Option<PathBuf>,
    writer: ArrowWriter<Footer<Destination>>,
    window: Window,
    /// What makes it GeoParquet, where there is a geometry.
    geo: Option<(Covering, Geo)>,
}

impl Parquet {
    pub(super) fn new(destination: Destination, schema: &SchemaRef) -> Result<Self> {
        let path = destination.path();
        let geo = Geo::new(schema).map(|geo| (Covering::new(schema, geo.primary()), geo));
        let written = geo.as_ref().map_or(schema, |(covering, _)| covering.schema());
        let open = || {
            let columns = ArrowSchemaConverter::new().convert(written)?;
            let covering = geo.as_ref().map(|(covering, _)| covering.name());
            let properties = layout::properties(written, &columns, covering);
            let footer = Footer::new(destination, columns.num_columns());
            ArrowWriter::try_new(footer, SchemaRef::clone(written), Some(properties))
        };
        let writer = open().map_err(|e| parquet_failed(path.as_ref(), e))?;
        Ok(Self { window: Window::new(schema), path, writer, geo })
    }

    /// Writes the rows that wait as a row group.
    fn write_group(&mut self) -> Result<()> {
        let sorted = self.window.take().map_err(|e| failed(self.path.as_ref(), Format::Parquet, e))?;
        sorted.map_or(Ok(()), |sorted| self.put(sorted)).map_err(|e| parquet_failed(self.path.as_ref(), e))
    }

    fn put(&mut self, sorted: Sorted) -> Result<(), ParquetError> {
        let rows = match &mut self.geo {
            None => sorted.rows,
            Some((covering, geo)) => {
                geo.add(&sorted)?;
                covering.add(&sorted)?
            }
        };
        self.writer.write(&rows)?;
        self.writer.flush()
    }
}

impl Sink for Parquet {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let mut begin = 0;
        while begin < batch.num_rows() {
            begin = self.window.add(batch, begin);
            if self.window.is_full() {
                self.write_group()?;
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.write_group()?;
        if let Some((covering, geo)) = &self.geo {
            self.writer.append_key_value_metadata(geo.metadata(covering.name()));
        }
        let path = self.path;
        let footer = self.writer.into_inner().map_err(|e| parquet_failed(path.as_ref(), e))?;
        let destination = footer.finish().map_err(|e| failed(path.as_ref(), Format::Parquet, e))?;
        finish(destination, Format::Parquet)
    }
}

fn parquet_failed(path: Option<&PathBuf>, error: ParquetError) -> Error {
    match error {
        // What the system said, and not that it was said while writing Parquet.
        ParquetError::External(source) => failed(path, Format::Parquet, source),
        source => failed(path, Format::Parquet, source),
    }
}
