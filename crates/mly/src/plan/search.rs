//! Searches of the graph: boxes that can be quartered, small circles, and everything of a creator.

use chrono::{DateTime, SecondsFormat};

use crate::api::limits::{MOVED_M, ROWS_PER_SEARCH, TRUSTED_ROWS};
use crate::api::{parameters, paths};
use crate::query::{FilterValue, Filters, ImageType, Layer};
use crate::tile::Bbox;

/// How often a box may be quartered. After eight times the parts of a small tile are a few metres wide.
const MOST_QUARTERINGS: u8 = 8;

/// Where to search.
#[derive(Clone, Copy, Debug, PartialEq)]
enum SearchPlace {
    /// Only rows in `within` count; the box that is searched is a little wider, or a part of that.
    Box {
        bbox: Bbox,
        within: Bbox,
        quarterings: u8,
    },
    Circle {
        lon: f64,
        lat: f64,
        radius_m: f64,
    },
    Anywhere,
}

/// A search before it is sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    layer: Layer,
    place: SearchPlace,
    filters: Vec<(&'static str, String)>,
    after: Option<String>,
}

impl Search {
    pub(super) fn of_box(layer: Layer, filters: &Filters, bbox: Bbox) -> Self {
        let searched = match layer {
            Layer::Images | Layer::Sequences => widened(bbox),
            // Map features have one position.
            Layer::Points | Layer::Signs => bbox,
        };
        Self::new(layer, filters, SearchPlace::Box { bbox: searched, within: bbox, quarterings: 0 })
    }

    pub(super) fn of_circle(layer: Layer, filters: &Filters, [lon, lat]: [f64; 2], radius_m: f64) -> Self {
        let place = match layer {
            Layer::Images | Layer::Sequences => SearchPlace::Circle { lon, lat, radius_m },
            // Map features are searched for in boxes only (API v4, "`GET /map_features`").
            Layer::Points | Layer::Signs => {
                let bbox = around(lon, lat, radius_m);
                SearchPlace::Box { bbox, within: bbox, quarterings: 0 }
            }
        };
        Self::new(layer, filters, place)
    }

    pub(super) fn of_creator(layer: Layer, filters: &Filters) -> Self {
        Self::new(layer, filters, SearchPlace::Anywhere)
    }

    fn new(layer: Layer, filters: &Filters, place: SearchPlace) -> Self {
        let parameters = filters
            .in_use()
            .filter_map(|(filter, value)| Some((filter.search_parameter?, parameter(value)?)));
        Self { layer, place, filters: parameters.collect(), after: None }
    }

    /// Path on the host of the graph.
    pub(super) fn path(&self) -> &'static str {
        match self.layer {
            Layer::Images | Layer::Sequences => paths::IMAGES,
            Layer::Points | Layer::Signs => paths::MAP_FEATURES,
        }
    }

    /// The parameters except the fields.
    pub(super) fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut list = match self.place {
            SearchPlace::Box { bbox: Bbox { west, south, east, north }, .. } => {
                vec![(parameters::BBOX, format!("{west},{south},{east},{north}"))]
            }
            SearchPlace::Circle { lon, lat, radius_m } => {
                vec![
                    (parameters::LAT, lat.to_string()),
                    (parameters::LNG, lon.to_string()),
                    (parameters::RADIUS, radius_m.to_string()),
                ]
            }
            SearchPlace::Anywhere => Vec::new(),
        };
        list.extend(self.filters.iter().cloned());
        list.push((parameters::LIMIT, ROWS_PER_SEARCH.to_string()));
        list.extend(self.after.clone().map(|cursor| (parameters::AFTER, cursor)));
        list
    }

    /// The box in which rows count. Those outside of it belong to the search of another box, or to none.
    pub(crate) fn within(&self) -> Option<Bbox> {
        match self.place {
            SearchPlace::Box { within, .. } => Some(within),
            SearchPlace::Circle { .. } | SearchPlace::Anywhere => None,
        }
    }

    /// Whether an answer with this many rows can be trusted to be complete. A search of a creator always is, since it
    /// has pages.
    pub(crate) fn is_complete(&self, rows: usize) -> bool {
        self.place == SearchPlace::Anywhere || rows < TRUSTED_ROWS
    }

    /// Whether an answer with this many rows was certainly cut off at the limit.
    pub(crate) fn is_cut_off(&self, rows: usize) -> bool {
        self.place != SearchPlace::Anywhere && rows >= ROWS_PER_SEARCH
    }

    /// The page of the same search that begins at a cursor.
    pub(crate) fn after(mut self, cursor: String) -> Self {
        self.after = Some(cursor);
        self
    }

    /// Four searches of the quarters of its box; `None` when the box is too small, and for a search without a place.
    pub(crate) fn quarters(&self) -> Option<[Self; 4]> {
        let (Bbox { west, south, east, north }, within, quarterings) = match self.place {
            SearchPlace::Box { quarterings: MOST_QUARTERINGS, .. } | SearchPlace::Anywhere => return None,
            SearchPlace::Box { bbox, within, quarterings } => (bbox, within, quarterings + 1),
            SearchPlace::Circle { lon, lat, radius_m } => {
                let bbox = around(lon, lat, radius_m);
                (widened(bbox), bbox, 0)
            }
        };
        let (lon, lat) = (f64::midpoint(west, east), f64::midpoint(south, north));
        let quarter = |west, south, east, north| {
            let bbox = Bbox { west, south, east, north };
            let place = SearchPlace::Box { bbox, within, quarterings };
            Self { place, ..self.clone() }
        };
        Some([
            quarter(west, lat, lon, north),
            quarter(lon, lat, east, north),
            quarter(west, south, lon, lat),
            quarter(lon, south, east, lat),
        ])
    }
}

impl std::fmt::Display for Search {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = self.path();
        match self.place {
            SearchPlace::Box { bbox: Bbox { west, south, east, north }, .. } => {
                write!(f, "search of {path} in {west},{south},{east},{north}")
            }
            SearchPlace::Circle { lon, lat, radius_m } => {
                write!(f, "search of {path} within {radius_m} m of {lon},{lat}")
            }
            SearchPlace::Anywhere => write!(f, "search of {path} of a creator"),
        }
    }
}

/// The value of a filter as a parameter of searches, or `None` when searches cannot filter by it. That may let too many
/// rows through, since all rows of the answers are filtered again.
fn parameter(value: &FilterValue) -> Option<String> {
    match value {
        // Searches take whole seconds, so the range is widened to contain every millisecond of it.
        FilterValue::Since(moment) => date(moment.ms().div_euclid(1000)),
        FilterValue::Until(moment) => date(moment.ms().div_euclid(1000).saturating_add(1)),
        FilterValue::ImageType(ImageType::Pano) => Some("true".to_owned()),
        FilterValue::ImageType(ImageType::Flat) => Some("false".to_owned()),
        // Searches take one name, so plans search with one at a time.
        FilterValue::Names(names) => match names.as_slice() {
            [name] => Some(name.clone()),
            _ => None,
        },
        FilterValue::Patterns(patterns) => {
            Some(patterns.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
        }
        FilterValue::NumericIds(ids) => match ids.as_slice() {
            [id] => Some(id.to_string()),
            _ => None,
        },
        _ => None,
    }
}

/// A time in the format of searches.
fn date(seconds: i64) -> Option<String> {
    Some(DateTime::from_timestamp(seconds, 0)?.to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// Metres of a degree of latitude where it is shortest.
const METRES_PER_DEGREE: f64 = 110_500.0;

/// A box with a margin on each side. It is not known whether searches go by the original position of an image, which is
/// that of the rows, or by the computed one, which may be in the next box, and that may be outside of the area.
fn widened(bbox: Bbox) -> Bbox {
    /// Close to the poles, a wider box would no longer be searched.
    const MOST_DEGREES: f64 = 0.002;
    let north = MOVED_M / METRES_PER_DEGREE;
    let lat = bbox.south.abs().max(bbox.north.abs());
    let east = (north / lat.to_radians().cos().max(1e-6)).min(MOST_DEGREES);
    Bbox {
        west: (bbox.west - east).max(-180.0),
        south: (bbox.south - north).max(-90.0),
        east: (bbox.east + east).min(180.0),
        north: (bbox.north + north).min(90.0),
    }
}

/// A box around a small circle, a little wider than needed.
fn around(lon: f64, lat: f64, radius_m: f64) -> Bbox {
    let north = radius_m * 1.01 / METRES_PER_DEGREE;
    let east = (north / lat.to_radians().cos().max(1e-6)).min(180.0);
    Bbox {
        west: (lon - east).max(-180.0),
        south: (lat - north).max(-90.0),
        east: (lon + east).min(180.0),
        north: (lat + north).min(90.0),
    }
}
