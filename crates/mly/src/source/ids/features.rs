//! Ids of GeoJSON. All other values are skipped without being stored.

use std::io::Read;

use serde::Deserialize;
use serde_json::Value;

use super::collector::Collector;
use super::row::IdRow;
use crate::error::{Place, Result};
use crate::source::rows::geojson::document::{self, Found, PropertyReader, text_of};

/// Takes the features of all documents of the input.
pub(super) fn read(input: impl Read, collector: &mut Collector<'_>) -> Result<()> {
    document::each(input, &mut |found: Found<IdProperties, GeometryType>, number| {
        let Found::Feature(feature) = found else { return Ok(()) };
        let row = feature.properties.unwrap_or_default().row;
        let is_lines = feature.geometry.is_some_and(|geometry| geometry.is_lines());
        collector.take(IdRow { id: row.id.or(feature.id), is_lines, ..row }, Place::Feature(number))
    })
}

/// The ids among the properties, and the names of properties that show what the row is.
#[derive(Default)]
struct IdProperties {
    row: IdRow,
    /// The field for the value that comes next.
    next: Option<fn(&mut IdRow) -> &mut Option<String>>,
}

impl PropertyReader for IdProperties {
    fn wants(&mut self, name: &str) -> bool {
        self.row.names.insert(name);
        self.next = match name {
            "id" => Some(|row| &mut row.id),
            "image_id" => Some(|row| &mut row.image_id),
            "map_feature_id" => Some(|row| &mut row.map_feature_id),
            _ => None,
        };
        self.next.is_some()
    }

    fn take(&mut self, value: Value) {
        if let Some(next) = self.next {
            *next(&mut self.row) = text_of(value);
        }
    }
}

/// A geometry, of which only the type matters.
#[derive(Deserialize)]
struct GeometryType {
    #[serde(rename = "type")]
    name: Value,
}

impl GeometryType {
    fn is_lines(&self) -> bool {
        matches!(self.name.as_str(), Some("LineString" | "MultiLineString" | "MultiPoint"))
    }
}
