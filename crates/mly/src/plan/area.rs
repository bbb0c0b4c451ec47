//! The plan of a query: tiles or searches.

use std::sync::Arc;

use super::cost::Cost;
use super::request::{AreaRequest, SearchRequest, TileRequest};
use super::route::Route;
use super::search::Search;
use crate::api::limits::SEARCH_ZOOM;
use crate::query::{Filters, Layer, NearIndex, Query, fields_parameter};
use crate::tile::DATA_ZOOM;

/// A query and the kind of requests that answer it.
#[derive(Clone, Debug)]
pub(crate) struct AreaPlan {
    query: Query,
    route: Route,
}

impl AreaPlan {
    pub(super) fn new(query: &Query, route: &Route) -> Self {
        Self { query: query.clone(), route: route.clone() }
    }

    pub(crate) fn query(&self) -> &Query {
        &self.query
    }

    /// The requests for tiles or searches, in the order in which their rows come out.
    pub(crate) fn requests(&self) -> impl Iterator<Item = AreaRequest> + Send + use<> {
        let tiles = match &self.route {
            Route::Tiles(cover) => Some(cover.tiles()),
            _ => None,
        };
        let set = self.query.tile_set();
        let tiles = tiles.into_iter().flatten().map(move |tile| AreaRequest::Tile(TileRequest { set, tile }));
        let elsewhere = self.circle_searches().into_iter().chain(self.paged_searches());
        tiles.chain(elsewhere.chain(self.box_searches()).map(AreaRequest::Search))
    }

    /// The searches of boxes: for each box, one of each combination of names.
    fn box_searches(&self) -> impl Iterator<Item = SearchRequest> + Send + use<> {
        let boxes = match &self.route {
            Route::Boxes(boxes) => Some(boxes.tiles()),
            _ => None,
        };
        let (layer, area) = (self.query.layer(), self.query.area().clone());
        let (all, fields) = (self.query.filters().one_by_one(), self.fields());
        let boxes = boxes.into_iter().flatten().flat_map(move |tile| area.boxes_in(tile.bbox()));
        boxes.flat_map(move |bbox| {
            let search = |filters| SearchRequest {
                search: Search::of_box(layer, filters, bbox),
                fields: Arc::clone(&fields),
            };
            all.iter().map(search).collect::<Vec<_>>()
        })
    }

    /// For each point of the area, how many requests have to be answered before everything near to it is known.
    pub(crate) fn requests_until(&self, near: &NearIndex) -> Vec<u64> {
        let times = self.query.filters().one_by_one().len() as u64;
        match &self.route {
            Route::Tiles(cover) => {
                let known = |last: Option<u64>| last.map_or(0, |last| cover.count_until(last));
                near.last_tiles(DATA_ZOOM).map(known).collect()
            }
            Route::Boxes(boxes) => {
                let known = |last: Option<u64>| last.map_or(0, |last| boxes.count_until(last) * times);
                near.last_tiles(SEARCH_ZOOM).map(known).collect()
            }
            Route::Circle | Route::Creator | Route::Ids(_) | Route::Nothing => Vec::new(),
        }
    }

    /// The tiles of a lower zoom that are requested first, so that tiles without coverage can be skipped.
    pub(crate) fn scouts(&self) -> impl Iterator<Item = TileRequest> + Send + use<> {
        let tiles = match (&self.route, self.query.prune()) {
            (Route::Tiles(cover), Some(zoom)) => Some(cover.ancestors(zoom)),
            _ => None,
        };
        let set = Layer::Sequences.tile_set();
        tiles.into_iter().flatten().map(move |tile| TileRequest { set, tile })
    }

    /// The cost of the requests that are known before any answer.
    pub(crate) fn cost(&self) -> Cost {
        let mut cost = Cost::default();
        let times = self.query.filters().one_by_one().len() as u64;
        match &self.route {
            Route::Tiles(cover) => {
                cost.tiles = cover.len();
                cost.scouts = self.scouts().count() as u64;
            }
            Route::Boxes(boxes) => cost.searches = boxes.len() * times,
            Route::Circle | Route::Creator => cost.searches = times,
            Route::Ids(_) | Route::Nothing => {}
        }
        cost
    }

    /// The searches whose answers have further pages, one of each combination of names; none for plans of other routes.
    pub(crate) fn paged_searches(&self) -> Vec<SearchRequest> {
        let layer = self.query.layer();
        self.each_filter(self.route == Route::Creator, |filters| Search::of_creator(layer, filters))
    }

    fn circle_searches(&self) -> Vec<SearchRequest> {
        let circle = self.query.area().circle().filter(|_| self.route == Route::Circle);
        let (at, radius_m) = circle.unwrap_or_default();
        let layer = self.query.layer();
        self.each_filter(circle.is_some(), |filters| Search::of_circle(layer, filters, at, radius_m))
    }

    /// A search of each combination of names, if there are any searches of this kind.
    fn each_filter(&self, are_there: bool, search: impl Fn(&Filters) -> Search) -> Vec<SearchRequest> {
        let all = if are_there { self.query.filters().one_by_one() } else { Vec::new() };
        let fields = self.fields();
        all.iter().map(|one| SearchRequest { search: search(one), fields: Arc::clone(&fields) }).collect()
    }

    fn fields(&self) -> Arc<str> {
        fields_parameter(&self.query.searched_attributes()).into()
    }
}
