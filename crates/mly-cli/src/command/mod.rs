//! One file for each verb.

mod answer;
mod area;
mod assets;
mod blocking;
mod budget;
mod cache;
mod completions;
mod convert;
mod crawl;
mod dataset;
mod detections;
mod diff;
mod doctor;
mod download;
mod empty;
mod emulate;
mod job;
mod lookup;
mod man;
mod map;
mod osm;
mod photos;
mod plan;
mod reference;
mod run;
mod session;
mod stop;
mod streets;
mod thumbnail;
mod update;

use mly::env::Environment;
use mly::source::Kind;
use mly::{Layer, Subject, Summary};

use crate::args::{Cli, Verb};
use crate::console::Console;
use crate::exit::{Failure, Success};
use crate::failed::check_list_of;
use crate::misuse;
use crate::summary::SummaryPlace;
use crate::talk::{Talk, log_to_stderr};
use session::Session;

/// Runs the verb that was given.
pub(crate) fn run(cli: Cli, environment: &Environment, console: &mut Console) -> Result<Success, Failure> {
    let args = &cli.verb.common().talk;
    log_to_stderr(args.verbose);
    let talk = Talk::new(args);
    let place = SummaryPlace::open(&cli.verb)?;
    check_list_of(&cli.verb)?;
    let mut session = Session { environment, talk, console, summary: Summary::default(), told: None };
    let done = carry_out(cli.verb, &mut session);
    session.warn_of_the_meantime();
    // The summary is written after a failure too. If that fails as well, the first failure is the one reported.
    let summary = session.summary;
    let is_known = done.is_ok() || summary.requests() > 0;
    let written = if is_known { place.write(&summary, console) } else { Ok(()) };
    done.and_then(|success| written.map(|()| success))
}

fn carry_out(verb: Verb, session: &mut Session<'_>) -> Result<Success, Failure> {
    match verb {
        Verb::Images(args) => return area::run(Layer::Images, args, session),
        Verb::Sequences(args) => return area::run(Layer::Sequences, args, session),
        Verb::Points(args) => return area::run(Layer::Points, args, session),
        Verb::Signs(args) => return area::run(Layer::Signs, args, session),
        Verb::Image(args) => return lookup::run(Subject::Image, Kind::Image, &args, session),
        Verb::Feature(args) => return lookup::run(Subject::MapFeature, Kind::MapFeature, &args, session),
        Verb::Sequence(args) => return lookup::run(Subject::Sequence, Kind::Sequence, &args, session),
        Verb::Organization(args) => {
            return lookup::run(Subject::Organization, Kind::Organization, &args, session);
        }
        Verb::Detections(args) => return detections::run(&args, session),
        Verb::Thumbnail(args) => return thumbnail::run(&args, session),
        Verb::Download(args) => return download::photos(&args, session),
        Verb::Dataset(args) => return dataset::run(&args, session),
        Verb::Cloud(args) => return download::clouds(&args, session),
        Verb::Assets(args) => return assets::run(&args, session),
        Verb::Run(args) => return run::run(&args, session),
        Verb::Plan(args) => plan::run(args, session.environment, session.console)?,
        Verb::Osm(args) => osm::run(&args, session)?,
        Verb::Streets(args) => streets::run(&args, session)?,
        Verb::Map(args) => return map::run(&args, session),
        Verb::Convert(args) => convert::run(&args, session)?,
        Verb::Diff(args) => diff::run(&args, session)?,
        Verb::Emulate(args) => emulate::run(&args, session)?,
        Verb::Budget(args) => budget::run(&args, session)?,
        Verb::Cache(args) => cache::run(&args, session)?,
        Verb::Doctor(args) => doctor::run(&args, session)?,
        Verb::Completions(args) => completions::run(&args, session.console)?,
        Verb::Man(args) => man::run(&args, session.console)?,
        Verb::Help(args) => {
            let text = misuse::command_of(args.verb.as_deref())?.render_help();
            session.console.print(&text.to_string())?;
        }
        Verb::Reference(_) => reference::run(session.console)?,
    }
    Ok(Success::Complete)
}
