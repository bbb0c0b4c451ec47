//! Completes sequences from the graph where tiles show only a part of them.
//!
//! A tile shows the part of a line that lies inside of it, and no line if a sequence has fewer than two images in the
//! tile. So if a line ends at the edge of a tile that was not fetched, or if some tile shows only images of the
//! sequence, the line is drawn again: through the positions of all images of the sequence, in order of capture. A line
//! that lies completely inside the fetched tiles is taken from them, which costs no request.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMillisecondType};
use arrow_array::{Array, RecordBatch};
use arrow_schema::SchemaRef;
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt, iter};

use super::doubt::Doubt;
use super::entities::EntityFields;
use super::gaps::Gaps;
use super::run::{Run, spawn};
use super::saved::{SavedAnswers, with_saved};
use super::step::{Done, Note, NoteKind, Step, Steps};
use super::whole_sequence::{FirstImage, WholeSequence, batch};
use crate::error::{Error, Result, internal};
use crate::plan::GraphRequest;
use crate::query::{Entity, Query, is_sequence_id};
use crate::rows::{RowSelector, Track};
use crate::table::{Wkb, track_wkb};

/// Most rows of a batch of sequences.
const SEQUENCES_A_BATCH: usize = 8192;

/// The fields that are looked up for the images of a sequence. Their positions are not listed, since lookups always
/// have the geometry.
static TRACK_FIELDS: LazyLock<Arc<EntityFields>> =
    LazyLock::new(|| EntityFields::of(Entity::Image, &["captured_at"]));

/// The same with computed positions.
static COMPUTED_TRACK_FIELDS: LazyLock<Arc<EntityFields>> =
    LazyLock::new(|| EntityFields::of(Entity::Image, &["captured_at", "computed_geometry"]));

/// Makes the final rows of sequences.
#[derive(Clone)]
pub(super) struct WholeSequences {
    run: Run,
    selector: Arc<RowSelector>,
    /// Whether lines stay as the tiles show them (`Query::with_cut`).
    is_cut: bool,
    /// Rows of a batch.
    at_once: usize,
}

/// What is left to do after all tiles are read: everything, unless an earlier run has done a part.
#[derive(Default)]
pub(super) struct SequencesLeft {
    /// Steps before the first sequence: the requests of the plan.
    pub(super) before: u64,
    /// Sequences whose rows are written.
    pub(super) done: u64,
    /// Sequences that an earlier run has completed but not written, packed.
    pub(super) completed: Vec<Vec<u8>>,
    /// Answers for sequences that an earlier run has not completed, by their step.
    pub(super) answers: HashMap<u64, Vec<Vec<u8>>>,
    /// Whether completed sequences go into notes, for a run that resumes this one.
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

    /// The steps with the rows of all sequences that are left.
    pub(super) fn steps(
        mut self,
        tracks: Option<(RecordBatch, Vec<Track>)>,
        left: SequencesLeft,
    ) -> Result<Steps> {
        let Some((attributes, tracks)) = tracks else { return Ok(stream::empty().boxed()) };
        let (concurrency, at_once) = (self.run.connection.concurrency(), self.at_once);
        let (schema, selector) = (Arc::clone(self.selector.schema()), Arc::clone(&self.selector));
        let SequencesLeft { before, done, completed, answers, keeps_notes } = left;
        let (saved, receiver) = SavedAnswers::new(answers, keeps_notes);
        self.run = self.run.doubting(doubt(&attributes, &tracks, done > 0)).saving(saved);
        let first = usize::try_from(done).unwrap_or(usize::MAX);
        let tracks = (0..).zip(tracks).skip(first);
        let completed = completed.iter().map(|bytes| WholeSequence::unpack(bytes));
        let mut completed: HashMap<u32, Option<WholeSequence>> = completed.collect::<Result<_>>()?;
        let sequences = iter(tracks).map(move |(row, track)| {
            let (whole, completed) = (self.clone(), completed.remove(&row));
            async move {
                let step = before + u64::from(row);
                if let Some(sequence) = completed {
                    return Ok(SequenceOutcome { sequence, ..SequenceOutcome::default() });
                }
                // Most sequences are complete already; they need no request and so no task.
                if !track.is_cut || whole.is_cut {
                    let sequence = whole.as_shown(row, &track);
                    return Ok(SequenceOutcome { sequence, ..SequenceOutcome::default() });
                }
                let completed = spawn(async move { whole.complete(row, step, track).await }).await?;
                let (sequence, gaps) = completed;
                let pack = || {
                    let bytes = WholeSequence::pack(row, sequence.as_ref())?;
                    Ok(Note { kind: NoteKind::Completed, of: Some(step), bytes })
                };
                let note = keeps_notes.then(pack).transpose()?;
                Ok(SequenceOutcome { sequence, note, gaps })
            }
        });
        let steps = SequenceSteps {
            sequences: sequences.buffered(concurrency).boxed(),
            waiting: Vec::new(),
            gaps: Gaps::default(),
            at_once,
            attributes,
            selector,
            schema: Arc::clone(&schema),
            before,
            done: Done::steps(before + done),
        };
        let begin = steps.done.clone();
        let steps = stream::try_unfold(steps, |mut steps| async move {
            Ok(steps.next().await?.map(|step| (step, steps)))
        });
        Ok(with_saved(steps.boxed(), receiver, schema, begin))
    }

    /// The sequence as the tiles show it, if it touches the area and matches the filters.
    fn as_shown(&self, row: u32, track: &Track) -> Option<WholeSequence> {
        if !track.lines.is_empty() {
            // An image in a tile without a line of the sequence counts as a line of zero length: it shows that the
            // sequence touches the area, but beside lines it is not drawn.
            let stays: Vec<_> = track.stops.iter().map(|stop| [stop.position; 2]).collect();
            let lines = track.lines.iter().map(Vec::as_slice).chain(stays.iter().map(<[_; 2]>::as_slice));
            let lines: Vec<_> = lines.collect();
            let touches =
                track.is_inside || lines.iter().any(|line| self.selector.region().touches_line(line));
            return touches.then(|| WholeSequence { row, wkb: track_wkb(&lines), first: None });
        }
        // The first image in the tiles; the sequence may have earlier ones elsewhere.
        let earliest =
            track.stops.iter().find(|stop| stop.captured_at_ms.is_some()).or(track.stops.first())?;
        let first = FirstImage { image_id: earliest.image_id, captured_at_ms: earliest.captured_at_ms };
        let positions: Vec<_> = track.stops.iter().map(|stop| stop.position).collect();
        let sequence = self.line(row, positions, Some(first), false);
        sequence.filter(|_| self.selector.captured().contains(first.captured_at_ms))
    }

    /// The sequence with a line through all its images, which are looked up, and what is missing from it.
    async fn complete(&self, row: u32, step: u64, track: Track) -> Result<(Option<WholeSequence>, Gaps)> {
        let ids = match self.run.images_of(step, &track.id).await? {
            Ok(ids) => ids,
            Err(why) => {
                let gaps = Gaps { failed: vec![(track.id.to_string(), why)], ..Gaps::default() };
                return Ok((self.as_shown(row, &track), gaps));
            }
        };
        let (found, mut gaps) = self.run.images(self.track_fields(), step, &ids).await?;
        let column =
            |name| found.column_by_name(name).ok_or_else(|| Error::internal("a look-up lacks a column"));
        let ids = found.column(0).as_primitive::<Int64Type>();
        let times = column("captured_at")?.as_primitive::<TimestampMillisecondType>();
        let places = column(self.selector.position_column())?.as_binary::<i32>();
        let place = |row: usize| match places.is_valid(row).then(|| Wkb::read(places.value(row))) {
            Some(Some(Wkb::Point(at))) => Some(at),
            _ => None,
        };
        let positions: Vec<_> = (0..found.num_rows()).filter_map(place).collect();
        if positions.is_empty() {
            // The sequence was deleted since the tiles were made, or the graph does not know it. A part is better than
            // nothing.
            if gaps.failed.is_empty() {
                gaps.not_found.push(track.id.to_string());
            }
            return Ok((self.as_shown(row, &track), gaps));
        }
        if !track.lines.is_empty() {
            // The attributes of the line in the tile name the first image of the sequence, and have passed the filters.
            return Ok((self.line(row, positions, None, track.is_inside), gaps));
        }
        let first = FirstImage {
            image_id: (!ids.is_empty()).then(|| ids.value(0)),
            captured_at_ms: (times.is_valid(0)).then(|| times.value(0)),
        };
        let sequence = self.line(row, positions, Some(first), false);
        let sequence = sequence.filter(|_| self.selector.captured().contains(first.captured_at_ms));
        Ok((sequence, gaps))
    }

    /// The fields that are looked up for the images of a sequence.
    fn track_fields(&self) -> &Arc<EntityFields> {
        match self.selector.position_column() {
            "geometry" => &TRACK_FIELDS,
            _ => &COMPUTED_TRACK_FIELDS,
        }
    }

    /// A line through positions; `None` if it does not touch the area. `is_inside` says that it is known to.
    ///
    /// A single position becomes a line of two equal positions for the comparison with the area, and a point in the row.
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
        touches.then(|| WholeSequence { row, wkb: track_wkb(&lines), first })
    }
}

/// Sequences, and images, by which the run finds out whether the service answers at all.
const SOME: usize = 10;

/// The ids by which the run finds out whether the service answers at all: sequences that have to be completed, and the
/// images that tiles name.
fn doubt(attributes: &RecordBatch, tracks: &[Track], is_resumed: bool) -> Doubt {
    let cut = tracks.iter().filter(|track| track.is_cut).map(|track| track.id.to_string());
    let images = attributes.column_by_name("image_id").into_iter();
    let images = images.flat_map(|ids| ids.as_primitive::<Int64Type>().iter().flatten());
    let images = images.map(|id| id.to_string());
    let all: Vec<String> = cut.take(SOME).chain(images.take(SOME)).collect();
    let about = |id: String| {
        if is_sequence_id(&id) {
            GraphRequest::ImageIds { sequence: id }
        } else {
            TRACK_FIELDS.request(vec![id])
        }
    };
    Doubt::new(&all, about, is_resumed)
}

/// What became of a sequence.
#[derive(Default)]
struct SequenceOutcome {
    /// `None` if its line turned out to be outside the area.
    sequence: Option<WholeSequence>,
    note: Option<Note>,
    gaps: Gaps,
}

/// Collects sequences into batches of rows.
struct SequenceSteps {
    /// In the order of their rows.
    sequences: BoxStream<'static, Result<SequenceOutcome>>,
    /// Sequences of the batch that is not full yet.
    waiting: Vec<WholeSequence>,
    /// What is missing from sequences whose gaps were not handed on.
    gaps: Gaps,
    /// Rows of a batch.
    at_once: usize,
    attributes: RecordBatch,
    selector: Arc<RowSelector>,
    schema: SchemaRef,
    before: u64,
    /// How far the run is after the last batch.
    done: Done,
}

impl SequenceSteps {
    async fn next(&mut self) -> Result<Option<Step>> {
        while let Some(SequenceOutcome { sequence, note, gaps }) = self.sequences.try_next().await? {
            self.waiting.extend(sequence);
            self.gaps.add(gaps);
            if self.waiting.len() >= self.at_once {
                return self.rows().map(Some);
            }
            // Completing a sequence takes requests, and its batch may not be full for a long time. The note saves a
            // resumed run from sending them again.
            if note.is_some() {
                let gaps = std::mem::take(&mut self.gaps);
                return Ok(Some(Step { gaps, ..Step::without_rows(&self.schema, self.done.clone(), note) }));
            }
        }
        if self.waiting.is_empty() && self.gaps.is_empty() { Ok(None) } else { self.rows().map(Some) }
    }

    fn rows(&mut self) -> Result<Step> {
        let of_area =
            self.selector.areas_of_lines(self.waiting.iter().map(|sequence| sequence.wkb.as_slice()));
        let rows = batch(&self.schema, &self.attributes, &self.waiting, of_area).map_err(internal)?;
        // Sequences between two of these rows have no row, because they are outside the area; they are done as well.
        let last = self.waiting.last().map_or(0, |sequence| u64::from(sequence.row) + 1);
        self.done.steps = self.done.steps.max(self.before + last);
        self.waiting.clear();
        Ok(Step { rows, done: self.done.clone(), note: None, gaps: std::mem::take(&mut self.gaps) })
    }
}

/// Splits a line at the antimeridian. Two positions more than 180 degrees apart lie on different sides of it, since no
/// drive goes around half the earth.
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
