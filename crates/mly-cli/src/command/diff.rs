//! `mly diff`: what has changed between two results. Sends nothing, and needs no token.

use std::path::Path;

use mly::Area;
use mly::source::AreaReader;
use mly_jobs::{Counts, Diff};

use super::job;
use super::session::Session;
use crate::args::DiffVerb;
use crate::exit::Failure;
use crate::output::{Output, is_stream};
use crate::progress::counted;

pub(super) fn run(args: &DiffVerb, session: &mut Session<'_>) -> Result<(), Failure> {
    let options = &args.options;
    let inputs = [Some(&args.old), Some(&args.new), options.seen_by.as_ref()];
    for (name, path) in ["OLD", "NEW", "--seen-by"].into_iter().zip(inputs) {
        if path.is_some_and(|path| is_stream(path)) {
            return Err(Failure::usage(
                format!("{name}: standard input cannot be compared, since it is read more than once"),
                "name a file",
            ));
        }
    }
    let mut diff = Diff::new(args.old.as_path(), args.new.as_path())
        .with_within_m(options.within_m)
        .with_lag(options.lag)
        .with_all(options.all);
    if let Some(images) = &options.seen_by {
        diff = diff.with_seen_by(images.as_path());
    }
    if let Some(moment_ms) = options.as_of {
        diff = diff.with_as_of(moment_ms);
    }
    if let Some(path) = &options.old_within {
        diff = diff.with_old_within(area(path)?);
    }
    if let Some(path) = &options.new_within {
        diff = diff.with_new_within(area(path)?);
    }
    let output = Output::open(&args.output, session.console)?;
    job::run(output, session, move || diff.run(), tell)
}

/// The area in a file.
fn area(path: &Path) -> Result<Area, Failure> {
    AreaReader::new().file(path).map_err(|error| Failure::of_input(&path.display().to_string(), error))
}

/// Prints how many rows of each class there are, and what has to be said about the files.
pub(super) fn tell(counts: &Counts, session: &mut Session<'_>) {
    for note in counts.notes() {
        session.warn(note);
    }
    let classes: Vec<_> = counts.all().map(|(change, rows)| counted(rows, change.name())).collect();
    let rows = if classes.is_empty() { "no rows".to_owned() } else { classes.join(", ") };
    session.note(&rows);
    if let Some(rate) = counts.rate() {
        let percent = rate * 100.0;
        session.note(&format!(
            "a sequence that passes what is there leads to a detection in {percent:.0} % of cases"
        ));
    }
}
