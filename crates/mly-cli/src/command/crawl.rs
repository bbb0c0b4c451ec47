//! Runs long work: shows its progress, stops it on Ctrl-C, and stores its summary in the session in any case.

use mly::sink::{self, Sink};
use mly::{Batches, Client, Error, Plan, Progress};

use super::session::Session;
use super::stop::Stop;
use crate::exit::Failure;
use crate::output::{Output, Place};
use crate::progress::{AskBudget, Counted, Display, counted};
use crate::runtime::block_on;

/// Writes the result of a plan to an output.
pub(super) fn into_output(
    client: &Client,
    mut batches: Batches,
    plan: &Plan,
    output: Output,
    session: &mut Session<'_>,
) -> Result<(), Failure> {
    warn_of_price(plan, session);
    let dialect = output.dialect;
    if let Some(name) = &output.layer {
        batches.set_layer(name)?;
    }
    match output.place {
        Place::Stream(destination) => {
            let open = move |batches: &Batches| sink::open(dialect, *destination, &batches.schema());
            into_sink(client, batches, plan, open, session)
        }
        Place::File { path, overwrite } => {
            let ask = || client.tile_budget();
            let progress = batches.progress();
            let work = async move { batches.write_file(&path, dialect, overwrite).await.map(|_| ()) };
            watched(work, &progress, Counted::of(plan), budget_of(plan, &ask), true, session)
        }
    }
}

/// Writes the result of a plan into the sink that is opened for its rows.
pub(super) fn into_sink(
    client: &Client,
    batches: Batches,
    plan: &Plan,
    open: impl FnOnce(&Batches) -> mly::Result<Box<dyn Sink>> + Send,
    session: &mut Session<'_>,
) -> Result<(), Failure> {
    let ask = || client.tile_budget();
    let progress = batches.progress();
    let work = async move {
        let sink = open(&batches)?;
        batches.write_to(sink).await.map(|_| ())
    };
    watched(work, &progress, Counted::of(plan), budget_of(plan, &ask), false, session)
}

/// Waits for work, shows its progress, and stores its summary in the session.
pub(super) fn watched<T>(
    work: impl Future<Output = mly::Result<T>> + Send,
    progress: &Progress,
    counted: Counted,
    budget: Option<AskBudget<'_>>,
    is_file: bool,
    session: &mut Session<'_>,
) -> Result<T, Failure> {
    let console = &mut *session.console;
    let has_terminal = console.err_is_terminal && (is_file || !console.out_is_terminal);
    let is_shown = session.talk.shows_progress(has_terminal);
    let done = block_on(async {
        let mut stop = Stop::listen().map_err(Failure::ours)?;
        let display = Display::new(counted, progress.clone(), budget, is_shown, console);
        let done = tokio::select! {
            done = work => done.map_err(Failure::from),
            never = display.refresh(console) => match never {},
            () = stop.asked() => Err(Error::Cancelled.into()),
        };
        display.finish(console);
        done
    })?;
    session.summary = progress.summary();
    done.map_err(|failure| {
        let saved = if is_file && progress.answered() > 0 { " and saved" } else { "" };
        let read = format!("{} fetched{saved}", counted.share(progress));
        if failure.is_midway() { failure.after(&read) } else { failure }
    })
}

/// The tile budget, if the plan requests tiles.
fn budget_of<'a>(plan: &Plan, ask: AskBudget<'a>) -> Option<AskBudget<'a>> {
    (plan.cost().tiles > 0).then_some(ask)
}

fn warn_of_price(plan: &Plan, session: &mut Session<'_>) {
    let cost = plan.cost();
    if cost.days() > 1 {
        session.warn(&format!(
            "this run needs {}, {} of the daily quota; `mly plan` shows the cost beforehand",
            counted(cost.tiles, "tiles"),
            counted(cost.days(), "days"),
        ));
    }
}
