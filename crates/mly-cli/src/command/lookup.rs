//! `mly image`, `feature`, `sequence`, `organization`: ids in, a file out.

use std::collections::HashSet;
use std::path::Path;

use mly::source::Kind;
use mly::{Client, Lookup, Plan, Subject};

use super::crawl;
use super::session::Session;
use crate::args::{LookupVerb, OutputArgs, ServiceArgs};
use crate::exit::{Failure, Success};
use crate::failed::{list_of, some_of};
use crate::ids;
use crate::output::Output;
use crate::progress::{counted, with_reasons};
use crate::settings::Service;

pub(super) fn run(
    subject: Subject,
    of: Kind,
    args: &LookupVerb,
    session: &mut Session<'_>,
) -> Result<Success, Failure> {
    let mut lookup = Lookup::new(subject, ids::given(&args.ids.ids, of, session.console)?);
    if let Some(names) = &args.fields {
        lookup = lookup.with_fields(names);
    }
    ask(&lookup, &args.output, &args.common.service, session)
}

/// Runs a lookup.
pub(super) fn ask(
    lookup: &Lookup,
    output: &OutputArgs,
    service: &ServiceArgs,
    session: &mut Session<'_>,
) -> Result<Success, Failure> {
    let plan = lookup.plan()?;
    let service = Service::new(service, session.environment)?;
    let client = session.client(service.options()?)?;
    answer(&client, lookup, &plan, output, session)
}

/// Writes the result of a lookup to an output, and lists the ids that were not found or failed.
pub(super) fn answer(
    client: &Client,
    lookup: &Lookup,
    plan: &Plan,
    output: &OutputArgs,
    session: &mut Session<'_>,
) -> Result<Success, Failure> {
    let output = Output::open(output, session.console)?;
    let path = output.path().map(Path::to_owned);
    crawl::into_output(client, client.run(plan), plan, output, session)?;
    session.warn_of_gaps();
    let success = tell_missing(lookup, path.as_deref(), session)?;
    let file = path.map(|path| path.display().to_string());
    session.close(&counted(session.summary.rows, plan.rows()), file.as_deref());
    Ok(success)
}

/// Warns of ids that were not found or that the service cannot answer. Those that the user gave, and those of images that
/// detections are made of, are also listed in a file beside the output.
fn tell_missing(
    lookup: &Lookup,
    output: Option<&Path>,
    session: &mut Session<'_>,
) -> Result<Success, Failure> {
    let (mut asked, mut further) = missing(lookup, &session.summary.not_found);
    if matches!(lookup.subject(), Subject::DetectionsOfImage | Subject::DetectionsOfMapFeature) {
        // Images of detections that are gone: what they show cannot be told any more.
        asked.append(&mut further);
    }
    let failed = session.summary.failed.clone();
    if !further.is_empty() {
        let images = counted(further.len() as u64, "images");
        session.warn(&format!("{images} of these sequences were not found: {}", some_of(&further)));
    }
    let listed = list_of(output, &in_order(lookup, &asked, &failed))?;
    if !asked.is_empty() {
        session.warn(&format!("{}{listed}", not_found(&asked)));
    }
    if !failed.is_empty() {
        session.warn(&format!("{}{listed}", with_reasons(&failed, "ids")));
    }
    Ok(if asked.is_empty() && failed.is_empty() { Success::Complete } else { Success::Incomplete })
}

/// The given ids that were not found or that failed, each once and in their order; then the others, such as images of a
/// sequence or of detections.
fn in_order(lookup: &Lookup, not_found: &[String], failed: &[(String, String)]) -> Vec<String> {
    let all = not_found.iter().chain(failed.iter().map(|(id, _)| id));
    let mut left: HashSet<&str> = all.clone().map(String::as_str).collect();
    let given = lookup.ids().iter().filter(|id| left.remove(id.as_str()));
    let mut ids: Vec<String> = given.cloned().collect();
    ids.extend(all.filter(|id| left.remove(id.as_str())).cloned());
    ids
}

/// A message that ids were not found, with the first few of them.
pub(super) fn not_found(ids: &[String]) -> String {
    let verb = if ids.len() == 1 { "was" } else { "were" };
    format!("{} {verb} not found: {}", counted(ids.len() as u64, "ids"), some_of(ids))
}

/// The given ids that were not found, each once and in their order; and other ids that were not found, such as images of a
/// sequence.
fn missing(lookup: &Lookup, not_found: &[String]) -> (Vec<String>, Vec<String>) {
    let mut left: HashSet<&str> = not_found.iter().map(String::as_str).collect();
    let asked = lookup.ids().iter().filter(|id| left.remove(id.as_str())).cloned().collect();
    let further = not_found.iter().filter(|id| left.contains(id.as_str())).cloned().collect();
    (asked, further)
}
