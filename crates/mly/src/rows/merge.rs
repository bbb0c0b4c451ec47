//! The parts of all tiles as one result: repeated ids dropped, sequences put together.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, BinaryArray, BooleanArray, RecordBatch};
use arrow_buffer::BooleanBuffer;
use arrow_schema::{ArrowError, SchemaRef};
use arrow_select::concat::concat_batches;
use arrow_select::filter::filter_record_batch;

use super::geometry;
use super::seen::Seen;
use super::select::{Part, Pieces};
use super::stitch::{Piece, stitch};

/// Rows of a batch of sequences.
const SEQUENCES_A_BATCH: usize = 8192;

/// Takes the parts in the order of the plan.
///
/// Single features are given out at once, each id once. Sequences are kept until the last tile, since any tile may
/// show another piece.
#[derive(Debug)]
pub(crate) struct Merge {
    seen: Seen,
    sequences: Sequences,
}

impl Merge {
    pub(crate) fn new() -> Self {
        Self { seen: Seen::new(), sequences: Sequences::default() }
    }

    /// Adds the part of the next tile and gives what can be given out, which may have no rows.
    pub(crate) fn push(&mut self, part: Part) -> Result<Option<RecordBatch>, ArrowError> {
        match part {
            Part::Points(batch) => self.unseen(batch).map(Some),
            Part::Lines(pieces) => self.sequences.push(pieces).map(|()| None),
        }
    }

    fn unseen(&mut self, batch: RecordBatch) -> Result<RecordBatch, ArrowError> {
        let ids = batch.column(0).as_primitive::<Int64Type>();
        let fresh = BooleanBuffer::collect_bool(ids.len(), |row| self.seen.insert(ids.value(row)));
        if fresh.count_set_bits() == ids.len() {
            return Ok(batch);
        }
        filter_record_batch(&batch, &BooleanArray::new(fresh, None))
    }

    /// What was kept until the end.
    pub(crate) fn finish(self, schema: &SchemaRef) -> Result<Vec<RecordBatch>, ArrowError> {
        self.sequences.finish(schema)
    }
}

/// Sequences in the order in which they were first seen.
#[derive(Debug, Default)]
struct Sequences {
    place_of_id: HashMap<Box<str>, usize>,
    attributes: Vec<RecordBatch>,
    pieces: Vec<Vec<Piece>>,
    inside: Vec<bool>,
    /// Tiles so far.
    tiles: usize,
}

impl Sequences {
    fn push(&mut self, pieces: Pieces) -> Result<(), ArrowError> {
        let Pieces { attributes, lines, inside } = pieces;
        let ids = attributes.column(0).as_string::<i32>();
        let known = self.pieces.len();
        let mut fresh = Vec::with_capacity(ids.len());
        for ((row, lines), inside) in (0..ids.len()).zip(lines).zip(inside) {
            let next = self.pieces.len();
            let place = *self.place_of_id.entry(ids.value(row).into()).or_insert(next);
            fresh.push(place == next);
            if place == next {
                self.pieces.push(Vec::new());
                self.inside.push(false);
            }
            self.pieces[place].extend(lines.into_iter().map(|line| (self.tiles, line)));
            self.inside[place] |= inside;
        }
        self.tiles += 1;
        if self.pieces.len() > known {
            self.attributes.push(filter_record_batch(&attributes, &BooleanArray::from(fresh))?);
        }
        Ok(())
    }

    fn finish(self, schema: &SchemaRef) -> Result<Vec<RecordBatch>, ArrowError> {
        let Some(first) = self.attributes.first() else { return Ok(Vec::new()) };
        let attributes = concat_batches(&first.schema(), &self.attributes)?;
        let attributes = filter_record_batch(&attributes, &BooleanArray::from(self.inside.clone()))?;
        let pieces =
            self.pieces.into_iter().zip(self.inside).filter_map(|(pieces, inside)| inside.then_some(pieces));
        let mut wkb = pieces.map(|pieces| Some(geometry::lines(&stitch(pieces))));
        let batch = |at: usize| {
            let rows = SEQUENCES_A_BATCH.min(attributes.num_rows() - at);
            let mut columns = attributes.slice(at, rows).columns().to_vec();
            columns.push(Arc::new(wkb.by_ref().take(rows).collect::<BinaryArray>()) as ArrayRef);
            RecordBatch::try_new(Arc::clone(schema), columns)
        };
        (0..attributes.num_rows()).step_by(SEQUENCES_A_BATCH).map(batch).collect()
    }
}
