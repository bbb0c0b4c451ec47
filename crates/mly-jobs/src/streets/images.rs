//! The images that are put onto streets.

use std::collections::HashMap;
use std::ops::Range;
use std::time::UNIX_EPOCH;

use arrow_array::{Array, RecordBatch};
use foldhash::fast::FixedState;
use mly::plan::Scope;
use mly::{Error, Result};
use rayon::slice::ParallelSliceMut;

use super::tier::FIRST_MS;
use crate::columns::{Columns, Id};
use crate::input::Input;
use crate::metric::{Position, distance_m};

/// Sequences are cut where two images are farther apart, in metres.
const LONGEST_STEP_M: f64 = 100.0;

/// Sequences are cut where more time lies between two images, in milliseconds.
const LONGEST_PAUSE_MS: i64 = 120_000;

/// What is known of an image. Images of one sequence stand together, in the order of their capture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shot {
    pub(super) at: Position,
    /// Milliseconds since 1970; 0 when it is not known, as the service writes it.
    pub(super) captured_at: i64,
    /// The id, or a number that is made of an id that is a text.
    id: i64,
    /// The number of the sequence; the largest number for none.
    pub(super) sequence: u32,
    /// From 0 to 1, or NaN.
    pub(super) quality: f32,
    pub(super) is_pano: Option<bool>,
    pub(super) is_on_foot: Option<bool>,
}

/// All images of an input, sorted.
#[derive(Debug, Default)]
pub(super) struct Shots {
    pub(super) all: Vec<Shot>,
    /// Rows without a position.
    pub(super) unplaced: u64,
    /// Rows with the id of another row.
    pub(super) repeated: u64,
    pub(super) has_sequences: bool,
    /// What was asked for, as far as the input tells.
    pub(super) asked: Option<Scope>,
}

/// Dates that are later than their file by more than this are of cameras whose clock is wrong.
const DAY_MS: i64 = 86_400_000;

/// No sequence.
const ALONE: u32 = u32::MAX;

impl Shots {
    /// Reads and sorts the images.
    ///
    /// # Errors
    /// [`Error::Input`] when they cannot be read, or are no images.
    pub(super) fn read(input: &Input) -> Result<Self> {
        let rows = input.rows()?;
        let has = |name: &str| rows.schema.column_with_name(name).is_some();
        let mut shots =
            Self { has_sequences: has("sequence_id"), asked: Scope::of(&rows.schema), ..Self::default() };
        let has_places = has("geometry");
        let mut names = SequenceNames::default();
        for batch in rows.batches {
            let batch = batch?;
            if !has_places && batch.num_rows() > 0 {
                return Err(not_images(input, "they have no positions"));
            }
            shots.add(&batch, &mut names);
        }
        if shots.all.is_empty() && shots.unplaced > 0 {
            return Err(not_images(input, "none of its rows has a position"));
        }
        shots.sort(names);
        Ok(shots)
    }

    fn add(&mut self, batch: &RecordBatch, names: &mut SequenceNames) {
        let columns = Columns(batch);
        let (ids, sequences) = (columns.ids("id"), columns.ids("sequence_id"));
        let (captured, qualities) = (columns.times("captured_at"), columns.numbers("quality_score"));
        let (panos, feet) = (columns.flags("is_pano"), columns.flags("foot"));
        let geometries = columns.geometries();
        // Rows of one sequence often stand together.
        let mut last: Option<(Id, u32)> = None;
        for row in 0..batch.num_rows() {
            let Some(at) = geometries.point(row) else {
                self.unplaced += 1;
                continue;
            };
            let flag = |column: Option<&arrow_array::BooleanArray>| {
                column.filter(|column| column.is_valid(row)).map(|column| column.value(row))
            };
            let sequence = match (sequences.get(row), &last) {
                (None, _) => ALONE,
                (Some(id), Some((known, number))) if id == *known => *number,
                (Some(id), _) => {
                    let number = names.number(id.clone());
                    last = Some((id, number));
                    number
                }
            };
            #[expect(clippy::cast_possible_truncation, reason = "seven digits of a share are enough")]
            let quality = qualities(row).map_or(f32::NAN, |quality| quality as f32);
            self.all.push(Shot {
                at,
                captured_at: captured(row).filter(|ms| *ms > 0).unwrap_or(0),
                id: ids.get(row).map_or(i64::MIN, |id| number(&id)),
                sequence,
                quality,
                is_pano: flag(panos),
                is_on_foot: flag(feet),
            });
        }
    }

    /// Puts the images of each sequence together, whatever the order of the rows was.
    fn sort(&mut self, names: SequenceNames) {
        let ranks = names.ranks();
        for shot in &mut self.all {
            shot.sequence = ranks.get(shot.sequence as usize).copied().unwrap_or(ALONE);
        }
        let key = |shot: &Shot| {
            let flags = [shot.is_pano, shot.is_on_foot];
            (
                shot.sequence,
                shot.captured_at,
                shot.id,
                shot.at.map(f64::to_bits),
                flags,
                shot.quality.to_bits(),
            )
        };
        self.all.par_sort_unstable_by_key(key);
        // A file that was joined from several has some images twice.
        let before = self.all.len();
        let is_numbered = |shot: &Shot| shot.id != i64::MIN;
        self.all.dedup_by(|b, a| is_numbered(a) && a.id == b.id && a.sequence == b.sequence);
        self.repeated = (before - self.all.len()) as u64;
    }

    /// The newest date of the images that can be right.
    pub(super) fn newest(&self, images: &Input) -> i64 {
        let written = match images {
            Input::File(path) => path.metadata().and_then(|about| about.modified()).ok(),
            Input::Table(_) => None,
        };
        let written_ms = written
            .and_then(|at| at.duration_since(UNIX_EPOCH).ok())
            .and_then(|since| i64::try_from(since.as_millis()).ok());
        let latest = written_ms.map_or(i64::MAX, |ms| ms + DAY_MS);
        let dates =
            self.all.iter().map(|shot| shot.captured_at).filter(|ms| (FIRST_MS..=latest).contains(ms));
        dates.max().unwrap_or(FIRST_MS)
    }

    /// Where the sequences are cut: ranges of images that follow each other without a gap.
    ///
    /// Images without a sequence or a time stand alone: nothing tells what came before and after them.
    pub(super) fn pieces(&self) -> Vec<Range<usize>> {
        let follows = |a: &Shot, b: &Shot| {
            a.sequence == b.sequence
                && a.sequence != ALONE
                && a.captured_at > 0
                && b.captured_at - a.captured_at <= LONGEST_PAUSE_MS
                && distance_m(a.at, b.at) <= LONGEST_STEP_M
        };
        let mut begin = 0;
        let range = |piece: &[Shot]| {
            let range = begin..begin + piece.len();
            begin = range.end;
            range
        };
        self.all.chunk_by(follows).map(range).collect()
    }
}

/// Whether an image belongs to a sequence.
pub(super) fn has_sequence(shot: &Shot) -> bool {
    shot.sequence != ALONE
}

/// The names of sequences, numbered as they come.
#[derive(Default)]
struct SequenceNames(HashMap<Id, u32, FixedState>);

impl SequenceNames {
    fn number(&mut self, name: Id) -> u32 {
        let next = u32::try_from(self.0.len()).unwrap_or(ALONE);
        *self.0.entry(name).or_insert(next)
    }

    /// For each number, the place of the name among all names in order.
    fn ranks(self) -> Vec<u32> {
        let mut names: Vec<(Id, u32)> = self.0.into_iter().collect();
        names.sort_unstable();
        let mut ranks = vec![ALONE; names.len()];
        for ((_, number), rank) in names.into_iter().zip(0..) {
            if let Some(place) = ranks.get_mut(number as usize) {
                *place = rank;
            }
        }
        ranks
    }
}

/// A number for an id. One that is a text gets a checksum of it (FNV-1a), which is the same on every machine.
fn number(id: &Id) -> i64 {
    match id {
        Id::Number(number) => *number,
        Id::Text(text) => {
            let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
            text.bytes().fold(0xCBF2_9CE4_8422_2325, mix).cast_signed()
        }
    }
}

fn not_images(input: &Input, why: &str) -> Error {
    let error = Error::input(format!("these are no images: {why}"))
        .with_hint("give a result of `mly images`, or points with id, sequence_id and captured_at");
    match input {
        Input::File(path) => error.with_path(path),
        Input::Table(_) => error,
    }
}
