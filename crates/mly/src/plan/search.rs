//! Searches of the graph: boxes that can be quartered, small circles, and everything of a creator.

use chrono::{DateTime, SecondsFormat};

use crate::query::{FilterValue, Filters, ImageType, Layer};
use crate::tile::Bbox;

/// Rows asked for in one answer. The service allows 2,000 and often fails with as many (API v4, "`GET /images`").
const MOST_ROWS: usize = 1000;

/// Answers of more rows are not trusted: in large boxes they were thinned long before they reached their limit.
const TRUSTED_ROWS: usize = MOST_ROWS / 2;

/// How often a box may be quartered: the smallest parts of a tile are a few metres wide.
const MOST_QUARTERINGS: u8 = 10;

/// Where to search.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Box { bbox: Bbox, quarterings: u8 },
    Circle { lon: f64, lat: f64, radius_m: f64 },
    Anywhere,
}

/// A search before it is sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    layer: Layer,
    place: Place,
    filters: Vec<(&'static str, String)>,
    after: Option<String>,
}

impl Search {
    pub(super) fn of_box(layer: Layer, filters: &Filters, bbox: Bbox) -> Self {
        Self::new(layer, filters, Place::Box { bbox, quarterings: 0 })
    }

    pub(super) fn of_circle(layer: Layer, filters: &Filters, [lon, lat]: [f64; 2], radius_m: f64) -> Self {
        let place = match layer {
            Layer::Images | Layer::Sequences => Place::Circle { lon, lat, radius_m },
            // Map features are searched for in boxes only (API v4, "`GET /map_features`").
            Layer::Points | Layer::Signs => Place::Box { bbox: around(lon, lat, radius_m), quarterings: 0 },
        };
        Self::new(layer, filters, place)
    }

    pub(super) fn of_creator(layer: Layer, filters: &Filters) -> Self {
        Self::new(layer, filters, Place::Anywhere)
    }

    fn new(layer: Layer, filters: &Filters, place: Place) -> Self {
        let parameters = filters
            .in_use()
            .filter_map(|(filter, value)| Some((filter.search_parameter?, parameter(value)?)));
        Self { layer, place, filters: parameters.collect(), after: None }
    }

    /// Path on the host of the graph.
    pub(super) fn path(&self) -> &'static str {
        match self.layer {
            Layer::Images | Layer::Sequences => "images",
            Layer::Points | Layer::Signs => "map_features",
        }
    }

    /// What follows the path, but for the fields.
    pub(super) fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut list = match self.place {
            Place::Box { bbox: Bbox { west, south, east, north }, .. } => {
                vec![("bbox", format!("{west},{south},{east},{north}"))]
            }
            Place::Circle { lon, lat, radius_m } => {
                vec![("lat", lat.to_string()), ("lng", lon.to_string()), ("radius", radius_m.to_string())]
            }
            Place::Anywhere => Vec::new(),
        };
        list.extend(self.filters.iter().cloned());
        list.push(("limit", MOST_ROWS.to_string()));
        list.extend(self.after.clone().map(|cursor| ("after", cursor)));
        list
    }

    /// Whether an answer of so many rows holds all there is.
    pub(crate) fn is_complete(&self, rows: usize) -> bool {
        self.place == Place::Anywhere || rows < TRUSTED_ROWS
    }

    /// Whether an answer of so many rows was cut off for sure.
    pub(crate) fn is_cut_off(&self, rows: usize) -> bool {
        self.place != Place::Anywhere && rows >= MOST_ROWS
    }

    /// The same search after a cursor.
    pub(crate) fn after(mut self, cursor: String) -> Self {
        self.after = Some(cursor);
        self
    }

    /// Whether a page begins at this cursor.
    pub(crate) fn is_after(&self, cursor: &str) -> bool {
        self.after.as_deref() == Some(cursor)
    }

    /// Smaller searches that together see the same place; `None` when it is too small already.
    pub(crate) fn quarters(&self) -> Option<[Self; 4]> {
        let (Bbox { west, south, east, north }, quarterings) = match self.place {
            Place::Box { quarterings: MOST_QUARTERINGS, .. } | Place::Anywhere => return None,
            Place::Box { bbox, quarterings } => (bbox, quarterings + 1),
            Place::Circle { lon, lat, radius_m } => (around(lon, lat, radius_m), 0),
        };
        let (lon, lat) = (f64::midpoint(west, east), f64::midpoint(south, north));
        let quarter = |west, south, east, north| {
            let place = Place::Box { bbox: Bbox { west, south, east, north }, quarterings };
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
            Place::Box { bbox: Bbox { west, south, east, north }, .. } => {
                write!(f, "search of {path} in {west},{south},{east},{north}")
            }
            Place::Circle { lon, lat, radius_m } => {
                write!(f, "search of {path} within {radius_m} m of {lon},{lat}")
            }
            Place::Anywhere => write!(f, "search of {path} of a creator"),
        }
    }
}

/// The value of a filter as searches take it, if they can; rows are filtered again when they are here.
fn parameter(value: &FilterValue) -> Option<String> {
    match value {
        // Whole seconds, wide enough for every millisecond inside.
        FilterValue::Since(ms) => date(ms.div_euclid(1000)),
        FilterValue::Until(ms) => date(ms.div_euclid(1000).saturating_add(1)),
        FilterValue::ImageType(ImageType::Pano) => Some("true".to_owned()),
        FilterValue::ImageType(ImageType::Flat) => Some("false".to_owned()),
        FilterValue::Name(name) => Some(name.clone()),
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

/// A moment in the form that searches take.
fn date(seconds: i64) -> Option<String> {
    Some(DateTime::from_timestamp(seconds, 0)?.to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// A box around a small circle, a little wider than needed.
fn around(lon: f64, lat: f64, radius_m: f64) -> Bbox {
    /// Metres of a degree of latitude where it is shortest.
    const METRES_PER_DEGREE: f64 = 110_500.0;
    let north = radius_m * 1.01 / METRES_PER_DEGREE;
    let east = (north / lat.to_radians().cos().max(1e-6)).min(180.0);
    Bbox {
        west: (lon - east).max(-180.0),
        south: (lat - north).max(-90.0),
        east: (lon + east).min(180.0),
        north: (lat + north).min(90.0),
    }
}
