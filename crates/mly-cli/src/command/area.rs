//! `mly images`, `sequences`, `points`, `signs`: an area in, a file out.

use mly::Layer;

use super::answer::answer;
use super::session::Session;
use super::update;
use crate::args::AreaVerb;
use crate::exit::{Failure, Success};
use crate::query;
use crate::settings::Service;

pub(super) fn run(layer: Layer, args: AreaVerb, session: &mut Session<'_>) -> Result<Success, Failure> {
    let service = Service::new(&args.common.service, session.environment)?;
    let plan = query::build(layer, args.area, args.filters, (&service, session.talk.quiet), session.console)?
        .plan()?;
    // The token is checked before any file is opened, and the file is checked before anything is sent.
    let options = service.options()?;
    if let Some(file) = &args.update {
        return update::run((file, args.changes.as_deref()), &args.output, (options, &plan), session);
    }
    let client = session.client(options)?;
    let batches = client.run(&plan);
    answer(&client, batches, &plan, &args.output, session)
}
