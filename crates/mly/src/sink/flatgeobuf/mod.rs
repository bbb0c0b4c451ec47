//! `FlatGeobuf` 3 (<https://flatgeobuf.org>) with its packed R-tree.
//!
//! The header and the index come first in the file, but they are known only after the last feature. Until then features
//! wait in a temporary file. They are sorted along the Hilbert curve within windows of rows, so that features in a row
//! are neighbours and the index can be packed in the order in which they come. In memory it takes 2 bytes a feature.
//!
//! The crate `flatgeobuf` only reads the file, in the tests; it does not write it, for three reasons. It leaves out
//! where the lines of a multi line string end if there is only one line, and older GDAL then reads none of them (the
//! one in `DuckDB` 1.5.5 gives a table without rows). It has no features without a geometry. It keeps the whole index
//! in memory.

mod feature;
mod header;
mod spool;
mod tree;

use std::io::{BufWriter, Write};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use flatbuffers::FlatBufferBuilder;
use serde::{Deserialize, Serialize};

use self::feature::append_property;
use self::spool::{BUFFER, copy};
use self::tree::Tree;
use super::bounds::Bounds;
use super::finish::{failed, finish};
use super::format::Format;
use super::shapes::Shapes;
use super::text::Cells;
use super::traits::{ResumableSink, Sink};
use super::value::Value;
use super::window::{Window, main_geometry};
use crate::error::{Error, Result};
use crate::file::Destination;
use crate::file::Growing;
use crate::file::SinkState;

/// The first bytes of every file: the name and version 3 of the format.
const MAGIC: [u8; 8] = *b"fgb\x03fgb\0";

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Writes features, and a header and an index before them.
pub(super) struct FlatGeobuf {
    destination: Destination,
    schema: SchemaRef,
    /// The column that is the geometry of the features.
    geometry: usize,
    window: Window,
    /// The encoded features, which wait for the header and the index.
    spool: BufWriter<Growing>,
    /// Bytes of the encoded features: the offset of the next one.
    length: u64,
    tree: Tree,
    known: FgbState,
}

/// What is known of the features so far, for the header.
#[derive(Default, Serialize, Deserialize)]
struct FgbState {
    /// The box around everything.
    sides: Option<[f64; 4]>,
    shapes: Shapes,
}

impl FlatGeobuf {
    /// # Errors
    /// [`Error::InvalidQuery`] when the rows have no geometry.
    pub(super) fn new(destination: Destination, schema: &SchemaRef) -> Result<Self> {
        let Some(geometry) = main_geometry(schema) else {
            return Err(Error::query("cannot write fgb: the rows have no geometry")
                .with_hint("include the geometry, or choose another format"));
        };
        let begin = || -> Result<_, Failure> {
            // Columns that the format cannot hold are an error here, before the first row.
            Cells::of(&RecordBatch::new_empty(SchemaRef::clone(schema)))?;
            let features = destination.scratch("features")?;
            Ok((BufWriter::with_capacity(BUFFER, features), Tree::new(destination.scratch("index")?)?))
        };
        let (spool, tree) =
            begin().map_err(|e| failed(destination.path().as_ref(), Format::FlatGeobuf, e))?;
        let settled = destination.saved_state().cloned().unwrap_or_default();
        Ok(Self {
            destination,
            schema: SchemaRef::clone(schema),
            geometry,
            window: Window::new(schema),
            length: spool.get_ref().length(),
            spool,
            tree,
            known: serde_json::from_value(settled.state).unwrap_or_default(),
        })
    }

    fn error(&self, source: impl Into<Failure>) -> Error {
        failed(self.destination.path().as_ref(), Format::FlatGeobuf, source)
    }

    /// Sorts a window of rows and appends its features to the spool and to the index.
    fn put(&mut self, window: Window) -> Result<(), Failure> {
        let sorted = window.sorted()?;
        let cells = Cells::of(&sorted.rows)?;
        let mut around = Bounds::of_sides(self.known.sides);
        let (mut text, mut properties, mut builder) = (Vec::new(), Vec::new(), FlatBufferBuilder::new());
        for (row, bounds) in sorted.bounds.iter().enumerate() {
            properties.clear();
            let others = cells.iter().enumerate().filter(|(at, _)| *at != self.geometry);
            for (column, (_, cells)) in (0..=u16::MAX).zip(others) {
                if let Some(value) = Value::of(cells, row, &mut text)? {
                    append_property(column, &value, &mut properties)?;
                }
            }
            let shape = cells.get(self.geometry).map(|cells| cells.geometry(row)).transpose()?.flatten();
            let bytes = feature::encode(shape.as_ref(), &properties, &mut builder)?;
            self.spool.write_all(bytes)?;
            let bounds = bounds.unwrap_or(Bounds::EMPTY);
            self.tree.add(&bounds, self.length)?;
            around.join(&bounds);
            self.length += bytes.len() as u64;
        }
        self.known.sides = around.sides();
        self.known.shapes.join(sorted.shapes);
        Ok(())
    }

    /// Writes the file from its parts.
    fn complete(&mut self) -> Result<(), Failure> {
        self.window.take().map_or(Ok(()), |window| self.put(window))?;
        let header = header::encode(&self.schema, self.geometry, self.tree.count(), &self.known)?;
        self.destination.clear()?;
        let mut out = BufWriter::with_capacity(BUFFER, &mut self.destination);
        out.write_all(&MAGIC)?;
        out.write_all(&header)?;
        self.tree.write(&mut out)?;
        copy(&mut self.spool, &mut out)?;
        out.flush()?;
        Ok(())
    }
}

impl Sink for FlatGeobuf {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let mut windows = self.window.fill(batch).into_iter();
        windows.try_for_each(|window| self.put(window)).map_err(|e| self.error(e))
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.complete().map_err(|e| self.error(e))?;
        finish(self.destination, Format::FlatGeobuf)
    }
}

impl ResumableSink for FlatGeobuf {
    fn flush(&mut self) -> Result<SinkState> {
        self.spool.flush().and_then(|()| self.tree.flush()).map_err(|e| self.error(e))?;
        let state = serde_json::to_value(&self.known).map_err(|e| self.error(e))?;
        Ok(SinkState { rows: self.tree.count(), state })
    }
}
