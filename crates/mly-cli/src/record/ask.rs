//! A request of the script.

use mly::{Endpoint, Probe, Summary, TileId};

/// A request before it is sent.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    /// `None` for a file on another host.
    endpoint: Option<Endpoint>,
    /// The path, or the URL of a file.
    pub(super) path: String,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) accepts_gzip: bool,
    pub(super) token_in_header: bool,
}

impl Ask {
    fn new(endpoint: Option<Endpoint>, path: impl Into<String>) -> Self {
        Self { endpoint, path: path.into(), query: Vec::new(), accepts_gzip: true, token_in_header: false }
    }

    pub(super) fn tile(set: &str, tile: TileId) -> Self {
        Self::new(Some(Endpoint::Tiles), format!("maps/vtp/{set}/2/{tile}"))
    }

    pub(super) fn entities(path: impl Into<String>) -> Self {
        Self { accepts_gzip: false, token_in_header: true, ..Self::new(Some(Endpoint::Entities), path) }
    }

    pub(super) fn search(path: &str) -> Self {
        Self { token_in_header: true, ..Self::new(Some(Endpoint::Searches), path) }
    }

    pub(super) fn file(url: &str) -> Self {
        Self { accepts_gzip: false, ..Self::new(None, url) }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    pub(super) fn without_gzip(self) -> Self {
        Self { accepts_gzip: false, ..self }
    }

    pub(super) fn with_token_in_header(self) -> Self {
        Self { token_in_header: true, ..self }
    }

    pub(super) fn with_slash(mut self) -> Self {
        self.path.push('/');
        self
    }

    pub(super) fn is_tile(&self) -> bool {
        self.endpoint == Some(Endpoint::Tiles)
    }

    pub(super) fn is_graph(&self) -> bool {
        !self.is_tile() && !self.is_file()
    }

    pub(super) fn is_file(&self) -> bool {
        self.endpoint.is_none()
    }

    pub(super) fn probe(&self) -> Probe {
        Probe {
            endpoint: self.endpoint,
            path: self.path.clone(),
            query: self.query.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            accepts_gzip: self.accepts_gzip,
            token_in_header: self.token_in_header,
        }
    }

    /// Counts the request in a summary.
    pub(super) fn count(&self, summary: &mut Summary) {
        match self.endpoint {
            Some(Endpoint::Tiles) => summary.tiles += 1,
            Some(Endpoint::Entities) => summary.entities += 1,
            Some(_) => summary.searches += 1,
            None => summary.files += 1,
        }
    }

    /// Where the token is, as the report says it.
    pub(super) fn token_place(&self) -> &'static str {
        match (self.is_file(), self.token_in_header) {
            (true, _) => "none",
            (false, true) => "header",
            (false, false) => "query",
        }
    }
}
