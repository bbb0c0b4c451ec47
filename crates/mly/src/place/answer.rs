//! What the service answers.

use serde::Deserialize;
use serde_json::{Value, json};

/// A place: its name and kind, and its outline.
#[derive(Clone, Debug)]
pub struct Place {
    id: String,
    name: String,
    kind: String,
    country: Option<String>,
    position: [f64; 2],
    pub(super) importance: f64,
    geometry: Value,
}

impl Place {
    /// Its id in OpenStreetMap, such as `R62422`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its whole name, with the region and the country that it is in.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is, such as `city` or `administrative`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The country that it is in, if the service says so.
    pub fn country(&self) -> Option<&str> {
        self.country.as_deref()
    }

    /// Longitude and latitude of its middle.
    pub fn position(&self) -> [f64; 2] {
        self.position
    }

    /// Id, name and kind on one line.
    pub fn describe(&self) -> String {
        format!("{} ({}, {})", self.name, self.kind, self.id)
    }

    /// Its outline as a GeoJSON feature with the properties `name`, `id` and `type`, which
    /// [`AreaReader`](crate::source::AreaReader) reads.
    pub fn to_geojson(&self) -> String {
        let properties = json!({ "name": self.name, "id": self.id, "type": self.kind });
        json!({ "type": "Feature", "properties": properties, "geometry": self.geometry }).to_string()
    }

    pub(super) fn has_outline(&self) -> bool {
        matches!(self.geometry.get("type").and_then(Value::as_str), Some("Polygon" | "MultiPolygon"))
    }
}

/// A hit as the service sends it.
#[derive(Deserialize)]
struct Hit {
    #[serde(default)]
    osm_type: String,
    #[serde(default)]
    osm_id: u64,
    #[serde(default)]
    display_name: String,
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    addresstype: Option<String>,
    #[serde(default)]
    importance: Option<f64>,
    lat: String,
    lon: String,
    #[serde(default)]
    address: Option<Address>,
    #[serde(default)]
    geojson: Value,
}

#[derive(Deserialize)]
struct Address {
    country: Option<String>,
}

/// The hits in an answer, or what is wrong with it.
pub(super) fn hits(text: &str) -> Result<Vec<Place>, String> {
    let hits: Vec<Hit> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    hits.into_iter().map(place).collect()
}

fn place(hit: Hit) -> Result<Place, String> {
    let number =
        |text: &str| text.parse::<f64>().map_err(|error| format!("`{text}` is no coordinate: {error}"));
    let letter = hit.osm_type.chars().next().map_or('?', |c| c.to_ascii_uppercase());
    Ok(Place {
        id: format!("{letter}{}", hit.osm_id),
        position: [number(&hit.lon)?, number(&hit.lat)?],
        kind: hit.addresstype.unwrap_or(hit.kind),
        country: hit.address.and_then(|address| address.country),
        importance: hit.importance.unwrap_or(0.0),
        geometry: hit.geojson,
        name: hit.display_name,
    })
}
