//! The outcome of a command: exit code, error message and hint.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::path::Path;
use std::time::Duration;

use indicatif::HumanDuration;
use mly::error::Limit;
use mly::{Endpoint, Hint};

use crate::hint;

const DONE: u8 = 0;
const OURS: u8 = 1;
const USAGE: u8 = 2;
const NOT_AUTHORISED: u8 = 3;
const STOPPED: u8 = 4;
const SERVICE: u8 = 5;
const OUTPUT: u8 = 6;
const INCOMPLETE: u8 = 7;
const INTERRUPTED: u8 = 130;

/// The outcome of a command that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Success {
    /// Everything asked for was done.
    Complete,
    /// Some ids were not found or could not be answered, or some downloads failed; the rest was done.
    Incomplete,
}

impl Success {
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Complete => DONE,
            Self::Incomplete => INCOMPLETE,
        }
    }
}

/// A failed command.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    code: u8,
    hint: String,
    is_broken_pipe: bool,
}

impl Failure {
    /// Wrong usage or input; nothing was sent.
    pub(crate) fn usage(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { what: what.into(), code: USAGE, hint: hint.into(), is_broken_pipe: false }
    }

    /// An error of the library about an option or a file. The message begins with this name, unless the error names the
    /// file already.
    pub(crate) fn of_input(name: &str, error: mly::Error) -> Self {
        let has_name = matches!(&error, mly::Error::Input { path: Some(_), .. });
        let is_projected = error.hint() == Some(&mly::Hint::Reproject)
            && mly::source::file_and_layer(Path::new(name)).0.exists();
        let failure = Self::from(error);
        let what = if has_name { failure.what } else { format!("{name}: {}", failure.what) };
        let hint = if is_projected { hint::reproject_file(name) } else { failure.hint };
        Self { what, hint, ..failure }
    }

    /// A failure of this program or its machine.
    pub(crate) fn ours(error: impl StdError + 'static) -> Self {
        Self { code: OURS, ..Self::usage(with_causes(&error), OURS_HINT) }
    }

    /// Something could not be written.
    pub(crate) fn output(what: &str, error: &io::Error) -> Self {
        let is_broken_pipe = error.kind() == io::ErrorKind::BrokenPipe;
        let hint = hint::words(Hint::of_output(error));
        Self { code: OUTPUT, is_broken_pipe, ..Self::usage(format!("{what}: {error}"), hint) }
    }

    /// An error of the library about a file beside a finished result, such as `OUTPUT.failed`.
    pub(crate) fn of_output(error: mly::Error) -> Self {
        Self { code: OUTPUT, hint: hint::words(Hint::of_output(&error)), ..Self::from(error) }
    }

    /// A failure of the service.
    pub(crate) fn service(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code: SERVICE, ..Self::usage(what, hint) }
    }

    /// The same failure with another hint.
    pub(crate) fn with_hint(self, hint: &str) -> Self {
        Self { hint: hint.to_owned(), ..self }
    }

    /// Puts a sentence before the hint.
    pub(crate) fn after(self, progress: &str) -> Self {
        Self { hint: format!("{progress}; {}", self.hint), ..self }
    }

    /// What the user can do.
    pub(crate) fn hint(&self) -> &str {
        &self.hint
    }

    pub(crate) fn code(&self) -> u8 {
        self.code
    }

    /// Whether the command had begun its work when it failed.
    pub(crate) fn is_midway(&self) -> bool {
        matches!(self.code, STOPPED | SERVICE | OUTPUT | INTERRUPTED)
    }

    /// Whether the reader of our output went away, as `head` does. That is no failure.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        self.is_broken_pipe
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl From<mly::Error> for Failure {
    fn from(error: mly::Error) -> Self {
        let (code, hint) = code_and_hint(&error);
        let is_broken_pipe = io_causes(&error).any(|e| e.kind() == io::ErrorKind::BrokenPipe);
        Self { what: with_causes(&error), code, hint, is_broken_pipe }
    }
}

/// The hint where there is no better one.
pub(crate) const HELP: &str = "see --help";
const OURS_HINT: &str = "if it happens again, report it with the output of -vv";

fn code_and_hint(error: &mly::Error) -> (u8, String) {
    use mly::Error as E;
    let (code, hint) = match error {
        E::InvalidQuery { hint, .. } | E::Input { hint, .. } => {
            return (USAGE, hint.as_ref().map_or_else(|| HELP.to_owned(), hint::words));
        }
        E::RateLimited { limit, endpoint, retry_after, .. } => {
            return (STOPPED, wait_hint(*limit, *endpoint, *retry_after));
        }
        E::Auth { status: None, .. } => {
            (NOT_AUTHORISED, "set MAPILLARY_TOKEN or pass --token; to try without one, add --demo")
        }
        E::Auth { .. } => {
            (NOT_AUTHORISED, "check the token; https://www.mapillary.com/dashboard/developers lists yours")
        }
        E::Transport { .. } if *Hint::of_output(error) == Hint::MoreFiles => {
            return (SERVICE, hint::words(&Hint::MoreFiles));
        }
        E::Transport { .. } => (
            SERVICE,
            "check the network and run the same command again; --retries and --timeout give it more time",
        ),
        E::Api { status: 300..=399, .. } => {
            (SERVICE, "check --graph-url and --tiles-url or their variables, and the proxy of this network")
        }
        E::Api { status: 407, .. } => {
            (SERVICE, "write the name and the password into HTTPS_PROXY: http://NAME:PASSWORD@HOST:PORT")
        }
        E::Api { .. } => (SERVICE, "add -vv to see every request"),
        E::Decode { .. } => (
            SERVICE,
            "run the same command again later; if it fails again, the service is sending broken data",
        ),
        E::Output { source, .. } => return (OUTPUT, hint::words(Hint::of_output(&**source))),
        E::Journal { hint, .. } => return (USAGE, hint::words(hint)),
        E::Internal { .. } => (OURS, "report it with the output of -vv"),
        E::Cancelled => (INTERRUPTED, "run the same command again"),
        _ => (OURS, OURS_HINT),
    };
    (code, hint.to_owned())
}

fn wait_hint(limit: Limit, endpoint: Option<Endpoint>, retry_after: Option<Duration>) -> String {
    let or =
        |usual: &str| retry_after.map_or_else(|| usual.to_owned(), |time| HumanDuration(time).to_string());
    match (limit, endpoint) {
        (Limit::Blocked, _) => format!(
            "wait {}, since each request makes a block longer, and run the same command again, with a lower --tiles-per-minute; if this machine has a new address or it was no block, run mly budget --forget-block first",
            or("a day")
        ),
        (Limit::Budget, _) => {
            format!("wait {} and run the same command again; --tiles-per-day sets the budget", or("a day"))
        }
        (_, Some(Endpoint::Tiles)) => format!(
            "wait {} and run the same command again; --tiles-per-minute sets the pace",
            or("a few hours")
        ),
        _ => {
            format!(
                "wait {} and run the same command again; --concurrency sets the pace",
                or("a few minutes")
            )
        }
    }
}

/// The errors of the system among the causes.
fn io_causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a io::Error> {
    causes(error).filter_map(|error| error.downcast_ref())
}

fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&e| e.source())
}

/// The error and its causes, on one line.
fn with_causes(error: &(dyn StdError + 'static)) -> String {
    causes(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
