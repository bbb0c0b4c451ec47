//! Takes out what must not be sent to anybody: the token, names of users, and what is signed in URLs.

mod name;
mod url;

use std::collections::BTreeSet;

use mly::{Client, without_tokens};
use serde_json::{Map, Value};

use super::drawn::DrawnTile;

/// What is written instead.
const HIDDEN: &str = "***";

/// Removes secrets and names from texts. Names are learned from all answers first, since the name of one answer may be
/// repeated in the message of another.
pub(super) struct Scrubber<'a> {
    client: &'a Client,
    names: BTreeSet<String>,
}

impl<'a> Scrubber<'a> {
    pub(super) fn new(client: &'a Client) -> Self {
        Self { client, names: BTreeSet::new() }
    }

    /// Learns the names of users in a body, if it is JSON.
    pub(super) fn learn(&mut self, body: &[u8]) {
        if let Ok(value) = serde_json::from_slice(body) {
            name::collect(&value, false, &mut self.names);
        }
    }

    /// A text without secrets and names.
    pub(super) fn text(&self, text: &str) -> String {
        let clean = without_tokens(&self.client.without_token(&url::without_values(text)));
        self.names.iter().fold(clean, |text, name| name::without(&text, name))
    }

    /// JSON without secrets and names.
    pub(super) fn json(&self, value: Value) -> Value {
        self.json_in(value, false)
    }

    /// `is_user` is whether the value is about a user.
    fn json_in(&self, value: Value, is_user: bool) -> Value {
        match value {
            Value::String(text) => self.text(&text).into(),
            Value::Array(list) => list.into_iter().map(|inner| self.json_in(inner, is_user)).collect(),
            Value::Object(members) => {
                let clean = members.into_iter().map(|(key, value)| {
                    let hides = name::is_secret(&key, is_user) && !value.is_null();
                    let clean = if hides && !(value.is_object() || value.is_array()) {
                        HIDDEN.into()
                    } else {
                        self.json_in(value, is_user || name::is_user(&key))
                    };
                    (self.text(&key), clean)
                });
                Value::Object(clean.collect::<Map<_, _>>())
            }
            plain => plain,
        }
    }

    /// Whether bytes hold nothing to take out.
    pub(super) fn is_clean(&self, bytes: &[u8]) -> bool {
        let text = String::from_utf8_lossy(bytes);
        self.text(&text) == text
    }

    /// Whether a tile holds nothing to take out: neither in its texts nor in its bytes.
    pub(super) fn is_clean_tile(&self, tile: &DrawnTile<'_>, bytes: &[u8]) -> bool {
        let texts: Vec<&str> = tile.texts().collect();
        let about_users = texts.iter().any(|text| name::is_user(text) || name::is_secret(text, false));
        let all = texts.join("\n");
        !about_users && self.text(&all) == all && self.is_clean(bytes)
    }
}
