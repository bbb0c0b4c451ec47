//! Runs a query: requests its tiles or searches, and makes the rows of the area.

use std::sync::{Arc, Mutex, PoisonError};

use arrow_schema::{ArrowError, SchemaRef};
use futures_util::stream::{self, Stream, StreamExt, TryStreamExt, iter};

use super::doubt::Doubt;
use super::enrich::Enricher;
use super::gaps::Gaps;
use super::known::KnownRows;
use super::nearest;
use super::pages::PageChain;
use super::run::Run;
use super::sequences;
use super::spaced::Spacing;
use super::step::{Done, Note, NoteKind, RequestOutcome, RequestOutcomes, Start, Step, Steps, limited};
use super::whole::WholeSequences;
use crate::error::{Error, Result, Unreadable, internal};
use crate::plan::{AreaPlan, AreaRequest, SearchRequest, TileRequest, Touched};
use crate::query::{Layer, Query};
use crate::rows::{LeftOutTally, Merge, Misfits, Part, RowSelector, TileRows, decode};

/// Makes the rows of a query.
#[derive(Clone)]
pub(super) struct AreaCrawl {
    plan: Arc<AreaPlan>,
    selector: Arc<RowSelector>,
    spacing: Option<Arc<Spacing>>,
    enricher: Option<Arc<Enricher>>,
    known: Option<Arc<KnownRows>>,
}

impl AreaCrawl {
    pub(super) fn new(plan: AreaPlan) -> Self {
        let (spacing, with_order) = Spacing::of(plan.query()).unzip();
        let selector = Arc::new(RowSelector::new(with_order.as_ref().unwrap_or(plan.query())));
        let schema = spacing.as_ref().map_or(selector.schema(), Spacing::schema);
        let enricher = Enricher::new(plan.query(), schema);
        Self { plan: Arc::new(plan), selector, spacing: spacing.map(Arc::new), enricher, known: None }
    }

    /// Leaves out rows that an earlier result has, where they would cost lookups.
    pub(super) fn knowing(self, known: Option<Arc<KnownRows>>) -> Self {
        Self { known, ..self }
    }

    /// Tiles of the plan.
    pub(super) fn tiles(&self) -> u64 {
        let cost = self.plan.cost();
        cost.tiles + cost.scouts
    }

    pub(super) fn query(&self) -> &Query {
        self.plan.query()
    }

    /// What the filters leave out.
    pub(super) fn left_out(&self) -> &Arc<LeftOutTally> {
        self.selector.left_out()
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        let spaced = self.spacing.as_ref().map(|spacing| spacing.schema());
        let enriched = self.enricher.as_ref().map(|enricher| enricher.schema());
        enriched.or(spaced).unwrap_or_else(|| self.selector.schema())
    }

    /// The steps that are left after an earlier run; all of them for a new one.
    pub(super) fn steps(&self, run: &Run, mut start: Start) -> Steps {
        let limit = self.query().limit().unwrap_or(u64::MAX).saturating_sub(start.rows);
        let touched = start.take_notes(NoteKind::Touched);
        let outcomes = self.outcomes(run, &start, &touched);
        let is_resumed = start.rows > 0;
        let steps = match self.query().layer() {
            Layer::Sequences => {
                let whole = WholeSequences::new(run, self.query(), &self.selector);
                let requests = self.plan.requests().count() as u64;
                sequences::steps(whole, requests, start, outcomes, self.known.clone())
            }
            Layer::Images | Layer::Points | Layer::Signs if self.query().nearest().is_some() => {
                nearest::steps(&self.plan, &self.selector, start, outcomes)
            }
            Layer::Images | Layer::Points | Layer::Signs => {
                let known = self.known.clone();
                let unseen = |merge| unseen(outcomes, merge, self.selector.schema(), known);
                match &self.spacing {
                    None => unseen(start.merge),
                    Some(spacing) => match Spacing::held(&mut start) {
                        Ok(held) => spacing.steps(held, &start, unseen(start.merge.clone())),
                        Err(error) => stream::once(async { Err(error) }).boxed(),
                    },
                }
            }
        };
        let steps = limited(steps, limit);
        match &self.enricher {
            Some(enricher) => {
                let run = run.doubting(Doubt::without_candidates(is_resumed));
                Arc::clone(enricher).steps(&run, steps)
            }
            None => steps,
        }
    }

    /// The outcomes of the requests that an earlier run has not finished. With scouts, the tiles follow when all scouts
    /// have been read; `touched` are the notes of those that the earlier run has read.
    fn outcomes(&self, run: &Run, start: &Start, touched: &[Vec<u8>]) -> RequestOutcomes {
        let paged = self.plan.paged_searches();
        if !paged.is_empty() {
            return self.pages(run, paged, &start.done);
        }
        if self.plan.scouts().next().is_none() {
            return self.answers(run, None, &start.done);
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
        let scouts = touched_by_scouts(run, &self.plan, touched.len()).map_ok(move |bytes| {
            add(&bytes);
            let note = keeps_notes.then_some(Note::lasting(NoteKind::Touched, bytes));
            RequestOutcome { part: None, done: done.clone(), note, gaps: Gaps::default() }
        });
        let (crawl, run, done) = (self.clone(), run.clone(), start.done.clone());
        let tiles = stream::once(async move {
            let all = std::mem::take(&mut *all.lock().unwrap_or_else(PoisonError::into_inner));
            Ok(crawl.answers(&run, Some(all), &done))
        });
        scouts.chain(tiles.try_flatten()).boxed()
    }

    /// The outcomes of the requests after those that are `done`. Tiles that no line of a scout touches are taken as
    /// empty without a request.
    fn answers(&self, run: &Run, touched: Option<Touched>, done: &Done) -> RequestOutcomes {
        let skipped = usize::try_from(done.steps).unwrap_or(usize::MAX);
        let is_needed = move |request: &AreaRequest| match (&touched, request) {
            (Some(touched), AreaRequest::Tile(request)) => touched.contains(request.tile),
            (None, _) | (_, AreaRequest::Search(_)) => true,
        };
        let requests =
            self.plan.requests().skip(skipped).map(move |request| Some(request).filter(&is_needed));
        let (counters, selector) = (Arc::clone(&run.counters), Arc::clone(&self.selector));
        let parts = run.each(iter(requests), move |run, request| {
            let selector = Arc::clone(&selector);
            async move {
                match request {
                    None => Ok((None, Misfits::default())),
                    Some(AreaRequest::Search(request)) => run.search(&selector, request).await,
                    Some(AreaRequest::Tile(request)) => {
                        run.ask(&request, move |body: Vec<u8>| read_tile(&selector, request, &body)).await
                    }
                }
            }
        });
        let outcomes = parts.zip(iter(done.steps + 1..)).map(move |(part, number)| {
            let (part, misfits) = part?;
            counters.answered();
            Ok(RequestOutcome { part, done: Done::steps(number), note: None, gaps: misfits.into() })
        });
        outcomes.boxed()
    }

    /// The pages of searches, one after the other, that an earlier run has not finished.
    fn pages(&self, run: &Run, searches: Vec<SearchRequest>, done: &Done) -> RequestOutcomes {
        // Without a cursor, a search is at its beginning. Earlier versions ended their only search so.
        let is_over = done.after.is_none() && done.search == 0 && done.steps > 0;
        let done = if is_over { Done { search: 1, ..done.clone() } } else { done.clone() };
        let chain = PageChain::after(done.after.as_deref());
        let state = (run.clone(), Arc::clone(&self.selector), searches, done, chain);
        let pages = stream::try_unfold(state, |(run, selector, searches, done, mut chain)| async move {
            let number = usize::try_from(done.search).unwrap_or(usize::MAX);
            let Some(search) = searches.get(number) else { return Ok(None) };
            let request = done.after.map_or_else(|| search.clone(), |cursor| search.after(cursor));
            let (part, misfits, after) = run.page(&selector, &request, &mut chain).await?;
            run.counters.answered();
            if after.is_none() {
                chain = PageChain::default();
            }
            let search = done.search + u64::from(after.is_none());
            let done = Done { steps: done.steps + 1, after, search, ..Done::default() };
            let outcome =
                RequestOutcome { part: Some(part), done: done.clone(), note: None, gaps: misfits.into() };
            Ok(Some((outcome, (run, selector, searches, done, chain))))
        });
        pages.boxed()
    }
}

/// The tiles that the lines of each scout touch, packed; the first `known` scouts are skipped.
fn touched_by_scouts(
    run: &Run,
    plan: &AreaPlan,
    known: usize,
) -> impl Stream<Item = Result<Vec<u8>>> + Send + use<> {
    let lines = run.each(iter(plan.scouts().skip(known)), |run, request: TileRequest| async move {
        let read = move |body: Vec<u8>| {
            let rows = decode(Layer::Sequences, request.tile, &body)?;
            Ok(rows.map(TileRows::into_lines).unwrap_or_default())
        };
        run.ask(&request, read).await
    });
    let counters = Arc::clone(&run.counters);
    lines.map_ok(move |lines| {
        counters.answered();
        let mut touched = Touched::default();
        for line in &lines {
            touched.add(line);
        }
        touched.pack()
    })
}

/// The rows of a tile that the query wants, and what could not be read.
fn read_tile(
    selector: &RowSelector,
    request: TileRequest,
    body: &[u8],
) -> Result<(Option<Part>, Misfits), Unreadable> {
    let unfit = |e: ArrowError| Unreadable {
        what: format!("its rows cannot be used: {e}"),
        offset: None,
        passing: false,
    };
    let tile = request.tile;
    let rows = decode(selector.layer(), tile, body)?;
    let mut misfits = rows.as_ref().map(TileRows::misfits).unwrap_or_default();
    let part = if selector.layer() == Layer::Sequences {
        // The tile has no line of a sequence with fewer than two images in it; the images show that it passes through.
        let images = decode(Layer::Images, tile, body)?;
        misfits.add(&images.as_ref().map(of_their_images).unwrap_or_default());
        Some(selector.pieces(tile, rows, images).map_err(unfit)?)
    } else {
        rows.map(|rows| selector.points(Some(tile), rows)).transpose().map_err(unfit)?
    };
    Ok((part, misfits))
}

/// The values of images that could not be read, as far as sequences have them too.
fn of_their_images(images: &TileRows) -> Misfits {
    let mut misfits = Misfits { features: 0, ..images.misfits() };
    let is_shared = |column: &str| column == "sequence_id" || Layer::Sequences.place_of(column).is_ok();
    misfits.values.retain(|column, _| is_shared(column));
    misfits
}

/// The steps of layers whose features are complete in one tile: rows are handed on as soon as they arrive, each id
/// once.
fn unseen(
    outcomes: RequestOutcomes,
    mut merge: Merge,
    schema: &SchemaRef,
    known: Option<Arc<KnownRows>>,
) -> Steps {
    let schema = Arc::clone(schema);
    let steps = outcomes.map(move |outcome| {
        let RequestOutcome { part, done, note, gaps } = outcome?;
        match part {
            Some(Part::Points(batch)) => {
                let batch = match &known {
                    Some(known) => known.without(&batch).map_err(internal)?,
                    None => batch,
                };
                Ok(Step { rows: merge.unseen(batch).map_err(internal)?, done, note, gaps })
            }
            Some(Part::Lines(_)) => Err(Error::internal("a layer of points has answered with lines")),
            None => Ok(Step { gaps, ..Step::without_rows(&schema, done, note) }),
        }
    });
    steps.boxed()
}
