//! `mly images`, `sequences`, `points`, `signs`: an area in, a file out.

use std::path::Path;
use std::time::Duration;

use mly::{Batches, Client, Earlier, Layer, Options, Plan};

use super::session::Session;
use super::{crawl, empty};
use crate::args::{AreaVerb, OutputArgs};
use crate::exit::{Failure, Success};
use crate::failed::{list_of, some_of};
use crate::output::{Output, is_stream};
use crate::progress::{counted, with_reasons};
use crate::query;
use crate::settings::Service;

pub(super) fn run(layer: Layer, args: AreaVerb, session: &mut Session<'_>) -> Result<Success, Failure> {
    let service = Service::new(&args.common.service, session.environment)?;
    let plan = query::build(layer, args.area, args.filters, (&service, session.talk.quiet), session.console)?
        .plan()?;
    // The token is checked before any file is opened, and the file is checked before anything is sent.
    let options = service.options()?;
    let (client, batches) = if let Some(file) = &args.update {
        update(file, options, &plan, session)?
    } else {
        let client = session.client(options)?;
        let batches = client.run(&plan);
        (client, batches)
    };
    answer(&client, batches, &plan, &args.output, session)
}

/// Runs a plan as an update of an earlier result.
fn update(
    file: &Path,
    options: Options,
    plan: &Plan,
    session: &mut Session<'_>,
) -> Result<(Client, Batches), Failure> {
    if is_stream(file) {
        return Err(Failure::usage(
            "--update: standard input cannot be updated, since it is read more than once",
            "name a file",
        ));
    }
    let name = file.display().to_string();
    let earlier = Earlier::open(file).map_err(|e| Failure::of_input(&name, e))?;
    // Tiles that were cached before the earlier result was written have nothing newer than that result, so they are not
    // used.
    let age_ms = options.clock().now_ms().saturating_sub(earlier.written_at_ms());
    let age = Duration::from_millis(u64::try_from(age_ms).unwrap_or(0));
    let max_age = options.max_age().min(age);
    let client = session.client(options.with_max_age(max_age))?;
    let batches = client.run(plan).updating(earlier).map_err(|e| Failure::of_input(&name, e))?;
    if let Some(why) = batches.full_refresh_reason() {
        session.warn(&format!("{name} {why}, so all rows are looked up again"));
    }
    Ok((client, batches))
}

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
    let listed = list_of(path.as_deref(), &ids)?;
    if !failed.is_empty() {
        session.warn(&format!("{}{listed}", with_reasons(&failed, "ids")));
    }
    let file = path.map(|path| path.display().to_string());
    session.close(&counted(session.summary.rows, plan.rows()), file.as_deref());
    if let Some(reason) = progress.empty_reason(plan) {
        session.hint(&empty::line(&reason));
    }
    Ok(if failed.is_empty() { Success::Complete } else { Success::Incomplete })
}
