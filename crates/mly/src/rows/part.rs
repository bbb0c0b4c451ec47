//! What one answer brings: rows, or pieces of sequences that wait for those of other tiles.

use arrow_array::RecordBatch;
use serde::{Deserialize, Serialize};

use super::tile::TileLine;
use crate::tile::TileId;

/// The wanted rows of one tile or search.
#[derive(Debug)]
pub(crate) enum Part {
    /// Rows in their final form.
    Points(RecordBatch),
    /// Pieces of sequences, to be merged with those of other tiles.
    Lines(Pieces),
}

/// What one tile shows of some sequences.
#[derive(Debug)]
pub(crate) struct Pieces {
    /// Which tile it is.
    pub(super) tile: TileId,
    /// The columns but for geometry, one row a sequence.
    pub(super) attributes: RecordBatch,
    /// What is shown of each row.
    pub(super) shown: Vec<Shown>,
    /// Sequences with a line here that does not pass the filters.
    pub(super) refused: Vec<Box<str>>,
}

/// What a tile shows of one sequence.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Shown {
    /// Lines, and whether they touch the area.
    Lines(Vec<TileLine>, bool),
    /// Images where there is no line.
    Images(Vec<TrackPoint>),
}

/// Where and when an image was taken.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TrackPoint {
    pub(crate) image_id: Option<i64>,
    pub(crate) captured_at_ms: Option<i64>,
    pub(crate) position: [f64; 2],
}
