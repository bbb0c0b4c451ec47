//! GeoJSON with the property names of the tiles.

use std::{fs, path::Path};

use serde::{Deserialize, de::DeserializeOwned};

use super::{FeatureKind, Image, MapFeature, bad, io_error};
use crate::error::Error;

#[derive(Deserialize)]
struct Collection<P> {
    features: Vec<Feature<P>>,
}

#[derive(Deserialize)]
struct Feature<P> {
    geometry: Geometry,
    properties: P,
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum Geometry {
    Point { coordinates: Vec<f64> },
}

/// Ids are numbers in tiles and strings on the graph; files have either.
#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Number(u64),
    Text(String),
}

#[derive(Deserialize)]
struct ImageProperties {
    id: Id,
    sequence_id: String,
    captured_at: i64,
    compass_angle: Option<f64>,
    #[serde(default)]
    is_pano: bool,
    organization_id: Option<Id>,
    creator_id: Option<Id>,
    quality_score: Option<f64>,
    foot: Option<bool>,
}

#[derive(Deserialize)]
struct MapFeatureProperties {
    id: Id,
    value: String,
    first_seen_at: i64,
    last_seen_at: i64,
}

pub(super) fn images(path: &Path) -> Result<Vec<Image>, Error> {
    rows(path, |position, row: ImageProperties| {
        Ok(Image {
            id: row.id.number()?,
            sequence: row.sequence_id.into(),
            captured_at_ms: row.captured_at,
            position,
            computed: None,
            compass_angle: row.compass_angle,
            computed_compass_angle: None,
            altitude_m: None,
            is_pano: row.is_pano,
            organization: row.organization_id.map(Id::number).transpose()?,
            creator: row.creator_id.map(Id::number).transpose()?,
            quality_score: row.quality_score,
            foot: row.foot,
            camera: None,
            cluster: 0,
        })
    })
}

pub(super) fn features(path: &Path, kind: FeatureKind) -> Result<Vec<MapFeature>, Error> {
    rows(path, |position, row: MapFeatureProperties| {
        Ok(MapFeature {
            id: row.id.number()?,
            kind,
            value: row.value.into(),
            first_seen_at_ms: row.first_seen_at,
            last_seen_at_ms: row.last_seen_at,
            position,
            aligned_direction: None,
            images: Vec::new(),
        })
    })
}

fn rows<P: DeserializeOwned, T>(
    path: &Path,
    record: impl Fn([f64; 2], P) -> Result<T, String>,
) -> Result<Vec<T>, Error> {
    let text = fs::read(path).map_err(|error| io_error(path, &error))?;
    let collection: Collection<P> =
        serde_json::from_slice(&text).map_err(|error| bad(path, error.to_string()))?;
    let row = |(number, Feature { geometry: Geometry::Point { coordinates }, properties })| {
        let &[lon, lat, ..] = coordinates.as_slice() else {
            return Err(bad(path, format!("feature {number}: a point needs longitude and latitude")));
        };
        record([lon, lat], properties).map_err(|why| bad(path, format!("feature {number}: {why}")))
    };
    collection.features.into_iter().enumerate().map(row).collect()
}

impl Id {
    fn number(self) -> Result<u64, String> {
        match self {
            Self::Number(number) => Ok(number),
            Self::Text(text) => {
                text.parse().map_err(|_not_a_number| format!("the id {text:?} is not a number"))
            }
        }
    }
}
