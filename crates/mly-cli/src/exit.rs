//! Why a command failed, with which code, and what to do about it.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::time::Duration;

use indicatif::HumanDuration;
use mly::Endpoint;

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

/// A command that was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Success {
    /// Everything asked for was done.
    Complete,
    /// Some ids were not found or some downloads failed; the rest was done.
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

    /// An error of the library about something that has a name, such as an option or a file, unless it names the file
    /// itself.
    pub(crate) fn of_input(name: &str, error: mly::Error) -> Self {
        let has_name = matches!(&error, mly::Error::Input { path: Some(_), .. });
        let failure = Self::from(error);
        let what = if has_name { failure.what } else { format!("{name}: {}", failure.what) };
        Self { what, ..failure }
    }

    /// A failure of this program or its machine.
    pub(crate) fn ours(error: impl StdError + 'static) -> Self {
        Self { code: OURS, ..Self::usage(with_causes(&error), OURS_HINT) }
    }

    /// Something could not be written.
    pub(crate) fn output(what: &str, error: &io::Error) -> Self {
        let is_broken_pipe = error.kind() == io::ErrorKind::BrokenPipe;
        Self { code: OUTPUT, is_broken_pipe, ..Self::usage(format!("{what}: {error}"), OUTPUT_HINT) }
    }

    /// An error of the library about a file that goes with a finished result.
    pub(crate) fn of_output(error: mly::Error) -> Self {
        Self { code: OUTPUT, hint: OUTPUT_HINT.to_owned(), ..Self::from(error) }
    }

    /// The service does not answer as it should.
    pub(crate) fn service(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code: SERVICE, ..Self::usage(what, hint) }
    }

    /// Puts a sentence before the hint.
    pub(crate) fn after(self, progress: &str) -> Self {
        Self { hint: format!("{progress}; {}", self.hint), ..self }
    }

    /// What to do about it.
    pub(crate) fn hint(&self) -> &str {
        &self.hint
    }

    pub(crate) fn code(&self) -> u8 {
        self.code
    }

    /// Whether the work stopped in the middle, not before its beginning.
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
        let is_broken_pipe = causes(&error)
            .any(|e| e.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe));
        let what = match &error {
            // What the service says of a token it refuses does not always mention it.
            mly::Error::Auth { what, status: Some(_), .. } if !what.contains("token") => {
                format!("the service refused the token: {what}")
            }
            _ => with_causes(&error),
        };
        Self { what, code, hint, is_broken_pipe }
    }
}

/// Where nothing better is known.
pub(crate) const HELP: &str = "--help tells more";
const OUTPUT_HINT: &str = "free some space, or choose another place";
const OURS_HINT: &str = "if it happens again, report it with what -vv shows";

fn code_and_hint(error: &mly::Error) -> (u8, String) {
    use mly::Error as E;
    let (code, hint) = match error {
        E::InvalidQuery { hint, .. } | E::Input { hint, .. } => {
            return (USAGE, hint.as_ref().map_or_else(|| HELP.to_owned(), hint::words));
        }
        E::RateLimited { retry_after, endpoint, .. } => return (STOPPED, wait_hint(*retry_after, *endpoint)),
        E::Auth { status: None, .. } => {
            (NOT_AUTHORISED, "set MAPILLARY_TOKEN or pass --token; to try without one, add --demo")
        }
        E::Auth { .. } => {
            (NOT_AUTHORISED, "check the token; https://www.mapillary.com/dashboard/developers lists yours")
        }
        E::Transport { .. } => (
            SERVICE,
            "check the network and run the same command again; --retries and --timeout give it more time",
        ),
        E::Api { .. } => (SERVICE, "-vv shows every request"),
        E::Decode { .. } => {
            (SERVICE, "run the same command again later; if it stays, the service has a broken answer")
        }
        E::Output { .. } => (OUTPUT, OUTPUT_HINT),
        E::Journal { hint, .. } => return (USAGE, hint::words(hint)),
        E::Cancelled => (INTERRUPTED, "run the same command again"),
        _ => (OURS, OURS_HINT),
    };
    (code, hint.to_owned())
}

fn wait_hint(retry_after: Option<Duration>, endpoint: Option<Endpoint>) -> String {
    let (usual, pace) = if endpoint == Some(Endpoint::Tiles) {
        ("some hours", "--tiles-per-minute and --tiles-per-day set the pace")
    } else {
        ("some minutes", "--concurrency sets the pace")
    };
    let wait = retry_after.map_or_else(|| usual.to_owned(), |time| HumanDuration(time).to_string());
    format!("wait {wait} and run the same command again; {pace}")
}

fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&e| e.source())
}

/// The error and its causes, on one line.
fn with_causes(error: &(dyn StdError + 'static)) -> String {
    causes(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
