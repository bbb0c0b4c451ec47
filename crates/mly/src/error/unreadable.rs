//! Why the body of a response cannot be read.

/// Why the body of a response cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unreadable {
    /// What is wrong.
    pub(crate) what: String,
    /// Where in the decompressed body, in bytes from its start.
    pub(crate) offset: Option<usize>,
    /// Whether the body may have been damaged on the way, so that a retry can help.
    pub(crate) passing: bool,
}
