//! Why a body cannot be used.

/// Why the body of an answer cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unreadable {
    /// What is wrong.
    pub(crate) what: String,
    /// Where in the unpacked body, in bytes from its start.
    pub(crate) offset: Option<usize>,
    /// Whether a retry may bring a better one.
    pub(crate) passing: bool,
}
