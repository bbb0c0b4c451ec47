//! Sequences put together from the pieces that tiles show.

use std::collections::HashMap;

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch, UInt32Array};
use arrow_schema::ArrowError;
use arrow_select::concat::concat_batches;
use arrow_select::take::take_record_batch;

use super::pieces::{Pieces, Shown, Stop};
use super::stitch::{Piece, stitch};

/// What is known of one sequence.
#[derive(Debug)]
pub(crate) struct Track {
    /// Id of the sequence.
    pub(crate) id: Box<str>,
    /// Lines, joined over the tiles.
    pub(crate) lines: Vec<Vec<[f64; 2]>>,
    /// Images in tiles that show no line of it, in order of capture.
    pub(crate) stops: Vec<Stop>,
    /// Whether it goes on where nothing was fetched, or where tiles show no line.
    pub(crate) is_cut: bool,
    /// Whether a line touches the area.
    pub(crate) is_inside: bool,
}

/// Sequences in the order in which they were first seen.
///
/// They are kept until the last tile, since any tile may show another piece.
#[derive(Debug, Default)]
pub(crate) struct Tracks {
    place_of_id: HashMap<Box<str>, usize>,
    parts: Vec<Known>,
    attributes: Vec<RecordBatch>,
    rows: usize,
    /// Tiles so far.
    tiles: usize,
}

#[derive(Debug, Default)]
struct Known {
    id: Box<str>,
    /// Row of the attributes, and whether it comes from a line, which knows how the sequence begins.
    row: Option<(u32, bool)>,
    pieces: Vec<Piece>,
    stops: Vec<Stop>,
    is_inside: bool,
    is_refused: bool,
}

impl Tracks {
    /// Adds what the next tile shows.
    pub(crate) fn push(&mut self, pieces: Pieces) {
        let Pieces { attributes, shown, refused } = pieces;
        let ids = attributes.column(0).as_string::<i32>();
        for (row, shown) in (0..ids.len()).zip(shown) {
            // 2^32 rows would fill any memory long before.
            let row = u32::try_from(self.rows + row).unwrap_or(u32::MAX);
            let tile = self.tiles;
            let known = self.known(ids.value(row as usize - self.rows));
            match shown {
                Shown::Lines(lines, is_inside) => {
                    known.pieces.extend(lines.into_iter().map(|line| (tile, line)));
                    known.is_inside |= is_inside;
                    if !matches!(known.row, Some((_, true))) {
                        known.row = Some((row, true));
                    }
                }
                Shown::Images(stops) => {
                    known.stops.extend(stops);
                    known.row.get_or_insert((row, false));
                }
            }
        }
        for id in refused {
            self.known(&id).is_refused = true;
        }
        self.rows += attributes.num_rows();
        if attributes.num_rows() > 0 {
            self.attributes.push(attributes);
        }
        self.tiles += 1;
    }

    fn known(&mut self, id: &str) -> &mut Known {
        let next = self.parts.len();
        let place = *self.place_of_id.entry(id.into()).or_insert(next);
        if place == next {
            self.parts.push(Known { id: id.into(), ..Known::default() });
        }
        &mut self.parts[place]
    }

    /// The columns but for geometry, and the sequence that each row is about.
    pub(crate) fn finish(self) -> Result<Option<(RecordBatch, Vec<Track>)>, ArrowError> {
        let Some(first) = self.attributes.first() else { return Ok(None) };
        let all = concat_batches(&first.schema(), &self.attributes)?;
        // Without a line in the area and without an image that lines do not tell of, it cannot be in the area.
        let is_candidate = |known: &Known| !known.is_refused && (known.is_inside || !known.stops.is_empty());
        let candidates: Vec<_> = self.parts.into_iter().filter(is_candidate).collect();
        let rows: UInt32Array =
            candidates.iter().filter_map(|known| known.row).map(|(row, _)| Some(row)).collect();
        let tracks = candidates.into_iter().filter(|known| known.row.is_some()).map(Known::track);
        Ok(Some((take_record_batch(&all, &rows)?, tracks.collect())))
    }
}

impl Known {
    fn track(mut self) -> Track {
        self.stops.sort_by_key(|stop| stop.captured_at_ms);
        let lines = stitch(self.pieces);
        let is_cut = !self.stops.is_empty() || lines.iter().any(|line| line.is_cut.contains(&true));
        Track {
            id: self.id,
            lines: lines.into_iter().map(|line| line.positions).collect(),
            stops: self.stops,
            is_cut,
            is_inside: self.is_inside,
        }
    }
}
