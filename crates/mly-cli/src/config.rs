//! Settings from files: `mly.toml` in this folder, then that in the user's folder of settings.
//!
//! A key is a long option without the dashes in front, such as `tiles-per-minute = 20`. What stands in a file is given to
//! the verb as if it were written on the command line, unless the command line or a variable says otherwise.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, Command};
use mly::env::Environment;
use toml::{Table, Value};

use crate::exit::Failure;
use crate::help;

/// Name of the file.
const NAME: &str = "mly.toml";

/// Keys for which a variable of the environment counts more than the file.
const VARIABLES: [(&str, &[&str]); 5] = [
    ("token", &["MAPILLARY_TOKEN", "MAPILLARY_ACCESS_TOKEN"]),
    ("graph-url", &["MAPILLARY_GRAPH_URL"]),
    ("tiles-url", &["MAPILLARY_TILES_URL"]),
    ("places-url", &["MLY_PLACES_URL"]),
    ("cache-dir", &["MLY_CACHE_DIR"]),
];

/// Keys that say where requests, and with them the token, are sent.
const HOSTS: [&str; 3] = ["graph-url", "tiles-url", "places-url"];

/// The arguments with what the files say, and lines that tell the user of it.
pub(crate) fn apply(
    mut args: Vec<OsString>,
    environment: &Environment,
) -> Result<(Vec<OsString>, Vec<String>), Failure> {
    if asks_for_help(&args) {
        return Ok((args, Vec::new()));
    }
    let mut files = Vec::new();
    for path in paths(environment) {
        files.extend(read(&path)?.map(|text| (path, text)));
    }
    // Most people have no such file, and need not wait until all options of all verbs are known.
    if files.is_empty() {
        return Ok((args, Vec::new()));
    }
    let command = help::command();
    let verb = args.get(1).and_then(|verb| verb.to_str()).and_then(|verb| command.find_subcommand(verb));
    let Some(verb) = verb else { return Ok((args, Vec::new())) };
    let mut notes = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    let mut added = Vec::new();
    for (path, text) in files {
        for (key, value) in parse(&path, &text)? {
            check(&command, &path, &key)?;
            let is_set = VARIABLES.iter().any(|(name, variables)| {
                *name == key && variables.iter().any(|variable| environment.has(variable))
            });
            let Some(option) = verb.get_arguments().find(|arg| arg.get_long() == Some(&key)) else {
                continue;
            };
            if seen.contains(&key) || is_set || is_given(verb, option, &args) {
                continue;
            }
            added.extend(as_arguments(&path, option, &key, &value)?);
            if HOSTS.contains(&key.as_str()) {
                notes.push(format!("note: {} sets {key}", path.display()));
            }
            seen.push(key);
        }
    }
    args.splice(2..2, added);
    Ok((args, notes))
}

/// The files, the one that counts most first.
fn paths(environment: &Environment) -> impl Iterator<Item = PathBuf> {
    let user = environment.user_config_dir().map(|folder| folder.join(NAME));
    std::iter::once(PathBuf::from(NAME)).chain(user)
}

/// Whether help or the version is asked for, which a broken file must not prevent.
fn asks_for_help(args: &[OsString]) -> bool {
    args.iter().any(|arg| arg == "--help" || arg == "-h" || arg == "--version")
}

/// The text of a file; `None` if there is none.
fn read(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(e) if matches!(e.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(e) => Err(Failure::usage(
            format!("cannot read {}: {e}", path.display()),
            "it has settings; make it readable, or remove it",
        )),
    }
}

fn parse(path: &Path, text: &str) -> Result<Table, Failure> {
    let table: Table = text.parse().map_err(|error: toml::de::Error| {
        // The error itself would show the line, in which a token may be.
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        Failure::usage(
            format!("{}, line {line}: {}", path.display(), error.message()),
            "write one setting a line, such as tiles-per-minute = 20, and texts in quotes",
        )
    })?;
    if table.contains_key("token") && is_readable_by_others(path) {
        return Err(Failure::usage(
            format!("{} has a token, and other users may read it", path.display()),
            format!("make it yours alone: chmod 0600 {}", path.display()),
        ));
    }
    Ok(table)
}

#[cfg(unix)]
fn is_readable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
}

/// Other systems keep the folders of a user to that user.
#[cfg(not(unix))]
fn is_readable_by_others(_: &Path) -> bool {
    false
}

/// Refuses a key that is no option of any verb.
fn check(command: &Command, path: &Path, key: &str) -> Result<(), Failure> {
    let options = || command.get_subcommands().flat_map(Command::get_arguments).filter_map(Arg::get_long);
    if options().any(|name| name == key) {
        return Ok(());
    }
    let what = format!("{}: unknown setting `{}`", path.display(), key.escape_debug());
    let plain = key.trim_start_matches('-').replace('_', "-");
    let hint = match options().find(|name| *name == plain) {
        Some(name) => format!("did you mean `{name}`?"),
        None => "settings are named as the long options, without the dashes in front; see mly VERB --help"
            .to_owned(),
    };
    Err(Failure::usage(what, hint))
}

/// Whether an option, or one that excludes it, is on the command line.
fn is_given(verb: &Command, option: &Arg, args: &[OsString]) -> bool {
    let is_there = |option: &Arg| {
        args.iter().skip(2).take_while(|arg| *arg != "--").filter_map(|arg| arg.to_str()).any(|arg| {
            let long = option.get_long().is_some_and(|name| {
                arg.strip_prefix("--")
                    .and_then(|rest| rest.strip_prefix(name))
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
            });
            let short = |name| {
                !arg.starts_with("--") && arg.strip_prefix('-').is_some_and(|rest| rest.starts_with(name))
            };
            long || option.get_short().is_some_and(short)
        })
    };
    let excluding =
        |other: &&Arg| verb.get_arg_conflicts_with(other).iter().any(|arg| arg.get_id() == option.get_id());
    let excluded = verb.get_arg_conflicts_with(option);
    is_there(option)
        || excluded.into_iter().any(is_there)
        || verb.get_arguments().filter(excluding).any(is_there)
}

/// A setting as arguments.
fn as_arguments(path: &Path, option: &Arg, key: &str, value: &Value) -> Result<Vec<OsString>, Failure> {
    let is_flag = !matches!(option.get_action(), ArgAction::Set | ArgAction::Append);
    let misfit = |want: &str| {
        Failure::usage(
            format!("{}: {key} is not {want}", path.display()),
            format!("see --{key} in mly VERB --help"),
        )
    };
    if is_flag {
        let Value::Boolean(is_on) = value else { return Err(misfit("true or false")) };
        return Ok(if *is_on { vec![format!("--{key}").into()] } else { Vec::new() });
    }
    let one = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Integer(number) => Ok(number.to_string()),
        Value::Float(number) => Ok(number.to_string()),
        Value::Datetime(date) => Ok(date.to_string()),
        _ => Err(misfit("a text or a number")),
    };
    let values = match value {
        Value::Array(values) => values.iter().map(one).collect::<Result<Vec<_>, _>>()?,
        value => vec![one(value)?],
    };
    // Options that may be repeated get one value each, others all of them with commas between.
    let texts = if matches!(option.get_action(), ArgAction::Append) && option.get_value_delimiter().is_none()
    {
        values
    } else {
        vec![values.join(",")]
    };
    Ok(texts.into_iter().map(|text| format!("--{key}={text}").into()).collect())
}
