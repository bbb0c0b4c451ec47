//! The form in which a connection takes all requests.

use std::borrow::Cow;
use std::fmt;

use crate::api::Endpoint;
use crate::plan::{GraphRequest, TileRequest};
use crate::tile::TileId;

/// A GET request to the service. Its endpoint determines the host and the limit that it counts against; its parameters
/// do not include the token.
#[derive(Clone, Debug)]
pub(crate) struct HttpRequest {
    endpoint: Endpoint,
    path: String,
    parameters: Vec<(Cow<'static, str>, String)>,
    /// The tile of a plan that is requested, if it is one. If such a request still gets a 404 after retries, the tile
    /// counts as empty.
    tile: Option<TileId>,
    /// Whether the caller can split the request if its answer would be too large. Then it is not retried in that case.
    can_be_split: bool,
    /// Whether it is sent only once, however many retries the options allow.
    is_sent_once: bool,
    /// Its name in error messages.
    title: String,
}

impl HttpRequest {
    /// A request for any path; `query` is what follows the `?` of its URL, percent-encoded and without a token.
    pub(crate) fn of_path(endpoint: Endpoint, path: &str, query: &str) -> Self {
        // The path is appended to a base URL and a slash; a second slash would make an empty segment.
        let path = path.trim_start_matches('/');
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        Self {
            endpoint,
            path: path.to_owned(),
            parameters: pairs.map(|(name, value)| (name.into_owned().into(), value.into_owned())).collect(),
            tile: None,
            can_be_split: false,
            is_sent_once: false,
            title: format!("/{path}"),
        }
    }

    /// The same request, which is sent only once.
    pub(crate) fn without_retries(self) -> Self {
        Self { is_sent_once: true, ..self }
    }

    pub(super) fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn parameters(&self) -> &[(Cow<'static, str>, String)] {
        &self.parameters
    }

    pub(super) fn tile(&self) -> Option<TileId> {
        self.tile
    }

    pub(super) fn can_be_split(&self) -> bool {
        self.can_be_split
    }

    pub(super) fn is_sent_once(&self) -> bool {
        self.is_sent_once
    }
}

impl fmt::Display for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title)
    }
}

impl From<&TileRequest> for HttpRequest {
    fn from(request: &TileRequest) -> Self {
        Self {
            endpoint: Endpoint::Tiles,
            path: request.path(),
            parameters: Vec::new(),
            tile: Some(request.tile),
            can_be_split: false,
            is_sent_once: false,
            title: request.to_string(),
        }
    }
}

impl From<&GraphRequest> for HttpRequest {
    fn from(request: &GraphRequest) -> Self {
        Self {
            endpoint: request.endpoint(),
            path: request.path(),
            parameters: request.parameters(),
            tile: None,
            can_be_split: request.can_be_split(),
            is_sent_once: false,
            title: request.to_string(),
        }
    }
}
