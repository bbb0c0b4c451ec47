//! The images that are put onto streets.

use std::collections::HashMap;
use std::ops::Range;
use std::time::UNIX_EPOCH;

use arrow_array::{Array, RecordBatch};
use foldhash::fast::FixedState;
use mly::plan::Scope;
use mly::{Error, Result};

use super::tier::FIRST_MS;
use crate::columns::{Columns, Id};
use crate::input::Input;
use crate::metric::{Position, distance_m};
use crate::spool::{Spool, SpoolFile, SpoolInOrder};

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
    pub(super) id: i64,
    /// The number of the sequence; the largest number for none.
    pub(super) sequence: u32,
    /// From 0 to 1, or NaN.
    pub(super) quality: f32,
    pub(super) is_pano: Option<bool>,
    pub(super) is_on_foot: Option<bool>,
}

/// All images of an input.
pub(super) struct Shots {
    in_order: SpoolInOrder<Shot>,
    /// Rows without a position.
    pub(super) unplaced: u64,
    /// Rows with the id of another row, as far as they were read.
    pub(super) repeated: u64,
    pub(super) has_sequences: bool,
    /// What was asked for, as far as the input tells.
    pub(super) asked: Option<Scope>,
    /// The newest date of the images that can be right.
    pub(super) newest: i64,
    /// The last image that was given out, and one that was read after it.
    last: Option<Shot>,
    next: Option<Shot>,
}

/// Dates that are later than their file by more than this are of cameras whose clock is wrong.
const DAY_MS: i64 = 86_400_000;

/// Layers whose rows are no images.
const OTHERS: [&str; 5] = ["sequences", "points", "signs", "map_features", "detections"];

/// The number for no sequence.
pub(super) const ALONE: u32 = u32::MAX;

/// Images that are put onto streets together.
const IMAGES_AT_ONCE: usize = 1 << 20;

impl Shots {
    /// Reads and sorts the images, at most so many in memory.
    ///
    /// # Errors
    /// [`Error::Input`] when they cannot be read, or are no images; [`Error::Output`] when the disk is full.
    pub(super) fn read(input: &Input, most: usize) -> Result<Self> {
        let rows = input.rows()?;
        let has = |name: &str| rows.schema.column_with_name(name).is_some();
        let (has_places, has_sequences) = (has("geometry"), has("sequence_id"));
        // Signs have positions too, and would count as images that look at the street.
        if let Some(layer) = mly::sink::layer_of(&rows.schema).filter(|layer| OTHERS.contains(layer)) {
            return Err(not_images(input, &format!("they are {}", layer.replace('_', " "))));
        }
        if has("value") && has("first_seen_at") {
            return Err(not_images(input, "they are map features"));
        }
        let asked = Scope::of(&rows.schema);
        let mut reader = ShotReader::until(latest_ms(input));
        // Sequences are numbered in the order of their names, which is known at the end only.
        let mut kept: Option<SpoolFile<Shot>> = None;
        for batch in rows.batches {
            let batch = batch?;
            if !has_places && batch.num_rows() > 0 {
                return Err(not_images(input, "they have no positions"));
            }
            reader.add(&batch);
            if reader.shots.len() >= most {
                let file = match &mut kept {
                    Some(file) => file,
                    None => kept.insert(SpoolFile::new()?),
                };
                reader.shots.drain(..).try_for_each(|shot| file.add(&shot))?;
            }
        }
        if reader.shots.is_empty() && kept.is_none() && reader.unplaced > 0 {
            return Err(not_images(input, "none of its rows has a position"));
        }
        let ShotReader { shots, names, unplaced, newest, .. } = reader;
        let ranks = names.ranks();
        let ranked = |shot: Shot| Shot {
            sequence: ranks.get(shot.sequence as usize).copied().unwrap_or(ALONE),
            ..shot
        };
        let mut spool = Spool::new(most);
        if let Some(file) = kept {
            for shot in file.read()? {
                spool.extend([ranked(shot?)])?;
            }
        }
        spool.extend(shots.into_iter().map(ranked))?;
        let newest = newest.unwrap_or(FIRST_MS);
        let in_order = spool.in_order()?;
        Ok(Self { in_order, unplaced, repeated: 0, has_sequences, asked, newest, last: None, next: None })
    }

    /// The next images, as pieces of sequences that are whole: images that follow each other without a gap. Empty at the end.
    ///
    /// # Errors
    /// [`Error::Output`] when what was written to the disk cannot be read.
    pub(super) fn next_pieces(&mut self) -> Result<Vec<Shot>> {
        let mut shots: Vec<Shot> = self.next.take().into_iter().collect();
        while let Some(shot) = self.in_order.next().transpose()? {
            // A file that was joined from several has some images twice.
            let is_numbered = shot.id != i64::MIN;
            let repeats = |last: &Shot| is_numbered && last.id == shot.id && last.sequence == shot.sequence;
            if self.last.as_ref().is_some_and(repeats) {
                self.repeated += 1;
                continue;
            }
            self.last = Some(shot);
            if shots.len() >= IMAGES_AT_ONCE && shots.last().is_some_and(|last| !follows(last, &shot)) {
                self.next = Some(shot);
                break;
            }
            shots.push(shot);
        }
        Ok(shots)
    }
}

/// The latest date that images of an input can have, in milliseconds since 1970.
fn latest_ms(images: &Input) -> i64 {
    let written = match images {
        Input::File(path) => path.metadata().and_then(|about| about.modified()).ok(),
        Input::Table(_) => None,
    };
    let written_ms = written
        .and_then(|at| at.duration_since(UNIX_EPOCH).ok())
        .and_then(|since| i64::try_from(since.as_millis()).ok());
    written_ms.map_or(i64::MAX, |ms| ms + DAY_MS)
}

/// Whether an image follows another one: of one sequence, and neither long after it nor far away from it.
///
/// Images without a sequence or a time stand alone: nothing tells what came before and after them.
fn follows(a: &Shot, b: &Shot) -> bool {
    a.sequence == b.sequence
        && a.sequence != ALONE
        && a.captured_at > 0
        && b.captured_at - a.captured_at <= LONGEST_PAUSE_MS
        && distance_m(a.at, b.at) <= LONGEST_STEP_M
}

/// Where sequences are cut: ranges of images that follow each other.
pub(super) fn pieces(shots: &[Shot]) -> Vec<Range<usize>> {
    let mut begin = 0;
    let range = |piece: &[Shot]| {
        let range = begin..begin + piece.len();
        begin = range.end;
        range
    };
    shots.chunk_by(follows).map(range).collect()
}

/// Reads the rows of images.
struct ShotReader {
    shots: Vec<Shot>,
    names: SequenceNames,
    unplaced: u64,
    /// The newest date so far.
    newest: Option<i64>,
    latest: i64,
}

impl ShotReader {
    /// Dates up to this one can be right.
    fn until(latest: i64) -> Self {
        Self { shots: Vec::new(), names: SequenceNames::default(), unplaced: 0, newest: None, latest }
    }

    fn add(&mut self, batch: &RecordBatch) {
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
                    let number = self.names.number(id.clone());
                    last = Some((id, number));
                    number
                }
            };
            #[expect(clippy::cast_possible_truncation, reason = "seven digits of a share are enough")]
            let quality = qualities(row).map_or(f32::NAN, |quality| quality as f32);
            let captured_at = captured(row).filter(|ms| *ms > 0).unwrap_or(0);
            if (FIRST_MS..=self.latest).contains(&captured_at) {
                self.newest = self.newest.max(Some(captured_at));
            }
            self.shots.push(Shot {
                at,
                captured_at,
                id: ids.get(row).map_or(i64::MIN, |id| number(&id)),
                sequence,
                quality,
                is_pano: flag(panos),
                is_on_foot: flag(feet),
            });
        }
    }
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
