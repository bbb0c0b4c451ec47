//! `PMTiles` 3 (<https://docs.protomaps.com/pmtiles/>): vector tiles of all zooms in one file, for maps.
//!
//! A tile needs all rows of its place, and the tiles of low zooms come first in the file. So rows wait in a file, as they
//! came, and all tiles are made at the end: a later process goes on after the last row, or makes all tiles again.
//!
//! Every row is in a tile of the last zoom. Above, tiles show as many as a map can draw, and the metadata say how many of
//! all rows that is.

mod attributes;
mod build;
mod cut;
mod directory;
mod feature;
mod header;
mod lines;
mod metadata;
mod packed;
mod pyramid;
mod sorter;
mod store;
mod tile;
mod world;

use std::io::{BufWriter, Write};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use serde::{Deserialize, Serialize};

use self::build::{Scratch, build};
use self::feature::{Feature, FeatureId};
use self::metadata::metadata;
use self::sorter::write_item;
use self::tile::TileLayer;
use self::world::WorldShape;
use super::bounds::Bounds;
use super::dialect::{IdForm, TextForm};
use super::finish::{failed, finish};
use super::format::Format;
use super::shapes::Shapes;
use super::text::Cells;
use super::traits::{ResumableSink, Sink};
use super::window::main_geometry;
use crate::error::{Cause, Error, Result};
use crate::file::{Destination, Growing, SinkState};
use crate::table::About;

/// Size of the write buffers in bytes.
const BUFFER: usize = 1 << 20;

/// The box of an archive without rows: that of the whole square of Web Mercator.
const EVERYTHING: [f64; 4] = [-180.0, -85.051_128_7, 180.0, 85.051_128_7];

/// Writes rows into tiles.
pub(super) struct PmTiles {
    destination: Destination,
    schema: SchemaRef,
    form: TextForm,
    /// The column that is the geometry of the features.
    geometry: usize,
    /// The column of ids.
    id: Option<usize>,
    /// Rows that wait for their tiles.
    waiting: BufWriter<Growing>,
    rows: u64,
    known: TilesState,
}

/// What is known of the rows so far.
#[derive(Default, Serialize, Deserialize)]
struct TilesState {
    /// The box around everything.
    sides: Option<[f64; 4]>,
    shapes: Shapes,
}

impl PmTiles {
    /// # Errors
    /// [`Error::InvalidQuery`] when the rows have no geometry.
    pub(super) fn new(destination: Destination, schema: &SchemaRef, form: TextForm) -> Result<Self> {
        let form = TextForm { ids: IdForm::Text, ..form };
        let Some(geometry) = main_geometry(schema) else {
            return Err(Error::query("cannot write pmtiles: the rows have no geometry")
                .with_hint("include the geometry, or choose another format"));
        };
        let begin = || -> Result<_, Cause> {
            // Columns that the format cannot hold are an error here, before the first row.
            Cells::in_form(&RecordBatch::new_empty(SchemaRef::clone(schema)), form)?;
            Ok(BufWriter::with_capacity(BUFFER, destination.scratch("tile-rows")?))
        };
        let waiting = begin().map_err(|e| failed(destination.path().as_ref(), Format::PmTiles, e))?;
        let settled = destination.saved_state().cloned().unwrap_or_default();
        Ok(Self {
            destination,
            schema: SchemaRef::clone(schema),
            form,
            geometry,
            id: schema.index_of("id").ok(),
            waiting,
            rows: settled.rows,
            known: serde_json::from_value(settled.state).unwrap_or_default(),
        })
    }

    fn error(&self, source: impl Into<Cause>) -> Error {
        failed(self.destination.path().as_ref(), Format::PmTiles, source)
    }

    fn put(&mut self, batch: &RecordBatch) -> Result<(), Cause> {
        let cells = Cells::in_form(batch, self.form)?;
        let mut around = Bounds::of_sides(self.known.sides);
        let (mut text, mut attributes, mut bytes) = (Vec::new(), Vec::new(), Vec::new());
        for row in 0..batch.num_rows() {
            let number = self.rows;
            self.rows += 1;
            let shape = cells.get(self.geometry).map(|cells| cells.geometry(row)).transpose()?.flatten();
            let Some(shape) = shape else { continue };
            around.join(&Bounds::of(&shape));
            self.known.shapes.add(&shape);
            attributes.clear();
            for (_, cells) in cells.iter().enumerate().filter(|(at, _)| *at != self.geometry) {
                attributes::append(cells, row, &mut text, &mut attributes)?;
            }
            let shape = WorldShape::of(&shape);
            let Some(anchor) = shape.anchor() else { continue };
            let id = self.id.and_then(|at| cells.get(at)).filter(|ids| !ids.is_null(row));
            let id = match id {
                Some(Cells::Int(ids) | Cells::IntText(ids)) => FeatureId::of_int(ids.value(row)),
                Some(Cells::Text(ids)) => FeatureId::of_text(ids.value(row)),
                _ => FeatureId::of_row(number),
            };
            let feature = Feature { row: number, id, shape, attributes: attributes.as_slice().into() };
            bytes.clear();
            feature.pack(&mut bytes);
            write_item(feature.key(anchor), &bytes, &mut self.waiting)?;
        }
        self.known.sides = around.sides();
        Ok(())
    }

    /// Makes the tiles and writes the file.
    fn complete(&mut self) -> Result<(), Cause> {
        self.waiting.flush()?;
        let about = About::of(&self.schema);
        let none = RecordBatch::new_empty(SchemaRef::clone(&self.schema));
        let cells = Cells::in_form(&none, self.form)?;
        let others = self.schema.fields().iter().zip(&cells).enumerate();
        let others = others.filter(|(at, _)| *at != self.geometry);
        let (names, types): (Vec<_>, Vec<_>) =
            others.map(|(_, (field, cells))| (field.name().clone(), attributes::field_type(cells))).unzip();
        let layer = || TileLayer { name: about.layer().to_owned(), names: names.clone() };
        let scratch = Scratch {
            sorted: self.destination.scratch("tile-runs")?,
            pieces: self.destination.scratch("tile-pieces")?,
            tiles: self.destination.scratch("tiles")?,
        };
        let has_shapes = !self.known.shapes.is_points();
        let tiles = build(self.waiting.get_ref(), layer(), has_shapes, scratch)?;
        let metadata = metadata(about, &layer(), &types, &tiles.shown, self.rows);
        let [west, south, east, north] = self.known.sides.unwrap_or(EVERYTHING);
        let [_, lowest, _, highest] = EVERYTHING;
        let sides = [west, south.clamp(lowest, highest), east, north.clamp(lowest, highest)];
        self.destination.clear()?;
        let mut out = BufWriter::with_capacity(BUFFER, &mut self.destination);
        tiles.write(sides, &metadata, &mut out)?;
        out.flush()?;
        Ok(())
    }
}

impl Sink for PmTiles {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.put(batch).map_err(|e| self.error(e))
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.complete().map_err(|e| self.error(e))?;
        finish(self.destination, Format::PmTiles)
    }
}

impl ResumableSink for PmTiles {
    fn flush(&mut self) -> Result<SinkState> {
        self.waiting.flush().map_err(|e| self.error(e))?;
        let state = serde_json::to_value(&self.known).map_err(|e| self.error(e))?;
        Ok(SinkState { rows: self.rows, state })
    }
}
