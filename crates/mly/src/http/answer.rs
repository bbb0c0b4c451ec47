//! What an HTTP answer of the service means.
//!
//! The service decides on `error.code`, not on the status: no token is a 500, an unknown id a 400 (API v4, "Errors").

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION, RETRY_AFTER};
use serde::Deserialize;

/// What to do with an answer.
#[derive(Debug, PartialEq)]
pub(super) enum Meaning {
    /// The body is the answer.
    Body,
    /// There is nothing, and that is the answer.
    Empty,
    /// There is nothing, but there may be later: a tile with data has answered 404 for hours.
    Missing,
    /// It failed.
    Fault(Fault),
}

/// A failed attempt.
#[derive(Debug, PartialEq)]
pub(super) struct Fault {
    pub(super) kind: FaultKind,
    pub(super) what: String,
    pub(super) status: u16,
    pub(super) code: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FaultKind {
    /// The token is wrong.
    Token,
    /// This address is blocked; asking again makes it longer.
    Blocked,
    /// Too many requests; wait.
    Throttled { retry_after: Option<Duration> },
    /// Ask again.
    Passing { retry_after: Option<Duration> },
    /// Asking again gives the same.
    Final,
}

#[derive(Deserialize)]
struct Envelope {
    error: ServiceError,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ServiceError {
    message: String,
    code: Option<i64>,
    is_transient: bool,
}

/// Reads status, headers and the beginning of a body.
pub(super) fn classify(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Meaning {
    let fault = |kind, what: &str, code| {
        Meaning::Fault(Fault { kind, what: what.to_owned(), status: status.as_u16(), code })
    };
    if status.is_redirection() && headers.contains_key(LOCATION) {
        let what = "this address is blocked: the service answered with a redirect to its login page";
        return fault(FaultKind::Blocked, what, None);
    }
    let retry_after = retry_after(headers);
    if let Some(error) = envelope(body) {
        let message = if error.message.is_empty() { "the service reported an error" } else { &error.message };
        return fault(kind_of(&error, status, retry_after), message, error.code);
    }
    if status.is_success() {
        return match body {
            [] => Meaning::Empty,
            _ if status == StatusCode::NO_CONTENT => Meaning::Empty,
            _ if is_html(headers, body) => fault(
                FaultKind::Blocked,
                "this address is blocked: the service answered with a web page",
                None,
            ),
            _ => Meaning::Body,
        };
    }
    match status.as_u16() {
        404 => Meaning::Missing,
        401 | 403 => fault(FaultKind::Token, "the service refused the token", None),
        429 => fault(FaultKind::Throttled { retry_after }, "too many requests", None),
        408 | 500.. => {
            let what = format!("the service answered {status}");
            fault(FaultKind::Passing { retry_after }, &what, None)
        }
        _ => fault(FaultKind::Final, "the service refused the request", None),
    }
}

/// The error envelope of the graph, if the body is one; it may come with any status, 200 included.
fn envelope(body: &[u8]) -> Option<ServiceError> {
    // No vector tile begins with `{`: as a protobuf tag it is a start of a group, which tiles do not have.
    let json = body.trim_ascii_start();
    json.starts_with(b"{").then(|| serde_json::from_slice::<Envelope>(json).ok())?.map(|e| e.error)
}

fn kind_of(error: &ServiceError, status: StatusCode, retry_after: Option<Duration>) -> FaultKind {
    match error.code {
        Some(190) => FaultKind::Token,
        Some(4) => FaultKind::Throttled { retry_after },
        Some(100) => FaultKind::Final,
        Some(1 | 2 | -2) => FaultKind::Passing { retry_after },
        _ if error.is_transient || status.is_server_error() => FaultKind::Passing { retry_after },
        _ => match status.as_u16() {
            429 => FaultKind::Throttled { retry_after },
            401 | 403 => FaultKind::Token,
            _ => FaultKind::Final,
        },
    }
}

fn is_html(headers: &HeaderMap, body: &[u8]) -> bool {
    let named =
        headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).is_some_and(|v| v.starts_with("text/html"));
    named || body.trim_ascii_start().starts_with(b"<")
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    fn kind(status: u16, headers: &[(HeaderName, &'static str)], body: &str) -> Option<FaultKind> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(name, HeaderValue::from_static(value));
        }
        match classify(StatusCode::from_u16(status).unwrap(), &map, body.as_bytes()) {
            Meaning::Fault(fault) => Some(fault.kind),
            _ => None,
        }
    }

    #[test]
    fn the_code_decides_and_not_the_status() {
        let body = |code: i64| format!(r#"{{"error":{{"message":"m","type":"t","code":{code}}}}}"#);
        for (status, code, expected) in [
            (500, 190, FaultKind::Token),
            (401, 190, FaultKind::Token),
            (400, 190, FaultKind::Token),
            (400, 100, FaultKind::Final),
            (500, 100, FaultKind::Final),
            (403, 4, FaultKind::Throttled { retry_after: None }),
            (500, 1, FaultKind::Passing { retry_after: None }),
            (500, 2, FaultKind::Passing { retry_after: None }),
            (200, 2, FaultKind::Passing { retry_after: None }),
            (400, -2, FaultKind::Passing { retry_after: None }),
        ] {
            assert_eq!(kind(status, &[], &body(code)), Some(expected), "{status} {code}");
        }
        let transient = r#"{"error":{"message":"m","is_transient":true}}"#;
        assert_eq!(kind(400, &[], transient), Some(FaultKind::Passing { retry_after: None }));
    }

    #[test]
    fn a_redirect_or_a_web_page_is_a_block() {
        assert_eq!(
            kind(302, &[(LOCATION, "https://www.mapillary.com/login/?next=x")], ""),
            Some(FaultKind::Blocked)
        );
        assert_eq!(kind(200, &[(CONTENT_TYPE, "text/html; charset=utf-8")], "hi"), Some(FaultKind::Blocked));
        assert_eq!(kind(200, &[], "\n<!DOCTYPE html>"), Some(FaultKind::Blocked));
    }

    #[test]
    fn plain_statuses_have_their_usual_meaning() {
        let soon = Some(Duration::from_secs(7));
        assert_eq!(
            kind(429, &[(RETRY_AFTER, "7")], "<xml/>"),
            Some(FaultKind::Throttled { retry_after: soon })
        );
        assert_eq!(kind(503, &[], ""), Some(FaultKind::Passing { retry_after: None }));
        assert_eq!(kind(403, &[], ""), Some(FaultKind::Token));
        assert_eq!(kind(400, &[], ""), Some(FaultKind::Final));
        let none = HeaderMap::new();
        assert_eq!(classify(StatusCode::NO_CONTENT, &none, b""), Meaning::Empty);
        assert_eq!(classify(StatusCode::OK, &none, b""), Meaning::Empty);
        assert_eq!(classify(StatusCode::NOT_FOUND, &none, b"x"), Meaning::Missing);
        assert_eq!(classify(StatusCode::OK, &none, &[0x1a, 0]), Meaning::Body);
    }
}
