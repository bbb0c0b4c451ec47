//! The answer to a query of an area: a file or a stream, and what there is to say of it.

use std::path::Path;

use mly::{Batches, Client, Plan, Progress};

use super::session::Session;
use super::{crawl, empty};
use crate::args::OutputArgs;
use crate::exit::{Failure, Success};
use crate::failed::{list_of, some_of};
use crate::output::Output;
use crate::progress::{counted, with_reasons};

/// Writes the result of a query to an output.
pub(super) fn answer(
    client: &Client,
    batches: Batches,
    plan: &Plan,
    output: &OutputArgs,
    session: &mut Session<'_>,
) -> Result<Success, Failure> {
    let output = Output::open(output, session.console)?;
    let path = output.path().map(Path::to_owned);
    let progress = batches.progress();
    crawl::into_output(client, batches, plan, output, session)?;
    close(plan, path.as_deref(), Some(&progress), session)
}

/// Says what became of a query, whose result is at a path.
pub(super) fn close(
    plan: &Plan,
    path: Option<&Path>,
    progress: Option<&Progress>,
    session: &mut Session<'_>,
) -> Result<Success, Failure> {
    session.warn_of_gaps();
    // Tiles and search results can list images that have been deleted since, so this is no failure.
    let gone = &session.summary.not_found;
    if !gone.is_empty() {
        let ids = counted(gone.len() as u64, "ids");
        let warning = format!("{ids} listed by tiles or searches were not found: {}", some_of(gone));
        session.warn(&warning);
    }
    // These ids could be looked up another time.
    let failed = session.summary.failed.clone();
    let ids: Vec<String> = failed.iter().map(|(id, _)| id.clone()).collect();
    let listed = list_of(path, &ids)?;
    if !failed.is_empty() {
        session.warn(&format!("{}{listed}", with_reasons(&failed, "ids")));
    }
    let file = path.map(|path| path.display().to_string());
    session.close(&counted(session.summary.rows, plan.rows()), file.as_deref());
    if let Some(reason) = progress.and_then(|progress| progress.empty_reason(plan)) {
        session.hint(&empty::line(&reason));
    }
    Ok(if failed.is_empty() { Success::Complete } else { Success::Incomplete })
}
