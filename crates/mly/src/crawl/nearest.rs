//! Keeps of all rows the nearest ones of each point, and hands them on as soon as they are known.
//!
//! The requests of the plan come in the order of places. Once the last tile that reaches into the buffer of a point is read,
//! no nearer row can follow: its rows are handed on and forgotten. So memory grows with the points whose tiles are being
//! read, and not with the rows.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, Float64Array, RecordBatch, UInt32Array};
use arrow_schema::{ArrowError, SchemaRef};
use arrow_select::interleave::interleave_record_batch;
use arrow_select::take::take_record_batch;
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::step::{Note, NoteKind, RequestOutcome, RequestOutcomes, Start, Step, Steps};
use crate::error::{Error, Result, internal};
use crate::plan::AreaPlan;
use crate::query::NearIndex;
use crate::rows::{Part, RowSelector, pack, unpack};
use crate::table::Wkb;

/// The steps of a query for the nearest rows of points.
pub(super) fn steps(
    plan: &AreaPlan,
    selector: &Arc<RowSelector>,
    mut start: Start,
    outcomes: RequestOutcomes,
) -> Steps {
    let earlier = start.take_notes(NoteKind::Nearest);
    let table = NearestTable::new(plan, selector, start.done.steps, start.keeps_notes);
    let state = (table, outcomes, earlier);
    let steps = stream::try_unfold(state, |(mut table, mut outcomes, mut earlier)| async move {
        for rows in std::mem::take(&mut earlier) {
            table.add(&unpack(&rows).map_err(internal)?).map_err(internal)?;
        }
        let Some(outcome) = outcomes.try_next().await? else { return Ok(None) };
        let step = table.step(outcome)?;
        Ok::<_, Error>(Some((step, (table, outcomes, earlier))))
    });
    steps.boxed()
}

/// A row that may be among the nearest ones of a point.
#[derive(Clone)]
struct NearRow {
    distance_m: f64,
    id: i64,
    /// The rows that came with it, and its place among them.
    rows: Arc<RecordBatch>,
    place: usize,
}

/// The nearest rows of every point so far.
struct NearestTable {
    selector: Arc<RowSelector>,
    /// How many rows each point gets.
    most: usize,
    /// The nearest rows of each point, by distance and id.
    nearest: Vec<Vec<NearRow>>,
    /// Points by the number of requests after which all their rows are known; the last to be known first.
    waiting: Vec<(u64, u32)>,
    /// For each point that number of requests.
    until: Vec<u64>,
    /// Requests that are answered.
    answered: u64,
    keeps_notes: bool,
}

impl NearestTable {
    fn new(plan: &AreaPlan, selector: &Arc<RowSelector>, answered: u64, keeps_notes: bool) -> Self {
        let near = selector.region().near();
        let until = near.map(|near| plan.requests_until(near)).unwrap_or_default();
        let is_open = |(_, until): &(u32, u64)| *until > answered;
        let mut waiting: Vec<_> =
            (0..).zip(until.iter().copied()).filter(is_open).map(|(point, until)| (until, point)).collect();
        waiting.sort_unstable_by(|a, b| b.cmp(a));
        Self {
            selector: Arc::clone(selector),
            most: plan.query().nearest().and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX),
            nearest: vec![Vec::new(); until.len()],
            waiting,
            until,
            answered,
            keeps_notes,
        }
    }

    fn step(&mut self, outcome: RequestOutcome) -> Result<Step> {
        let RequestOutcome { part, done, mut note, gaps } = outcome;
        let kept = match part {
            Some(Part::Points(rows)) => self.add(&rows).map_err(internal)?,
            Some(Part::Lines(_)) => return Err(Error::internal("a layer of points has answered with lines")),
            None => None,
        };
        self.answered = done.steps;
        let rows = self.finished().map_err(internal)?;
        if let Some((kept, until)) = kept.filter(|(_, until)| self.keeps_notes && *until > self.answered) {
            let bytes = pack(&kept).map_err(internal)?;
            note = Some(Note { kind: NoteKind::Nearest, of: Some(until), bytes });
        }
        Ok(Step { rows, done, note, gaps })
    }

    /// Adds rows. Returns those that are among the nearest ones of a point now, and the number of requests until which they
    /// may be needed.
    fn add(&mut self, rows: &RecordBatch) -> Result<Option<(Arc<RecordBatch>, u64)>, ArrowError> {
        let Some(near) = self.selector.region().near() else { return Ok(None) };
        // What is near, as the number of the point, the distance and the row.
        let pairs = pairs(near, rows);
        let ids = rows.column(0).as_primitive::<Int64Type>();
        let mut taken: Vec<(u32, f64, i64, usize)> = Vec::new();
        for (point, distance_m, row) in pairs {
            let is_open = self.until.get(point as usize).is_some_and(|until| *until > self.answered);
            if is_open && self.fits(point, distance_m, ids.value(row)) {
                taken.push((point, distance_m, ids.value(row), row));
            }
        }
        // Of the rows of one answer, many may be near to the same point. Only those that stay are kept in memory.
        taken.sort_unstable_by(|a, b| {
            a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then((a.2, a.3).cmp(&(b.2, b.3)))
        });
        // The boxes of a search may give the same row twice.
        taken.dedup_by_key(|(point, _, id, _)| (*point, *id));
        let of_points = taken.chunk_by(|a, b| a.0 == b.0);
        let best: Vec<_> = of_points.flat_map(|of_point| of_point.iter().take(self.most)).copied().collect();
        let mut places: Vec<usize> = best.iter().map(|(.., row)| *row).collect();
        places.sort_unstable();
        places.dedup();
        if places.is_empty() {
            return Ok(None);
        }
        let indices = places.iter().map(|row| u32::try_from(*row).ok()).collect::<UInt32Array>();
        let kept = Arc::new(take_record_batch(rows, &indices)?);
        let mut until = 0;
        for (point, distance_m, id, row) in best {
            until = until.max(self.until[point as usize]);
            let place = places.binary_search(&row).unwrap_or_default();
            self.insert(point, NearRow { distance_m, id, rows: Arc::clone(&kept), place });
        }
        Ok(Some((kept, until)))
    }

    /// Whether a row is among the nearest ones of a point so far.
    fn fits(&self, point: u32, distance_m: f64, id: i64) -> bool {
        let nearest = &self.nearest[point as usize];
        nearest.len() < self.most
            || nearest.last().is_some_and(|last| is_before((distance_m, id), (last.distance_m, last.id)))
    }

    /// Adds a row to the nearest ones of a point, unless it has come from another tile before.
    fn insert(&mut self, point: u32, row: NearRow) {
        if !self.fits(point, row.distance_m, row.id) {
            return;
        }
        let nearest = &mut self.nearest[point as usize];
        if nearest.iter().any(|known| known.id == row.id) {
            return;
        }
        let at = nearest
            .partition_point(|known| is_before((known.distance_m, known.id), (row.distance_m, row.id)));
        nearest.insert(at, row);
        nearest.truncate(self.most);
    }

    /// The rows of the points for which no nearer one can follow, which are forgotten then.
    fn finished(&mut self) -> Result<RecordBatch, ArrowError> {
        let schema = SchemaRef::clone(self.selector.schema());
        let (mut rows, mut points) = (Vec::new(), Vec::new());
        while let Some((_, point)) = self.waiting.pop_if(|(until, _)| *until <= self.answered) {
            let nearest = std::mem::take(&mut self.nearest[point as usize]);
            points.extend(nearest.iter().map(|_| point));
            rows.extend(nearest);
        }
        if rows.is_empty() {
            return Ok(RecordBatch::new_empty(schema));
        }
        let mut batches: Vec<&RecordBatch> = Vec::new();
        let mut numbers = std::collections::HashMap::new();
        let places: Vec<(usize, usize)> = rows
            .iter()
            .map(|row| {
                let number = *numbers.entry(Arc::as_ptr(&row.rows)).or_insert_with(|| {
                    batches.push(&row.rows);
                    batches.len() - 1
                });
                (number, row.place)
            })
            .collect();
        let gathered = interleave_record_batch(&batches, &places)?;
        let mut columns = gathered.columns().to_vec();
        let count = columns.len();
        let features = self.selector.features().zip(self.selector.region().near());
        if let Some((features, near)) = features {
            let numbers: Vec<_> = points.iter().map(|point| near.feature(*point)).collect();
            columns[count - 3] = features.labels().column(&numbers);
        }
        let distances: Float64Array = rows.iter().map(|row| Some(row.distance_m)).collect();
        columns[count - 2] = Arc::new(distances);
        RecordBatch::try_new(schema, columns)
    }
}

/// Whether a distance and id come before others.
fn is_before(a: (f64, i64), b: (f64, i64)) -> bool {
    a.0 < b.0 || (a.0 <= b.0 && a.1 < b.1)
}

/// The points that each row is near to: the number of the point, the distance, and the row.
fn pairs(near: &NearIndex, rows: &RecordBatch) -> Vec<(u32, f64, usize)> {
    let geometry = rows.column(rows.num_columns() - 1).as_binary::<i32>();
    let mut pairs = Vec::new();
    for row in (0..rows.num_rows()).filter(|row| geometry.is_valid(*row)) {
        if let Some(Wkb::Point(at)) = Wkb::read(geometry.value(row)) {
            let found = near.points_within(at).into_iter();
            pairs.extend(found.map(|(point, distance_m)| (point, distance_m, row)));
        }
    }
    pairs
}
