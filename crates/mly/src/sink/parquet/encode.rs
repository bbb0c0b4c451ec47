//! Encodes windows of rows, each as a Parquet file in memory with one row group.

use std::sync::Arc;

use arrow_schema::{Schema, SchemaRef};
use parquet::arrow::{ArrowSchemaConverter, ArrowWriter};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use super::covering::Covering;
use super::layout;
use crate::sink::geo::Geo;
use crate::sink::threads::Threads;
use crate::sink::window::Window;

/// Encodes windows of one schema.
pub(super) struct GroupEncoder {
    pub(super) schema: SchemaRef,
    /// The same columns without metadata, which belong to the whole file and not to each group.
    bare: SchemaRef,
    pub(super) properties: WriterProperties,
    /// The column of boxes and the metadata of GeoParquet; `None` for rows without a geometry.
    pub(super) geo: Option<(Covering, Geo)>,
}

/// An encoded window.
pub(super) struct Group {
    pub(super) file: Vec<u8>,
    pub(super) rows: u64,
    /// The boxes around the geometry columns.
    pub(super) geo: Option<Geo>,
}

impl GroupEncoder {
    pub(super) fn new(schema: &SchemaRef) -> Result<Self, ParquetError> {
        let geo = Geo::new(schema).map(|geo| (Covering::new(schema, geo.primary()), geo));
        let written = geo.as_ref().map_or(schema, |(covering, _)| covering.schema());
        let columns = ArrowSchemaConverter::new().convert(written)?;
        let properties =
            layout::properties(written, &columns, geo.as_ref().map(|(covering, _)| covering.name()));
        let bare = Arc::new(Schema::new(written.fields().clone()));
        Ok(Self { schema: SchemaRef::clone(written), bare, properties, geo })
    }

    fn encode(&self, window: Window) -> Result<Group, ParquetError> {
        let sorted = window.sorted().map_err(|e| ParquetError::External(Box::new(e)))?;
        let mut geo = None;
        let rows = match &self.geo {
            None => sorted.rows,
            Some((covering, nowhere)) => {
                geo = Some(nowhere.with(&sorted).map_err(|e| ParquetError::External(Box::new(e)))?);
                covering.add(&sorted)?
            }
        };
        let properties = self.properties.clone();
        let mut writer = ArrowWriter::try_new(Vec::new(), SchemaRef::clone(&self.bare), Some(properties))?;
        writer.write(&rows)?;
        Ok(Group { file: writer.into_inner()?, rows: rows.num_rows() as u64, geo })
    }
}

/// Windows that are being encoded, each on its own thread. Groups come out in the order in which windows went in.
pub(super) struct GroupQueue {
    encoder: Arc<GroupEncoder>,
    threads: Threads<Result<Group, ParquetError>>,
}

impl GroupQueue {
    pub(super) fn new(encoder: GroupEncoder) -> Self {
        Self { encoder: Arc::new(encoder), threads: Threads::new() }
    }

    pub(super) fn encoder(&self) -> &GroupEncoder {
        &self.encoder
    }

    /// Starts encoding a window.
    pub(super) fn begin(&mut self, window: Window) {
        let encoder = Arc::clone(&self.encoder);
        self.threads.begin(move || encoder.encode(window));
    }

    /// The next group if it is ready. Waits for it when there are as many threads as there may be.
    pub(super) fn ready(&mut self) -> Option<Result<Group, ParquetError>> {
        self.threads.ready()
    }

    /// Waits for the next group; `None` when all windows are done.
    pub(super) fn next(&mut self) -> Option<Result<Group, ParquetError>> {
        self.threads.next()
    }
}
