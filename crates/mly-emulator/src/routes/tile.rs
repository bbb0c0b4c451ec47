//! `/maps/vtp/{set}/2/{z}/{x}/{y}`.

use bytes::Bytes;

use crate::{
    answer::{Answer, PROTOBUF, TEXT},
    answers::{EmptyCoverage, HeaderToken, Packing, TileCaching, TrailingSlash},
    dice::mix,
    grid::{DATA_ZOOM, TileId},
    log::TokenForm,
    request::Request,
    state::ServerState,
    tile_set::TileSet,
    tiles::{encode, without_features},
};

/// Tiles need a valid token in the query. Without it, and with a token in the header, the service answers 403.
pub(super) fn answer(state: &ServerState, request: &Request, set: TileSet, at: TileId) -> Answer {
    let (token, answers) = (&request.token, &state.answers);
    let is_in_place = match token.form {
        TokenForm::Query => true,
        TokenForm::Header => answers.header_token_on_tiles == HeaderToken::Accepted,
        TokenForm::None => false,
    };
    if !is_in_place || state.tokens.check(token, request.arrived_ms).is_err() {
        return Answer::new(403, TEXT, "Forbidden");
    }
    let ends_with_slash = request.path.ends_with('/');
    if at.z > DATA_ZOOM || ends_with_slash && answers.trailing_slash == TrailingSlash::Refused {
        return missing();
    }
    let key = (set, at);
    let kept = state.tiles.get_or_make(key, || encode(state.world.source(), set, at, answers));
    if kept.plain.is_empty() {
        return empty(set, answers.empty_coverage_tile, answers.empty_feature_tile.as_coverage());
    }
    let compression = answers.tile_compression;
    let is_compressed = match compression {
        Packing::WhenAsked => request.accepts_gzip,
        Packing::Always | Packing::Unnamed => true,
        Packing::Never => false,
    };
    let mut answer = Answer::new(200, PROTOBUF, kept.plain.clone());
    if is_compressed {
        answer.body = state.tiles.gzip(key, &kept);
        answer.encoding = compression.named();
    }
    for_caches(answer, answers.tile_caching, &kept.plain)
}

/// A tile without anything of its set.
fn empty(set: TileSet, coverage: EmptyCoverage, features: EmptyCoverage) -> Answer {
    match if set.is_coverage() { coverage } else { features } {
        EmptyCoverage::Empty => Answer::new(200, PROTOBUF, ""),
        EmptyCoverage::NoContent => Answer::new(204, PROTOBUF, ""),
        EmptyCoverage::NotFound => missing(),
        EmptyCoverage::Water => Answer::new(200, PROTOBUF, without_features::water()),
        EmptyCoverage::MapillaryEmpty => Answer::new(200, PROTOBUF, without_features::MAPILLARY_EMPTY),
    }
}

/// The answer with the headers that are played.
fn for_caches(mut answer: Answer, caching: TileCaching, body: &Bytes) -> Answer {
    if matches!(caching, TileCaching::Validator | TileCaching::Both) {
        let hash = body.chunks(8).fold(body.len() as u64, |hash, bytes| {
            let word = bytes.iter().fold(0, |word, &byte| word << 8 | u64::from(byte));
            mix(hash ^ word)
        });
        answer = answer.header("etag", format!("\"{hash:016x}\""));
    }
    if matches!(caching, TileCaching::MaxAge | TileCaching::Both) {
        answer = answer.header("cache-control", "public, max-age=3600");
    }
    answer
}

/// The answer for a set, a zoom or a place that does not exist.
pub(super) fn missing() -> Answer {
    Answer::new(404, TEXT, "Not Found")
}
