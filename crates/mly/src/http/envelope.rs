//! The error envelope of the graph, `{"error": {...}}`. Its code decides before the HTTP status, as `api::errors` explains.

use std::time::Duration;

use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::failure::{Fault, FaultKind};
use crate::api::Endpoint;
use crate::api::errors::{
    BAD_TOKEN, QUERY_TIMEOUT, REFUSED_FOR_NOW, REQUEST_LIMITS, TOO_MUCH_DATA, UNAVAILABLE, UNLOADABLE_ID,
    WRONG_REQUEST,
};
use crate::api::json::without_broken_texts;
use crate::error::Refusal;

/// Message for a refused token.
pub(crate) const REFUSED_TOKEN: &str = "the service refused the token";

#[derive(Deserialize)]
struct Envelope {
    error: Value,
}

/// The error in the envelope. Values that are absent or of another type count as not there.
#[derive(Debug, Default)]
pub(super) struct ServiceError {
    message: Option<String>,
    pub(super) code: Option<i64>,
    is_transient: bool,
    refusal: Refusal,
}

impl ServiceError {
    /// The error in a body, if it is an envelope; it may come with any status, 200 included.
    pub(super) fn in_body(body: &[u8]) -> Option<Self> {
        // No vector tile begins with `{`: in protobuf this byte starts a group, which tiles do not have.
        let json = body.trim_ascii_start();
        let read = |json: &[u8]| serde_json::from_slice(json).ok();
        let read = || read(json).or_else(|| read(&without_broken_texts(json)?));
        let Envelope { error } = json.starts_with(b"{").then(read).flatten()?;
        let text = |name: &str| error[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        match &error {
            // As OAuth 2.0 says it: `{"error": "invalid_token", "error_description": "..."}`.
            Value::String(word) => Some(Self { message: Some(word.clone()), ..Self::default() }),
            Value::Object(_) => Some(Self {
                message: text("message"),
                code: error["code"].as_i64().or_else(|| error["code"].as_str()?.parse().ok()),
                is_transient: error["is_transient"] == true,
                refusal: Refusal { kind: text("type"), trace_id: text("fbtrace_id") },
            }),
            _ => None,
        }
    }

    /// The fault that the error means, for a request to an endpoint.
    pub(super) fn into_fault(
        self,
        endpoint: Option<Endpoint>,
        status: StatusCode,
        retry_after: Option<Duration>,
    ) -> Fault {
        let kind = self.kind(endpoint, status, retry_after);
        let message = self.message.unwrap_or_else(|| "the service reported an error".to_owned());
        let what = match (kind, self.code) {
            // The messages of the service for refused tokens do not always mention the token.
            (FaultKind::Token, _) => format!("{REFUSED_TOKEN}: {message}"),
            // "Please log in first" says neither that it is a limit nor that it ends.
            (_, Some(REFUSED_FOR_NOW)) => {
                format!("the service has blocked requests for some time: {message}")
            }
            _ => message,
        };
        Fault { kind, what, status: status.as_u16(), code: self.code, refusal: self.refusal }
    }

    fn kind(
        &self,
        endpoint: Option<Endpoint>,
        status: StatusCode,
        retry_after: Option<Duration>,
    ) -> FaultKind {
        match self.code {
            Some(BAD_TOKEN) => FaultKind::Token,
            Some(code) if code == REFUSED_FOR_NOW || REQUEST_LIMITS.contains(&code) => {
                FaultKind::Throttled { retry_after }
            }
            Some(WRONG_REQUEST | UNLOADABLE_ID) => FaultKind::Final,
            Some(TOO_MUCH_DATA | UNAVAILABLE | QUERY_TIMEOUT) => FaultKind::Passing { retry_after },
            _ if self.is_transient || status.is_server_error() => FaultKind::Passing { retry_after },
            _ => match status.as_u16() {
                429 => FaultKind::Throttled { retry_after },
                // With a code, the graph knows the token and refuses one id: a private image, a deleted account.
                403 if self.code.is_some() && endpoint == Some(Endpoint::Entities) => FaultKind::Final,
                401 | 403 => FaultKind::Token,
                _ => FaultKind::Final,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSING: FaultKind = FaultKind::Passing { retry_after: None };
    const THROTTLED: FaultKind = FaultKind::Throttled { retry_after: None };

    fn fault(endpoint: Endpoint, status: u16, body: &str) -> Option<Fault> {
        let error = ServiceError::in_body(body.as_bytes())?;
        Some(error.into_fault(Some(endpoint), StatusCode::from_u16(status).unwrap(), None))
    }

    fn kind(status: u16, code: i64) -> FaultKind {
        let body = format!(r#"{{"error":{{"message":"m","type":"t","code":{code}}}}}"#);
        fault(Endpoint::Entities, status, &body).unwrap().kind
    }

    #[test]
    fn the_code_decides_and_not_the_status() {
        for (status, code, expected) in [
            (500, 190, FaultKind::Token),
            (401, 190, FaultKind::Token),
            (400, 190, FaultKind::Token),
            (401, 102, FaultKind::Token),
            (400, 100, FaultKind::Final),
            (500, 100, FaultKind::Final),
            (404, 803, FaultKind::Final),
            (500, 803, FaultKind::Final),
            (403, 4, THROTTLED),
            (400, 17, THROTTLED),
            (400, 32, THROTTLED),
            (400, 613, THROTTLED),
            (400, 368, THROTTLED),
            (403, 368, THROTTLED),
            (200, 368, THROTTLED),
            (500, 1, PASSING),
            (500, 2, PASSING),
            (200, 2, PASSING),
            (400, -2, PASSING),
        ] {
            assert_eq!(kind(status, code), expected, "{status} {code}");
        }
    }

    #[test]
    fn a_refusal_with_a_code_is_about_the_id_and_any_other_about_the_token() {
        for code in [10, 100, 200, 210] {
            assert_eq!(kind(403, code), FaultKind::Final, "{code}");
        }
        let body = r#"{"error":{"message":"m","code":10}}"#;
        for endpoint in [Endpoint::Tiles, Endpoint::Searches] {
            assert_eq!(fault(endpoint, 403, body).unwrap().kind, FaultKind::Token, "{endpoint}");
        }
        let without = r#"{"error":{"message":"m"}}"#;
        assert_eq!(fault(Endpoint::Entities, 403, without).unwrap().kind, FaultKind::Token);
    }

    #[test]
    fn an_envelope_is_read_whatever_its_values_are() {
        let said = |body: &str| fault(Endpoint::Entities, 400, body).map(|fault| (fault.kind, fault.what));
        let token = |what: &str| Some((FaultKind::Token, format!("{REFUSED_TOKEN}: {what}")));
        assert_eq!(
            said(r#"{"error":{"message":null,"code":190,"is_transient":null}}"#),
            token("the service reported an error")
        );
        assert_eq!(said(r#" {"error":{"message":"m","code":"190"}}"#), token("m"));
        // Half a surrogate pair is no text.
        let broken = r#"{"error":{"message":"\ud83d","code":190}}"#;
        assert_eq!(said(broken), token("the service reported an error"));
        assert_eq!(
            said(r#"{"error":"invalid_request"}"#),
            Some((FaultKind::Final, "invalid_request".to_owned()))
        );
        assert_eq!(said(r#"{"error":{"message":"m","is_transient":true}}"#), Some((PASSING, "m".to_owned())));
        for other in [r#"{"error":null}"#, r#"{"error":[]}"#, r#"{"data":[]}"#, "{", "", "[]", "<html>"] {
            assert_eq!(said(other), None, "{other}");
        }
    }

    #[test]
    fn a_block_that_asks_to_log_in_says_that_it_is_one() {
        let body = r#"{"error":{"message":"Please log in first","code":368}}"#;
        let what = fault(Endpoint::Entities, 400, body).unwrap().what;
        assert_eq!(what, "the service has blocked requests for some time: Please log in first");
    }
}
