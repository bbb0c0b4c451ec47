//! Whole sequences: what tiles cut or leave out comes from the graph.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMillisecondType};
use arrow_array::{
    Array, ArrayRef, BinaryArray, Int64Array, RecordBatch, TimestampMillisecondArray, UInt32Array,
};
use arrow_schema::{ArrowError, SchemaRef};
use arrow_select::take::take_record_batch;
use futures_util::stream::{self, StreamExt, TryStreamExt, iter};
use serde::{Deserialize, Serialize};

use super::ask::{Run, spawn};
use super::entities::Asked;
use super::step::{Done, Note, NoteKind, Step, Steps};
use crate::error::internal;
use crate::error::{Error, Result};
use crate::query::{Entity, Query};
use crate::rows::{RowSelector, Track};
use crate::table::{UTC, Wkb, lines_wkb};

/// Rows of a batch of sequences.
const SEQUENCES_A_BATCH: usize = 8192;

/// What lines and their beginning need to know of an image; the geometry always comes.
static TRACK_FIELDS: LazyLock<Arc<Asked>> = LazyLock::new(|| Asked::of(Entity::Image, &["captured_at"]));

/// Makes the final rows of sequences.
#[derive(Clone)]
pub(super) struct Whole {
    run: Run,
    select: Arc<RowSelector>,
    is_cut: bool,
    at_once: usize,
}

/// A wanted sequence.
struct Wanted {
    /// Which row of the attributes belongs to it.
    row: u32,
    wkb: Vec<u8>,
    /// Its first image, where only the graph knows it.
    first: Option<First>,
}

#[derive(Clone, Copy)]
struct First {
    image_id: Option<i64>,
    captured_at_ms: Option<i64>,
}

/// What an earlier run has left to do.
#[derive(Default)]
pub(super) struct Left {
    /// Steps before the first sequence.
    pub(super) before: u64,
    /// Sequences whose rows are written.
    pub(super) done: u64,
    /// What the graph has shown of others.
    pub(super) completed: Vec<Vec<u8>>,
    /// Whether a later run may have to go on.
    pub(super) keeps_notes: bool,
}

/// Makes batches.
struct Rows {
    schema: SchemaRef,
    attributes: Option<RecordBatch>,
    before: u64,
}

impl Rows {
    fn step(&self, wanted: &[Wanted]) -> Result<Step> {
        let rows = match &self.attributes {
            Some(attributes) => batch(&self.schema, attributes, wanted).map_err(internal)?,
            None => RecordBatch::new_empty(Arc::clone(&self.schema)),
        };
        let last = wanted.last().map_or(0, |wanted| u64::from(wanted.row) + 1);
        Ok(Step { rows, done: Done::steps(self.before + last), note: None })
    }
}

impl Wanted {
    /// A sequence that the graph was asked for, wanted or not, as bytes.
    fn pack(row: u32, wanted: Option<&Self>) -> Vec<u8> {
        let first = wanted.and_then(|wanted| wanted.first);
        let about = About {
            row,
            is_wanted: wanted.is_some(),
            first: first.map(|first| (first.image_id, first.captured_at_ms)),
        };
        // Numbers and nothing else, which cannot fail.
        let mut bytes = serde_json::to_vec(&about).unwrap_or_default();
        bytes.push(b'\n');
        bytes.extend(wanted.iter().flat_map(|wanted| &wanted.wkb));
        bytes
    }

    /// What [`Wanted::pack`] was called with.
    fn unpack(bytes: &[u8]) -> Option<(u32, Option<Self>)> {
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let about: About = serde_json::from_slice(bytes.get(..end)?).ok()?;
        let wkb = bytes.get(end + 1..)?.to_vec();
        let first = about.first.map(|(image_id, captured_at_ms)| First { image_id, captured_at_ms });
        Some((about.row, about.is_wanted.then_some(Self { row: about.row, wkb, first })))
    }
}

/// What stands before the line of a packed sequence.
#[derive(Serialize, Deserialize)]
struct About {
    row: u32,
    is_wanted: bool,
    first: Option<(Option<i64>, Option<i64>)>,
}

impl Whole {
    pub(super) fn new(run: &Run, query: &Query, select: &Arc<RowSelector>) -> Self {
        let limit = query.limit().and_then(|n| usize::try_from(n).ok()).unwrap_or(SEQUENCES_A_BATCH);
        Self {
            run: run.clone(),
            select: Arc::clone(select),
            is_cut: query.is_cut(),
            at_once: limit.clamp(1, SEQUENCES_A_BATCH),
        }
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        self.select.schema()
    }

    /// The rows of all sequences that are not done yet.
    pub(super) fn steps(self, tracks: Option<(RecordBatch, Vec<Track>)>, left: Left) -> Steps {
        let (attributes, tracks) = tracks.unzip();
        let (concurrency, at_once) = (self.run.client.concurrency(), self.at_once);
        let Left { before, done, completed, keeps_notes } = left;
        let rows = Rows { schema: Arc::clone(self.select.schema()), attributes, before };
        let first = usize::try_from(done).unwrap_or(usize::MAX);
        let tracks = (0..).zip(tracks.unwrap_or_default()).skip(first);
        let mut known: HashMap<u32, Option<Wanted>> =
            completed.iter().filter_map(|bytes| Wanted::unpack(bytes)).collect();
        let sequences = iter(tracks).map(move |(row, track)| {
            let (whole, known) = (self.clone(), known.remove(&row));
            async move {
                if let Some(wanted) = known {
                    return Ok((wanted, None));
                }
                // Most sequences are whole already, and need no task.
                if !track.is_cut || whole.is_cut {
                    return Ok((whole.as_shown(row, &track), None));
                }
                let wanted = spawn(async move { whole.complete(row, track).await }).await?;
                let note = keeps_notes.then(|| Wanted::pack(row, wanted.as_ref()));
                Ok((wanted, note))
            }
        });
        let sequences = sequences.buffered(concurrency).boxed();
        let done = Done::steps(before + done);
        let state = (sequences, Vec::new(), done, false);
        stream::try_unfold(
            (state, rows),
            move |((mut sequences, mut chunk, done, is_over), rows)| async move {
                if is_over {
                    return Ok::<_, Error>(None);
                }
                while let Some((wanted, note)) = sequences.try_next().await? {
                    chunk.extend(wanted);
                    if chunk.len() >= at_once {
                        let step = rows.step(&chunk)?;
                        let state = (sequences, Vec::new(), step.done.clone(), false);
                        return Ok(Some((step, (state, rows))));
                    }
                    // It took requests, and the rows before it may take a while to be enough.
                    if let Some(bytes) = note {
                        let note = Some(Note { kind: NoteKind::Completed, bytes });
                        let step = Step::without_rows(&rows.schema, done.clone(), note);
                        return Ok(Some((step, ((sequences, chunk, done, false), rows))));
                    }
                }
                if chunk.is_empty() {
                    return Ok(None);
                }
                let step = rows.step(&chunk)?;
                Ok(Some((step, ((sequences, Vec::new(), done, true), rows))))
            },
        )
        .boxed()
    }

    /// What the tiles show of a sequence.
    fn as_shown(&self, row: u32, track: &Track) -> Option<Wanted> {
        if !track.lines.is_empty() {
            // Where a tile shows a single image and no line, the sequence stays where it is.
            let stays: Vec<_> = track.stops.iter().map(|stop| [stop.position; 2]).collect();
            let lines = track.lines.iter().map(Vec::as_slice).chain(stays.iter().map(<[_; 2]>::as_slice));
            let lines: Vec<_> = lines.collect();
            let touches = track.is_inside || lines.iter().any(|line| self.select.region().touches_line(line));
            return touches.then(|| Wanted { row, wkb: lines_wkb(&lines), first: None });
        }
        // The earliest image that is known; which one it is in the whole sequence is not.
        let earliest =
            track.stops.iter().find(|stop| stop.captured_at_ms.is_some()).or(track.stops.first())?;
        let first = First { image_id: earliest.image_id, captured_at_ms: earliest.captured_at_ms };
        let positions: Vec<_> = track.stops.iter().map(|stop| stop.position).collect();
        let wanted = self.line(row, positions, Some(first));
        wanted.filter(|_| self.select.captured().contains(first.captured_at_ms))
    }

    /// The whole sequence, from all its images.
    async fn complete(&self, row: u32, track: Track) -> Result<Option<Wanted>> {
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
            // It was deleted since the tiles were made, or the graph knows nothing of it: what tiles show is not all.
            self.run.tally.not_found(&track.id);
            return Ok(self.as_shown(row, &track));
        }
        if !track.lines.is_empty() {
            // Lines know how their sequence begins, and have passed the filters.
            let is_inside = track.is_inside;
            return Ok(self.line_unless(row, positions, None, is_inside));
        }
        let first = First {
            image_id: (!ids.is_empty()).then(|| ids.value(0)),
            captured_at_ms: (times.is_valid(0)).then(|| times.value(0)),
        };
        let wanted = self.line(row, positions, Some(first));
        Ok(wanted.filter(|_| self.select.captured().contains(first.captured_at_ms)))
    }

    /// A line through positions, if it touches the area. A single position is a line that stays where it is.
    fn line(&self, row: u32, positions: Vec<[f64; 2]>, first: Option<First>) -> Option<Wanted> {
        self.line_unless(row, positions, first, false)
    }

    fn line_unless(
        &self,
        row: u32,
        mut positions: Vec<[f64; 2]>,
        first: Option<First>,
        is_inside: bool,
    ) -> Option<Wanted> {
        if let [only] = positions[..] {
            positions.push(only);
        }
        let lines = parted(positions);
        let touches = is_inside || lines.iter().any(|line| self.select.region().touches_line(line));
        let lines: Vec<_> = lines.iter().map(Vec::as_slice).collect();
        touches.then(|| Wanted { row, wkb: lines_wkb(&lines), first })
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

/// Attributes and lines as one batch.
fn batch(schema: &SchemaRef, attributes: &RecordBatch, wanted: &[Wanted]) -> Result<RecordBatch, ArrowError> {
    let rows: UInt32Array = wanted.iter().map(|w| Some(w.row)).collect();
    let mut columns = take_record_batch(attributes, &rows)?.columns().to_vec();
    for (column, field) in columns.iter_mut().zip(schema.fields()) {
        let replaced: Option<ArrayRef> = match field.name().as_str() {
            "image_id" => {
                let values = column.as_primitive::<Int64Type>().iter().zip(wanted);
                let value = |(old, w): (Option<i64>, &Wanted)| w.first.and_then(|f| f.image_id).or(old);
                Some(Arc::new(values.map(value).collect::<Int64Array>()))
            }
            "captured_at" => {
                let values = column.as_primitive::<TimestampMillisecondType>().iter().zip(wanted);
                let value = |(old, w): (Option<i64>, &Wanted)| w.first.and_then(|f| f.captured_at_ms).or(old);
                let times: TimestampMillisecondArray = values.map(value).collect();
                Some(Arc::new(times.with_timezone(UTC)))
            }
            _ => None,
        };
        if let Some(replaced) = replaced {
            *column = replaced;
        }
    }
    columns.push(Arc::new(wanted.iter().map(|w| Some(w.wkb.as_slice())).collect::<BinaryArray>()));
    RecordBatch::try_new(Arc::clone(schema), columns)
}
