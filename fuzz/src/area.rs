//! Areas drawn in GeoJSON.

use mly::{Area, Query};

/// Any text is an area or an error, and an area can be asked about.
pub fn read(text: &str) {
    if let Ok(area) = Area::geojson(text)
        && let Ok(plan) = Query::images(area).plan()
    {
        crate::plan::check(&plan);
    }
}
