//! Queries: tiles and searches in, rows of an area out.

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, SchemaRef};
use futures_util::future::{TryFutureExt, ready};
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt, iter};

use super::ask::{Run, spawn};
use super::enrich::Enrich;
use super::run::internal;
use super::whole::Whole;
use crate::error::Result;
use crate::http::Unreadable;
use crate::plan::{Plan, Request, Touched};
use crate::query::{Layer, Query};
use crate::rows::{Merge, Part, Select, TileRows, Tracks, decode};
use crate::tile::TileId;

type Rows = BoxStream<'static, Result<RecordBatch>>;

/// The rows of a query.
pub(super) fn rows(run: &Run, plan: &Plan, query: &Query) -> (SchemaRef, Rows) {
    let select = Arc::new(Select::new(query));
    let schema = Arc::clone(select.schema());
    let parts = parts(run, plan, &select);
    let rows = match query.layer() {
        Layer::Sequences => sequences(run, query, &select, parts),
        Layer::Images | Layer::Points | Layer::Signs => unseen(parts),
    };
    let rows = limited(rows, query.row_limit().unwrap_or(u64::MAX));
    match Enrich::new(query, &schema) {
        Some(enrich) => (Arc::clone(enrich.schema()), enrich.rows(run, rows)),
        None => (schema, rows),
    }
}

/// The wanted rows of each request, in the order of the plan.
fn parts(run: &Run, plan: &Plan, select: &Arc<Select>) -> BoxStream<'static, Result<Option<Part>>> {
    let tally = Arc::clone(&run.tally);
    let parts = if plan.is_paged() {
        pages(run, plan, select)
    } else {
        let select = Arc::clone(select);
        let each = run.each(pruned(run, plan), move |run, request| {
            let select = Arc::clone(&select);
            async move {
                match request? {
                    Some(request) => part(run, select, request).await,
                    None => Ok(None),
                }
            }
        });
        each.boxed()
    };
    parts.inspect_ok(move |_| tally.answered()).boxed()
}

/// The requests of a plan; `None` for tiles that the lines of lower zooms do not touch.
fn pruned(run: &Run, plan: &Plan) -> BoxStream<'static, Result<Option<Request>>> {
    let requests = plan.requests();
    if plan.scouts().next().is_none() {
        return iter(requests.map(Some).map(Ok)).boxed();
    }
    let tally = Arc::clone(&run.tally);
    let lines = run.each(iter(plan.scouts()), |run, request| async move { run.lines(&request).await });
    let touched = lines.try_fold(Touched::default(), move |mut touched, lines| {
        tally.answered();
        for line in &lines {
            touched.add(line);
        }
        ready(Ok(touched))
    });
    let kept = touched.map_ok(move |touched| {
        let is_touched = move |request: &Request| request.tile().is_none_or(|tile| touched.contains(tile));
        iter(requests.map(move |request| Ok(Some(request).filter(&is_touched))))
    });
    stream::once(kept).try_flatten().boxed()
}

impl Run {
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

async fn part(run: Run, select: Arc<Select>, request: Request) -> Result<Option<Part>> {
    match request {
        Request::Search { search, fields } => run.search(&select, search, fields).await,
        Request::Tile { tile, .. } => {
            let read = {
                let tally = Arc::clone(&run.tally);
                move |body: Vec<u8>| {
                    let (part, misfits) = read_tile(&select, tile, &body)?;
                    tally.misfits(misfits);
                    Ok(part)
                }
            };
            run.ask(&request, read).await
        }
        // The plan of a query has no look-ups.
        Request::Entities { .. }
        | Request::ImageIds { .. }
        | Request::Detections { .. }
        | Request::Other { .. } => Ok(None),
    }
}

/// The pages of the one search of a plan.
fn pages(run: &Run, plan: &Plan, select: &Arc<Select>) -> BoxStream<'static, Result<Option<Part>>> {
    let state = (run.clone(), Arc::clone(select), plan.requests().next());
    let pages = stream::try_unfold(state, |(run, select, request)| async move {
        let Some(Request::Search { search, fields }) = request else { return Ok(None) };
        let (part, next) = run.page(&select, search, &fields).await?;
        let request = next.map(|search| Request::Search { search, fields });
        Ok(Some((Some(part), (run, select, request))))
    });
    pages.boxed()
}

/// The wanted rows of a tile, and how many features fit nowhere.
fn read_tile(select: &Select, tile: TileId, body: &[u8]) -> Result<(Option<Part>, u64), Unreadable> {
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
fn unseen(parts: BoxStream<'static, Result<Option<Part>>>) -> Rows {
    let mut merge = Merge::new();
    let batches = parts.map(move |part| match part? {
        Some(Part::Points(batch)) => merge.unseen(batch).map(Some).map_err(internal),
        Some(Part::Lines(_)) | None => Ok(None),
    });
    let filled = batches.try_filter_map(|batch| ready(Ok(batch.filter(|b| b.num_rows() > 0))));
    filled.boxed()
}

/// Sequences, which wait for the last tile, since any may show another piece.
fn sequences(
    run: &Run,
    query: &Query,
    select: &Arc<Select>,
    parts: BoxStream<'static, Result<Option<Part>>>,
) -> Rows {
    let whole = Whole::new(run, query, select);
    let batches = async move {
        let tracks = parts.try_fold(Tracks::default(), |mut tracks, part| {
            if let Some(Part::Lines(pieces)) = part {
                tracks.push(pieces);
            }
            ready(Ok(tracks))
        });
        // On a task of its own, so that tiles go on being read while rows are waited for.
        let tracks = spawn(tracks).await?;
        Ok(whole.rows(tracks.finish().map_err(internal)?))
    };
    stream::once(batches).try_flatten().boxed()
}

/// At most so many rows. Nothing is asked for after the last one: dropping the stream stops what is under way.
pub(super) fn limited(rows: Rows, limit: u64) -> Rows {
    let batches = stream::try_unfold((rows, limit), |(mut rows, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let Some(batch) = rows.try_next().await? else { return Ok(None) };
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(batch.num_rows());
        Ok(Some((batch.slice(0, count), (rows, left - count as u64))))
    });
    batches.boxed()
}
