//! The one error of the library.

use std::path::PathBuf;
use std::time::Duration;

use crate::redact::RedactedUrl;
use crate::tile::TileId;

/// What the library's functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, named by what the caller can do about it.
///
/// Messages are lower case, never hold a token and do not repeat their source.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The question makes no sense; nothing was sent. Change the query.
    #[error("{what}")]
    InvalidQuery {
        /// Which part of the query, and why.
        what: String,
        /// What to write instead.
        hint: Option<String>,
    },

    /// There is no token, or the service refused it. Get another one.
    #[error("{what}")]
    Auth {
        /// What the service said, or that no token was given.
        what: String,
        /// HTTP status, when the service was asked at all.
        status: Option<u16>,
        /// `error.code` of the answer.
        code: Option<i64>,
        /// What else the answer says of itself.
        refusal: Option<Box<Refusal>>,
    },

    /// The service asks for a pause: a limit was reached or this address is blocked. Go on later.
    #[error("{what}, asking for {url}")]
    RateLimited {
        /// Which limit.
        what: String,
        /// The request that was refused, or not sent.
        url: RedactedUrl,
        /// How long to wait, when the service said so.
        retry_after: Option<Duration>,
        /// Whether it was sent: budgets of this machine are told of without asking.
        was_sent: bool,
    },

    /// The service understood the request and refused it.
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

    /// The service could not be reached or did not answer usefully, however often it was asked. Try again.
    #[error("{what}, after {attempts} attempt{} in {:.1} s, asking for {url}", if *attempts == 1 { "" } else { "s" }, elapsed.as_secs_f64())]
    Transport {
        /// What happened at the last attempt.
        what: String,
        /// The request.
        url: RedactedUrl,
        /// How often it was sent.
        attempts: u32,
        /// Time from the first attempt to giving up.
        elapsed: Duration,
        /// The cause, when there is one below HTTP.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },

    /// Nothing has this id: it never had, it was deleted, or what has it is of another kind.
    #[error("{}{} not found", ids.join(", "), if ids.len() == 1 { " was" } else { " were" })]
    NotFound {
        /// The ids.
        ids: Vec<String>,
    },

    /// An answer arrived whole and cannot be what the service meant to send.
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
        source: Box<dyn std::error::Error + Send + Sync>,
    },

    /// There is unfinished work in the place of a result that cannot be gone on with.
    #[error("cannot go on with {}: {what}", path.display())]
    Journal {
        /// The folder of the work.
        path: PathBuf,
        /// What stands against it.
        what: String,
        /// What to do.
        hint: String,
    },

    /// The caller stopped the work.
    #[error("interrupted")]
    Cancelled,
}

/// What the service says of a refusal besides message and code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// `error.type` of the answer.
    pub kind: Option<String>,
    /// `error.fbtrace_id` of the answer, by which the service finds its own records.
    pub trace_id: Option<String>,
}

impl Error {
    /// An [`Error::InvalidQuery`] without a hint.
    pub(crate) fn query(what: impl Into<String>) -> Self {
        Self::InvalidQuery { what: what.into(), hint: None }
    }

    /// An [`Error::Journal`] about work of which something is lost.
    pub(crate) fn damaged(folder: &std::path::Path) -> Self {
        let (what, hint) = ("its files are damaged".to_owned(), "begin anew with --overwrite".to_owned());
        Self::Journal { path: folder.to_owned(), what, hint }
    }

    /// Adds what to write instead to an [`Error::InvalidQuery`]; other errors stay as they are.
    #[must_use = "the hint is in the returned error"]
    pub(crate) fn with_hint(self, text: impl Into<String>) -> Self {
        match self {
            Self::InvalidQuery { what, .. } => Self::InvalidQuery { what, hint: Some(text.into()) },
            other => other,
        }
    }

    /// Whether the same call can succeed later without being changed.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::RateLimited { .. } | Self::Transport { .. } | Self::Cancelled)
    }
}

/// `name` in backticks and the known word nearest to it, if one is near.
///
/// Unknown input is an error that names the nearest known word, everywhere in the same way.
pub(crate) fn unknown(kind: &str, name: &str, known: &[&str]) -> Error {
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
