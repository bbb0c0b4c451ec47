//! Reads GeoJSON feature by feature, so that memory does not grow with the file.
//!
//! The crate `geojson` would build each feature with all of its properties; here the caller decides which values are built.

use std::fmt;
use std::io::{self, BufReader, Read};
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::error::{Error, Place, Result};
use crate::source::beginning::unreadable;
use crate::source::measured::{Length, Measured};
use crate::table::{ATTRIBUTION_KEY, DESCRIPTION_KEY, FIELDS_KEY, LAYER_KEY, LICENSE_KEY, QUESTION_KEY};

/// The byte before each document of a text sequence (RFC 7464). It cannot be part of a document.
const RECORD_SEPARATOR: u8 = 0x1E;

/// Bytes read at once.
const BUFFER: usize = 1 << 16;

/// The parts of a feature that are read.
pub(in crate::source) struct Feature<P, G> {
    pub(in crate::source) id: Option<String>,
    pub(in crate::source) properties: Option<P>,
    pub(in crate::source) geometry: Option<G>,
}

/// What is found in the documents of an input, in its order.
pub(in crate::source) enum Found<P, G> {
    Feature(Feature<P, G>),
    /// A member `crs` of a document, or of a feature within one.
    Crs(Value),
    /// A member of a collection that tells what the result is: its key and its text.
    About(&'static str, String),
    /// A document has ended.
    End,
}

/// Keeps what is needed of the properties of a feature, which come one after the other.
pub(in crate::source) trait PropertyReader: Default {
    /// Receives the name of the next property, and returns whether its value is needed. Other values are skipped
    /// without being stored.
    fn wants(&mut self, name: &str) -> bool;

    /// Takes the value of the property that was wanted last.
    fn take(&mut self, value: Value);
}

/// Calls `take` with what is found in the documents of the input, and with the number of features so far.
///
/// # Errors
/// When the input is not of features, with the place, and those of `take`.
pub(in crate::source) fn each<'de, P: PropertyReader, G: Deserialize<'de>>(
    input: impl Read,
    take: &mut dyn FnMut(Found<P, G>, u64) -> Result<()>,
) -> Result<()> {
    let (input, length) = Measured::new(WithoutSeparators(input));
    // serde_json takes bytes one by one, which is fast only from a buffer.
    let mut json = serde_json::Deserializer::from_reader(BufReader::with_capacity(BUFFER, input));
    let mut features = FeatureTaker { take, count: 0, length, refusal: None };
    loop {
        match json.end() {
            Ok(()) => return Ok(()),
            Err(e) if e.is_io() => return Err(unreadable(e.into())),
            // There is another document.
            Err(_) => {}
        }
        let document = FeatureObject { features: &mut features, may_be_collection: true, of: PhantomData };
        if let Err(error) = document.deserialize(&mut json) {
            return Err(match features.refusal {
                Some(refusal) => refusal,
                None if error.is_io() => unreadable(error.into()),
                None => broken(&error),
            });
        }
        (features.take)(Found::End, features.count)?;
    }
}

/// The error of input that is no JSON or no features.
fn broken(error: &serde_json::Error) -> Error {
    let (line, column, text) = (error.line(), error.column(), error.to_string());
    // The text repeats the place at its end.
    let what = text.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&text);
    let what = format!("the GeoJSON cannot be read: {what}, at column {column}");
    Error::input(what).with_place(Place::Line(line as u64))
}

/// A value as the text of an id; `None` for null. Numbers keep their digits. A value that cannot be an id becomes text
/// that is not a valid id, so that an error shows it.
pub(in crate::source) fn text_of(value: Value) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::String(text) => text,
        // A number such as `1.0` keeps its fraction and is no valid id: as a float above 2^53 it may have been rounded
        // to another id.
        Value::Number(number) => number.to_string(),
        // In parentheses, since `true` alone could be the id of a sequence.
        Value::Bool(truth) => format!("({truth})"),
        Value::Array(_) => "[...]".to_owned(),
        Value::Object(_) => "{...}".to_owned(),
    })
}

/// A reader that replaces record separators by blanks.
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
struct FeatureTaker<'t, P, G> {
    take: &'t mut dyn FnMut(Found<P, G>, u64) -> Result<()>,
    count: u64,
    /// Bytes since the last one.
    length: Length,
    /// The error of `take`. It is kept here because an error of a deserializer can only hold text.
    refusal: Option<Error>,
}

impl<P, G> FeatureTaker<'_, P, G> {
    /// Takes a feature, or remembers why not.
    fn take(&mut self, feature: Feature<P, G>) -> Result<(), &'static str> {
        self.length.reset();
        self.count += 1;
        self.hand_on(Found::Feature(feature))
    }

    fn hand_on(&mut self, found: Found<P, G>) -> Result<(), &'static str> {
        (self.take)(found, self.count).map_err(|refusal| {
            self.refusal = Some(refusal);
            "it is refused"
        })
    }
}

/// A feature, or a collection of features where that may be.
struct FeatureObject<'f, 't, P, G> {
    features: &'f mut FeatureTaker<'t, P, G>,
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
    Crs,
    Attribution,
    Description,
    License,
    #[serde(rename = "mly:fields")]
    Fields,
    #[serde(rename = "mly:layer")]
    Layer,
    #[serde(rename = "mly:question")]
    Question,
    #[serde(other)]
    Other,
}

impl Member {
    /// The key in the metadata of a result, if it is one.
    fn key(&self) -> Option<&'static str> {
        Some(match self {
            Self::Attribution => ATTRIBUTION_KEY,
            Self::Description => DESCRIPTION_KEY,
            Self::License => LICENSE_KEY,
            Self::Fields => FIELDS_KEY,
            Self::Layer => LAYER_KEY,
            Self::Question => QUESTION_KEY,
            _ => return None,
        })
    }
}

impl<'de, P: PropertyReader, G: Deserialize<'de>> DeserializeSeed<'de> for FeatureObject<'_, '_, P, G> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de, P: PropertyReader, G: Deserialize<'de>> Visitor<'de> for FeatureObject<'_, '_, P, G> {
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
        let mut about = Vec::new();
        while let Some(member) = map.next_key()? {
            match member {
                Member::Type => kind = text_of(map.next_value()?),
                Member::Id => feature.id = text_of(map.next_value()?),
                Member::Properties => {
                    feature.properties =
                        map.next_value::<Option<FeatureProperties<P>>>()?.map(|found| found.0);
                }
                Member::Geometry => feature.geometry = map.next_value()?,
                Member::Features if self.may_be_collection && kind.as_deref() != Some("Feature") => {
                    map.next_value_seed(FeatureList(self.features))?;
                    is_collection = true;
                }
                Member::Crs => {
                    let crs = Found::Crs(map.next_value()?);
                    self.features.hand_on(crs).map_err(A::Error::custom)?;
                }
                member => match member.key().filter(|_| self.may_be_collection) {
                    Some(key) => about.push((key, map.next_value::<Value>()?)),
                    None => drop(map.next_value::<IgnoredAny>()?),
                },
            }
        }
        for (key, value) in about.into_iter().filter(|_| is_collection) {
            if let Value::String(text) = value {
                self.features.hand_on(Found::About(key, text)).map_err(A::Error::custom)?;
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
struct FeatureList<'f, 't, P, G>(&'f mut FeatureTaker<'t, P, G>);

impl<'de, P: PropertyReader, G: Deserialize<'de>> DeserializeSeed<'de> for FeatureList<'_, '_, P, G> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de, P: PropertyReader, G: Deserialize<'de>> Visitor<'de> for FeatureList<'_, '_, P, G> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of features")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        loop {
            let feature = FeatureObject { features: &mut *self.0, may_be_collection: false, of: PhantomData };
            if list.next_element_seed(feature)?.is_none() {
                return Ok(());
            }
        }
    }
}

/// The properties of a feature, in the form in which they are kept.
struct FeatureProperties<P>(P);

impl<'de, P: PropertyReader> Deserialize<'de> for FeatureProperties<P> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(PropertiesVisitor(P::default())).map(FeatureProperties)
    }
}

struct PropertiesVisitor<P>(P);

impl<'de, P: PropertyReader> Visitor<'de> for PropertiesVisitor<P> {
    type Value = P;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("properties")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<P, A::Error> {
        while let Some(is_wanted) = map.next_key_seed(PropertyName(&mut self.0))? {
            if is_wanted {
                self.0.take(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(self.0)
    }
}

/// Deserializes the name of a property into whether its value is needed.
struct PropertyName<'p, P>(&'p mut P);

impl<'de, P: PropertyReader> DeserializeSeed<'de> for PropertyName<'_, P> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<bool, D::Error> {
        from.deserialize_str(self)
    }
}

impl<P: PropertyReader> Visitor<'_> for PropertyName<'_, P> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<bool, E> {
        Ok(self.0.wants(name))
    }
}
