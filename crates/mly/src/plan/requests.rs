//! The requests of a question, in order, as far as they are known beforehand.

use std::sync::Arc;

use super::request::Request;
use super::route::Route;
use super::search::Search;
use crate::query::{Lookup, Query, Subject, fields_parameter, ids_at_once};

/// The tiles or searches of a query.
pub(super) fn of_area(query: &Query, way: &Route) -> impl Iterator<Item = Request> + Send + use<> {
    let (layer, set) = (query.layer(), query.layer().tile_set());
    let fields: Arc<str> = fields_parameter(&query.searched_attributes()).into();
    let search = |search| Request::Search { search, fields: Arc::clone(&fields) };
    let filters = query.filters();
    let single = match way {
        Route::Circle => {
            query.area().circle().map(|(at, r)| search(Search::of_circle(layer, filters, at, r)))
        }
        Route::Creator => Some(search(Search::of_creator(layer, filters))),
        _ => None,
    };
    let (tiles, boxes) = match way {
        Route::Tiles(cover) => (Some(cover.tiles()), None),
        Route::Boxes(cover) => (None, Some(cover.tiles())),
        _ => (None, None),
    };
    let (area, filters) = (query.area().clone(), filters.clone());
    let boxes = boxes.into_iter().flatten().flat_map(move |tile| area.boxes_in(tile.bbox()));
    let searches = boxes.map(move |bbox| Request::Search {
        search: Search::of_box(layer, &filters, bbox),
        fields: Arc::clone(&fields),
    });
    let tiles = tiles.into_iter().flatten().map(move |tile| Request::Tile { set, tile });
    single.into_iter().chain(tiles).chain(searches)
}

/// The look-ups of ids, which are each listed once.
pub(super) fn of_ids(lookup: &Lookup, ids: Vec<String>) -> impl Iterator<Item = Request> + Send + use<> {
    let attributes = lookup.attributes();
    let fields: Arc<str> = match lookup.subject().entity() {
        Some(entity) => entity.fields_parameter(&attributes).into(),
        None => DETECTION_FIELDS.into(),
    };
    let subject = lookup.subject();
    let at_once = match subject {
        Subject::Image | Subject::MapFeature | Subject::Organization => ids_at_once(&attributes),
        Subject::Sequence | Subject::DetectionsOfImage | Subject::DetectionsOfMapFeature => 1,
    };
    let mut ids = ids.into_iter();
    std::iter::from_fn(move || {
        let ids: Vec<_> = ids.by_ref().take(at_once).collect();
        let first = ids.first()?.clone();
        let fields = Arc::clone(&fields);
        Some(match subject {
            Subject::Sequence => Request::ImageIds { sequence: first },
            Subject::DetectionsOfImage | Subject::DetectionsOfMapFeature => {
                Request::Detections { of: first, fields, after: None }
            }
            Subject::Image | Subject::MapFeature | Subject::Organization => Request::Entities { ids, fields },
        })
    })
}

/// What detections are asked for.
const DETECTION_FIELDS: &str = "created_at,geometry,image,value";
