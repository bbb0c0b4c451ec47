//! Ids of GeoJSON, of which everything else is passed over as it is read.

use std::fmt;
use std::io::Read;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::collector::Collector;
use super::feature::{self, Feature};
use super::row::{Columns, Row};
use super::scalar::Scalar;
use crate::error::Result;

/// Takes the features of all documents of the input.
pub(super) fn read(input: impl Read, collector: &mut Collector<'_>) -> Result<()> {
    let mut count = 0_u64;
    feature::each(input, &mut |feature: Feature<Properties, Geometry>| {
        count += 1;
        let row = feature.properties.unwrap_or_default().0;
        let is_lines = feature.geometry.is_some_and(|geometry| geometry.is_lines());
        collector.take(Row { id: row.id.or(feature.id), is_lines, ..row }, &|| format!("feature {count}"))
    })
}

/// Properties, as far as they tell something.
#[derive(Default)]
struct Properties(Row);

impl<'de> Deserialize<'de> for Properties {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(PropertiesVisitor)
    }
}

struct PropertiesVisitor;

impl<'de> Visitor<'de> for PropertiesVisitor {
    type Value = Properties;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("properties")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Properties, A::Error> {
        let mut row = Row::default();
        while let Some(property) = map.next_key_seed(Name(&mut row.columns))? {
            match property {
                Property::Id => row.id = map.next_value::<Scalar>()?.0,
                Property::ImageId => row.image_id = map.next_value::<Scalar>()?.0,
                Property::MapFeatureId => row.map_feature_id = map.next_value::<Scalar>()?.0,
                Property::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Properties(row))
    }
}

/// Properties whose values are read.
enum Property {
    Id,
    ImageId,
    MapFeatureId,
    Other,
}

/// The name of a property, which is noted.
struct Name<'c>(&'c mut Columns);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Property;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Property, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Property;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Property, E> {
        self.0.insert(name);
        Ok(match name {
            "id" => Property::Id,
            "image_id" => Property::ImageId,
            "map_feature_id" => Property::MapFeatureId,
            _ => Property::Other,
        })
    }
}

/// A geometry, of which only the type matters.
#[derive(Deserialize)]
struct Geometry {
    #[serde(rename = "type")]
    kind: Scalar,
}

impl Geometry {
    fn is_lines(&self) -> bool {
        matches!(self.kind.0.as_deref(), Some("LineString" | "MultiLineString"))
    }
}
