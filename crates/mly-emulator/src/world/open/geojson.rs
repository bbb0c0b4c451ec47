//! GeoJSON with the property names of the tiles.

use std::{fs, path::Path};

use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    error::Error,
    world::record::{FeatureKind, Image, MapFeature},
};

#[derive(Deserialize)]
struct PointCollection<P> {
    features: Vec<PointFeature<P>>,
}

#[derive(Deserialize)]
struct PointFeature<P> {
    geometry: PointGeometry,
    properties: P,
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum PointGeometry {
    Point { coordinates: Vec<f64> },
}

/// An id. Tiles have numbers and the graph has strings, so files have either.
#[derive(Deserialize)]
#[serde(untagged)]
enum RowId {
    Number(u64),
    Text(String),
}

#[derive(Deserialize)]
struct ImageProperties {
    id: RowId,
    sequence_id: String,
    captured_at: i64,
    compass_angle: Option<f64>,
    #[serde(default)]
    is_pano: bool,
    organization_id: Option<RowId>,
    creator_id: Option<RowId>,
    quality_score: Option<f64>,
    foot: Option<bool>,
}

#[derive(Deserialize)]
struct MapFeatureProperties {
    id: RowId,
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
            organization: row.organization_id.map(RowId::number).transpose()?,
            creator: row.creator_id.map(RowId::number).transpose()?,
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
    let text = fs::read(path).map_err(|error| Error::unreadable(path, &error))?;
    let collection: PointCollection<P> =
        serde_json::from_slice(&text).map_err(|error| Error::world(path, error.to_string()))?;
    let row = |(number, PointFeature { geometry: PointGeometry::Point { coordinates }, properties })| {
        let &[lon, lat, ..] = coordinates.as_slice() else {
            return Err(Error::world(
                path,
                format!("feature {number}: a point needs longitude and latitude"),
            ));
        };
        record([lon, lat], properties).map_err(|why| Error::world(path, format!("feature {number}: {why}")))
    };
    collection.features.into_iter().enumerate().map(row).collect()
}

impl RowId {
    fn number(self) -> Result<u64, String> {
        match self {
            Self::Number(number) => Ok(number),
            Self::Text(text) => {
                text.parse().map_err(|_not_a_number| format!("the id {text:?} is not a number"))
            }
        }
    }
}
