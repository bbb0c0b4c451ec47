//! Whole sequences: what tiles cut or leave out comes from the graph.
//!
//! A tile shows the part of a line that lies inside of it, and no line where a sequence has fewer than two images in the
//! tile. So a line that ends at the edge of a tile that was not read, and a sequence that some tile shows as single images
//! only, is drawn again through the positions of all images of the sequence, in order of capture. A line that lies inside the
//! tiles that were read is complete as they show it, and costs nothing more.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMillisecondType};
use arrow_array::{Array, RecordBatch};
use arrow_schema::SchemaRef;
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt, iter};

use super::entities::EntityFields;
use super::run::{Run, spawn};
use super::step::{Done, Note, NoteKind, Step, Steps};
use super::whole_sequence::{FirstImage, WholeSequence, batch};
use crate::error::{Result, internal};
use crate::query::{Entity, Query};
use crate::rows::{RowSelector, Track};
use crate::table::{Wkb, lines_wkb};

/// Rows of a batch of sequences.
const SEQUENCES_A_BATCH: usize = 8192;

/// What is looked up of the images of a sequence: where and when it begins. The geometry always comes.
static TRACK_FIELDS: LazyLock<Arc<EntityFields>> =
    LazyLock::new(|| EntityFields::of(Entity::Image, &["captured_at"]));

/// Makes the final rows of sequences.
#[derive(Clone)]
pub(super) struct WholeSequences {
    run: Run,
    selector: Arc<RowSelector>,
    /// Whether lines stay as the tiles show them.
    is_cut: bool,
    /// Rows of a batch.
    at_once: usize,
}

/// Which sequences have no row yet.
#[derive(Default)]
pub(super) struct SequencesLeft {
    /// Steps before the first sequence: the requests of the plan.
    pub(super) before: u64,
    /// Sequences whose rows are written.
    pub(super) done: u64,
    /// Later ones that an earlier run has completed, packed.
    pub(super) completed: Vec<Vec<u8>>,
    /// Whether completed sequences are recorded for a run that resumes this one.
    pub(super) keeps_notes: bool,
}

impl WholeSequences {
    pub(super) fn new(run: &Run, query: &Query, selector: &Arc<RowSelector>) -> Self {
        let limit = query.limit().and_then(|n| usize::try_from(n).ok()).unwrap_or(SEQUENCES_A_BATCH);
        Self {
            run: run.clone(),
            selector: Arc::clone(selector),
            is_cut: query.is_cut(),
            at_once: limit.clamp(1, SEQUENCES_A_BATCH),
        }
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        self.selector.schema()
    }

    /// The rows of all sequences that have none yet.
    pub(super) fn steps(
        self,
        tracks: Option<(RecordBatch, Vec<Track>)>,
        left: SequencesLeft,
    ) -> Result<Steps> {
        let Some((attributes, tracks)) = tracks else { return Ok(stream::empty().boxed()) };
        let (concurrency, at_once) = (self.run.connection.concurrency(), self.at_once);
        let schema = Arc::clone(self.selector.schema());
        let SequencesLeft { before, done, completed, keeps_notes } = left;
        let first = usize::try_from(done).unwrap_or(usize::MAX);
        let tracks = (0..).zip(tracks).skip(first);
        let completed = completed.iter().map(|bytes| WholeSequence::unpack(bytes));
        let mut completed: HashMap<u32, Option<WholeSequence>> = completed.collect::<Result<_>>()?;
        let sequences = iter(tracks).map(move |(row, track)| {
            let (whole, completed) = (self.clone(), completed.remove(&row));
            async move {
                if let Some(sequence) = completed {
                    return Ok((sequence, None));
                }
                // Most sequences are whole already, and need no task.
                if !track.is_cut || whole.is_cut {
                    return Ok((whole.as_shown(row, &track), None));
                }
                let sequence = spawn(async move { whole.complete(row, track).await }).await?;
                let note = keeps_notes.then(|| WholeSequence::pack(row, sequence.as_ref())).transpose()?;
                Ok((sequence, note))
            }
        });
        let steps = SequenceSteps {
            sequences: sequences.buffered(concurrency).boxed(),
            waiting: Vec::new(),
            at_once,
            attributes,
            schema,
            before,
            done: Done::steps(before + done),
        };
        Ok(stream::try_unfold(
            steps,
            |mut steps| async move { Ok(steps.next().await?.map(|step| (step, steps))) },
        )
        .boxed())
    }

    /// What the tiles show of a sequence.
    fn as_shown(&self, row: u32, track: &Track) -> Option<WholeSequence> {
        if !track.lines.is_empty() {
            // An image in a tile without a line of the sequence is drawn as a line that stays where it is.
            let stays: Vec<_> = track.stops.iter().map(|stop| [stop.position; 2]).collect();
            let lines = track.lines.iter().map(Vec::as_slice).chain(stays.iter().map(<[_; 2]>::as_slice));
            let lines: Vec<_> = lines.collect();
            let touches =
                track.is_inside || lines.iter().any(|line| self.selector.region().touches_line(line));
            return touches.then(|| WholeSequence { row, wkb: lines_wkb(&lines), first: None });
        }
        // The first image that the tiles show; the sequence may have earlier ones.
        let earliest =
            track.stops.iter().find(|stop| stop.captured_at_ms.is_some()).or(track.stops.first())?;
        let first = FirstImage { image_id: earliest.image_id, captured_at_ms: earliest.captured_at_ms };
        let positions: Vec<_> = track.stops.iter().map(|stop| stop.position).collect();
        let sequence = self.line(row, positions, Some(first), false);
        sequence.filter(|_| self.selector.captured().contains(first.captured_at_ms))
    }

    /// The sequence through all its images. Its line replaces what the tiles show.
    async fn complete(&self, row: u32, track: Track) -> Result<Option<WholeSequence>> {
        let ids = self.run.images_of(&track.id).await?;
        let found = self.run.images(&TRACK_FIELDS, &ids).await?;
        let (ids, times) = (found.column(0).as_primitive::<Int64Type>(), found.column(1));
        let times = times.as_primitive::<TimestampMillisecondType>();
        let places = found.column(2).as_binary::<i32>();
        let place = |row: usize| match places.is_valid(row).then(|| Wkb::read(places.value(row))) {
            Some(Some(Wkb::Point(at))) => Some(at),
            _ => None,
        };
        let positions: Vec<_> = (0..found.num_rows()).filter_map(place).collect();
        if positions.is_empty() {
            // It was deleted since the tiles were made, or the graph does not know it. The tiles show a part of it at least.
            self.run.counters.not_found(&track.id);
            return Ok(self.as_shown(row, &track));
        }
        if !track.lines.is_empty() {
            // The tiles tell how a sequence with a line begins, and its line has passed the filters.
            return Ok(self.line(row, positions, None, track.is_inside));
        }
        let first = FirstImage {
            image_id: (!ids.is_empty()).then(|| ids.value(0)),
            captured_at_ms: (times.is_valid(0)).then(|| times.value(0)),
        };
        let sequence = self.line(row, positions, Some(first), false);
        Ok(sequence.filter(|_| self.selector.captured().contains(first.captured_at_ms)))
    }

    /// A line through positions, if it is known to be inside the area or touches it.
    ///
    /// A single position becomes a line of two equal positions, since a line of one is not valid.
    fn line(
        &self,
        row: u32,
        mut positions: Vec<[f64; 2]>,
        first: Option<FirstImage>,
        is_inside: bool,
    ) -> Option<WholeSequence> {
        if let [only] = positions[..] {
            positions.push(only);
        }
        let lines = parted(positions);
        let touches = is_inside || lines.iter().any(|line| self.selector.region().touches_line(line));
        let lines: Vec<_> = lines.iter().map(Vec::as_slice).collect();
        touches.then(|| WholeSequence { row, wkb: lines_wkb(&lines), first })
    }
}

/// A completed sequence as bytes, if it is to be recorded.
type PackedNote = Option<Vec<u8>>;

/// Puts sequences together into batches.
struct SequenceSteps {
    /// In the order of their rows.
    sequences: BoxStream<'static, Result<(Option<WholeSequence>, PackedNote)>>,
    /// Sequences that wait for a batch to be full.
    waiting: Vec<WholeSequence>,
    /// Rows of a batch.
    at_once: usize,
    attributes: RecordBatch,
    schema: SchemaRef,
    before: u64,
    /// How far the run is with the rows that were given out.
    done: Done,
}

impl SequenceSteps {
    async fn next(&mut self) -> Result<Option<Step>> {
        while let Some((sequence, note)) = self.sequences.try_next().await? {
            self.waiting.extend(sequence);
            if self.waiting.len() >= self.at_once {
                return self.rows().map(Some);
            }
            // Completing it took requests, and a batch may not be full for a long time: a run that stops before would
            // send them again.
            if let Some(bytes) = note {
                let note = Some(Note { kind: NoteKind::Completed, bytes });
                return Ok(Some(Step::without_rows(&self.schema, self.done.clone(), note)));
            }
        }
        if self.waiting.is_empty() { Ok(None) } else { self.rows().map(Some) }
    }

    fn rows(&mut self) -> Result<Step> {
        let rows = batch(&self.schema, &self.attributes, &self.waiting).map_err(internal)?;
        // Those between two rows were found to be outside the area, and are done as well.
        let last = self.waiting.last().map_or(0, |sequence| u64::from(sequence.row) + 1);
        self.done = Done::steps(self.before + last);
        self.waiting.clear();
        Ok(Step { rows, done: self.done.clone(), note: None })
    }
}

/// A line in parts that each stay on one side of the antimeridian: no drive goes around half the earth.
fn parted(positions: Vec<[f64; 2]>) -> Vec<Vec<[f64; 2]>> {
    let is_jump = |from: [f64; 2], to: [f64; 2]| (to[0] - from[0]).abs() > 180.0;
    if !positions.windows(2).any(|ends| is_jump(ends[0], ends[1])) {
        return vec![positions];
    }
    let mut parts = vec![Vec::new()];
    let mut before: Option<[f64; 2]> = None;
    for at in positions {
        let crossed = before.filter(|before| is_jump(*before, at)).map(|from| {
            let edge = 180_f64.copysign(from[0]);
            let (to_edge, beyond) = (edge - from[0], at[0] + edge);
            let both = to_edge + beyond;
            let part = if both == 0.0 { 0.5 } else { to_edge / both };
            (edge, from[1] + part * (at[1] - from[1]))
        });
        if let Some((edge, lat)) = crossed {
            parts.last_mut().into_iter().for_each(|part: &mut Vec<_>| part.push([edge, lat]));
            parts.push(vec![[-edge, lat]]);
        }
        parts.last_mut().into_iter().for_each(|part| part.push(at));
        before = Some(at);
    }
    parts
}
