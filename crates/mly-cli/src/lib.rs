//! The `mly` command as a library: [`run`] takes arguments, environment and streams, and gives an exit code.

mod args;
mod browser;
mod command;
mod config;
mod console;
mod events;
mod exit;
mod failed;
mod help;
mod hint;
mod ids;
mod input;
mod limits;
mod log_line;
mod misuse;
mod output;
mod place;
mod progress;
mod query;
mod record;
mod runtime;
mod settings;
mod summary;
mod talk;
mod text;
mod tried;

use std::ffi::OsString;

use clap::FromArgMatches;
use clap::error::ErrorKind;
use mly::env::Environment;

pub use console::{Console, MessageForm};
pub use limits::survive_file_size_limit;

use args::Cli;
use exit::{Failure, Success};

/// Runs the command and gives its exit code.
///
/// Data goes to `console.out`, everything else to `console.err`.
pub fn run(args: impl IntoIterator<Item = OsString>, environment: &Environment, mut console: Console) -> u8 {
    let args = asking_for_help(args.into_iter().collect());
    let (args, notes) = match config::apply(args, environment) {
        Ok(applied) => applied,
        Err(failure) => return report(&failure, &mut console),
    };
    let parsed = help::command().try_get_matches_from(args).and_then(|m| Cli::from_arg_matches(&m));
    if let Ok(cli) = &parsed
        && cli.verb.common().talk.progress == args::ProgressMode::Json
    {
        console.messages = MessageForm::Events;
    }
    if parsed.as_ref().is_ok_and(|cli| !cli.verb.common().talk.quiet) {
        for note in &notes {
            console.say(note);
        }
    }
    let done = match parsed {
        Ok(cli) => command::run(cli, environment, &mut console),
        Err(asked) if matches!(asked.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            let text = asked.render();
            let text = if console.out_has_colours { text.ansi().to_string() } else { text.to_string() };
            console.print(&text).map(|()| Success::Complete)
        }
        Err(error) => Err(misuse::explain(&error)),
    };
    match done {
        Ok(success) => success.code(),
        Err(failure) => report(&failure, &mut console),
    }
}

/// `mly` alone and `mly help` stand for `mly --help`, and `mly help VERB` for `mly VERB --help`.
fn asking_for_help(mut args: Vec<OsString>) -> Vec<OsString> {
    let is_option = |arg: &OsString| arg.to_string_lossy().starts_with('-');
    if args.get(1).is_some_and(|verb| verb == "help")
        && args.len() <= 3
        && !args.get(2).is_some_and(is_option)
    {
        args.remove(1);
        args.push("--help".into());
    } else if args.len() == 1 {
        args.push("--help".into());
    }
    args
}

fn report(failure: &Failure, console: &mut Console) -> u8 {
    if failure.is_broken_pipe() {
        return Success::Complete.code();
    }
    console.say(&format!("error: {failure}"));
    console.say(&format!("hint: {}", failure.hint()));
    failure.code()
}
