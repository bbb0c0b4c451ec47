//! Puts sequences together from the pieces that tiles show.

use std::collections::HashMap;

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch, UInt32Array};
use arrow_schema::ArrowError;
use arrow_select::concat::concat_batches;
use arrow_select::take::take_record_batch;

use super::part::{Pieces, Shown, TrackPoint};
use super::stitch::{Piece, stitch};
use super::tile::TileLine;
use crate::tile::{DATA_ZOOM, TileId};

/// What is known of one sequence.
#[derive(Debug)]
pub(crate) struct Track {
    /// Id of the sequence.
    pub(crate) id: Box<str>,
    /// Lines, joined over the tiles.
    pub(crate) lines: Vec<Vec<[f64; 2]>>,
    /// Images in tiles that show no line of it, in order of capture.
    pub(crate) stops: Vec<TrackPoint>,
    /// Whether parts of it are missing: it continues beyond the fetched tiles, or some tiles show images of it but no
    /// line.
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
    parts: Vec<TrackBuilder>,
    attributes: Vec<RecordBatch>,
    rows: usize,
    /// Tiles so far, each with its number.
    tiles: HashMap<TileId, usize>,
}

#[derive(Debug, Default)]
struct TrackBuilder {
    id: Box<str>,
    /// Row of the attributes, and whether it comes from a line. Only a line has the date at which the sequence begins,
    /// so its row replaces that of an image.
    row: Option<(u32, bool)>,
    pieces: Vec<Piece>,
    stops: Vec<TrackPoint>,
    is_inside: bool,
    is_refused: bool,
}

impl Tracks {
    /// Adds what the next tile shows.
    pub(crate) fn push(&mut self, pieces: Pieces) {
        let Pieces { tile, attributes, shown, refused } = pieces;
        let next = self.tiles.len();
        let tile = *self.tiles.entry(tile).or_insert(next);
        let ids = attributes.column(0).as_string::<i32>();
        for (row, shown) in (0..ids.len()).zip(shown) {
            // 2^32 rows would fill any memory long before.
            let row = u32::try_from(self.rows + row).unwrap_or(u32::MAX);
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
    }

    fn known(&mut self, id: &str) -> &mut TrackBuilder {
        let next = self.parts.len();
        let place = *self.place_of_id.entry(id.into()).or_insert(next);
        if place == next {
            self.parts.push(TrackBuilder { id: id.into(), ..TrackBuilder::default() });
        }
        &mut self.parts[place]
    }

    /// The columns except the geometry, and the sequence of each row.
    pub(crate) fn finish(self) -> Result<Option<(RecordBatch, Vec<Track>)>, ArrowError> {
        let Some(first) = self.attributes.first() else { return Ok(None) };
        let all = concat_batches(&first.schema(), &self.attributes)?;
        let wanted = self.parts.into_iter().filter(|known| !known.is_refused);
        let tracks = wanted.filter_map(|known| known.track(&self.tiles));
        let (rows, tracks): (Vec<u32>, Vec<Track>) = tracks.unzip();
        Ok(Some((take_record_batch(&all, &UInt32Array::from(rows))?, tracks)))
    }
}

impl TrackBuilder {
    /// The row of its attributes and the sequence, or `None` if it cannot be in the area. It can be if one of its lines
    /// touches the area, if a tile shows images of it but no line, or if a line is cut between two fetched tiles and
    /// the second one does not show the rest.
    fn track(mut self, tiles: &HashMap<TileId, usize>) -> Option<(u32, Track)> {
        let (row, _) = self.row?;
        self.stops.sort_by_key(|stop| stop.captured_at_ms);
        let lines = stitch(self.pieces);
        let is_lost = || lines.iter().flat_map(cut_ends).any(|at| is_among(at, tiles));
        if !self.is_inside && self.stops.is_empty() && !is_lost() {
            return None;
        }
        let is_cut = !self.stops.is_empty() || lines.iter().any(|line| line.is_cut.contains(&true));
        let track = Track {
            id: self.id,
            lines: lines.into_iter().map(|line| line.positions).collect(),
            stops: self.stops,
            is_cut,
            is_inside: self.is_inside,
        };
        Some((row, track))
    }
}

/// The ends at which a line was cut and that no other line continues.
fn cut_ends(line: &TileLine) -> impl Iterator<Item = [f64; 2]> {
    let ends = [line.positions.first(), line.positions.last()];
    ends.into_iter().zip(line.is_cut).filter_map(|(end, is_cut)| end.copied().filter(|_| is_cut))
}

/// Whether all tiles around a position on an edge were fetched.
fn is_among([lon, lat]: [f64; 2], tiles: &HashMap<TileId, usize>) -> bool {
    /// Much less than a unit of a tile, and much more than the rounding of degrees.
    const ASIDE_DEG: f64 = 1e-8;
    let around = [lon - ASIDE_DEG, lon + ASIDE_DEG].into_iter().flat_map(|lon| {
        [lat - ASIDE_DEG, lat + ASIDE_DEG].map(|lat| TileId::containing(lon, lat, DATA_ZOOM))
    });
    around.into_iter().all(|tile| tiles.contains_key(&tile))
}
