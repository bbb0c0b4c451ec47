//! The help texts, and what is said when arguments cannot be understood.

use std::io::Write;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory};

use crate::args::Cli;
use crate::console::Console;
use crate::exit::Failure;

/// The box of the demo town.
const TOWN: &str = "8.98,51.98,9.03,52.01";

/// Filters that make sense for each layer; the others are refused with a message, not shown.
const FILTERS: [(&str, &[&str]); 4] = [
    ("images", &["since", "until", "image_type", "compass", "sequence", "organization", "creator", "looking_at"]),
    ("sequences", &["since", "until", "image_type", "sequence", "organization", "creator", "cut"]),
    ("points", &["value", "first_seen_since", "first_seen_until", "last_seen_since", "last_seen_until"]),
    ("signs", &["value", "first_seen_since", "first_seen_until", "last_seen_since", "last_seen_until"]),
];

/// About, usage and options without empty lines where none are needed.
const TEMPLATE: &str = "{about}\n\nUsage: {usage}\n\n{all-args}{after-help}\n";

/// What follows each verb.
const USAGES: [(&str, &str); 8] = [
    ("images", "AREA [FILTERS] [OUTPUT]"),
    ("sequences", "AREA [FILTERS] [OUTPUT]"),
    ("points", "AREA [FILTERS] [OUTPUT]"),
    ("signs", "AREA [FILTERS] [OUTPUT]"),
    ("plan", "images|sequences|points|signs AREA [FILTERS] [-o plan.json]"),
    ("emulate", "[--world demo|random:SEED:IMAGES|PATH] [--port P] [--fault FAULT]..."),
    ("doctor", "[--demo]"),
    ("completions", "bash|elvish|fish|powershell|zsh"),
];

/// Two examples for each verb; `@` stands for the demo town.
const EXAMPLES: [(&str, [&str; 2]); 8] = [
    ("images", ["@ -o town.geojson", "@ --since 2023 --image-type pano -f csv"]),
    ("sequences", ["@ -o lines.geojson", "@ --until 2020 --limit 10 -f geojsonseq"]),
    ("points", ["@ -o points.csv", "--demo --near 9.005,51.995 --radius 300"]),
    ("signs", ["@ -o signs.geojson", "@ --value 'regulatory--*,warning--*' -f csv"]),
    ("plan", ["images @", "signs --demo --near 9.005,51.995 --radius 2000 -o plan.json"]),
    ("emulate", ["--demo", "--world demo --port 0 --fault status=503,every=10"]),
    ("doctor", ["--demo", "--demo -v"]),
    ("completions", ["bash > ~/.local/share/bash-completion/completions/mly", "zsh"]),
];

/// The command line, with its help texts.
pub(crate) fn command() -> Command {
    let mut command = Cli::command().after_help(format!(
        "Examples:\n  mly images --demo --bbox {TOWN} -o town.geojson\n  mly signs --demo --bbox {TOWN} -f csv"
    ));
    for (verb, usage) in USAGES {
        command = command.mut_subcommand(verb, |c| {
            c.disable_help_flag(true).override_usage(format!("mly {verb} {usage}")).help_template(TEMPLATE)
        });
    }
    for (verb, examples) in EXAMPLES {
        let lines = examples.map(|e| format!("  mly {verb} {}", e.replace('@', &format!("--demo --bbox {TOWN}"))));
        command = command.mut_subcommand(verb, |c| c.after_help(format!("Examples:\n{}", lines.join("\n"))));
    }
    for (verb, shown) in FILTERS {
        let all = FILTERS.iter().flat_map(|(_, names)| *names);
        let hidden: Vec<_> = all.filter(|name| !shown.contains(name)).collect();
        command = command.mut_subcommand(verb, |mut c| {
            for name in hidden {
                c = c.mut_arg(*name, |arg| arg.hide(true));
            }
            c
        });
    }
    command
}

/// Prints help and version, and turns anything else into a failure with a hint.
pub(crate) fn explain(error: &clap::Error, console: &mut Console) -> Result<(), Failure> {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return write!(console.out, "{}", error.render()).map_err(Failure::output);
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        || error.kind() == ErrorKind::MissingSubcommand
    {
        return Err(Failure::usage("no verb given", "mly images, sequences, points, signs; `mly --help` lists all"));
    }
    let text = error.render().to_string();
    let first = text.lines().next().unwrap_or_default();
    let what = first.strip_prefix("error: ").unwrap_or(first).to_owned();
    Err(Failure::usage(what, hint(error)))
}

fn hint(error: &clap::Error) -> String {
    let near = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    let near = near.into_iter().find_map(|kind| error.get(kind)).and_then(|value| match value {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(list) => list.first().cloned(),
        _ => None,
    });
    match near {
        Some(word) => format!("did you mean `{word}`?"),
        None => "`mly --help` lists the verbs, `mly VERB --help` their options".to_owned(),
    }
}
