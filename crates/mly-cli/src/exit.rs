//! Why a command failed, with which code, and what to do about it.

use std::error::Error as StdError;
use std::fmt;
use std::io;

/// Everything asked for was done.
pub(crate) const DONE: u8 = 0;
const OURS: u8 = 1;
const USAGE: u8 = 2;
const NOT_AUTHORISED: u8 = 3;
const STOPPED: u8 = 4;
const SERVICE: u8 = 5;
const OUTPUT: u8 = 6;
const INTERRUPTED: u8 = 130;

/// A failed command.
#[derive(Debug)]
pub(crate) struct Failure {
    error: Box<dyn StdError + Send + Sync>,
    code: u8,
    hint: Option<String>,
}

impl Failure {
    /// Wrong usage or input; nothing was sent.
    pub(crate) fn usage(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { error: what.into().into(), code: USAGE, hint: Some(hint.into()) }
    }

    /// A failure of this program or its machine.
    pub(crate) fn ours(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { error: error.into(), code: OURS, hint: None }
    }

    /// Data could not be written.
    pub(crate) fn output(error: io::Error) -> Self {
        Self { error: error.into(), code: OUTPUT, hint: None }
    }

    /// Puts a sentence before the hint.
    pub(crate) fn after(mut self, progress: &str) -> Self {
        self.hint = Some(self.hint.map_or_else(|| progress.to_owned(), |hint| format!("{progress}; {hint}")));
        self
    }

    pub(crate) fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
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
        let mut cause: Option<&(dyn StdError + 'static)> = Some(self.error.as_ref());
        while let Some(error) = cause {
            if error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe) {
                return true;
            }
            cause = error.source();
        }
        false
    }
}

/// The error and its causes, on one line.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.error)?;
        let mut cause = self.error.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl From<mly::Error> for Failure {
    fn from(error: mly::Error) -> Self {
        use mly::Error as E;
        let (code, hint) = match &error {
            E::InvalidQuery { hint, .. } => (USAGE, hint.clone()),
            E::Auth { status: None, .. } => (
                NOT_AUTHORISED,
                Some("set MAPILLARY_TOKEN or pass --token; to try without one, add --demo".to_owned()),
            ),
            E::Auth { .. } => (
                NOT_AUTHORISED,
                Some("check the token; https://www.mapillary.com/dashboard/developers lists yours".to_owned()),
            ),
            E::RateLimited { retry_after, .. } => (STOPPED, Some(wait_hint(*retry_after))),
            E::Transport { .. } => (
                SERVICE,
                Some("check the network and run the same command again; --retries and --timeout give it more time".into()),
            ),
            E::Api { .. } => (SERVICE, Some("-v shows every request".to_owned())),
            E::Decode { .. } => {
                (SERVICE, Some("run the same command again later; if it stays, the service has a broken tile".to_owned()))
            }
            E::Output { .. } => (OUTPUT, Some("free some space, or choose another place with -o".to_owned())),
            E::Cancelled => (INTERRUPTED, Some("run the same command again".to_owned())),
            _ => (OURS, None),
        };
        Self { error: error.into(), code, hint }
    }
}

fn wait_hint(retry_after: Option<std::time::Duration>) -> String {
    let wait = match retry_after.map(|d| d.as_secs()) {
        None => "wait some hours".to_owned(),
        Some(s @ 0..120) => format!("wait {s} seconds"),
        Some(s @ 120..7200) => format!("wait {} minutes", s.div_ceil(60)),
        Some(s) => format!("wait {} hours", s.div_ceil(3600)),
    };
    format!("{wait} and run the same command again; --tiles-per-minute N goes slower")
}
