//! `/maps/vtp/{set}/2/{z}/{x}/{y}`.

use crate::{
    answer::{Answer, PROTOBUF, TEXT},
    grid::{DATA_ZOOM, TileId},
    log::TokenForm,
    request::Request,
    shared::Shared,
    tile_set::TileSet,
    tiles::encode,
};

/// Tiles take their token only from the query; everything else is 403.
pub(super) fn answer(shared: &Shared, request: &Request, set: TileSet, at: TileId) -> Answer {
    let token = &request.token;
    if token.form != TokenForm::Query || shared.tokens.check(token, request.arrived_ms).is_err() {
        return Answer::new(403, TEXT, "Forbidden");
    }
    if at.z > DATA_ZOOM {
        return missing();
    }
    let kept = shared.tiles.get_or_make((set, at), || encode(shared.world.source(), set, at));
    if request.accepts_gzip && !kept.plain.is_empty() {
        return Answer { encoding: Some("gzip"), ..Answer::new(200, PROTOBUF, kept.gzip()) };
    }
    Answer::new(200, PROTOBUF, kept.plain.clone())
}

/// A tile that no zoom or set has.
pub(super) fn missing() -> Answer {
    Answer::new(404, TEXT, "Not Found")
}
