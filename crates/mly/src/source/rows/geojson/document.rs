//! Features of GeoJSON, one after the other, of which no more is kept than is asked for.

use std::fmt;
use std::io::{self, BufReader, Read};
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::beginning::unreadable;
use super::measured::{Length, Measured};
use super::scalar::Scalar;
use crate::error::{Error, Result};

/// Stands before each document of a text sequence (RFC 7464), and in no document.
const RECORD_SEPARATOR: u8 = 0x1E;

/// Bytes read at once.
const BUFFER: usize = 1 << 16;

/// A feature, as far as it is read.
pub(super) struct Feature<P, G> {
    pub(super) id: Option<String>,
    pub(super) properties: Option<P>,
    pub(super) geometry: Option<G>,
}

/// Hands over the features of all documents of the input.
///
/// # Errors
/// When the input is not of features, with the place, and those of `take`.
pub(super) fn each<'de, P: Deserialize<'de>, G: Deserialize<'de>>(
    input: impl Read,
    take: &mut dyn FnMut(Feature<P, G>) -> Result<()>,
) -> Result<()> {
    let (input, length) = Measured::new(WithoutSeparators(input));
    // Bytes are taken one by one, which is quick from a buffer alone.
    let mut json = serde_json::Deserializer::from_reader(BufReader::with_capacity(BUFFER, input));
    let mut features = Features { take, length, refusal: None };
    loop {
        match json.end() {
            Ok(()) => return Ok(()),
            Err(e) if e.is_io() => return Err(unreadable(&e.into())),
            // There is another document.
            Err(_) => {}
        }
        let document =
            Object { features: &mut features, may_be_collection: true, of: PhantomData::<fn() -> (P, G)> };
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
struct Features<'t, P, G> {
    take: &'t mut dyn FnMut(Feature<P, G>) -> Result<()>,
    /// Bytes since the last one.
    length: Length,
    /// Why one was not taken, which is more than an error of a deserializer can hold.
    refusal: Option<Error>,
}

impl<P, G> Features<'_, P, G> {
    /// Takes a feature, or remembers why not.
    fn take(&mut self, feature: Feature<P, G>) -> Result<(), &'static str> {
        self.length.reset();
        (self.take)(feature).map_err(|refusal| {
            self.refusal = Some(refusal);
            "a feature is refused"
        })
    }
}

/// A feature, or a collection of features where that may be.
struct Object<'f, 't, P, G> {
    features: &'f mut Features<'t, P, G>,
    may_be_collection: bool,
    of: PhantomData<fn() -> (P, G)>,
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

impl<'de, P: Deserialize<'de>, G: Deserialize<'de>> DeserializeSeed<'de> for Object<'_, '_, P, G> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de, P: Deserialize<'de>, G: Deserialize<'de>> Visitor<'de> for Object<'_, '_, P, G> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.may_be_collection {
            "a GeoJSON FeatureCollection or Feature"
        } else {
            "a Feature"
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (mut kind, mut is_collection) = (None, false);
        let mut feature = Feature { id: None, properties: None, geometry: None };
        while let Some(member) = map.next_key()? {
            match member {
                Member::Type => kind = map.next_value::<Scalar>()?.0,
                Member::Id => feature.id = map.next_value::<Scalar>()?.0,
                Member::Properties => feature.properties = map.next_value()?,
                Member::Geometry => feature.geometry = map.next_value()?,
                Member::Features if self.may_be_collection && kind.as_deref() != Some("Feature") => {
                    map.next_value_seed(List(self.features))?;
                    is_collection = true;
                }
                Member::Features | Member::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        match kind.as_deref() {
            Some("FeatureCollection") if is_collection => Ok(()),
            Some("Feature") if !is_collection => self.features.take(feature).map_err(A::Error::custom),
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
struct List<'f, 't, P, G>(&'f mut Features<'t, P, G>);

impl<'de, P: Deserialize<'de>, G: Deserialize<'de>> DeserializeSeed<'de> for List<'_, '_, P, G> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de, P: Deserialize<'de>, G: Deserialize<'de>> Visitor<'de> for List<'_, '_, P, G> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of features")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        loop {
            let feature = Object { features: &mut *self.0, may_be_collection: false, of: PhantomData };
            if list.next_element_seed(feature)?.is_none() {
                return Ok(());
            }
        }
    }
}
