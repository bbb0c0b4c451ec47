//! From the path of a request to its answer.

mod area;
mod entity;
mod file;
mod images;
mod place;
mod search;
mod tile;
mod token;

use axum::http::Method;

use crate::{
    answer::{Answer, ApiError, JSON},
    graph::SignedFile,
    grid::TileId,
    log::Endpoint,
    request::Request,
    state::ServerState,
    tile_set::TileSet,
};

/// What is requested, by the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route<'a> {
    Tile {
        set: TileSet,
        at: TileId,
    },
    /// A tile of a set or place that does not exist.
    NoTile,
    /// `/?ids=`.
    Batch,
    /// `/ID`.
    Entity(&'a str),
    /// `/ID/detections`.
    DetectionsOf(&'a str),
    /// `/image_ids?sequence_id=`.
    ImageIds,
    Images,
    MapFeatures,
    Detections,
    Token,
    File(SignedFile<'a>),
    /// `/search` and `/lookup` of a service that knows places.
    Places,
    /// None of the above.
    Unknown,
}

impl<'a> Route<'a> {
    /// The service ignores a trailing slash, and so does this.
    pub(crate) fn of(path: &'a str) -> Self {
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        let parts: Vec<&str> = path.split('/').collect();
        match parts.as_slice() {
            [""] => Self::Batch,
            ["maps", "vtp", set, "2", z, x, y] => tile_route(set, z, x, y).unwrap_or(Self::NoTile),
            ["maps", ..] => Self::NoTile,
            ["image_ids"] => Self::ImageIds,
            ["images"] => Self::Images,
            ["map_features"] => Self::MapFeatures,
            ["detections"] => Self::Detections,
            ["token"] => Self::Token,
            ["search" | "lookup"] => Self::Places,
            [id] => Self::Entity(id),
            [id, "detections"] => Self::DetectionsOf(id),
            parts => SignedFile::at(parts).map_or(Self::Unknown, Self::File),
        }
    }

    pub(crate) const fn endpoint(self) -> Endpoint {
        match self {
            Self::Tile { .. } | Self::NoTile => Endpoint::Tile,
            Self::Batch | Self::Entity(_) | Self::DetectionsOf(_) | Self::ImageIds => Endpoint::Entity,
            Self::Images | Self::MapFeatures | Self::Detections => Endpoint::Search,
            Self::Token => Endpoint::Token,
            Self::File(SignedFile::Picture { .. }) => Endpoint::Thumbnail,
            Self::File(_) => Endpoint::File,
            Self::Places | Self::Unknown => Endpoint::Other,
        }
    }

    pub(crate) const fn tile(self) -> Option<TileId> {
        match self {
            Self::Tile { at, .. } => Some(at),
            _ => None,
        }
    }
}

fn tile_route<'a>(set: &str, z: &str, x: &str, y: &str) -> Option<Route<'a>> {
    let at = TileId { z: z.parse().ok()?, x: x.parse().ok()?, y: y.parse().ok()? };
    at.exists().then_some(Route::Tile { set: TileSet::named(set)?, at })
}

/// The answer without faults.
pub(crate) fn answer(state: &ServerState, request: &Request, route: Route<'_>) -> Result<Answer, ApiError> {
    let graph = state.graph_at(request.arrived_ms);
    match route {
        Route::Tile { set, at } => return Ok(tile::answer(state, request, set, at)),
        Route::NoTile => return Ok(tile::missing()),
        Route::File(file) => return Ok(file::answer(state, &graph, request, file)),
        Route::Places => return Ok(Answer::new(200, JSON, place::answer(request))),
        _ => {}
    }
    state.tokens.check(&request.token, request.arrived_ms)?;
    let is_post = request.method == Method::POST;
    if is_post != (route == Route::Token) || !(is_post || request.method == Method::GET) {
        let method = request.method.as_str().to_lowercase();
        return Err(ApiError::invalid(format!("Unsupported {method} request")));
    }
    let json = match route {
        Route::Batch => entity::batch(&graph, request),
        Route::Entity(id) => entity::one(&graph, request, id),
        Route::DetectionsOf(id) => entity::detections(&graph, request, id),
        Route::ImageIds => entity::image_ids(&graph, request),
        Route::Images => images::search(&graph, request),
        Route::MapFeatures => search::map_features(&graph, request),
        Route::Detections => search::detections(&graph, request),
        Route::Token => token::exchange(state, request),
        Route::Tile { .. } | Route::NoTile | Route::File(_) | Route::Places | Route::Unknown => {
            Err(ApiError::invalid(format!("Unknown path components: {}", request.path)))
        }
    };
    json.map(Answer::json)
}
