//! GeoParquet 1.1 (<https://geoparquet.org/releases/v1.1.0/>), or plain Parquet for rows without a geometry.
//!
//! Rows are sorted along the Hilbert curve within each row group. A further column has the bounding box of each row; by
//! its statistics, readers of an area skip the row groups and pages that lie elsewhere.

mod covering;
mod encode;
mod footer;
mod groups;
mod layout;

use std::path::PathBuf;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use parquet::errors::ParquetError;

use self::encode::{Group, GroupEncoder, GroupQueue};
use self::groups::Groups;
use super::finish::{failed, finish};
use super::format::Format;
use super::geo::Geo;
use super::traits::{ResumableSink, Sink};
use super::window::Window;
use crate::error::{Error, Result};
use crate::file::{Destination, SinkState};

/// Writes row groups.
pub(super) struct Parquet {
    path: Option<PathBuf>,
    window: Window,
    encoding: GroupQueue,
    groups: Groups,
    /// Rows of the groups that are in the file.
    rows: u64,
    /// The boxes around these rows.
    geo: Option<Geo>,
}

impl Parquet {
    pub(super) fn new(destination: Destination, schema: &SchemaRef) -> Result<Self> {
        let path = destination.path();
        let settled = destination.saved_state().cloned().unwrap_or_default();
        let open = || {
            let encoder = GroupEncoder::new(schema)?;
            let groups = Groups::new(&encoder, destination)?;
            Ok((encoder, groups))
        };
        let (encoder, groups) = open().map_err(|e| parquet_failed(path.as_ref(), e))?;
        let mut geo = encoder.geo.as_ref().map(|(_, geo)| geo.clone());
        if let Some(geo) = &mut geo {
            geo.resume(settled.state);
        }
        let encoding = GroupQueue::new(encoder);
        Ok(Self { path, window: Window::new(schema), encoding, groups, rows: settled.rows, geo })
    }

    fn put(&mut self, group: Group) -> Result<(), ParquetError> {
        if let (Some(geo), Some(added)) = (&mut self.geo, &group.geo) {
            geo.join(added);
        }
        self.rows += group.rows;
        self.groups.add(group.file)
    }

    fn add(&mut self, batch: &RecordBatch) -> Result<(), ParquetError> {
        self.put_ready()?;
        for window in self.window.fill(batch) {
            self.encoding.begin(window);
            self.put_ready()?;
        }
        Ok(())
    }

    fn put_ready(&mut self) -> Result<(), ParquetError> {
        while let Some(group) = self.encoding.ready() {
            self.put(group?)?;
        }
        Ok(())
    }

    fn complete(mut self) -> Result<Destination, ParquetError> {
        if let Some(window) = self.window.take() {
            self.encoding.begin(window);
        }
        while let Some(group) = self.encoding.next() {
            self.put(group?)?;
        }
        let covering = self.encoding.encoder().geo.as_ref().map(|(covering, _)| covering.name());
        let geo = self.geo.as_ref().map(|geo| geo.metadata(covering));
        self.groups.finish(&self.encoding.encoder().schema, geo)
    }
}

impl Sink for Parquet {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.add(batch).map_err(|e| parquet_failed(self.path.as_ref(), e))
    }

    fn finish(self: Box<Self>) -> Result<()> {
        let path = self.path.clone();
        let destination = self.complete().map_err(|e| parquet_failed(path.as_ref(), e))?;
        finish(destination, Format::Parquet)
    }
}

impl ResumableSink for Parquet {
    fn flush(&mut self) -> Result<SinkState> {
        self.groups.release().map_err(|e| failed(self.path.as_ref(), Format::Parquet, e))?;
        let state = self.geo.as_ref().map(Geo::state).unwrap_or_default();
        Ok(SinkState { rows: self.rows, state })
    }
}

fn parquet_failed(path: Option<&PathBuf>, error: ParquetError) -> Error {
    match error {
        // The error of the system, without the words of the `parquet` crate around it.
        ParquetError::External(source) => failed(path, Format::Parquet, source),
        source => failed(path, Format::Parquet, source),
    }
}
