//! `mly images`, `sequences`, `points`, `signs`: an area in, a file out.

use mly::{Batches, Client, Error, Layer, Plan, Summary, sink};

use super::block_on;
use super::stop::Stop;
use crate::args::AreaVerb;
use crate::console::Console;
use crate::exit::Failure;
use crate::output::Output;
use crate::progress::{Display, closing, counted, warnings};
use crate::query;
use crate::settings::{Environment, Service};
use crate::talk::Talk;

pub(super) fn run(
    layer: Layer,
    args: AreaVerb,
    environment: &Environment,
    talk: Talk,
    console: &mut Console,
    summary: &mut Summary,
) -> Result<(), Failure> {
    let plan = query::build(layer, args.area, args.filters, console)?.plan()?;
    let service = Service::new(&args.common.service, environment)?;
    // Without a token no file is touched; with a bad file nothing is sent.
    let client = Client::new(service.options()?)?;
    let output = Output::open(&args.output, console)?;
    warn_of_price(&plan, console);
    let file = output.name.clone();
    block_on(crawl(client, layer, &plan, output, talk, console, summary))??;
    for warning in warnings(summary) {
        console.say(&format!("warning: {warning}"));
    }
    if !talk.quiet {
        console.say(&closing(layer, summary, file.as_deref()));
    }
    Ok(())
}

async fn crawl(
    client: Client,
    layer: Layer,
    plan: &Plan,
    output: Output,
    talk: Talk,
    console: &mut Console,
    summary: &mut Summary,
) -> Result<(), Failure> {
    let mut stop = Stop::listen().map_err(Failure::ours)?;
    let batches = client.run(plan);
    let progress = batches.progress();
    let has_terminal = console.err_is_terminal && (output.name.is_some() || !console.out_is_terminal);
    let is_shown = talk.shows_progress(has_terminal);
    let display = Display::new(layer, progress.clone(), is_shown, console);
    let done = tokio::select! {
        done = write(batches, output) => done.map_err(Failure::from),
        never = display.refresh(console) => match never {},
        () = stop.asked() => Err(Error::Cancelled.into()),
    };
    display.finish(console);
    *summary = progress.summary();
    done.map_err(|failure| {
        let read = format!("{} of {} read", progress.answered(), counted(progress.total(), "tiles"));
        if failure.is_midway() { failure.after(&read) } else { failure }
    })
}

async fn write(batches: Batches, output: Output) -> mly::Result<()> {
    let sink = sink::open(output.format, output.destination, &batches.schema())?;
    batches.write_to(sink).await.map(|_| ())
}

fn warn_of_price(plan: &Plan, console: &mut Console) {
    let cost = plan.cost();
    if cost.days() > 1 {
        console.say(&format!(
            "warning: this asks for {}, {} of the daily quota; `mly plan` shows the price beforehand",
            counted(cost.tiles, "tiles"),
            counted(cost.days(), "days"),
        ));
    }
}
