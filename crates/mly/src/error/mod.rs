//! The error type of the library, and what goes with it.

mod hint;
mod limit;
mod output;
mod place;
mod unreadable;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use hint::Hint;
pub use limit::Limit;
pub(crate) use output::{Interference, cause_of_output};
pub use place::Place;
pub(crate) use unreadable::Unreadable;

use crate::api::Endpoint;
use crate::redact::{RedactedUrl, without_tokens};
use crate::tile::TileId;

/// The result of functions of this library.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The cause of an error: what the system or another library said.
pub(crate) type Cause = Box<dyn std::error::Error + Send + Sync>;

/// The error of all functions of this library. Its variants are named by what the caller can do.
///
/// Messages are lower case and never contain a token. They do not repeat their `source`, so print both.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The query, or another value that the caller gave, makes no sense. Change it.
    #[error("{what}")]
    InvalidQuery {
        /// Which part of the query, and why.
        what: String,
        /// What to write instead.
        hint: Option<Hint>,
    },

    /// A file or stream that the caller gave cannot be read. Repair it, or name another one.
    #[error("{}{}{what}", path.as_ref().map(|p| format!("{}: ", p.display())).unwrap_or_default(), at.map(|at| format!("{at}: ")).unwrap_or_default())]
    Input {
        /// The file, or `None` for a stream.
        path: Option<PathBuf>,
        /// Where in it, as far as that is known.
        at: Option<Place>,
        /// What is wrong with it.
        what: String,
        /// What to do about it.
        hint: Option<Hint>,
        /// What the system or the reader said.
        #[source]
        source: Option<Cause>,
    },

    /// There is no token, or the service refused it. Get another one.
    #[error("{what}")]
    Auth {
        /// What the service said, or that no token was given.
        what: String,
        /// HTTP status; `None` when nothing was sent.
        status: Option<u16>,
        /// `error.code` of the answer.
        code: Option<i64>,
        /// Further details of the answer.
        refusal: Option<Box<Refusal>>,
    },

    /// A limit was reached, or this IP address is blocked. Try again later.
    #[error("{what}, requesting {url}")]
    RateLimited {
        /// Which limit.
        limit: Limit,
        /// The part of the service that the limit belongs to; `None` for hosts of photos and other files.
        endpoint: Option<Endpoint>,
        /// What the service said, or what is known of the limit.
        what: String,
        /// The request that was refused, or not sent.
        url: RedactedUrl,
        /// How long to wait, when the service said so.
        retry_after: Option<Duration>,
        /// Whether the request was sent. It is not when the budget is used up or a block is known.
        was_sent: bool,
    },

    /// The service understood the request and refused it, or something else answered in its place: a redirect
    /// (status 3xx), or the web page of a filter (no code).
    #[error("{what} (status {status}{}) for {url}", code.map(|c| format!(", code {c}")).unwrap_or_default())]
    Api {
        /// The service's message.
        what: String,
        /// HTTP status.
        status: u16,
        /// `error.code` of the answer.
        code: Option<i64>,
        /// The request.
        url: RedactedUrl,
    },

    /// The service could not be reached or gave no usable answer, and retries did not help. Try again later.
    #[error("{what}, after {attempts} attempt{} in {:.1} s, requesting {url}", if *attempts == 1 { "" } else { "s" }, elapsed.as_secs_f64())]
    Transport {
        /// What happened at the last attempt.
        what: String,
        /// The request.
        url: RedactedUrl,
        /// How often it was sent.
        attempts: u32,
        /// Time from the first attempt to giving up.
        elapsed: Duration,
        /// The error of the HTTP library, if there was one.
        #[source]
        source: Option<Cause>,
    },

    /// Nothing of the requested kind has this id: it is wrong, was deleted, or belongs to another kind.
    #[error("{}{} not found", ids.join(", "), if ids.len() == 1 { " was" } else { " were" })]
    NotFound {
        /// The ids.
        ids: Vec<String>,
    },

    /// An answer arrived complete but cannot be decoded.
    #[error("{subject} cannot be read: {what}{}", offset.map(|o| format!(" at byte {o}")).unwrap_or_default())]
    Decode {
        /// What was asked for, such as `tile 14/8601/5411`.
        subject: String,
        /// The tile, when it is one.
        tile: Option<TileId>,
        /// What is wrong with it; for JSON with the path of the value.
        what: String,
        /// Where in the decompressed body, in bytes from its start.
        offset: Option<usize>,
    },

    /// The result could not be written.
    #[error("cannot write {format} to {}", path.as_ref().map_or("standard output".into(), |p| p.display().to_string()))]
    Output {
        /// The file, or `None` for a stream.
        path: Option<PathBuf>,
        /// Name of the format.
        format: &'static str,
        /// What the system or the encoder said.
        #[source]
        source: Cause,
    },

    /// An earlier run has left unfinished work for this file, which cannot be resumed.
    #[error("cannot resume {}: {what}", path.display())]
    Journal {
        /// The folder of the unfinished work.
        path: PathBuf,
        /// Why it cannot be resumed.
        what: String,
        /// What to do.
        hint: Hint,
    },

    /// A bug in this library. Please report it.
    #[error("internal error in mly: {what}")]
    Internal {
        /// What happened that must not.
        what: String,
        /// The error that should not have happened.
        #[source]
        source: Option<Cause>,
    },

    /// The caller stopped the work.
    #[error("interrupted")]
    Cancelled,
}

/// What the service says about a refused token, besides message and code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// `error.type` of the answer.
    pub kind: Option<String>,
    /// `error.fbtrace_id` of the answer, which identifies the request to the operators of the service.
    pub trace_id: Option<String>,
}

impl Error {
    /// An [`Error::InvalidQuery`] without a hint.
    pub fn query(what: impl Into<String>) -> Self {
        Self::InvalidQuery { what: without_tokens(&what.into()), hint: None }
    }

    /// An [`Error::Input`] that names neither file nor place.
    pub fn input(what: impl Into<String>) -> Self {
        Self::Input { path: None, at: None, what: without_tokens(&what.into()), hint: None, source: None }
    }

    /// An [`Error::Internal`] without a cause.
    pub fn internal(what: impl Into<String>) -> Self {
        Self::Internal { what: what.into(), source: None }
    }

    /// An [`Error::Journal`] about unfinished work whose files are damaged.
    pub(crate) fn damaged(folder: &Path) -> Self {
        let hint = Hint::StartOver { because: None };
        Self::Journal { path: folder.to_owned(), what: "its files are damaged".to_owned(), hint }
    }

    /// Adds a hint to an [`Error::InvalidQuery`], [`Error::Input`] or [`Error::Journal`].
    #[must_use = "the hint is in the returned error"]
    pub fn with_hint(mut self, text: impl Into<Hint>) -> Self {
        match &mut self {
            Self::InvalidQuery { hint, .. } | Self::Input { hint, .. } => *hint = Some(text.into()),
            Self::Journal { hint, .. } => *hint = text.into(),
            other => debug_assert!(false, "no hint belongs to {other:?}"),
        }
        self
    }

    /// Names the file of an [`Error::Input`] that does not name one yet; other errors stay as they are.
    #[must_use = "the path is in the returned error"]
    pub fn with_path(mut self, file: &Path) -> Self {
        if let Self::Input { path: path @ None, .. } = &mut self {
            *path = Some(file.to_owned());
        }
        self
    }

    /// Names the place of an [`Error::Input`] that does not name one yet; other errors stay as they are.
    #[must_use = "the place is in the returned error"]
    pub(crate) fn with_place(mut self, place: Place) -> Self {
        if let Self::Input { at: at @ None, .. } = &mut self {
            *at = Some(place);
        }
        self
    }

    /// Sets the source of an [`Error::Input`] or an [`Error::Internal`]; other errors stay as they are.
    #[must_use = "the cause is in the returned error"]
    pub fn with_source(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        if let Self::Input { source, .. } | Self::Internal { source, .. } = &mut self {
            *source = Some(cause.into());
        }
        self
    }

    /// What the caller can do, where the variant alone does not say it.
    pub fn hint(&self) -> Option<&Hint> {
        match self {
            Self::InvalidQuery { hint, .. } | Self::Input { hint, .. } => hint.as_ref(),
            Self::Journal { hint, .. } => Some(hint),
            Self::Output { source, .. } => Some(Hint::of_output(&**source)),
            _ => None,
        }
    }

    /// Whether the same call can succeed later without being changed.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::RateLimited { .. } | Self::Transport { .. } | Self::Cancelled)
    }
}

/// An error and its causes, on one line.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// An error of Arrow as an [`Error::Internal`]: batches that this crate makes for one schema must fit together.
pub(crate) fn internal(error: arrow_schema::ArrowError) -> Error {
    Error::internal("record batches have different schemas").with_source(error)
}

/// The error for an unknown word: suggests the known word nearest to it, or lists all known words if none is near.
pub fn unknown(kind: &str, name: &str, known: &[&str]) -> Error {
    let error = Error::query(format!("unknown {kind} `{name}`"));
    let near = known
        .iter()
        .map(|word| (strsim::damerau_levenshtein(&name.to_lowercase(), &word.to_lowercase()), word))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, word)| *distance <= 1 + word.len() / 4);
    match near {
        Some((_, word)) => error.with_hint(format!("did you mean `{word}`?")),
        None => error.with_hint(format!("known: {}", known.join(", "))),
    }
}
