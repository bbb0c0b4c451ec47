//! `mly streets`: which streets have imagery, how old it is, and in which direction.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_schema::Schema;
use chrono::DateTime;
use mly::sink::Format;
use mly::{Pace, Plan, Query, source};
use mly_jobs::{ClassLengths, Input, StreetCounts, Streets, Table, Tier};
use tempfile::TempDir;

use super::job::RowWriter;
use super::session::Session;
use super::{crawl, job};
use crate::args::StreetsVerb;
use crate::exit::Failure;
use crate::output::{Output, Place, is_stream};
use crate::progress::counted;
use crate::settings::Service;

/// Images around roads are asked for without a question up to so many tiles.
const MOST_TILES: u64 = 500;

pub(super) fn run(args: &StreetsVerb, session: &mut Session<'_>) -> Result<(), Failure> {
    check(args)?;
    let output = Output::open(&args.output, session.console)?;
    let gaps = args.gaps.as_deref().map(|path| gaps(path, args, session)).transpose()?;
    // Wrong ages and dates are told before anything is read or sent.
    let options = options(args, Input::from(args.roads.clone()), nothing())?;
    options.check()?;
    let (images, _folder) = match &args.images {
        Some(file) => (Input::from(file.clone()), None),
        None => ask(args, output.path(), session)?,
    };
    let streets = options.with_images(images).with_missing(session.summary.missing.clone());
    let write = move |writer: &mut RowWriter| {
        let mut gaps = gaps.map(RowWriter::new);
        let counts = streets.give(&mut |rows| writer.write(&rows), &mut |rows| match &mut gaps {
            Some(gaps) => gaps.write(&rows),
            None => Ok(()),
        })?;
        gaps.map(RowWriter::finish).transpose()?;
        Ok(counts)
    };
    job::write(output, session, write, tell)
}

/// Refuses what cannot be meant.
fn check(args: &StreetsVerb) -> Result<(), Failure> {
    let inputs = [Some(args.roads.as_path()), args.images.as_deref()];
    if inputs.into_iter().flatten().any(is_stream) {
        return Err(Failure::usage(
            "streets and images cannot be read from standard input: they are read more than once",
            "name a file",
        ));
    }
    if let Some(format) =
        args.output.format.filter(|format| Format::of_any_rows().all(|known| known != *format))
    {
        return Err(Failure::usage(
            format!("{format} is not for streets"),
            "choose another format; --help lists them",
        ));
    }
    if args.gaps.as_deref().is_some_and(is_stream) {
        return Err(Failure::usage("--gaps: standard output is for the streets", "name a file for the gaps"));
    }
    if args.gaps.is_some() && args.gaps == args.output.output {
        return Err(Failure::usage(
            "--gaps: this is where the streets are written to",
            "choose another name for the gaps",
        ));
    }
    Ok(())
}

/// Where the gaps are written to, and how.
fn gaps(path: &Path, args: &StreetsVerb, session: &mut Session<'_>) -> Result<Output, Failure> {
    if path.exists() && !args.output.overwrite {
        return Err(Failure::usage(
            format!("--gaps: {} exists already", path.display()),
            "choose another name, or add --overwrite",
        ));
    }
    let output = Output::at((Some(path), args.output.overwrite), None, &args.output.form, session.console)?;
    // The name of the layer is that of the streets.
    Ok(Output { layer: None, ..output })
}

fn options(args: &StreetsVerb, roads: Input, images: Input) -> Result<Streets, Failure> {
    let streets = Streets::new(roads, images)
        .with_ways(args.ways.clone())
        .with_fresh(args.fresh)
        .with_aging(args.aging);
    match &args.as_of {
        Some(date) => streets.with_as_of(date).map_err(|e| Failure::of_input("--as-of", e)),
        None => Ok(streets),
    }
}

fn nothing() -> Input {
    Table::new(Arc::new(Schema::empty()), Vec::new()).into()
}

/// Asks the service for the images around the roads. They are kept beside the output, so that an interrupted run goes on;
/// without one, in a folder that is removed at the end.
fn ask(
    args: &StreetsVerb,
    output: Option<&Path>,
    session: &mut Session<'_>,
) -> Result<(Input, Option<TempDir>), Failure> {
    let of_roads = |e| Failure::of_input(&args.roads.display().to_string(), e);
    let Some(area) = Streets::area_around(args.roads.clone(), &args.ways).map_err(of_roads)? else {
        return Ok((nothing(), None));
    };
    let plan = Query::images(area).plan()?;
    let (file, folder) = if let Some(output) = output {
        (images_beside(output), None)
    } else {
        let folder = tempfile::tempdir().map_err(Failure::ours)?;
        (folder.path().join("images.parquet"), Some(folder))
    };
    let kept = Input::from(file.clone());
    if file.exists() && !args.output.overwrite {
        check_kept(&file, &plan)?;
        session.note(&format!("the images are those in {}", file.display()));
        return Ok((kept, folder));
    }
    let service = Service::new(&args.common.service, session.environment)?;
    let options = service.options()?;
    let pace = Pace::default().with_cached(options.cached_tiles(&plan));
    // What would make a query cheaper is of no use here.
    let described = plan.describe_at(pace).to_string();
    for line in described.lines().filter(|line| !line.starts_with("cheaper")) {
        session.note(line);
    }
    let tiles = plan.cost().tiles;
    if tiles > MOST_TILES && !args.yes {
        return Err(Failure::usage(
            format!("the images around these streets take {}", counted(tiles, "tiles")),
            "add --yes to ask for them, or give a file with images with --images",
        ));
    }
    let client = session.client(options)?;
    let place = Place::File { path: file, overwrite: args.output.overwrite };
    let images = Output { dialect: Format::Parquet.into(), place, layer: None };
    crawl::into_output(&client, client.run(&plan), &plan, images, session)?;
    Ok((kept, folder))
}

/// The file of the images that a result is made of.
fn images_beside(output: &Path) -> PathBuf {
    let mut name = output.file_stem().unwrap_or_default().to_owned();
    name.push(".images.parquet");
    output.with_file_name(name)
}

/// Refuses images of an earlier run that were asked for something else.
fn check_kept(file: &Path, plan: &Plan) -> Result<(), Failure> {
    let name = file.display().to_string();
    let found = source::rows(file).map_err(|e| Failure::of_input(&name, e))?.schema();
    if plan.is_answered_by(&found) {
        return Ok(());
    }
    Err(Failure::usage(
        format!("{name} exists already, and has the images around other streets"),
        "move it away, use it with --images, or add --overwrite",
    ))
}

/// Prints the kilometres by class and tier.
fn tell(counts: &StreetCounts, session: &mut Session<'_>) {
    let width = counts.classes.keys().map(|class| class.len().max(5)).max().unwrap_or(5);
    let line = |class: &str, cells: [String; 6]| {
        let [all, covered, fresh, aging, stale, none] = cells;
        format!("{class:width$} {all:>8} {covered:>8} {fresh:>8} {aging:>8} {stale:>8} {none:>8}")
    };
    if counts.edges > 0 {
        session.note(&line("km", ["all", "covered", "fresh", "aging", "stale", "none"].map(str::to_owned)));
    }
    let mut total = ClassLengths::default();
    for (class, lengths) in &counts.classes {
        total += *lengths;
        session.note(&line(if class.is_empty() { "-" } else { class }, kilometres(lengths)));
    }
    if counts.classes.len() > 1 {
        session.note(&line("total", kilometres(&total)));
    }
    if counts.matched > 0 {
        let [fresh, aging, as_of] = [counts.fresh_since_ms, counts.aging_since_ms, counts.as_of_ms].map(day);
        session.note(&format!("fresh: since {fresh}; aging: since {aging}; stale: older; as of {as_of}"));
    }
    for warning in warnings(counts) {
        session.warn(&warning);
    }
    let parts = [
        (counts.matched, "on streets"),
        (counts.ambiguous, "between two streets"),
        (counts.unmatched, "on none of these streets"),
    ];
    let told = parts.iter().filter(|(count, _)| *count > 0);
    let told: Vec<_> = told.map(|(count, what)| format!("{} {what}", counted(*count, "images"))).collect();
    if !told.is_empty() {
        session.note(&told.join(", "));
    }
}

fn kilometres(lengths: &ClassLengths) -> [String; 6] {
    let [fresh, aging, stale, none] = Tier::ALL.map(|tier| lengths.of_tier(tier));
    [lengths.total_m, lengths.covered_m, fresh, aging, stale, none]
        .map(|metres| format!("{:.1}", metres / 1000.0))
}

/// The day of a moment, in UTC.
fn day(moment_ms: i64) -> String {
    let moment = DateTime::from_timestamp_millis(moment_ms);
    moment.map_or_else(|| "ever".to_owned(), |moment| moment.format("%Y-%m-%d").to_string())
}

/// The classes that most streets are of.
fn most_frequent(classes: &BTreeMap<String, u64>) -> String {
    const SHOWN: usize = 8;
    let mut names: Vec<_> = classes.iter().collect();
    names.sort_by_key(|(_, count)| Reverse(**count));
    let shown: Vec<_> =
        names.iter().take(SHOWN).map(|(name, _)| if name.is_empty() { "none" } else { name }).collect();
    let others = if names.len() > SHOWN { " and others" } else { "" };
    shown.join(", ") + others
}

/// What may be wrong with the inputs.
fn warnings(counts: &StreetCounts) -> Vec<String> {
    let mut all = Vec::new();
    if counts.edges == 0 {
        let kinds = match most_frequent(&counts.other_ways) {
            kinds if kinds.is_empty() => String::new(),
            kinds => format!(", but of {kinds}"),
        };
        let streets = counted(counts.ways_read, "streets");
        all.push(format!("none of the {streets} is of these kinds{kinds}; --ways chooses others"));
    }
    if counts.classes.contains_key("") {
        all.push("streets without a class (`highway`) count whatever --ways chooses".to_owned());
    }
    if counts.without_length > 0 {
        all.push(format!(
            "{} without a length were left out",
            counted(counts.without_length, "pieces of streets")
        ));
    }
    if !counts.has_sequences && counts.images > 0 {
        all.push(
            "the images have no column sequence_id, so each was put onto the street nearest to it".to_owned(),
        );
    }
    if counts.unplaced > 0 {
        all.push(format!("{} without a position were left out", counted(counts.unplaced, "images")));
    }
    if counts.undated > 0 {
        all.push(format!(
            "{} have no date that can be right; they count as coverage, but not by age",
            counted(counts.undated, "images")
        ));
    }
    all
}
