//! The content of one answer: rows, or pieces of sequences that are joined with those of other tiles later.

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
    /// The columns except the geometry, one row per sequence.
    pub(super) attributes: RecordBatch,
    /// The lines or images of each row.
    pub(super) shown: Vec<Shown>,
    /// Ids of sequences that have a line in this tile and do not pass the filters. Another tile may show only images of
    /// them, which do not tell that.
    pub(super) refused: Vec<Box<str>>,
}

/// What a tile shows of one sequence.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Shown {
    /// Lines, and whether they touch the area.
    Lines(Vec<TileLine>, bool),
    /// Images of a sequence that has no line in this tile.
    Images(Vec<TrackPoint>),
}

/// Where and when an image was taken.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TrackPoint {
    pub(crate) image_id: Option<i64>,
    pub(crate) captured_at_ms: Option<i64>,
    pub(crate) position: [f64; 2],
}
