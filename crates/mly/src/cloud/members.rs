//! Objects and arrays of JSON, member by member, with errors that tell the place.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Most characters of a name that an error repeats.
const LONGEST_NAME: usize = 40;

/// Puts a name in front of the place that an error tells, a JSON pointer (RFC 6901): `/0/points/773: ...`.
pub(super) fn within<T, E: Error>(name: impl fmt::Display, result: Result<T, E>) -> Result<T, E> {
    result.map_err(|error| {
        let text = error.to_string();
        let colon = if text.starts_with('/') { "" } else { ": " };
        E::custom(format_args!("/{name}{colon}{text}"))
    })
}

/// The members of an object, kept as `keep` says.
pub(super) fn members<'de, D, V, T>(deserializer: D, keep: fn(String, V) -> T) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    V: Deserialize<'de>,
{
    deserializer.deserialize_map(Members(keep))
}

struct Members<V, T>(fn(String, V) -> T);

impl<'de, V: Deserialize<'de>, T> Visitor<'de> for Members<V, T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<T>, A::Error> {
        let mut kept = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            let value = map.next_value().or_else(|error| within(short(&name), Err(error)))?;
            kept.push(self.0(name, value));
        }
        Ok(kept)
    }
}

/// A name as an error shows it: names are the service's, and may be of any length and hold anything.
fn short(name: &str) -> String {
    let mut shown: String = name.chars().take(LONGEST_NAME).flat_map(char::escape_debug).collect();
    if name.chars().nth(LONGEST_NAME).is_some() {
        shown.push_str("...");
    }
    shown
}

/// An array of objects, or one object that stands for an array of one.
pub(super) struct OneOrMore<T>(pub(super) Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMore<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrMoreVisitor(PhantomData)).map(OneOrMore)
    }
}

struct OneOrMoreVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrMoreVisitor<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of reconstructions")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Vec<T>, A::Error> {
        let mut found = Vec::new();
        while let Some(next) = within(found.len(), array.next_element())? {
            found.push(next);
        }
        Ok(found)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|one| vec![one])
    }
}
