//! Ids of GeoJSON, of which everything else is passed over as it is read.

use std::fmt;
use std::io::{self, Read};

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::beginning::unreadable;
use super::collector::Collector;
use super::row::{Columns, Row};
use super::scalar::Scalar;
use crate::error::{Error, Result};

/// Stands before each document of a text sequence (RFC 7464), and in no document.
const RECORD_SEPARATOR: u8 = 0x1E;

/// Takes the features of all documents of the input.
pub(super) fn read(input: impl Read, collector: &mut Collector<'_>) -> Result<()> {
    let mut json = serde_json::Deserializer::from_reader(WithoutSeparators(input));
    let mut features = Features { collector, count: 0, refusal: None };
    loop {
        match json.end() {
            Ok(()) => return Ok(()),
            Err(e) if e.is_io() => return Err(unreadable(&e.into())),
            // There is another document.
            Err(_) => {}
        }
        let document = Object { features: &mut features, may_be_collection: true };
        if let Err(error) = document.deserialize(&mut json) {
            return Err(match features.refusal {
                Some(refusal) => refusal,
                None if error.is_io() => unreadable(&error.into()),
                None => Error::query(format!("the GeoJSON cannot be read: {error}")),
            });
        }
    }
}

/// A reader that gives white space for record separators.
struct WithoutSeparators<R>(R);

impl<R: Read> Read for WithoutSeparators<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let length = self.0.read(bytes)?;
        for byte in bytes.iter_mut().take(length).filter(|byte| **byte == RECORD_SEPARATOR) {
            *byte = b' ';
        }
        Ok(length)
    }
}

/// Where features go.
struct Features<'c, 'w> {
    collector: &'c mut Collector<'w>,
    count: u64,
    /// Why the collector did not take one, which is more than an error of a deserializer can hold.
    refusal: Option<Error>,
}

impl Features<'_, '_> {
    /// Takes a feature, or remembers why not.
    fn take(&mut self, row: Row) -> Result<(), &'static str> {
        self.count += 1;
        let count = self.count;
        self.collector.take(row, &|| format!("feature {count}")).map_err(|refusal| {
            self.refusal = Some(refusal);
            "a feature is refused"
        })
    }
}

/// A feature, or a collection of features where that may be.
struct Object<'f, 'c, 'w> {
    features: &'f mut Features<'c, 'w>,
    may_be_collection: bool,
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Member {
    Type,
    Id,
    Properties,
    Geometry,
    Features,
    #[serde(other)]
    Other,
}

impl<'de> DeserializeSeed<'de> for Object<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.may_be_collection {
            "a GeoJSON FeatureCollection or Feature"
        } else {
            "a Feature"
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (mut kind, mut id, mut row, mut is_collection) = (None, None, Row::default(), false);
        let mut is_lines = false;
        while let Some(member) = map.next_key()? {
            match member {
                Member::Type => kind = map.next_value::<Scalar>()?.0,
                Member::Id => id = map.next_value::<Scalar>()?.0,
                Member::Properties => row = map.next_value::<Option<Properties>>()?.unwrap_or_default().0,
                Member::Geometry => {
                    is_lines = map.next_value::<Option<Geometry>>()?.is_some_and(|g| g.is_lines());
                }
                Member::Features if self.may_be_collection && kind.as_deref() != Some("Feature") => {
                    map.next_value_seed(List(self.features))?;
                    is_collection = true;
                }
                Member::Features | Member::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        match kind.as_deref() {
            Some("FeatureCollection") if is_collection => Ok(()),
            Some("Feature") if !is_collection => {
                let row = Row { id: row.id.or(id), is_lines, ..row };
                self.features.take(row).map_err(A::Error::custom)
            }
            Some("FeatureCollection") if self.may_be_collection => {
                Err(A::Error::custom("a FeatureCollection without features"))
            }
            kind => {
                let found = kind.unwrap_or("no type").chars().take(40).collect::<String>();
                Err(A::Error::custom(format!(
                    "found `{}`, expected {}",
                    found.escape_debug(),
                    Expected(&self)
                )))
            }
        }
    }
}

/// What a visitor expects, as text.
struct Expected<'v, V>(&'v V);

impl<'de, V: Visitor<'de>> fmt::Display for Expected<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }
}

/// The features of a collection.
struct List<'f, 'c, 'w>(&'f mut Features<'c, 'w>);

impl<'de> DeserializeSeed<'de> for List<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for List<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of features")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        loop {
            let feature = Object { features: &mut *self.0, may_be_collection: false };
            if list.next_element_seed(feature)?.is_none() {
                return Ok(());
            }
        }
    }
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
