//! The plan of a query: tiles or searches.

use std::sync::Arc;

use super::cost::Cost;
use super::request::{AreaRequest, SearchRequest, TileRequest};
use super::route::Route;
use super::search::Search;
use crate::query::{Layer, Query, fields_parameter};

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
        let (tiles, boxes) = match &self.route {
            Route::Tiles(cover) => (Some(cover.tiles()), None),
            Route::Boxes(cover) => (None, Some(cover.tiles())),
            Route::Circle | Route::Creator | Route::Ids(_) | Route::Nothing => (None, None),
        };
        let set = self.query.layer().tile_set();
        let tiles = tiles.into_iter().flatten().map(move |tile| AreaRequest::Tile(TileRequest { set, tile }));
        let (layer, area) = (self.query.layer(), self.query.area().clone());
        let (filters, fields) = (self.query.filters().clone(), self.fields());
        let boxes = boxes.into_iter().flatten().flat_map(move |tile| area.boxes_in(tile.bbox()));
        let searches = boxes.map(move |bbox| SearchRequest {
            search: Search::of_box(layer, &filters, bbox),
            fields: Arc::clone(&fields),
        });
        let single = self.circle_search().or_else(|| self.paged_search());
        tiles.chain(single.into_iter().chain(searches).map(AreaRequest::Search))
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
        match &self.route {
            Route::Tiles(cover) => {
                cost.tiles = cover.len();
                cost.scouts = self.scouts().count() as u64;
            }
            Route::Boxes(cover) => cost.searches = cover.len(),
            Route::Circle | Route::Creator => cost.searches = 1,
            Route::Ids(_) | Route::Nothing => {}
        }
        cost
    }

    /// The one search of a plan whose answer has further pages; `None` for other plans.
    pub(crate) fn paged_search(&self) -> Option<SearchRequest> {
        let search = || Search::of_creator(self.query.layer(), self.query.filters());
        (self.route == Route::Creator).then(|| self.request(search()))
    }

    fn circle_search(&self) -> Option<SearchRequest> {
        let (at, radius_m) = self.query.area().circle().filter(|_| self.route == Route::Circle)?;
        let filters = self.query.filters();
        Some(self.request(Search::of_circle(self.query.layer(), filters, at, radius_m)))
    }

    fn request(&self, search: Search) -> SearchRequest {
        SearchRequest { search, fields: self.fields() }
    }

    fn fields(&self) -> Arc<str> {
        fields_parameter(&self.query.searched_attributes()).into()
    }
}
