//! Requests to the service, as values: they can be printed, counted and compared before they are sent.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::search::Search;
use crate::api::{Endpoint, parameters, paths};
use crate::tile::TileId;

/// One request to the service before it is sent.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Request {
    /// A vector tile.
    Tile(TileRequest),
    /// Entities, or a search for them.
    Graph(GraphRequest),
}

/// One vector tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TileRequest {
    /// Name of the tile set.
    pub set: &'static str,
    /// Which tile.
    pub tile: TileId,
}

/// A request that the graph answers, with JSON.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum GraphRequest {
    /// Some entities of one kind by id, at most 50.
    Entities {
        /// The ids.
        ids: Vec<String>,
        /// The fields, with commas between them.
        fields: Arc<str>,
    },
    /// The ids of the images of a sequence.
    ImageIds {
        /// Id of the sequence.
        sequence: String,
    },
    /// One page of the detections of an image or of a map feature.
    Detections {
        /// Its id.
        of: String,
        /// The fields, with commas between them.
        fields: Arc<str>,
        /// The cursor of the page, when it is not the first.
        after: Option<String>,
    },
    /// Whatever is at a place and fits some filters.
    Search(SearchRequest),
}

/// A search, and what is asked of what it finds.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SearchRequest {
    /// Place and filters.
    pub search: Search,
    /// The fields, with commas between them.
    pub fields: Arc<str>,
}

/// A request that is known before any answer: the first requests of a query.
#[derive(Clone, Debug)]
pub(crate) enum AreaRequest {
    Tile(TileRequest),
    Search(SearchRequest),
}

/// The fields that are requested of detections.
const DETECTION_FIELDS: &str = "created_at,geometry,image,value";

impl Request {
    /// Path on the host that answers it, without the token.
    pub fn path(&self) -> String {
        match self {
            Self::Tile(request) => request.path(),
            Self::Graph(request) => request.path(),
        }
    }

    /// What follows the path, but for the token.
    pub fn parameters(&self) -> Vec<(Cow<'static, str>, String)> {
        match self {
            Self::Tile(_) => Vec::new(),
            Self::Graph(request) => request.parameters(),
        }
    }

    /// The tile it asks for.
    pub fn tile(&self) -> Option<TileId> {
        match self {
            Self::Tile(request) => Some(request.tile),
            Self::Graph(_) => None,
        }
    }
}

impl TileRequest {
    /// Path on the host of tiles, without the token.
    pub fn path(self) -> String {
        paths::tile(self.set, self.tile)
    }
}

impl GraphRequest {
    /// The page of the detections of an image or map feature that begins at a cursor, or the first page.
    pub(crate) fn detections(of: String, after: Option<String>) -> Self {
        Self::Detections { of, fields: DETECTION_FIELDS.into(), after }
    }

    /// The list that an id has and that is requested, as a field of the id is.
    pub(crate) fn list(&self) -> Option<&'static str> {
        matches!(self, Self::Detections { .. }).then_some(paths::DETECTIONS)
    }

    /// Path on the host of the graph.
    pub fn path(&self) -> String {
        match self {
            Self::Entities { ids, .. } => match ids.as_slice() {
                [id] => id.clone(),
                _ => String::new(),
            },
            Self::ImageIds { .. } => paths::IMAGE_IDS.to_owned(),
            Self::Detections { of, .. } => paths::detections(of),
            Self::Search(request) => request.search.path().to_owned(),
        }
    }

    /// What follows the path.
    pub fn parameters(&self) -> Vec<(Cow<'static, str>, String)> {
        match self {
            Self::Entities { ids, fields } => match ids.as_slice() {
                [_] => vec![(parameters::FIELDS.into(), fields.to_string())],
                _ => vec![
                    (parameters::IDS.into(), ids.join(",")),
                    (parameters::FIELDS.into(), fields.to_string()),
                ],
            },
            Self::ImageIds { sequence } => vec![(parameters::SEQUENCE_ID.into(), sequence.clone())],
            Self::Detections { fields, after, .. } => {
                let mut list = vec![(parameters::FIELDS.into(), fields.to_string())];
                list.extend(after.clone().map(|cursor| (parameters::AFTER.into(), cursor)));
                list
            }
            Self::Search(SearchRequest { search, fields }) => {
                let mut list: Vec<_> =
                    search.parameters().into_iter().map(|(name, value)| (name.into(), value)).collect();
                list.push((parameters::FIELDS.into(), fields.to_string()));
                list
            }
        }
    }

    /// The endpoint whose limit it counts against.
    pub(crate) fn endpoint(&self) -> Endpoint {
        match self {
            Self::Entities { .. } | Self::ImageIds { .. } | Self::Detections { .. } => Endpoint::Entities,
            Self::Search(_) => Endpoint::Searches,
        }
    }

    /// Whether it can be replaced by smaller requests when the service refuses it as too large.
    pub(crate) fn can_be_split(&self) -> bool {
        match self {
            Self::Entities { ids, .. } => ids.len() > 1,
            Self::Search(request) => request.search.quarters().is_some(),
            Self::ImageIds { .. } | Self::Detections { .. } => false,
        }
    }
}

impl SearchRequest {
    /// The page of the same search that begins at a cursor.
    pub(crate) fn after(&self, cursor: String) -> Self {
        Self { search: self.search.clone().after(cursor), fields: Arc::clone(&self.fields) }
    }
}

impl From<AreaRequest> for Request {
    fn from(request: AreaRequest) -> Self {
        match request {
            AreaRequest::Tile(request) => Self::Tile(request),
            AreaRequest::Search(request) => Self::Graph(GraphRequest::Search(request)),
        }
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tile(request) => request.fmt(f),
            Self::Graph(request) => request.fmt(f),
        }
    }
}

impl fmt::Display for TileRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile {} of {}", self.tile, self.set)
    }
}

impl fmt::Display for GraphRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entities { ids, .. } => match ids.as_slice() {
                [id] => write!(f, "entity {id}"),
                [first, ..] => write!(f, "{} entities from {first} on", ids.len()),
                [] => f.write_str("no entities"),
            },
            Self::ImageIds { sequence } => write!(f, "images of sequence {sequence}"),
            Self::Detections { of, .. } => write!(f, "detections of {of}"),
            Self::Search(request) => request.search.fmt(f),
        }
    }
}
