//! The photos that signs were recognised in.

use std::collections::HashMap;

use arrow_array::Array;
use mly::Result;

use crate::columns::{Columns, Id};
use crate::input::Input;
use crate::metric::Position;

/// A looked-up photo.
#[derive(Clone, Debug)]
pub(super) struct Photo {
    /// Where it was taken: the computed position if there is one.
    pub(super) at: Position,
    pub(super) captured_at: Option<i64>,
    /// A number that stands for its sequence.
    pub(super) sequence: Option<u32>,
    pub(super) quality: Option<f64>,
    pub(super) is_pano: bool,
    /// Width and height of the original in pixels.
    pub(super) size: Option<[f64; 2]>,
}

/// Photos by id.
#[derive(Debug, Default)]
pub(super) struct Photos {
    all: HashMap<i64, Photo>,
    sequences: HashMap<Box<str>, u32>,
}

impl Photos {
    pub(super) fn read(input: &Input) -> Result<Self> {
        let mut photos = Self::default();
        for rows in input.rows()?.batches {
            photos.add(Columns(&rows?));
        }
        Ok(photos)
    }

    pub(super) fn get(&self, image: i64) -> Option<&Photo> {
        self.all.get(&image)
    }

    fn add(&mut self, columns: Columns<'_>) {
        let ids = columns.ids("id");
        let sequences = columns.texts("sequence").or_else(|| columns.texts("sequence_id"));
        let (captured, quality) = (columns.times("captured_at"), columns.numbers("quality_score"));
        let (width, height) = (columns.numbers("width"), columns.numbers("height"));
        let panos = columns.flags("is_pano");
        let (geometries, computed) = (columns.geometries(), columns.geometries_of("computed_geometry"));
        for row in 0..columns.0.num_rows() {
            let at = computed.point(row).or_else(|| geometries.point(row));
            let (Some(Id::Number(id)), Some(at)) = (ids.get(row), at) else { continue };
            let sequence = sequences.and_then(|texts| texts.is_valid(row).then(|| texts.value(row)));
            let sequence = sequence.map(|text| {
                let next = u32::try_from(self.sequences.len()).unwrap_or(u32::MAX);
                *self.sequences.entry(text.into()).or_insert(next)
            });
            let photo = Photo {
                at,
                captured_at: captured(row).filter(|ms| *ms > 0),
                sequence,
                quality: quality(row).filter(|score| score.is_finite()),
                is_pano: panos.is_some_and(|flags| flags.is_valid(row) && flags.value(row)),
                size: width(row).zip(height(row)).map(|(w, h)| [w, h]).filter(|s| s[0] >= 1.0 && s[1] >= 1.0),
            };
            self.all.insert(id, photo);
        }
    }
}
