//! What ids look like.

use crate::error::{Error, Result};

/// Real ids of sequences have 22 characters; longer ones are accepted in case that changes.
const SEQUENCE_ID: std::ops::RangeInclusive<usize> = 22..=64;

/// Whether a text is an id as the service writes it: a whole number above 0, in one way only.
pub(super) fn is_number(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0') && text.parse::<i64>().is_ok()
}

/// Whether a text can be the id of a sequence: text of the URL-safe base64 alphabet.
pub(crate) fn is_sequence_id(text: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    SEQUENCE_ID.contains(&text.len()) && text.bytes().all(is_plain)
}

/// Checks an id of a sequence.
pub(super) fn check_sequence_id(id: &str) -> Result<()> {
    if is_sequence_id(id) {
        return Ok(());
    }
    Err(Error::query(format!("`{id}` is not an id of a sequence"))
        .with_hint("ids of sequences have 22 letters, digits, - and _"))
}

/// Checks an id of `whose`, such as "an image".
pub(super) fn check_number(id: &str, whose: &str) -> Result<()> {
    if is_number(id) {
        return Ok(());
    }
    Err(Error::query(format!("`{id}` is not an id of {whose}"))
        .with_hint("ids are whole numbers, such as 1933525276802129"))
}
