//! `mly images`, `sequences`, `points`, `signs`: an area in, a file out.

use std::path::Path;

use mly::{Batches, Client, Error, Layer, Plan, Summary, sink};

use super::runtime;
use crate::args::AreaVerb;
use crate::console::Console;
use crate::exit::Failure;
use crate::output::Output;
use crate::progress::{Display, closing, warnings};
use crate::query;
use crate::settings::{Environment, Service, Talk};

pub(super) fn run(
    layer: Layer,
    args: &AreaVerb,
    environment: &Environment,
    console: &mut Console,
) -> Result<(), Failure> {
    let talk = Talk::new(&args.talk)?;
    let plan = query::build(layer, &args.area, &args.filters, console)?.plan()?;
    let service = Service::new(&args.service, environment)?;
    // Without a token no file is touched; with a bad file nothing is sent.
    let client = Client::new(service.options.clone())?;
    let output = Output::open(&args.output, console)?;
    warn_of_price(&plan, talk, console);
    let file = output.name.clone();
    let summary = runtime()?.block_on(crawl(client, &plan, output, talk, console))?;
    for warning in warnings(&summary) {
        console.say(&format!("warning: {warning}"));
    }
    if !talk.quiet {
        console.say(&closing(layer, &summary, file.as_deref()));
    }
    if let Some(path) = &args.output.summary {
        write_summary(path, &summary)?;
    }
    Ok(())
}

async fn crawl(
    client: Client,
    plan: &Plan,
    output: Output,
    talk: Talk,
    console: &mut Console,
) -> Result<Summary, Failure> {
    let batches = client.run(plan);
    let display = Display::new(plan.query().layer(), batches.progress(), talk, console);
    let progress = batches.progress();
    let done = tokio::select! {
        done = write(batches, output) => done,
        () = display.refresh(console) => Err(Error::Cancelled),
        _ = tokio::signal::ctrl_c() => Err(Error::Cancelled),
    };
    display.show(console);
    display.clear();
    done.map_err(|error| {
        let failure = Failure::from(error);
        if !failure.is_midway() {
            return failure;
        }
        failure.after(&format!("{} of {} tiles were read", progress.answered(), progress.total()))
    })
}

async fn write(batches: Batches, output: Output) -> mly::Result<Summary> {
    let sink = sink::open(output.format, output.destination, &batches.schema())?;
    batches.write_to(sink).await
}

fn warn_of_price(plan: &Plan, talk: Talk, console: &mut Console) {
    let cost = plan.cost();
    if cost.days() > 1 && !talk.quiet {
        console.say(&format!(
            "warning: this asks for {} tiles, {} days of the daily quota; `mly plan` shows the price beforehand",
            cost.tiles,
            cost.days()
        ));
    }
}

fn write_summary(path: &Path, summary: &Summary) -> Result<(), Failure> {
    let text = format!("{:#}\n", summary.to_json());
    std::fs::write(path, text).map_err(|e| {
        let what = format!("cannot write the summary to {}: {e}", path.display());
        Failure::output(std::io::Error::new(e.kind(), what))
    })
}
