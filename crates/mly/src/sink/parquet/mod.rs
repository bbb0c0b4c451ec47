//! GeoParquet 1.1 (<https://geoparquet.org/releases/v1.1.0/>), or plain Parquet for rows without a geometry.
//!
//! Rows are sorted along the Hilbert curve within each row group, and each has a box around its geometry whose statistics
//! tell readers of an area which row groups to pass over.

mod covering;
mod footer;
mod geo;
mod groups;
mod layout;

use std::path::PathBuf;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowSchemaConverter;
use parquet::errors::ParquetError;

use self::covering::Covering;
use self::geo::Geo;
use self::groups::Groups;
use super::destination::{Destination, failed, finish};
use super::settle::{Settle, Settled};
use super::window::{Sorted, Window};
use super::{Format, Sink};
use crate::error::{Error, Result};

/// Writes row groups.
pub(super) struct Parquet {
    destination: Destination,
    window: Window,
    groups: Groups,
    /// Rows in groups.
    rows: u64,
    /// What makes it GeoParquet, where there is a geometry.
    geo: Option<(Covering, Geo)>,
}

impl Parquet {
    pub(super) fn new(destination: Destination, schema: &SchemaRef) -> Result<Self> {
        let path = destination.path();
        let settled = destination.settled().cloned().unwrap_or_default();
        let geo = Geo::new(schema, settled.state).map(|geo| (Covering::new(schema, geo.primary()), geo));
        let written = geo.as_ref().map_or(schema, |(covering, _)| covering.schema());
        let open = || {
            let columns = ArrowSchemaConverter::new().convert(written)?;
            let covering = geo.as_ref().map(|(covering, _)| covering.name());
            let properties = layout::properties(written, &columns, covering);
            Ok(Groups::new(written, properties, destination.scratch("groups")?))
        };
        let groups = open().map_err(|e| parquet_failed(path.as_ref(), e))?;
        Ok(Self { destination, window: Window::new(schema), groups, rows: settled.rows, geo })
    }

    fn error(&self, error: ParquetError) -> Error {
        parquet_failed(self.destination.path().as_ref(), error)
    }

    /// Writes the rows that wait as a row group.
    fn write_group(&mut self) -> Result<()> {
        let sorted =
            self.window.take().map_err(|e| failed(self.destination.path().as_ref(), Format::Parquet, e))?;
        sorted.map_or(Ok(()), |sorted| self.put(sorted)).map_err(|e| self.error(e))
    }

    fn put(&mut self, sorted: Sorted) -> Result<(), ParquetError> {
        let rows = match &mut self.geo {
            None => sorted.rows,
            Some((covering, geo)) => {
                geo.add(&sorted)?;
                covering.add(&sorted)?
            }
        };
        self.rows += rows.num_rows() as u64;
        self.groups.add(&rows)
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
        let Self { mut destination, groups, geo, .. } = *self;
        let path = destination.path();
        let about = geo.as_ref().map(|(covering, geo)| geo.metadata(covering.name()));
        let complete = || {
            destination.clear()?;
            groups.write(destination, about)
        };
        finish(complete().map_err(|e| parquet_failed(path.as_ref(), e))?, Format::Parquet)
    }
}

impl Settle for Parquet {
    fn settle(&mut self) -> Result<Settled> {
        let state = self.geo.as_ref().map(|(_, geo)| geo.state()).unwrap_or_default();
        Ok(Settled { rows: self.rows, state })
    }
}

fn parquet_failed(path: Option<&PathBuf>, error: ParquetError) -> Error {
    match error {
        // What the system said, and not that it was said while writing Parquet.
        ParquetError::External(source) => failed(path, Format::Parquet, source),
        source => failed(path, Format::Parquet, source),
    }
}
