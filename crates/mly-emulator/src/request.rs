//! The parts of a request that answers depend on.

use axum::http::{Method, Uri, header, request::Parts};
use bytes::Bytes;
use url::form_urlencoded;

use crate::{auth::RequestToken, log::TokenForm};

const TOKEN_KEY: &str = "access_token";

/// A request. Its token is kept apart from the query, so that no record of requests shows it.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) path: String,
    /// The query as sent, without the token.
    pub(crate) query: String,
    /// The parameters of the query, decoded.
    parameters: Vec<(String, String)>,
    pub(crate) token: RequestToken,
    pub(crate) accepts_gzip: bool,
    pub(crate) body: Bytes,
    pub(crate) arrived_ms: i64,
}

impl Request {
    pub(crate) fn new(parts: &Parts, body: Bytes, arrived_ms: i64) -> Self {
        let (query, token) = split_token(&parts.uri);
        let parameters = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let token = match (token, header(header::AUTHORIZATION)) {
            (Some(text), _) => RequestToken { form: TokenForm::Query, text },
            (None, "") => RequestToken { form: TokenForm::None, text: String::new() },
            // Under another scheme, as in `Bearer TOKEN`, the whole header is taken for the token, which is refused.
            (None, text) => {
                let text = text.strip_prefix("OAuth ").unwrap_or(text).trim().to_owned();
                RequestToken { form: TokenForm::Header, text }
            }
        };
        Self {
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            query,
            parameters,
            token,
            accepts_gzip: header(header::ACCEPT_ENCODING).split(',').any(|coding| {
                let mut coding = coding.split(';').map(str::trim);
                coding.next() == Some("gzip") && coding.next() != Some("q=0")
            }),
            body,
            arrived_ms,
        }
    }

    /// The value of a query parameter, unless it is empty. Of several the last one counts.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let mut values =
            self.parameters.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        values.next_back().filter(|value| !value.is_empty())
    }
}

/// The query without its tokens, and the last token with its escapes resolved.
fn split_token(uri: &Uri) -> (String, Option<String>) {
    let mut token = None;
    let mut rest = Vec::new();
    for pair in uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        match form_urlencoded::parse(pair.as_bytes()).next() {
            Some((key, value)) if key == TOKEN_KEY => token = Some(value.into_owned()),
            _ => rest.push(pair),
        }
    }
    (rest.join("&"), token.filter(|text| !text.is_empty()))
}
