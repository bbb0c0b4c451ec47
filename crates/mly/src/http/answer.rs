//! Judges answers: by the service's own error envelope, then by redirects and web pages, then by the HTTP status.

use std::time::Duration;

use chrono::DateTime;
use reqwest::header::{DATE, HeaderMap, LOCATION, RETRY_AFTER};
use reqwest::{StatusCode, Url};

use super::body::{unpack, unpack_error};
use super::envelope::{REFUSED_TOKEN, ServiceError};
use super::failure::{Failure, Fault, FaultKind};
use super::page::{Page, unfit_for_tile};
use super::redirect;
use crate::api::Endpoint;
use crate::api::errors::{UNLOADABLE_ID, WRONG_REQUEST, is_known};
use crate::error::{Refusal, Unreadable};
use crate::redact::RedactedUrl;

/// The longest wait that is believed when the service asks for one.
const LONGEST_WAIT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// What was requested, as far as its answer is judged by it.
#[derive(Clone, Debug)]
pub(super) struct Requested {
    /// `None` for files, which are on hosts of others.
    pub(super) endpoint: Option<Endpoint>,
    /// The request, without the token.
    pub(super) url: RedactedUrl,
    /// The base URL that the request begins with.
    pub(super) base: Url,
}

/// An answer as it was received; the body is still compressed.
#[derive(Debug)]
pub(super) struct RawAnswer {
    pub(super) requested: Requested,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl RawAnswer {
    /// Whether the status says that the body is all of the result. A part of it (206) is never asked for.
    pub(super) fn is_whole(&self) -> bool {
        matches!(
            self.status,
            StatusCode::OK | StatusCode::NON_AUTHORITATIVE_INFORMATION | StatusCode::NO_CONTENT
        )
    }

    /// The failure that an answer means that [is not whole](Self::is_whole).
    pub(super) fn into_failure(mut self) -> Failure {
        let body = unpack_error(std::mem::take(&mut self.body));
        match self.classify(&body) {
            Verdict::Fault(fault) => Failure::Service(fault),
            Verdict::Unfit(unfit) => Failure::Body(unfit),
            // `classify` returns `Body` and `Empty` only for whole answers.
            Verdict::Missing | Verdict::Body | Verdict::Empty => Failure::Missing,
        }
    }

    /// The decompressed body of an answer that [is whole](Self::is_whole); an empty body is an empty result.
    pub(super) fn open(mut self) -> Result<Vec<u8>, Failure> {
        let body = unpack(std::mem::take(&mut self.body)).map_err(Failure::Body)?;
        match self.classify(&body) {
            Verdict::Body => Ok(body),
            Verdict::Empty => Ok(Vec::new()),
            Verdict::Missing => Err(Failure::Missing),
            Verdict::Fault(fault) => Err(Failure::Service(fault)),
            Verdict::Unfit(unfit) => Err(Failure::Body(unfit)),
        }
    }

    /// Judges the answer by status, headers and its unpacked body.
    fn classify(&self, body: &[u8]) -> Verdict {
        let Self { requested: Requested { endpoint, url, base }, status, headers, .. } = self;
        let fault = |kind, what: &str| {
            let refusal = Refusal::default();
            Verdict::Fault(Fault {
                kind,
                what: what.to_owned(),
                status: status.as_u16(),
                code: None,
                refusal,
            })
        };
        if let Some(location) = headers.get(LOCATION).filter(|_| status.is_redirection()) {
            let location = location.to_str().ok();
            return Verdict::Fault(redirect::judge(url.reveal(), base, location, status.as_u16()));
        }
        let retry_after = retry_after(headers);
        let passing = || fault(FaultKind::Passing { retry_after }, &format!("the service answered {status}"));
        // A tile that is not there may be said to be missing in an envelope too.
        let is_missing_tile = *status == StatusCode::NOT_FOUND && *endpoint == Some(Endpoint::Tiles);
        let tells_more = |code| is_known(code) && !matches!(code, WRONG_REQUEST | UNLOADABLE_ID);
        let is_about_tile = |error: &ServiceError| !is_missing_tile || error.code.is_some_and(tells_more);
        if let Some(error) = ServiceError::in_body(body).filter(is_about_tile) {
            return Verdict::Fault(error.into_fault(*endpoint, *status, retry_after));
        }
        let page = || Page::of(headers, body).map(|page| page.into_fault(*endpoint, status.as_u16()));
        match status.as_u16() {
            200 | 203 | 204 if body.is_empty() => Verdict::Empty,
            204 => Verdict::Empty,
            200 | 203 => match page() {
                Some(page) => Verdict::Fault(page),
                None if *endpoint == Some(Endpoint::Tiles) => {
                    unfit_for_tile(headers).map_or(Verdict::Body, Verdict::Unfit)
                }
                None => Verdict::Body,
            },
            201..=299 => fault(
                FaultKind::Passing { retry_after },
                &format!("the service answered {status}, for which mly does not ask"),
            ),
            404 => Verdict::Missing,
            407 => fault(FaultKind::Final, "the proxy asks for a name and a password"),
            429 => fault(FaultKind::Throttled { retry_after }, "too many requests"),
            408 | 500.. => passing(),
            401 | 403 => page().map_or_else(|| fault(FaultKind::Token, REFUSED_TOKEN), Verdict::Fault),
            400 => page().map_or_else(|| fault(FaultKind::Final, REFUSED), Verdict::Fault),
            _ => fault(FaultKind::Final, REFUSED),
        }
    }
}

/// Message for a status that says no more.
const REFUSED: &str = "the service refused the request";

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
    /// The body cannot be what was requested.
    Unfit(Unreadable),
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
    use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};

    use super::*;
    use crate::api::limits::{BLOCK_LASTS, PAGE_PAUSE};

    const PASSING: FaultKind = FaultKind::Passing { retry_after: None };
    const BLOCKED: FaultKind = FaultKind::Blocked { lasts: BLOCK_LASTS };
    const PAGE: FaultKind = FaultKind::Blocked { lasts: PAGE_PAUSE };

    fn verdict(
        endpoint: Endpoint,
        status: u16,
        headers: &[(HeaderName, &'static str)],
        body: &[u8],
    ) -> Verdict {
        let base = Url::parse("http://service.example").unwrap();
        let requested =
            Requested { endpoint: Some(endpoint), url: RedactedUrl::new(base.join("/1001").unwrap()), base };
        let headers =
            headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
        let status = StatusCode::from_u16(status).unwrap();
        RawAnswer { requested, status, headers, body: Vec::new() }.classify(body)
    }

    fn kind_at(
        endpoint: Endpoint,
        status: u16,
        headers: &[(HeaderName, &'static str)],
        body: &str,
    ) -> Option<FaultKind> {
        match verdict(endpoint, status, headers, body.as_bytes()) {
            Verdict::Fault(fault) => Some(fault.kind),
            _ => None,
        }
    }

    fn kind(status: u16, headers: &[(HeaderName, &'static str)], body: &str) -> Option<FaultKind> {
        kind_at(Endpoint::Tiles, status, headers, body)
    }

    #[test]
    fn a_missing_tile_may_say_so_in_an_envelope_and_a_missing_id_is_refused_for_good() {
        for code in [100, 803, 2500] {
            let unknown = format!(r#"{{"error":{{"message":"m","code":{code}}}}}"#);
            assert_eq!(verdict(Endpoint::Tiles, 404, &[], unknown.as_bytes()), Verdict::Missing, "{code}");
            assert_eq!(kind_at(Endpoint::Entities, 404, &[], &unknown), Some(FaultKind::Final), "{code}");
        }
        let token = r#"{"error":{"message":"m","code":190}}"#;
        assert_eq!(kind(404, &[], token), Some(FaultKind::Token));
    }

    #[test]
    fn a_redirect_to_the_login_page_is_a_block_and_other_redirects_are_not() {
        let login = [(LOCATION, "https://www.mapillary.com/login/?next=x")];
        assert_eq!(kind(302, &login, ""), Some(BLOCKED));
        for location in ["https://service.example/1001", "http://other.example/", "http://["] {
            assert_eq!(kind(301, &[(LOCATION, location)], ""), Some(FaultKind::Final), "{location}");
        }
        assert_eq!(kind(304, &[], ""), Some(FaultKind::Final));
    }

    #[test]
    fn a_web_page_instead_of_a_tile_stops_for_an_hour_and_elsewhere_it_is_a_filter() {
        let html = [(CONTENT_TYPE, "text/html; charset=utf-8")];
        for status in [200, 203, 400, 401, 403] {
            assert_eq!(kind(status, &html, "denied"), Some(PAGE), "{status}");
            let of_graph = kind_at(Endpoint::Entities, status, &html, "denied");
            assert_eq!(of_graph, Some(FaultKind::Final), "{status}");
        }
        assert_eq!(kind(502, &[], "<html>bad gateway</html>"), Some(PASSING), "a proxy's page is no block");
        assert_eq!(verdict(Endpoint::Tiles, 404, &html, b"nothing"), Verdict::Missing);
        assert_eq!(verdict(Endpoint::Tiles, 200, &html, b""), Verdict::Empty);
        assert_eq!(kind(403, &html, ""), Some(FaultKind::Token), "no page is there");
    }

    #[test]
    fn a_part_or_another_type_is_a_failed_attempt() {
        for status in [201, 202, 205, 206, 226] {
            assert_eq!(kind(status, &[], "x"), Some(PASSING), "{status}");
            assert_eq!(kind_at(Endpoint::Entities, status, &[], "{}"), Some(PASSING), "{status}");
        }
        let text = [(CONTENT_TYPE, "text/plain")];
        assert!(matches!(verdict(Endpoint::Tiles, 200, &text, b"\x1a\0"), Verdict::Unfit(_)));
        assert_eq!(verdict(Endpoint::Tiles, 200, &text, b""), Verdict::Empty);
        assert_eq!(verdict(Endpoint::Entities, 200, &text, b"{}"), Verdict::Body);
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
        assert_eq!(kind(503, &[], ""), Some(PASSING));
        assert_eq!(kind(403, &[], ""), Some(FaultKind::Token));
        assert_eq!(kind(400, &[], ""), Some(FaultKind::Final));
        assert_eq!(kind(407, &[], ""), Some(FaultKind::Final));
        let tile = |status, body: &[u8]| verdict(Endpoint::Tiles, status, &[], body);
        assert_eq!(tile(204, b""), Verdict::Empty);
        assert_eq!(tile(200, b""), Verdict::Empty);
        assert_eq!(tile(404, b"x"), Verdict::Missing);
        assert_eq!(tile(200, &[0x1a, 0]), Verdict::Body);
    }
}
