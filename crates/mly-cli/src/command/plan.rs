//! `mly plan`: what a query would cost. Sends nothing but the question for a place, and needs no token.

use mly::Pace;
use mly::env::Environment;
use mly::sink::Destination;

use crate::args::PlanVerb;
use crate::console::Console;
use crate::exit::Failure;
use crate::output::{is_stream, write_text};
use crate::query;
use crate::settings::Service;

pub(super) fn run(args: PlanVerb, environment: &Environment, console: &mut Console) -> Result<(), Failure> {
    let service = &args.common.service;
    // The pace of the official service, also for a plan that is tried on an emulator first.
    let limit = |given: Option<u32>, usual: Option<u32>| match given {
        Some(limit) => Some(limit).filter(|limit| *limit > 0),
        None => usual,
    };
    let usual = Pace::default();
    let pace = usual.with_limits(
        limit(service.tiles_per_minute, usual.per_minute),
        limit(service.tiles_per_day, usual.per_day),
    );
    let service = Service::new(service, environment)?;
    let options = service.options_without_token()?;
    let plan =
        query::build(args.layer, args.area, args.filters, (&service, args.common.talk.quiet), console)?
            .plan()?;
    match args.output {
        Some(path) if is_stream(&path) => return console.print(&(plan.to_json()? + "\n")),
        Some(path) => {
            write_text(Destination::file(&path, args.overwrite)?, &(plan.to_json()? + "\n"))?;
        }
        None => {}
    }
    let pace = pace.with_cached(options.cached_tiles(&plan));
    console.print(&format!("{}\n", plan.describe_at(pace)))
}
