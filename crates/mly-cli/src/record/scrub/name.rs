//! Names of users: where they stand in JSON, and how they are taken out of texts.

use std::collections::BTreeSet;

use serde_json::Value;

use super::HIDDEN;

/// A name with fewer characters is taken out only where it stands as a name: elsewhere it is more likely a word.
const SHORTEST_LEARNED: usize = 3;

/// Members whose values are about a user.
const USERS: [&str; 9] = [
    "creator",
    "user",
    "author",
    "owner",
    "uploader",
    "photographer",
    "contributor",
    "captured_by",
    "uploaded_by",
];

/// Members that name a user wherever they stand, and members that identify a request to the service.
const SECRETS: [&str; 9] = [
    "username",
    "user_name",
    "email",
    "fbtrace_id",
    "access_token",
    "client_secret",
    "refresh_token",
    "token",
    "token_user_id",
];

/// Members that name a user inside an object about one.
const NAMES_INSIDE: [&str; 7] =
    ["name", "display_name", "full_name", "first_name", "last_name", "about", "profile_photo_url"];

/// Whether the value of a member is about a user.
pub(super) fn is_user(key: &str) -> bool {
    USERS.contains(&key.to_ascii_lowercase().as_str())
}

/// Whether the value of a member is hidden; `in_user` is whether it stands in an object about a user.
pub(super) fn is_secret(key: &str, in_user: bool) -> bool {
    let key = key.to_ascii_lowercase();
    let is_name = SECRETS.contains(&key.as_str()) || key.ends_with("username") || key.ends_with("user_name");
    // A user may also be given as a text.
    is_name || USERS.contains(&key.as_str()) || in_user && NAMES_INSIDE.contains(&key.as_str())
}

/// Adds the names of users in a value.
pub(super) fn collect(value: &Value, in_user: bool, names: &mut BTreeSet<String>) {
    match value {
        Value::Array(list) => list.iter().for_each(|inner| collect(inner, in_user, names)),
        Value::Object(members) => {
            for (key, value) in members {
                match value {
                    Value::String(name)
                        if is_secret(key, in_user) && name.chars().count() >= SHORTEST_LEARNED =>
                    {
                        names.insert(name.clone());
                    }
                    inner => collect(inner, in_user || is_user(key), names),
                }
            }
        }
        _ => {}
    }
}

/// A text without a name, where it stands between characters that no name goes on with. Spelled in a URL it is found too.
pub(super) fn without(text: &str, name: &str) -> String {
    let encoded: String = ::url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let clean = without_word(text, name);
    if encoded == name { clean } else { without_word(&clean, &encoded) }
}

fn without_word(text: &str, word: &str) -> String {
    let goes_on = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let (mut clean, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find(word) {
        let (before, found) = rest.split_at(at);
        let (word, after) = found.split_at(word.len());
        let last = before.chars().next_back().or_else(|| clean.chars().next_back());
        let is_part = goes_on(last) || goes_on(after.chars().next());
        clean.push_str(before);
        clean.push_str(if is_part { word } else { HIDDEN });
        rest = after;
    }
    clean + rest
}
