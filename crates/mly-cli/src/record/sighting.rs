//! What the answers say about a question.

use std::borrow::Cow;

/// What the answers say about a question.
#[derive(Debug)]
pub(super) struct Sighting {
    /// One of the answers that an emulator can play, where it is one of them.
    pub(super) word: Cow<'static, str>,
    /// What was seen.
    pub(super) detail: String,
}

impl Sighting {
    pub(super) fn new(word: impl Into<Cow<'static, str>>, detail: impl Into<String>) -> Self {
        Self { word: word.into(), detail: detail.into() }
    }
}
