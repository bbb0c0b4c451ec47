//! One file for each verb.

mod area;
mod completions;
mod doctor;
mod emulate;
mod plan;
mod stop;

use std::time::Duration;

use mly::sink::Destination;
use mly::{Layer, Summary};

use crate::args::{Cli, Verb};
use crate::console::Console;
use crate::exit::Failure;
use crate::output::write_text;
use crate::settings::Environment;
use crate::talk::{Talk, log_to_stderr};

/// Does what was typed.
pub(crate) fn run(cli: Cli, environment: &Environment, console: &mut Console) -> Result<(), Failure> {
    let args = &cli.verb.common().talk;
    log_to_stderr(args.verbose);
    let talk = Talk::new(args);
    let file = args.summary.as_deref().map(|path| Destination::file(path, true)).transpose()?;
    let mut summary = Summary::default();
    let done = match cli.verb {
        Verb::Images(args) => area::run(Layer::Images, args, environment, talk, console, &mut summary),
        Verb::Sequences(args) => area::run(Layer::Sequences, args, environment, talk, console, &mut summary),
        Verb::Points(args) => area::run(Layer::Points, args, environment, talk, console, &mut summary),
        Verb::Signs(args) => area::run(Layer::Signs, args, environment, talk, console, &mut summary),
        Verb::Plan(args) => plan::run(args, console),
        Verb::Emulate(args) => emulate::run(&args, environment, talk, console),
        Verb::Doctor(args) => doctor::run(&args, environment, console, &mut summary),
        Verb::Completions(args) => completions::run(&args, console),
    };
    // What was spent is worth knowing after a failure too, and the failure is what is reported then.
    let is_known = done.is_ok() || summary != Summary::default();
    let written =
        file.filter(|_| is_known).map(|file| write_text(file, &format!("{:#}\n", summary.to_json())));
    done.and(written.unwrap_or(Ok(())))
}

/// Waits for work on a runtime of its own.
fn block_on<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    /// What still runs is a write, and one into a pipe that nobody reads never ends.
    const PATIENCE: Duration = Duration::from_secs(1);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::ours)?;
    let done = runtime.block_on(work);
    runtime.shutdown_timeout(PATIENCE);
    Ok(done)
}
