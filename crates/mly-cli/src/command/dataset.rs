//! `mly dataset`: photos and labels for training detectors.

use std::path::Path;

use mly::source::{self, Kind};
use mly::{Progress, Summary};
use mly_dataset::{Assembled, Assembly, Classes, Dataset, SubjectIds};

use super::blocking::until_stopped;
use super::crawl;
use super::session::Session;
use crate::args::DatasetVerb;
use crate::exit::{Failure, Success};
use crate::failed::list_beside_folder;
use crate::ids;
use crate::input::read_text;
use crate::output::is_stream;
use crate::progress::{Counted, counted, with_reasons};
use crate::settings::Service;

pub(super) fn run(args: &DatasetVerb, session: &mut Session<'_>) -> Result<Success, Failure> {
    let dataset = settings(args, session)?;
    let subjects = subjects(&args.file, session)?;
    let service = Service::new(&args.common.service, session.environment)?;
    let client = session.client(service.options()?)?;
    let mut assembly = Assembly::open(client, subjects, dataset)?;
    let price = assembly.price()?;
    if !session.talk.quiet && !price.is_nothing() {
        session.console.say(&format!("asking for {price}"));
    }
    let mut summary = Summary::default();
    while let Some(stage) = assembly.next_stage()? {
        let (progress, steps) = (stage.progress(), stage.counted());
        let done = watched(stage.finish(), &progress, steps, session);
        session.warn_of_gaps();
        summary = sum(&summary, &session.summary);
        session.summary = summary.clone();
        done?;
    }
    let assembled = until_stopped(move |_| Ok(assembly.finish()?))?;
    session.summary.rows = assembled.images;
    for warning in &assembled.warnings {
        session.warn(warning);
    }
    let success = tell_failed(&args.to, &assembled, session)?;
    let things =
        format!("{} with {}", counted(assembled.images, "photos"), counted(assembled.labels, "labels"));
    session.close(&things, Some(&args.to.display().to_string()));
    Ok(success)
}

fn watched(
    work: impl Future<Output = mly::Result<()>> + Send,
    progress: &Progress,
    steps: &'static str,
    session: &mut Session<'_>,
) -> Result<(), Failure> {
    crawl::watched(work, progress, Counted { steps, rows: None }, None, true, session)
}

fn settings(args: &DatasetVerb, session: &mut Session<'_>) -> Result<Dataset, Failure> {
    let classes = match &args.classes {
        None => Classes::of_values(&args.value).map_err(|e| Failure::of_input("--value", e))?,
        Some(path) => {
            let (name, text) = read_text(path, "name a file with classes", session.console)?;
            Classes::read(&text).map_err(|e| Failure::of_input(&name, e))?
        }
    };
    let mut dataset = Dataset::into(&args.to)
        .with_format(args.format)
        .with_size(args.size)
        .with_split(args.split)
        .with_grouping(args.by)
        .with_negatives(args.negatives)
        .with_pano_views(args.crops_of_pano)
        .with_classes(classes);
    if let Some(photos) = args.common.service.concurrency {
        dataset = dataset.with_concurrency(photos);
    }
    Ok(dataset)
}

fn subjects(file: &Path, session: &mut Session<'_>) -> Result<SubjectIds, Failure> {
    let found = ids::read(file, &[Kind::Image, Kind::MapFeature], session.console)?;
    if found.ids.is_empty() {
        return Err(Failure::usage(
            format!("there are no ids in {}", file.display()),
            "give a result of mly images or mly signs",
        ));
    }
    let question = if is_stream(file) { None } else { question_of(file) };
    let subjects = match found.kind {
        Some(Kind::MapFeature) => SubjectIds::map_features(found.ids),
        _ => SubjectIds::images(found.ids),
    };
    Ok(subjects.with_question(question))
}

/// The question that a result answers, if its file tells. A list of ids is no result, and tells none.
fn question_of(file: &Path) -> Option<String> {
    source::rows(file).ok()?.schema().metadata().get("description").cloned()
}

/// Lists the ids that failed beside the folder, and warns with the reasons for the first few.
fn tell_failed(to: &Path, made: &Assembled, session: &mut Session<'_>) -> Result<Success, Failure> {
    let ids: Vec<_> = made.failed.iter().map(|(id, _)| id.clone()).collect();
    let list = list_beside_folder(to, &made.asked, &ids)?;
    if ids.is_empty() {
        return Ok(Success::Complete);
    }
    session.warn(&format!("{}; all are listed in {}", with_reasons(&made.failed, "ids"), list.display()));
    Ok(Success::Incomplete)
}

/// What several runs have cost together.
fn sum(one: &Summary, other: &Summary) -> Summary {
    let mut sum = one.clone();
    sum.entities += other.entities;
    sum.files += other.files;
    sum.bytes += other.bytes;
    sum.retries += other.retries;
    sum.waited += other.waited;
    sum.elapsed += other.elapsed;
    sum.misfits += other.misfits;
    for (column, count) in &other.unread {
        *sum.unread.entry(column.clone()).or_default() += count;
    }
    for id in &other.not_found {
        if !sum.not_found.contains(id) {
            sum.not_found.push(id.clone());
        }
    }
    sum.failed.extend(other.failed.iter().cloned());
    sum
}
