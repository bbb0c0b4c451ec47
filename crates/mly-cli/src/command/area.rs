//! `mly images`, `sequences`, `points`, `signs`: an area in, a file out.

use mly::{Client, Layer, Plan};

use super::crawl;
use super::session::Session;
use crate::args::{AreaVerb, OutputArgs};
use crate::exit::{Failure, Success};
use crate::failed::some_of;
use crate::output::Output;
use crate::progress::counted;
use crate::query;
use crate::settings::Service;

pub(super) fn run(layer: Layer, args: AreaVerb, session: &mut Session<'_>) -> Result<Success, Failure> {
    let plan = query::build(layer, args.area, args.filters, session.console)?.plan()?;
    let service = Service::new(&args.common.service, session.environment)?;
    // Without a token no file is touched; with a bad file nothing is sent.
    let client = session.client(service.options()?)?;
    answer(&client, &plan, &args.output, session)
}

/// Answers the plan of a query into an output.
pub(super) fn answer(
    client: &Client,
    plan: &Plan,
    output: &OutputArgs,
    session: &mut Session<'_>,
) -> Result<Success, Failure> {
    let output = Output::open(output, session.console)?;
    let file = output.path().map(|path| path.display().to_string());
    crawl::into_output(client, plan, output, session)?;
    session.warn_of_gaps();
    // Tiles and indexes live longer than what they show, so this is no failure.
    let gone = &session.summary.not_found;
    if !gone.is_empty() {
        let ids = counted(gone.len() as u64, "ids");
        let warning =
            format!("nothing is known any more of {ids} that tiles or searches list: {}", some_of(gone));
        session.warn(&warning);
    }
    session.close(&counted(session.summary.rows, plan.rows()), file.as_deref());
    Ok(Success::Complete)
}
