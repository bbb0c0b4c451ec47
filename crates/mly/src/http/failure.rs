//! Why an attempt failed, and the error that the caller gets if it was the last one.

use std::borrow::Cow;
use std::time::Duration;

use super::request::HttpRequest;
use crate::api::errors::TOO_MUCH_DATA;
use crate::error::{Error, Limit, Refusal, Unreadable};
use crate::redact::{RedactedUrl, Token};

/// An error that the service has answered.
#[derive(Debug, PartialEq)]
pub(super) struct Fault {
    pub(super) kind: FaultKind,
    /// The message of the service, or ours if it has none.
    pub(super) what: String,
    /// HTTP status.
    pub(super) status: u16,
    /// `error.code`.
    pub(super) code: Option<i64>,
    pub(super) refusal: Refusal,
}

/// Faults by what can be done about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FaultKind {
    /// The token is wrong.
    Token,
    /// This address is blocked, or may be, and each further request makes a block longer: nothing is sent for this
    /// time.
    Blocked { lasts: Duration },
    /// Too many requests: wait.
    Throttled { retry_after: Option<Duration> },
    /// A retry may help.
    Passing { retry_after: Option<Duration> },
    /// A retry gives the same fault.
    Final,
}

/// Message for the status 404.
const MISSING: &str = "the service answered 404";

/// Most characters of a message of the service that are repeated.
const MOST_OF_MESSAGE: usize = 1000;

/// Why an attempt failed.
pub(super) enum Failure {
    /// The service answered with a fault.
    Service(Fault),
    /// The connection failed, or the response was cut off.
    Network { what: String, source: reqwest::Error },
    /// The service answered 404, although a later attempt may find something.
    Missing,
    /// The answer arrived complete, but its body cannot be read.
    Body(Unreadable),
}

/// Whether a request has failed because no connection could be made, so that no other request would fare better.
pub(crate) fn is_unreachable(error: &Error) -> bool {
    let Error::Transport { source: Some(source), .. } = error else { return false };
    source.downcast_ref::<reqwest::Error>().is_some_and(reqwest::Error::is_connect)
}

impl Failure {
    /// The error after the last attempt.
    pub(super) fn give_up(
        self,
        request: &HttpRequest,
        url: RedactedUrl,
        attempts: u32,
        elapsed: Duration,
    ) -> Error {
        let Fault { kind, what, status, code, refusal } = match self {
            Self::Network { what, source } => {
                let source = Some(source.without_url().into());
                return Error::Transport { what, url, attempts, elapsed, source };
            }
            Self::Body(Unreadable { what, offset, .. }) => {
                let tile = request.tile();
                let subject = tile.map_or_else(|| request.to_string(), |tile| format!("tile {tile}"));
                return Error::Decode { subject, tile, what, offset };
            }
            Self::Missing => {
                return Error::Api { what: MISSING.to_owned(), status: 404, code: None, url };
            }
            Self::Service(fault) => fault,
        };
        let endpoint = Some(request.endpoint());
        let limited = |limit, what, url, retry_after| Error::RateLimited {
            limit,
            endpoint,
            what,
            url,
            retry_after,
            was_sent: true,
        };
        match kind {
            FaultKind::Token => {
                Error::Auth { what, status: Some(status), code, refusal: Some(Box::new(refusal)) }
            }
            FaultKind::Blocked { lasts } => limited(Limit::Blocked, what, url, Some(lasts)),
            FaultKind::Throttled { retry_after } => limited(Limit::Throttled, what, url, retry_after),
            // The caller splits such a request into smaller ones, or reports the error.
            FaultKind::Passing { .. } if code == Some(TOO_MUCH_DATA) => {
                Error::Api { what, status, code, url }
            }
            FaultKind::Passing { .. } => Error::Transport { what, url, attempts, elapsed, source: None },
            FaultKind::Final => Error::Api { what, status, code, url },
        }
    }

    /// The error after the last attempt to fetch a file. Hosts of files do not know the token, so it is never refused.
    pub(super) fn give_up_file(self, url: &RedactedUrl, attempts: u32, elapsed: Duration) -> Error {
        let transport = |what, source| Error::Transport { what, url: url.clone(), attempts, elapsed, source };
        match self {
            Self::Network { what, source } => transport(what, Some(source.without_url().into())),
            Self::Body(Unreadable { what, .. }) => transport(what, None),
            Self::Missing => transport("the file is gone".into(), None),
            Self::Service(Fault { status, kind: FaultKind::Throttled { retry_after }, .. }) => {
                let what = format!("the file server responded {status}");
                let (limit, url) = (Limit::Throttled, url.clone());
                Error::RateLimited { limit, endpoint: None, what, url, retry_after, was_sent: true }
            }
            Self::Service(Fault { status, .. }) => {
                transport(format!("the file server responded {status}"), None)
            }
        }
    }

    pub(super) fn network(source: reqwest::Error) -> Self {
        let what = if source.is_timeout() {
            "no response in time"
        } else if source.is_connect() {
            "cannot connect"
        } else {
            "the response was cut off"
        };
        Self::Network { what: what.into(), source }
    }

    /// The failure without the token in its messages, which are also cut: the service echoes the token sometimes, and
    /// parsers quote bodies.
    pub(super) fn scrubbed(self, token: &Token) -> Self {
        let scrub = |text: &str| token.scrub(&cut(text, MOST_OF_MESSAGE));
        match self {
            Self::Service(Fault { kind, what, status, code, refusal }) => {
                let Refusal { kind: name, trace_id } = refusal;
                let refusal =
                    Refusal { kind: name.as_deref().map(scrub), trace_id: trace_id.as_deref().map(scrub) };
                Self::Service(Fault { kind, what: scrub(&what), status, code, refusal })
            }
            Self::Body(body) => Self::Body(Unreadable { what: scrub(&body.what), ..body }),
            other => other,
        }
    }

    /// `error.code` of the service's answer.
    pub(super) fn code(&self) -> Option<i64> {
        match self {
            Self::Service(fault) => fault.code,
            _ => None,
        }
    }

    pub(super) fn reason(&self) -> &str {
        match self {
            Self::Service(Fault { what, .. }) | Self::Network { what, .. } => what,
            Self::Missing => MISSING,
            Self::Body(unreadable) => &unreadable.what,
        }
    }
}

/// The beginning of a message that is longer than `most` characters, and how long it was.
fn cut(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((end, _)) => {
            let (begin, _) = text.split_at(end);
            format!("{begin}... (cut; it has {} characters)", text.chars().count()).into()
        }
        None => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_the_service_has_no_part_of_the_token_and_is_not_endless() {
        let token = Token::new("MLY|42|0123456789abcdef").unwrap();
        let said = |what: &str| {
            let refusal = Refusal { kind: None, trace_id: Some("A 0123456789abcdef".to_owned()) };
            let fault =
                Fault { kind: FaultKind::Final, what: what.to_owned(), status: 400, code: None, refusal };
            match Failure::Service(fault).scrubbed(&token) {
                Failure::Service(Fault { what, refusal, .. }) => (what, refusal.trace_id.unwrap()),
                _ => panic!("another failure"),
            }
        };
        assert_eq!(said("bad 456789abc"), ("bad ***".to_owned(), "A ***".to_owned()));
        let long = "ä".repeat(10_000);
        let (what, _) = said(&long);
        assert_eq!(what, format!("{}... (cut; it has 10000 characters)", "ä".repeat(1000)));
        let (what, _) = said(&format!("{}0123456789abcdef", "x".repeat(990)));
        assert!(!what.contains("01234567"), "{what}");
    }
}
