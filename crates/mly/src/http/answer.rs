//! Judges answers of the service. Their `error.code` decides before the HTTP status, as `api::errors` explains.

use std::time::Duration;

use chrono::DateTime;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use serde::Deserialize;

use super::body::{unpack, unpack_error};
use super::failure::{Failure, Fault, FaultKind};
use crate::api::errors::{
    BAD_TOKEN, KNOWN_CODES, QUERY_TIMEOUT, REQUEST_LIMIT, TOO_MUCH_DATA, UNAVAILABLE, WRONG_REQUEST,
};
use crate::error::Refusal;

/// Message for a refused token.
const REFUSED_TOKEN: &str = "the service refused the token";

/// The longest wait that is believed when the service asks for one.
const LONGEST_WAIT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// An answer as it was received; the body is still compressed.
#[derive(Debug)]
pub(super) struct RawAnswer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl RawAnswer {
    /// The failure that an answer means whose status is not 2xx.
    pub(super) fn into_failure(self) -> Failure {
        let Self { status, headers, body } = self;
        match classify(status, &headers, &unpack_error(body)) {
            Verdict::Fault(fault) => Failure::Service(fault),
            // `classify` returns `Body` and `Empty` only for status 2xx.
            Verdict::Missing | Verdict::Body | Verdict::Empty => Failure::Missing,
        }
    }

    /// The decompressed body of an answer whose status is 2xx; an empty body is an empty result.
    pub(super) fn open(self) -> Result<Vec<u8>, Failure> {
        let body = unpack(self.body).map_err(Failure::Body)?;
        match classify(self.status, &self.headers, &body) {
            Verdict::Body => Ok(body),
            Verdict::Empty => Ok(Vec::new()),
            Verdict::Missing => Err(Failure::Missing),
            Verdict::Fault(fault) => Err(Failure::Service(fault)),
        }
    }
}

/// What an answer means.
#[derive(Debug, PartialEq)]
enum Verdict {
    /// The body is the result.
    Body,
    /// The result is empty.
    Empty,
    /// Status 404. It does not prove that there is no data: tiles with data have answered 404 for hours (API v4, "Empty
    /// tiles, sizes, transport").
    Missing,
    /// The request failed.
    Fault(Fault),
}

#[derive(Deserialize)]
struct Envelope {
    error: ServiceError,
}

/// The error in the envelope; each value may be absent or null.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ServiceError {
    message: Option<String>,
    code: Option<i64>,
    is_transient: Option<bool>,
    #[serde(rename = "type")]
    kind: Option<String>,
    fbtrace_id: Option<String>,
}

/// Judges an answer by status, headers and body.
fn classify(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Verdict {
    let named = |kind, what: &str, code, refusal| {
        Verdict::Fault(Fault { kind, what: what.to_owned(), status: status.as_u16(), code, refusal })
    };
    let fault = |kind, what: &str, code| named(kind, what, code, Refusal::default());
    if status.is_redirection() && headers.contains_key(LOCATION) {
        let what = "this IP address is blocked: the service answered with a redirect to its login page";
        return fault(FaultKind::Blocked, what, None);
    }
    let retry_after = retry_after(headers);
    let missing = status == StatusCode::NOT_FOUND;
    if let Some(error) =
        envelope(body).filter(|e| !missing || e.code.is_some_and(|c| KNOWN_CODES.contains(&c)))
    {
        let message = error.message.as_deref().filter(|m| !m.is_empty());
        let message = message.unwrap_or("the service reported an error");
        let refusal = Refusal { kind: error.kind.clone(), trace_id: error.fbtrace_id.clone() };
        return match kind_of(&error, status, retry_after) {
            // The messages of the service for refused tokens do not always mention the token.
            FaultKind::Token => {
                named(FaultKind::Token, &format!("{REFUSED_TOKEN}: {message}"), error.code, refusal)
            }
            kind => named(kind, message, error.code, refusal),
        };
    }
    let page = "this IP address is blocked: the service answered with a web page";
    if status.is_success() {
        return match body {
            [] => Verdict::Empty,
            _ if status == StatusCode::NO_CONTENT => Verdict::Empty,
            _ if is_html(headers, body) => fault(FaultKind::Blocked, page, None),
            _ => Verdict::Body,
        };
    }
    match status.as_u16() {
        404 => Verdict::Missing,
        400 | 401 | 403 if is_html(headers, body) => fault(FaultKind::Blocked, page, None),
        401 | 403 => fault(FaultKind::Token, REFUSED_TOKEN, None),
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
    // No vector tile begins with `{`: in protobuf this byte starts a group, which tiles do not have.
    let json = body.trim_ascii_start();
    json.starts_with(b"{").then(|| serde_json::from_slice::<Envelope>(json).ok())?.map(|e| e.error)
}

fn kind_of(error: &ServiceError, status: StatusCode, retry_after: Option<Duration>) -> FaultKind {
    match error.code {
        Some(BAD_TOKEN) => FaultKind::Token,
        Some(REQUEST_LIMIT) => FaultKind::Throttled { retry_after },
        Some(WRONG_REQUEST) => FaultKind::Final,
        Some(TOO_MUCH_DATA | UNAVAILABLE | QUERY_TIMEOUT) => FaultKind::Passing { retry_after },
        _ if error.is_transient == Some(true) || status.is_server_error() => {
            FaultKind::Passing { retry_after }
        }
        _ => match status.as_u16() {
            429 => FaultKind::Throttled { retry_after },
            401 | 403 => FaultKind::Token,
            _ => FaultKind::Final,
        },
    }
}

fn is_html(headers: &HeaderMap, body: &[u8]) -> bool {
    let names_it = |kind: &HeaderValue| kind.as_bytes().to_ascii_lowercase().starts_with(b"text/html");
    headers.get(CONTENT_TYPE).is_some_and(names_it) || body.trim_ascii_start().starts_with(b"<")
}

/// How long the service asks to wait in the header `Retry-After`, in seconds or until a date. A date is compared with
/// the header `Date`, since the clock of this machine may be wrong.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let asked = text(RETRY_AFTER)?;
    let wait = asked.parse().map(Duration::from_secs).ok().or_else(|| {
        let date = |text| DateTime::parse_from_rfc2822(text).ok();
        (date(asked)? - date(text(DATE)?)?).to_std().ok()
    })?;
    Some(wait.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderName;

    use super::*;

    fn kind(status: u16, headers: &[(HeaderName, &'static str)], body: &str) -> Option<FaultKind> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(name, HeaderValue::from_static(value));
        }
        match classify(StatusCode::from_u16(status).unwrap(), &map, body.as_bytes()) {
            Verdict::Fault(fault) => Some(fault.kind),
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
        let nulls = r#"{"error":{"message":null,"code":190,"is_transient":null}}"#;
        assert_eq!(kind(500, &[], nulls), Some(FaultKind::Token));
        assert_eq!(
            kind(404, &[], r#"{"error":{"message":"m","code":2500}}"#),
            None,
            "there is just nothing there"
        );
        assert_eq!(kind(404, &[], &body(190)), Some(FaultKind::Token));
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
        assert_eq!(kind(200, &[(CONTENT_TYPE, "Text/HTML")], "log in"), Some(FaultKind::Blocked));
        assert_eq!(kind(403, &[], "<html>log in</html>"), Some(FaultKind::Blocked));
        let passing = Some(FaultKind::Passing { retry_after: None });
        assert_eq!(kind(502, &[], "<html>bad gateway</html>"), passing, "a proxy's page is no block");
    }

    #[test]
    fn plain_statuses_have_their_usual_meaning() {
        let soon = Some(Duration::from_secs(7));
        assert_eq!(
            kind(429, &[(RETRY_AFTER, "7")], "<xml/>"),
            Some(FaultKind::Throttled { retry_after: soon })
        );
        let dates = [(DATE, "Sun, 22 Nov 2026 10:00:00 GMT"), (RETRY_AFTER, "Sun, 22 Nov 2026 10:00:07 GMT")];
        assert_eq!(kind(429, &dates, ""), Some(FaultKind::Throttled { retry_after: soon }));
        let never = [(RETRY_AFTER, "18446744073709551615")];
        assert_eq!(kind(429, &never, ""), Some(FaultKind::Throttled { retry_after: Some(LONGEST_WAIT) }));
        assert_eq!(kind(503, &[], ""), Some(FaultKind::Passing { retry_after: None }));
        assert_eq!(kind(403, &[], ""), Some(FaultKind::Token));
        assert_eq!(kind(400, &[], ""), Some(FaultKind::Final));
        let none = HeaderMap::new();
        assert_eq!(classify(StatusCode::NO_CONTENT, &none, b""), Verdict::Empty);
        assert_eq!(classify(StatusCode::OK, &none, b""), Verdict::Empty);
        assert_eq!(classify(StatusCode::NOT_FOUND, &none, b"x"), Verdict::Missing);
        assert_eq!(classify(StatusCode::OK, &none, &[0x1a, 0]), Verdict::Body);
    }
}
