//! A request as a connection sends it, whoever asks.

use std::borrow::Cow;
use std::fmt;

use crate::api::Endpoint;
use crate::plan::{GraphRequest, TileRequest};
use crate::tile::TileId;

/// A GET request of the service: its host by what it counts against, its path, and its parameters without the token.
#[derive(Clone, Debug)]
pub(crate) struct HttpRequest {
    endpoint: Endpoint,
    path: String,
    parameters: Vec<(Cow<'static, str>, String)>,
    /// The tile that it asks for, if it is one of a plan: a lasting 404 is taken as an empty tile.
    tile: Option<TileId>,
    /// Whether smaller requests can take its place when the service finds it too large, so that retrying is a waste.
    can_be_split: bool,
    /// What error messages call it.
    title: String,
}

impl HttpRequest {
    /// A request for any path; `query` is what follows the `?` of its URL, percent-encoded and without a token.
    pub(crate) fn of_path(endpoint: Endpoint, path: &str, query: &str) -> Self {
        // Without this, `//example.com` would be a path that begins with an empty segment.
        let path = path.trim_start_matches('/');
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        Self {
            endpoint,
            path: path.to_owned(),
            parameters: pairs.map(|(name, value)| (name.into_owned().into(), value.into_owned())).collect(),
            tile: None,
            can_be_split: false,
            title: format!("/{path}"),
        }
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
            title: request.to_string(),
        }
    }
}
