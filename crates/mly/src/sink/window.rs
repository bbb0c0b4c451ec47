//! Windows of rows, which are sorted along the Hilbert curve before they are written.
//!
//! Spatial indexes and row groups need neighbours to be near each other in the file. Tiles come in the order of the
//! curve already, but the rows of a tile do not. So it is enough to sort windows of rows, and memory does not grow with
//! the file.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, UInt32Array};
use arrow_schema::{ArrowError, DataType, Schema, SchemaRef};
use arrow_select::concat::concat_batches;
use arrow_select::take::take_record_batch;

use super::bounds::Bounds;
use super::shapes::{Shapes, check};
use super::text::UnknownGeometry;
use crate::table::{GEOMETRY_TYPE, Wkb};

/// Most rows of a window.
pub(super) const ROWS: usize = 100_000;

/// A window with more bytes than this ends early, which happens with long lines.
const BYTES: usize = 64 << 20;

/// Why rows cannot be sorted.
#[derive(Debug, thiserror::Error)]
pub(super) enum WindowError {
    #[error(transparent)]
    Geometry(#[from] UnknownGeometry),
    #[error(transparent)]
    Rows(#[from] ArrowError),
}

/// Rows that wait until the window is full.
pub(super) struct Window {
    schema: SchemaRef,
    /// The column by which rows are sorted.
    geometry: Option<usize>,
    waiting: Vec<RecordBatch>,
    rows: usize,
    bytes: usize,
}

/// A window's rows in the order of the curve; rows without a position come last.
pub(super) struct Sorted {
    pub(super) rows: RecordBatch,
    /// The box around the geometry of each row; `None` where there is none.
    pub(super) bounds: Boxes,
    /// The types of these geometries.
    pub(super) shapes: Shapes,
}

impl Window {
    pub(super) fn new(schema: &SchemaRef) -> Self {
        Self {
            schema: SchemaRef::clone(schema),
            geometry: main_geometry(schema),
            waiting: Vec::new(),
            rows: 0,
            bytes: 0,
        }
    }

    /// Adds rows, and returns the windows that are full.
    ///
    /// Windows of the full number of rows end after the same rows however the rows are cut into batches, so that the
    /// file is the same too. The limit of bytes is checked only at the end of a batch.
    pub(super) fn fill(&mut self, batch: &RecordBatch) -> Vec<Self> {
        let (mut begin, mut full) = (0, Vec::new());
        while begin < batch.num_rows() {
            let count = (batch.num_rows() - begin).min(ROWS - self.rows);
            let piece = batch.slice(begin, count);
            self.bytes += piece.columns().iter().map(size).sum::<usize>();
            self.rows += count;
            self.waiting.push(piece);
            begin += count;
            if self.rows >= ROWS || self.bytes >= BYTES {
                full.extend(self.take());
            }
        }
        full
    }

    /// Takes the waiting rows as a window and leaves an empty one; `None` when no rows wait.
    pub(super) fn take(&mut self) -> Option<Self> {
        let empty = Self::new(&self.schema);
        (self.rows > 0).then(|| std::mem::replace(self, empty))
    }

    /// Sorts the rows along the curve.
    ///
    /// # Errors
    /// When a geometry is not one of those that results have.
    pub(super) fn sorted(self) -> Result<Sorted, WindowError> {
        let rows = concat_batches(&self.schema, &self.waiting)?;
        let Some(at) = self.geometry else {
            return Ok(Sorted { bounds: vec![None; rows.num_rows()], rows, shapes: Shapes::default() });
        };
        let (bounds, shapes) = boxes(rows.column(at), kind(&self.schema, at))?;
        let mut order: Vec<(u64, u32)> = bounds.iter().map(|bounds| place(*bounds)).zip(0..).collect();
        // Rows at the same place on the curve keep their order, so that the result depends on the rows alone.
        order.sort_unstable();
        let indices = UInt32Array::from_iter_values(order.iter().map(|(_, row)| *row));
        let bounds = order.iter().filter_map(|(_, row)| bounds.get(*row as usize).copied()).collect();
        Ok(Sorted { rows: take_record_batch(&rows, &indices)?, bounds, shapes })
    }
}

/// The place of a row on the curve; rows without a position come last.
fn place(bounds: Option<Bounds>) -> u64 {
    bounds.filter(|bounds| !bounds.is_empty()).map_or(u64::MAX, |bounds| bounds.place())
}

/// Bytes of the values of a column. Arrow's buffers are not measured: they may hold other rows too, and the count must
/// depend on the rows alone.
fn size(column: &ArrayRef) -> usize {
    match column.data_type() {
        DataType::Utf8 => span(column.as_string::<i32>().value_offsets()),
        DataType::Binary => span(column.as_binary::<i32>().value_offsets()),
        DataType::List(_) => {
            let lists = column.as_list::<i32>();
            let offsets = lists.value_offsets();
            let first = offsets.first().copied().unwrap_or_default();
            let first = usize::try_from(first).unwrap_or_default();
            size(&lists.values().slice(first, span(offsets)))
        }
        other => column.len() * other.primitive_width().unwrap_or(1),
    }
}

/// The number of items between the first offset and the last.
fn span(offsets: &[i32]) -> usize {
    let ends = offsets.first().zip(offsets.last());
    ends.and_then(|(first, last)| usize::try_from(last - first).ok()).unwrap_or_default()
}

/// The geometry of the feature: `geometry`, or the first one that has another name.
pub(super) fn main_geometry(schema: &Schema) -> Option<usize> {
    let is_geometry = |at: &usize| *schema.field(*at).data_type() == DataType::Binary;
    let named = schema.fields().iter().position(|field| field.name() == "geometry").filter(is_geometry);
    named.or_else(|| (0..schema.fields().len()).find(is_geometry))
}

/// The kind of geometry that a column holds, by its GeoJSON name.
pub(super) fn kind(schema: &Schema, at: usize) -> Option<&str> {
    schema.field(at).metadata().get(GEOMETRY_TYPE).map(String::as_str)
}

/// The box around each geometry of a column.
pub(super) type Boxes = Vec<Option<Bounds>>;

/// The boxes around the geometries of a column, and the types of these.
pub(super) fn boxes(column: &ArrayRef, kind: Option<&str>) -> Result<(Boxes, Shapes), UnknownGeometry> {
    let mut shapes = Shapes::default();
    let mut bounds = |wkb: Option<&[u8]>| {
        let Some(wkb) = wkb else { return Ok(None) };
        let geometry = check(Wkb::read(wkb).ok_or(UnknownGeometry)?, kind)?;
        shapes.add(&geometry);
        Ok(Some(Bounds::of(&geometry)))
    };
    let boxes = column.as_binary::<i32>().iter().map(&mut bounds).collect::<Result<_, _>>()?;
    Ok((boxes, shapes))
}
