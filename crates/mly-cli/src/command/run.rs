//! `mly run`: a stored plan, or a part of it.

use std::path::Path;

use mly::Plan;
use mly::plan::{Indivisible, Question};

use super::session::Session;
use super::{answer, lookup};
use crate::args::{Partition, RunVerb};
use crate::console::Console;
use crate::exit::{Failure, Success};
use crate::input::read_text;
use crate::progress::counted;
use crate::settings::Service;

pub(super) fn run(args: &RunVerb, session: &mut Session<'_>) -> Result<Success, Failure> {
    let plan = read(&args.plan, session.console)?;
    let service = Service::new(&args.common.service, session.environment)?;
    let mut options = service.options()?;
    let plan = match args.partition {
        Some(partition) => {
            options = options.with_limits_shared_by(partition.of);
            warn_of_parts(&plan, session);
            part(&plan, partition)?
        }
        None => plan,
    };
    let client = session.client(options)?;
    match plan.question() {
        Question::Lookup(lookup) => lookup::answer(&client, lookup, &plan, &args.output, session),
        _ => answer::answer(&client, client.run(&plan), &plan, &args.output, session),
    }
}

fn read(path: &Path, console: &mut Console) -> Result<Plan, Failure> {
    const HINT: &str = "give a plan that `mly plan -o` stored, or - to read standard input";
    let (name, text) = read_text(path, HINT, console)?;
    Plan::from_json(&text).map_err(|e| Failure::of_input(&name, e))
}

/// Warns if the results of the parts together differ from the result of the whole plan.
fn warn_of_parts(plan: &Plan, session: &mut Session<'_>) {
    let limit = match plan.question() {
        Question::Query(query) => query.limit(),
        Question::Lookup(lookup) => lookup.limit(),
        _ => None,
    };
    if let Some(rows) = limit {
        session.warn(&format!("the limit of {} applies to each part separately", counted(rows, "rows")));
    }
    match plan.indivisible() {
        Some(Indivisible::Sequences) => {
            session.warn("a sequence that lies in several parts is in the result of each");
        }
        Some(Indivisible::Pruned) => {
            session.warn("a part does not see the lines of other parts, so it may lack tiles at its edges");
        }
        Some(Indivisible::Spacing) => {
            session.warn(
                "images of a sequence that lies in several parts are spaced in each part by themselves",
            );
        }
        Some(Indivisible::Nearest) => {
            session.warn("a point that lies in several parts has its nearest rows in the result of each");
        }
        _ => {}
    }
}

fn part(plan: &Plan, Partition { number, of }: Partition) -> Result<Plan, Failure> {
    let parts = plan.partitions(of.into())?.into_iter();
    let part = parts.zip(1..).find_map(|(part, n)| (n == number).then_some(part));
    part.ok_or_else(|| Failure::usage(format!("there is no part {number} of {of}"), "parts begin with 1"))
}
