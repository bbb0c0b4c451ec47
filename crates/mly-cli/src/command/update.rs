//! `--update`: brings an earlier result up to date. `--changes` lists what has changed in it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use mly::sink::{self, Dialect, Format};
use mly::{Batches, Client, Earlier, Options, Plan, source};
use mly_jobs::{Change, ChangeList};
use tempfile::TempDir;

use super::blocking::until_stopped;
use super::session::Session;
use super::{answer, crawl, diff};
use crate::args::OutputArgs;
use crate::exit::{Failure, Success};
use crate::output::{Output, Place, dialect, is_stream};
use crate::progress::counted;

/// Runs a plan as an update of an earlier result.
pub(super) fn run(
    (file, changes): (&Path, Option<&Path>),
    args: &OutputArgs,
    (options, plan): (Options, &Plan),
    session: &mut Session<'_>,
) -> Result<Success, Failure> {
    if is_stream(file) {
        return Err(Failure::usage(
            "--update: standard input cannot be updated, since it is read more than once",
            "name a file",
        ));
    }
    let Some(changes) = changes else {
        let (client, batches) = begin(file, options, plan, session)?;
        return answer::answer(&client, batches, plan, args, session);
    };
    let list_dialect = dialect_of_list(changes, args)?;
    let output = Output::open(args, session.console)?;
    // What goes to standard output is kept until the list is complete.
    let folder = output.path().is_none().then(TempDir::new).transpose().map_err(Failure::ours)?;
    let result = match (&folder, output.path()) {
        (None, Some(path)) => path.to_owned(),
        (folder, _) => folder.as_ref().map(|folder| folder.path().join("result")).unwrap_or_default(),
    };
    let form = if folder.is_some() { Dialect::from(Format::Arrow) } else { output.dialect };
    let how = format!("{form:?} {:?}", output.layer);
    let list = ChangeList::new((file, &result), changes, (plan, &how), args.overwrite)?;

    let mut progress = None;
    if list.is_updated() {
        session.note("the rows were fetched by an earlier run of this command");
        session.summary.rows = list.updated_rows()?;
        session.summary.resumed = session.summary.rows;
    } else {
        let (client, batches) = begin(file, options, plan, session)?;
        progress = Some(batches.progress());
        let place = Place::File { path: list.updated().to_owned(), overwrite: args.overwrite };
        let updated = Output { dialect: form, place, layer: output.layer.clone() };
        crawl::into_output(&client, batches, plan, updated, session)?;
    }
    let (counts, losses) = until_stopped(move |_| Ok(list.write(list_dialect)?))?;
    session.summary.losses.extend(losses);
    let path = output.path().map(Path::to_owned);
    if folder.is_some() {
        copy(result, output)?;
    }
    diff::tell(&counts, session);
    let listed: u64 = counts.all().filter(|(change, _)| *change != Change::Same).map(|(_, rows)| rows).sum();
    session.note(&format!("{} -> {}", counted(listed, "changes"), changes.display()));
    answer::close(plan, path.as_deref(), progress.as_ref(), session)
}

/// Opens the earlier result, and begins the run.
fn begin(
    file: &Path,
    options: Options,
    plan: &Plan,
    session: &mut Session<'_>,
) -> Result<(Client, Batches), Failure> {
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

/// The format of the list of changes.
fn dialect_of_list(changes: &Path, args: &OutputArgs) -> Result<Dialect, Failure> {
    if is_stream(changes) {
        return Err(Failure::usage(
            "--changes: standard output is for the updated rows",
            "name a file for the changes",
        ));
    }
    let format = Format::of_path(changes).map_err(|e| {
        Failure::of_input("--changes", e)
            .with_hint("give the name the ending of a format, such as .csv or .parquet")
    })?;
    dialect(&args.form, format)
}

/// Writes the rows of a file to an output.
fn copy(from: PathBuf, output: Output) -> Result<(), Failure> {
    until_stopped(move |_| {
        let rows = source::rows(&from)?;
        let schema = match &output.layer {
            Some(name) => sink::with_layer(&rows.schema(), name)?,
            None => rows.schema(),
        };
        let mut sink = sink::open(output.dialect, output.place.open()?, &schema)?;
        for batch in rows {
            sink.write(&batch?)?;
        }
        sink.finish()?;
        Ok(())
    })
}
