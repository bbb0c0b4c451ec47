//! `mly reference`: every verb and option as JSON, from which `scripts/reference` writes a page of the documentation.

use clap::{Arg, ArgAction, Command};
use serde_json::{Value, json};

use crate::console::Console;
use crate::exit::Failure;
use crate::help;

pub(super) fn run(console: &mut Console) -> Result<(), Failure> {
    let command = help::command();
    let shown = command.get_subcommands().filter(|verb| !verb.is_hide_set());
    let page = json!({
        "about": command.get_about().map(ToString::to_string),
        "verbs": shown.map(verb).collect::<Vec<_>>(),
    });
    console.print(&format!("{page:#}\n"))
}

fn verb(command: &Command) -> Value {
    let options: Vec<_> = command.get_arguments().filter(|arg| !arg.is_hide_set()).map(option).collect();
    json!({
        "name": command.get_name(),
        "about": command.get_about().map(ToString::to_string),
        "usage": command.clone().render_usage().to_string(),
        "examples": examples(command),
        "options": options,
    })
}

fn option(arg: &Arg) -> Value {
    let names = arg.get_value_names().unwrap_or_default();
    let values = names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let takes_value = arg.get_action().takes_values();
    let defaults = if takes_value { arg.get_default_values() } else { &[] };
    json!({
        "long": arg.get_long(),
        "short": arg.get_short(),
        "value": takes_value.then(|| values.join(" ")),
        "group": arg.get_help_heading().unwrap_or("Arguments"),
        "help": arg.get_help().map(ToString::to_string),
        "text": arg.get_long_help().map(ToString::to_string),
        "default": defaults.iter().map(|value| value.to_string_lossy()).collect::<Vec<_>>().join(","),
        "repeatable": matches!(arg.get_action(), ArgAction::Append | ArgAction::Count),
    })
}

/// The command lines of the help.
fn examples(command: &Command) -> Vec<String> {
    let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    text.lines().filter_map(|line| line.strip_prefix("  ")).map(str::to_owned).collect()
}
