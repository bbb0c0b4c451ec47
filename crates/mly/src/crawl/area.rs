//! Queries: tiles and searches in, rows of an area out.

use std::sync::{Arc, Mutex, PoisonError};

use arrow_schema::{ArrowError, SchemaRef};
use futures_util::stream::{self, BoxStream, Stream, StreamExt, TryStreamExt, iter};

use super::ask::Run;
use super::enrich::Enrich;
use super::sequences;
use super::step::{Done, Note, NoteKind, Start, Step, Steps};
use super::update::Known;
use super::whole::Whole;
use crate::error::Result;
use crate::error::Unreadable;
use crate::error::internal;
use crate::plan::{Plan, Request, Touched};
use crate::query::{Layer, Query};
use crate::rows::{Merge, Part, RowSelector, TileRows, decode};
use crate::tile::TileId;

/// How the rows of a query are made.
#[derive(Clone)]
pub(super) struct Area {
    query: Query,
    select: Arc<RowSelector>,
    enrich: Option<Arc<Enrich>>,
    known: Option<Arc<Known>>,
}

/// What a request brings, in the order of the plan.
pub(super) struct Answer {
    pub(super) part: Option<Part>,
    pub(super) done: Done,
    pub(super) note: Option<Note>,
}

pub(super) type Answers = BoxStream<'static, Result<Answer>>;

impl Area {
    pub(super) fn new(query: &Query) -> Self {
        let select = Arc::new(RowSelector::new(query));
        let enrich = Enrich::new(query, select.schema());
        Self { query: query.clone(), select, enrich, known: None }
    }

    /// Leaves out what would cost look-ups and is known.
    pub(super) fn knowing(self, known: Option<Known>) -> Self {
        Self { known: known.map(Arc::new), ..self }
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        self.enrich.as_ref().map_or(self.select.schema(), |enrich| enrich.schema())
    }

    /// The rows, from where an earlier run was left.
    pub(super) fn steps(&self, run: &Run, plan: &Plan, mut start: Start) -> Steps {
        let limit = self.query.limit().unwrap_or(u64::MAX).saturating_sub(start.rows);
        let touched = start.take_notes(NoteKind::Touched);
        let answers = self.answers(run, plan, &start, &touched);
        let steps = match self.query.layer() {
            Layer::Sequences => {
                let whole = Whole::new(run, &self.query, &self.select);
                sequences::steps(whole, plan, start, answers, self.known.clone())
            }
            Layer::Images | Layer::Points | Layer::Signs => {
                unseen(answers, start.merge, self.select.schema(), self.known.clone())
            }
        };
        let steps = limited(steps, limit);
        match &self.enrich {
            Some(enrich) => Arc::clone(enrich).steps(run, steps),
            None => steps,
        }
    }

    /// What requests bring that are not done yet.
    fn answers(&self, run: &Run, plan: &Plan, start: &Start, touched: &[Vec<u8>]) -> Answers {
        if plan.is_paged() {
            return self.pages(run, plan, &start.done);
        }
        if plan.scouts().next().is_none() {
            return tiles(run, plan, &self.select, None, &start.done);
        }
        let all = Arc::new(Mutex::new(Touched::default()));
        let add = {
            let all = Arc::clone(&all);
            move |bytes: &[u8]| all.lock().unwrap_or_else(PoisonError::into_inner).add_packed(bytes)
        };
        for bytes in touched {
            add(bytes);
        }
        let (done, keeps_notes) = (start.done.clone(), start.keeps_notes);
        let scouts = run.touched(plan, touched.len()).map_ok(move |bytes| {
            add(&bytes);
            let note = keeps_notes.then_some(Note { kind: NoteKind::Touched, bytes });
            Answer { part: None, done: done.clone(), note }
        });
        let (run, plan, select, done) =
            (run.clone(), plan.clone(), Arc::clone(&self.select), start.done.clone());
        let tiles = stream::once(async move {
            let all = std::mem::take(&mut *all.lock().unwrap_or_else(PoisonError::into_inner));
            Ok(tiles(&run, &plan, &select, Some(all), &done))
        });
        scouts.chain(tiles.try_flatten()).boxed()
    }

    /// The pages of the one search of a plan.
    fn pages(&self, run: &Run, plan: &Plan, done: &Done) -> Answers {
        let request = match (plan.requests().next(), &done.after) {
            (Some(Request::Search { search, fields }), Some(cursor)) => {
                Some(Request::Search { search: search.after(cursor.clone()), fields })
            }
            // The last page was the last step.
            _ if done.steps > 0 => None,
            (first, _) => first,
        };
        let state = (run.clone(), Arc::clone(&self.select), request, done.steps);
        let pages = stream::try_unfold(state, |(run, select, request, steps)| async move {
            let Some(Request::Search { search, fields }) = request else { return Ok(None) };
            let (part, after) = run.page(&select, search.clone(), &fields).await?;
            run.tally.answered();
            let done = Done { steps: steps + 1, after: after.clone(), ..Done::default() };
            let next = after.map(|cursor| Request::Search { search: search.after(cursor), fields });
            let answer = Answer { part: Some(part), done, note: None };
            Ok(Some((answer, (run, select, next, steps + 1))))
        });
        pages.boxed()
    }
}

impl Run {
    /// The tiles that lines of a lower zoom touch, packed, for each of its tiles but the first so many.
    fn touched(&self, plan: &Plan, known: usize) -> impl Stream<Item = Result<Vec<u8>>> + Send + use<> {
        let scouts = iter(plan.scouts().skip(known));
        let lines = self.each(scouts, |run, request| async move { run.lines(&request).await });
        let tally = Arc::clone(&self.tally);
        lines.map_ok(move |lines| {
            tally.answered();
            let mut touched = Touched::default();
            for line in &lines {
                touched.add(line);
            }
            touched.pack()
        })
    }

    /// The lines of a tile of any zoom.
    async fn lines(&self, request: &Request) -> Result<Vec<Vec<[f64; 2]>>> {
        let tile = request.tile();
        let read = move |body: Vec<u8>| {
            let rows = tile.map(|tile| decode(Layer::Sequences, tile, &body)).transpose()?.flatten();
            Ok(rows.map(TileRows::into_lines).unwrap_or_default())
        };
        self.ask(request, read).await
    }
}

/// What the requests of a plan bring that are not done yet, all of them or those of some tiles.
fn tiles(
    run: &Run,
    plan: &Plan,
    select: &Arc<RowSelector>,
    touched: Option<Touched>,
    done: &Done,
) -> Answers {
    let left = usize::try_from(done.steps).unwrap_or(usize::MAX);
    let is_touched = move |request: &Request| match (&touched, request.tile()) {
        (Some(touched), Some(tile)) => touched.contains(tile),
        _ => true,
    };
    let wanted = plan.requests().skip(left).map(move |request| Some(request).filter(&is_touched));
    let (tally, select) = (Arc::clone(&run.tally), Arc::clone(select));
    let parts = run.each(iter(wanted), move |run, request| {
        let select = Arc::clone(&select);
        async move {
            match request {
                Some(request) => part(run, select, request).await,
                None => Ok((None, 0)),
            }
        }
    });
    let answers = parts.zip(iter(done.steps + 1..)).map(move |(part, number)| {
        let (part, misfits) = part?;
        tally.misfits(misfits);
        tally.answered();
        Ok(Answer { part, done: Done::steps(number), note: None })
    });
    answers.boxed()
}

/// The wanted rows of a request, and how many features fit nowhere.
async fn part(run: Run, select: Arc<RowSelector>, request: Request) -> Result<(Option<Part>, u64)> {
    match request {
        Request::Search { search, fields } => run.search(&select, search, fields).await,
        Request::Tile { tile, .. } => {
            run.ask(&request, move |body: Vec<u8>| read_tile(&select, tile, &body)).await
        }
        // The plan of a query has no look-ups.
        Request::Entities { .. }
        | Request::ImageIds { .. }
        | Request::Detections { .. }
        | Request::Other { .. } => Ok((None, 0)),
    }
}

/// The wanted rows of a tile, and how many features fit nowhere.
fn read_tile(select: &RowSelector, tile: TileId, body: &[u8]) -> Result<(Option<Part>, u64), Unreadable> {
    let unfit = |e: ArrowError| Unreadable {
        what: format!("its rows cannot be used: {e}"),
        offset: None,
        passing: false,
    };
    let rows = decode(select.layer(), tile, body)?;
    let misfits = rows.as_ref().map_or(0, TileRows::misfits);
    let part = if select.layer() == Layer::Sequences {
        let images = decode(Layer::Images, tile, body)?;
        Some(select.pieces(tile, rows, images).map_err(unfit)?)
    } else {
        rows.map(|rows| select.points(Some(tile), rows)).transpose().map_err(unfit)?
    };
    Ok((part, misfits))
}

/// Single features, each once, as soon as they are there.
fn unseen(answers: Answers, mut merge: Merge, schema: &SchemaRef, known: Option<Arc<Known>>) -> Steps {
    let schema = Arc::clone(schema);
    let steps = answers.map(move |answer| {
        let Answer { part, done, note } = answer?;
        match part {
            Some(Part::Points(batch)) => {
                let batch = match &known {
                    Some(known) => known.without(&batch).map_err(internal)?,
                    None => batch,
                };
                Ok(Step { rows: merge.unseen(batch).map_err(internal)?, done, note })
            }
            Some(Part::Lines(_)) | None => Ok(Step::without_rows(&schema, done, note)),
        }
    });
    steps.boxed()
}

/// At most so many rows. Nothing is asked for after the last one: dropping the stream stops what is under way.
pub(super) fn limited(steps: Steps, limit: u64) -> Steps {
    let steps = stream::try_unfold((steps, limit), |(mut steps, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let Some(step) = steps.try_next().await? else { return Ok(None) };
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(step.rows.num_rows());
        let step = Step { rows: step.rows.slice(0, count), ..step };
        Ok(Some((step, (steps, left - count as u64))))
    });
    steps.boxed()
}
