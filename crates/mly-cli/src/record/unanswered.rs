//! Why a question has no answer.

/// Why a question has no answer, or a request is not sent.
#[derive(Clone, Debug)]
pub(super) struct Unanswered(pub(super) String);

impl Unanswered {
    pub(super) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}
