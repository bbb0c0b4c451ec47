//! `mly plan`: what a query would cost. Sends nothing, and needs no token.

use mly::sink::Destination;

use crate::args::PlanVerb;
use crate::console::Console;
use crate::exit::Failure;
use crate::output::{is_stream, write_text};
use crate::query;

pub(super) fn run(args: PlanVerb, console: &mut Console) -> Result<(), Failure> {
    let plan = query::build(args.layer, args.area, args.filters, console)?.plan()?;
    match args.output {
        Some(path) if is_stream(&path) => return console.print(&(plan.to_json()? + "\n")),
        Some(path) => {
            write_text(Destination::file(&path, args.overwrite)?, &(plan.to_json()? + "\n"))?;
        }
        None => {}
    }
    console.print(&format!("{plan}\n"))
}
