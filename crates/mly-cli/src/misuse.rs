//! Error messages for arguments that cannot be parsed.

use std::error::Error;

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::exit::{Failure, HELP};
use crate::help;
use crate::hint;
use crate::tried;

/// Turns an error of clap into a message and a hint, one line each.
pub(crate) fn explain(error: &clap::Error) -> Failure {
    let argument = word(error, ContextKind::InvalidArg).replace(['<', '>', '[', ']'], "");
    let option = argument.split(' ').next().unwrap_or_default().trim_end_matches("...");
    let value = word(error, ContextKind::InvalidValue);
    let verbs = || format!("verbs are {}; {HELP}", help::verbs());
    let (what, hint) = match error.kind() {
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            ("no verb given".to_owned(), verbs())
        }
        ErrorKind::InvalidSubcommand => {
            let verb = word(error, ContextKind::InvalidSubcommand);
            let what = format!("unknown verb `{verb}`");
            if let Some(hint) = tried::verb(verb) {
                return Failure::usage(what, hint);
            }
            (what, verbs())
        }
        ErrorKind::MissingRequiredArgument => {
            // Of one file, clap thinks that it is the last argument, and those who typed it that it is the first.
            let is_last = words(error, ContextKind::InvalidArg) == ["<IN>..."];
            (
                format!("{} is missing", if is_last { "OUT" } else { argument.trim_end_matches("...") }),
                usage(error),
            )
        }
        ErrorKind::ValueValidation => return misfit(option, value, error.source()),
        ErrorKind::InvalidValue if value.is_empty() => {
            (format!("{option} needs a value"), format!("write {argument}"))
        }
        ErrorKind::InvalidValue => {
            let known = words(error, ContextKind::ValidValue).join(", ");
            (format!("{option}: unknown value `{value}`"), format!("known: {known}"))
        }
        ErrorKind::UnknownArgument => {
            let tried = || tried::option(option, &usage(error)).map(str::to_owned);
            if let Some(hint) = out_of_place(option, &usage(error)).or_else(tried) {
                return Failure::usage(first_line(error), hint);
            }
            (first_line(error), usage(error))
        }
        ErrorKind::ArgumentConflict => (
            first_line(error),
            "give each option once, and only one of those that exclude each other".to_owned(),
        ),
        _ => (first_line(error), HELP.to_owned()),
    };
    let near = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    match near.into_iter().map(|kind| word(error, kind)).find(|near| !near.is_empty()) {
        Some(near) => Failure::usage(what, format!("did you mean `{near}`?")),
        None => Failure::usage(what, hint),
    }
}

/// The command line, or that of one of its verbs.
pub(crate) fn command_of(verb: Option<&str>) -> Result<Command, Failure> {
    let command = help::command();
    let Some(name) = verb else { return Ok(command) };
    match command.find_subcommand(name) {
        Some(found) => Ok(found.clone()),
        None => Err(match command.try_get_matches_from(["mly", name]) {
            Err(error) => explain(&error),
            Ok(_) => Failure::usage(format!("unknown verb `{name}`"), HELP),
        }),
    }
}

/// The failure for a value that its option does not accept.
fn misfit(option: &str, value: &str, why: Option<&(dyn Error + 'static)>) -> Failure {
    match why.and_then(|why| why.downcast_ref()) {
        Some(mly::Error::InvalidQuery { what, hint }) => Failure::usage(
            format!("{option}: {what}"),
            hint.as_ref().map_or_else(|| HELP.to_owned(), hint::words),
        ),
        _ => Failure::usage(
            format!("{option}: `{value}` is not a valid value"),
            why.map_or_else(|| HELP.to_owned(), ToString::to_string),
        ),
    }
}

/// A hint for an argument that the verb does not accept, in cases where clap's most similar option would not help.
fn out_of_place(argument: &str, usage: &str) -> Option<String> {
    /// A whole number with at least this many digits is taken for an id; whole coordinates have fewer.
    const ID_DIGITS: usize = 9;
    let takes_area = usage.contains(" AREA ");
    let is_id = argument.len() >= ID_DIGITS && argument.bytes().all(|b| b.is_ascii_digit());
    let is_number = argument.trim_matches(',').parse::<f64>().is_ok();
    let hint = match argument {
        id if is_id && takes_area => format!("ids go with verbs in the singular, such as mly image {id}"),
        _ if usage.starts_with("mly detections ") && (is_number || argument == "--fields") => {
            usage.to_owned()
        }
        _ if is_number => "numbers that belong together have commas between them: --bbox W,S,E,N".to_owned(),
        "--bbox" | "--within" | "--near" | "--tile" if !takes_area => {
            "areas go with the verbs images, sequences, points and signs".to_owned()
        }
        _ if usage.starts_with("mly sequence ") && !argument.starts_with("--") => {
            "write -- before ids that begin with -, such as mly sequence -- -ab...".to_owned()
        }
        _ => return None,
    };
    Some(hint)
}

/// The first line of clap's own message.
fn first_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let first = text.lines().next().unwrap_or_default();
    first.strip_prefix("error: ").unwrap_or(first).to_owned()
}

fn usage(error: &clap::Error) -> String {
    let usage = error.get(ContextKind::Usage).map(ToString::to_string).unwrap_or_default();
    format!("{}; {HELP}", usage.trim().trim_start_matches("Usage: "))
}

/// The words that clap stores with an error. Of several suggestions, the last one is the most similar.
fn words(error: &clap::Error, kind: ContextKind) -> &[String] {
    match error.get(kind) {
        Some(ContextValue::String(word)) => std::slice::from_ref(word),
        Some(ContextValue::Strings(words)) => words,
        _ => &[],
    }
}

fn word(error: &clap::Error, kind: ContextKind) -> &str {
    words(error, kind).last().map_or("", String::as_str)
}
