//! `/maps/vtp/{set}/2/{z}/{x}/{y}`.

use crate::{
    answer::{Answer, PROTOBUF, TEXT},
    grid::{DATA_ZOOM, TileId},
    log::TokenForm,
    request::Request,
    state::ServerState,
    tile_set::TileSet,
    tiles::encode,
};

/// Tiles need a valid token in the query. Without it, and with a token in the header, the service answers 403.
pub(super) fn answer(state: &ServerState, request: &Request, set: TileSet, at: TileId) -> Answer {
    let token = &request.token;
    if token.form != TokenForm::Query || state.tokens.check(token, request.arrived_ms).is_err() {
        return Answer::new(403, TEXT, "Forbidden");
    }
    if at.z > DATA_ZOOM {
        return missing();
    }
    let kept = state.tiles.get_or_make((set, at), || encode(state.world.source(), set, at));
    if request.accepts_gzip && !kept.plain.is_empty() {
        return Answer { encoding: Some("gzip"), ..Answer::new(200, PROTOBUF, kept.gzip()) };
    }
    Answer::new(200, PROTOBUF, kept.plain.clone())
}

/// The answer for a set, a zoom or a place that does not exist.
pub(super) fn missing() -> Answer {
    Answer::new(404, TEXT, "Not Found")
}
