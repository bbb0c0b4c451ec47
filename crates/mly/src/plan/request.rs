//! One request to the service, as a value.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::search::Search;
use crate::api::Endpoint;
use crate::tile::TileId;

/// A request before it is sent: it can be printed, counted and compared.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Request {
    /// One vector tile.
    Tile {
        /// Name of the tile set.
        set: &'static str,
        /// Which tile.
        tile: TileId,
    },
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
    /// The detections of an image or of a map feature.
    Detections {
        /// Its id.
        of: String,
        /// The fields, with commas between them.
        fields: Arc<str>,
        /// Where the page begins, when it is not the first.
        after: Option<String>,
    },
    /// Whatever is at a place and fits some filters.
    Search {
        /// Place and filters.
        search: Search,
        /// The fields, with commas between them.
        fields: Arc<str>,
    },
    /// Whatever else the service answers, asked with [`Client::body`](crate::Client::body).
    Other {
        /// Whether the host of tiles answers it, or that of the graph.
        is_tile: bool,
        /// Path on that host.
        path: String,
        /// What follows the `?` of the address, percent-encoded; may be empty, and holds no token.
        query: String,
    },
}

impl Request {
    /// Path on the host that answers it, without the token.
    pub fn path(&self) -> String {
        match self {
            // The `2` is a constant of the service (API v4, "Vector tiles").
            Self::Tile { set, tile } => format!("maps/vtp/{set}/2/{tile}"),
            Self::Entities { ids, .. } => match ids.as_slice() {
                [id] => id.clone(),
                _ => String::new(),
            },
            Self::ImageIds { .. } => "image_ids".to_owned(),
            Self::Detections { of, .. } => format!("{of}/detections"),
            Self::Search { search, .. } => search.path().to_owned(),
            Self::Other { path, .. } => path.trim_start_matches('/').to_owned(),
        }
    }

    /// What follows the path, but for the token.
    pub fn parameters(&self) -> Vec<(Cow<'static, str>, String)> {
        match self {
            Self::Tile { .. } => Vec::new(),
            Self::Other { query, .. } => {
                let pairs = url::form_urlencoded::parse(query.as_bytes());
                pairs.map(|(name, value)| (name.into_owned().into(), value.into_owned())).collect()
            }
            Self::Entities { ids, fields } => match ids.as_slice() {
                [_] => vec![("fields".into(), fields.to_string())],
                _ => vec![("ids".into(), ids.join(",")), ("fields".into(), fields.to_string())],
            },
            Self::ImageIds { sequence } => vec![("sequence_id".into(), sequence.clone())],
            Self::Detections { fields, after, .. } => {
                let mut list = vec![("fields".into(), fields.to_string())];
                list.extend(after.clone().map(|cursor| ("after".into(), cursor)));
                list
            }
            Self::Search { search, fields } => {
                let mut list: Vec<_> =
                    search.parameters().into_iter().map(|(name, value)| (name.into(), value)).collect();
                list.push(("fields".into(), fields.to_string()));
                list
            }
        }
    }

    /// The fields it asks for.
    pub(crate) fn fields(&self) -> Option<Arc<str>> {
        match self {
            Self::Tile { .. } | Self::ImageIds { .. } | Self::Other { .. } => None,
            Self::Entities { fields, .. } | Self::Detections { fields, .. } | Self::Search { fields, .. } => {
                Some(Arc::clone(fields))
            }
        }
    }

    /// Which limit it counts against.
    pub(crate) fn endpoint(&self) -> Endpoint {
        match self {
            Self::Tile { .. } | Self::Other { is_tile: true, .. } => Endpoint::Tiles,
            Self::Entities { .. } | Self::ImageIds { .. } | Self::Detections { .. } | Self::Other { .. } => {
                Endpoint::Entities
            }
            Self::Search { .. } => Endpoint::Searches,
        }
    }

    /// The tile it asks for.
    pub fn tile(&self) -> Option<TileId> {
        match self {
            Self::Tile { tile, .. } => Some(*tile),
            _ => None,
        }
    }

    /// Whether smaller requests can take its place when the service finds it too large.
    pub(crate) fn can_be_split(&self) -> bool {
        match self {
            Self::Entities { ids, .. } => ids.len() > 1,
            Self::Search { search, .. } => search.quarters().is_some(),
            _ => false,
        }
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tile { set, tile } => write!(f, "tile {tile} of {set}"),
            Self::Entities { ids, .. } => match ids.as_slice() {
                [id] => write!(f, "entity {id}"),
                [first, ..] => write!(f, "{} entities from {first} on", ids.len()),
                [] => f.write_str("no entities"),
            },
            Self::ImageIds { sequence } => write!(f, "images of sequence {sequence}"),
            Self::Detections { of, .. } => write!(f, "detections of {of}"),
            Self::Search { search, .. } => search.fmt(f),
            Self::Other { path, .. } => write!(f, "/{}", path.trim_start_matches('/')),
        }
    }
}
