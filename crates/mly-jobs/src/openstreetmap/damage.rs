//! Files that are damaged.

use mly::Error;

/// An error about a file that ends too early or whose content is not what it should be.
pub(super) fn damaged(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::input("it cannot be read as OpenStreetMap data")
        .with_hint("it may be cut off: download it again")
        .with_source(source)
}
