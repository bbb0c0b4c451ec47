//! Reads objects and arrays of JSON member by member, so that errors can say where in them something is wrong.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Most characters of a name in an error message.
const LONGEST_NAME: usize = 40;

/// Puts a name in front of the JSON pointer (RFC 6901) with which an error message begins: `/0/points/773: ...`.
pub(super) fn within<T, E: Error>(name: impl fmt::Display, result: Result<T, E>) -> Result<T, E> {
    result.map_err(|error| {
        let text = error.to_string();
        let colon = if text.starts_with('/') { "" } else { ": " };
        E::custom(format_args!("/{name}{colon}{text}"))
    })
}

/// Reads an object with members of one type, and makes an item of each with `keep`.
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

/// A name for an error message: shortened and escaped, because the input may have names of any length and content.
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
