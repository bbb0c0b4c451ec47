//! What one tile shows of some sequences: lines, and images of sequences that have no line there.
//!
//! The layer of sequences leaves out those with fewer than two images in the tile (API v4, "Encoding facts").

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef, RecordBatch, UInt32Array};
use arrow_schema::ArrowError;
use arrow_select::concat::concat_batches;
use arrow_select::take::take;

use super::part::{Part, Pieces, Shown, TrackPoint};
use super::selector::{Mask, RowSelector};
use super::tile::{Places, TileLine, TileRows};
use crate::query::{Layer, Touch};
use crate::tile::TileId;

impl RowSelector {
    /// The wanted sequences of a tile, from its two layers.
    ///
    /// # Errors
    /// When the text of a column would fill the memory.
    pub(crate) fn pieces(
        &self,
        tile: TileId,
        lines: Option<TileRows>,
        images: Option<TileRows>,
    ) -> Result<Part, ArrowError> {
        let mut refused = Vec::new();
        let mut ids = HashSet::new();
        let mut parts = Vec::new();
        let mut shown = Vec::new();
        if let Some(TileRows { columns, places: Places::Lines(lines), .. }) = lines {
            let (attributes, mask) = self.sequences(&columns, true)?;
            parts.push(attributes);
            let names = columns[0].as_dictionary::<Int32Type>().downcast_dict::<arrow_array::StringArray>();
            let names: Vec<&str> = names.into_iter().flatten().map(Option::unwrap_or_default).collect();
            ids = names.iter().map(|name| (*name).to_owned()).collect();
            for (row, lines) in lines.into_iter().enumerate() {
                let Some(name) = names.get(row) else { continue };
                if mask.keeps(row) {
                    let inside = self.touches(tile, &lines);
                    if inside {
                        self.left_out().stop();
                    }
                    shown.push(Shown::Lines(lines, inside));
                } else {
                    if !self.left_out().is_over() && self.touches(tile, &lines) {
                        self.left_out().add_sequence(name);
                    }
                    refused.push((*name).into());
                }
            }
        }
        if let Some(images) = images {
            let (attributes, images) = self.lineless(images, &ids)?;
            parts.push(attributes);
            shown.extend(images.into_iter().map(Shown::Images));
        }
        let schema = parts.first().map_or_else(|| Arc::clone(self.schema()), RecordBatch::schema);
        Ok(Part::Lines(Pieces { tile, attributes: concat_batches(&schema, &parts)?, shown, refused }))
    }

    fn touches(&self, tile: TileId, lines: &[TileLine]) -> bool {
        let whole = (self.region().touch(tile) == Touch::Inside).then(|| tile.bbox());
        lines.iter().any(|TileLine { positions, .. }| {
            let in_tile = whole.is_some_and(|b| positions.iter().any(|&[lon, lat]| b.contains(lon, lat)));
            in_tile || self.region().touches_line(positions)
        })
    }

    /// The sequences that have images but no line in this tile, and their images, both in the order of the tile.
    fn lineless(
        &self,
        images: TileRows,
        with_line: &HashSet<String>,
    ) -> Result<(RecordBatch, Vec<Vec<TrackPoint>>), ArrowError> {
        let TileRows { columns, places: Places::Points { lons, lats, .. }, .. } = images else {
            return Err(ArrowError::SchemaError("images are no points".into()));
        };
        let column = |name: &str| Layer::Images.place_of(name).map(|place| &columns[place]);
        let sequences = column("sequence_id")?.as_dictionary::<Int32Type>();
        let words = sequences.values().as_string::<i32>();
        let is_lineless: Vec<bool> =
            words.iter().map(|w| w.is_some_and(|w| !w.is_empty() && !with_line.contains(w))).collect();
        let ids = column("id")?.as_primitive::<Int64Type>();
        let moments = column("captured_at")?.as_primitive::<TimestampMillisecondType>();
        let mut rows: Vec<u32> = Vec::new();
        let mut stops: Vec<Vec<TrackPoint>> = Vec::new();
        let mut place_of_key = HashMap::new();
        for row in 0..sequences.len() {
            let Some(key) = sequences.key(row).filter(|key| is_lineless[*key]) else { continue };
            if lons[row].abs() > 180.0 {
                continue;
            }
            let place = *place_of_key.entry(key).or_insert(stops.len());
            if place == stops.len() {
                // Tiles are limited to fewer than 2^32 features.
                rows.push(u32::try_from(row).unwrap_or(u32::MAX));
                stops.push(Vec::new());
            }
            let captured_at_ms = moments.is_valid(row).then(|| moments.value(row));
            let image_id = ids.is_valid(row).then(|| ids.value(row));
            stops[place].push(TrackPoint { image_id, captured_at_ms, position: [lons[row], lats[row]] });
        }
        let rows = UInt32Array::from(rows);
        // The properties of a sequence are repeated on each of its images, some under another name.
        let of_image = |name: &'static str| match name {
            "id" => "sequence_id",
            "image_id" => "id",
            same => same,
        };
        let of_sequence = Layer::Sequences.columns().iter().filter(|c| c.name != "geometry");
        let taken: Vec<ArrayRef> =
            of_sequence.map(|c| take(column(of_image(c.name))?, &rows, None)).collect::<Result<_, _>>()?;
        let (attributes, mask) = self.sequences(&taken, false)?;
        self.count_lineless(&taken, &stops, &mask);
        let kept = stops.into_iter().enumerate().filter(|(row, _)| mask.keeps(*row));
        Ok((attributes, kept.map(|(_, stops)| stops).collect()))
    }

    /// Counts the sequences among those without a line that have images in the area and that the filters leave out.
    fn count_lineless(&self, taken: &[ArrayRef], stops: &[Vec<TrackPoint>], mask: &Mask) {
        let Some(ids) = taken.first().and_then(|ids| ids.as_dictionary_opt::<Int32Type>()) else { return };
        let words = ids.values().as_string::<i32>();
        for (row, stops) in stops.iter().enumerate() {
            let is_inside = |at: &TrackPoint| self.region().contains(at.position[0], at.position[1]);
            if self.left_out().is_over() || !stops.iter().any(is_inside) {
                continue;
            }
            match ids.key(row) {
                _ if mask.keeps(row) => self.left_out().stop(),
                Some(key) => self.left_out().add_sequence(words.value(key)),
                None => {}
            }
        }
    }
}
