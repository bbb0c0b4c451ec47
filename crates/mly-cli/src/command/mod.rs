//! One file for each verb.

mod area;
mod completions;
mod doctor;
mod emulate;
mod plan;

use mly::Layer;

use crate::args::{Cli, Verb};
use crate::console::Console;
use crate::exit::Failure;
use crate::settings::Environment;

/// Does what was typed.
pub(crate) fn run(cli: Cli, environment: &Environment, console: &mut Console) -> Result<(), Failure> {
    match cli.verb {
        Verb::Images(args) => area::run(Layer::Images, &args, environment, console),
        Verb::Sequences(args) => area::run(Layer::Sequences, &args, environment, console),
        Verb::Points(args) => area::run(Layer::Points, &args, environment, console),
        Verb::Signs(args) => area::run(Layer::Signs, &args, environment, console),
        Verb::Plan(args) => plan::run(&args, console),
        Verb::Emulate(args) => emulate::run(&args, environment, console),
        Verb::Doctor(args) => doctor::run(&args, environment, console),
        Verb::Completions(args) => completions::run(&args, console),
    }
}

/// The runtime that requests run on.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::ours)
}
