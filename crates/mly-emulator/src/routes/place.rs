//! `/search` and `/lookup` of a service that knows places by their names, as Nominatim answers them: the town, two places
//! of one name, and a place without an outline. It asks for no token.

use serde_json::{Value, json};

use crate::request::Request;

struct Place {
    /// Kind and number in OpenStreetMap, whose numbers are far below.
    osm_type: &'static str,
    osm_id: u64,
    name: &'static str,
    display_name: &'static str,
    kind: &'static str,
    country: &'static str,
    importance: f64,
    /// The corners of the outline; a place of one corner is a point.
    corners: &'static [[f64; 2]],
}

const PLACES: [Place; 4] = [
    Place {
        osm_type: "relation",
        osm_id: 900_000_000_001,
        name: "demo town",
        display_name: "Demo Town, Lower Saxony, Germany",
        kind: "town",
        country: "Germany",
        importance: 0.42,
        corners: &[
            [8.985, 51.99],
            [8.99, 51.985],
            [9.02, 51.985],
            [9.025, 51.99],
            [9.025, 52.0],
            [9.02, 52.005],
            [8.99, 52.005],
            [8.985, 52.0],
        ],
    },
    Place {
        osm_type: "relation",
        osm_id: 900_000_000_002,
        name: "twinbridge",
        display_name: "Twinbridge, Demo Town, Lower Saxony, Germany",
        kind: "suburb",
        country: "Germany",
        importance: 0.31,
        corners: &[[8.99, 51.99], [9.005, 51.99], [9.005, 52.0], [8.99, 52.0]],
    },
    Place {
        osm_type: "way",
        osm_id: 900_000_000_003,
        name: "twinbridge",
        display_name: "Twinbridge, Kent, England, United Kingdom",
        kind: "hamlet",
        country: "United Kingdom",
        importance: 0.3,
        corners: &[[0.6, 51.2], [0.61, 51.2], [0.61, 51.21], [0.6, 51.21]],
    },
    Place {
        osm_type: "node",
        osm_id: 900_000_000_004,
        name: "old well",
        display_name: "Old Well, Demo Town, Lower Saxony, Germany",
        kind: "locality",
        country: "Germany",
        importance: 0.1,
        corners: &[[9.005, 51.998]],
    },
];

/// The text of an answer.
pub(super) fn answer(request: &Request) -> String {
    let ids = request.parameter("osm_ids").unwrap_or_default();
    let name = request.parameter("q").unwrap_or_default().trim().to_lowercase();
    let is_meant = |place: &&Place| match request.path.trim_end_matches('/') {
        "/lookup" => ids.split(',').any(|id| id == place.id()),
        _ => place.name == name || place.display_name.to_lowercase() == name,
    };
    Value::Array(PLACES.iter().filter(is_meant).map(Place::json).collect()).to_string()
}

impl Place {
    fn id(&self) -> String {
        let letter = self.osm_type.chars().next().unwrap_or('n').to_ascii_uppercase();
        format!("{letter}{}", self.osm_id)
    }

    fn json(&self) -> Value {
        let geometry = match self.corners {
            [at] => json!({ "type": "Point", "coordinates": at }),
            corners => {
                let ring: Vec<_> = corners.iter().chain(corners.first()).collect();
                json!({ "type": "Polygon", "coordinates": [ring] })
            }
        };
        let mean = |axis: usize| {
            let count = u32::try_from(self.corners.len()).map_or(1.0, f64::from);
            self.corners.iter().map(|corner| corner[axis]).sum::<f64>() / count
        };
        json!({
            "osm_type": self.osm_type,
            "osm_id": self.osm_id,
            "lat": mean(1).to_string(),
            "lon": mean(0).to_string(),
            "category": "boundary",
            "type": "administrative",
            "addresstype": self.kind,
            "importance": self.importance,
            "display_name": self.display_name,
            "address": { "country": self.country },
            "licence": "Data (c) OpenStreetMap contributors, ODbL 1.0. The places are invented.",
            "geojson": geometry,
        })
    }
}
