//! The error of making a page.

use std::io;

/// The result of making a page.
pub type Result<T, E = MapError> = std::result::Result<T, E>;

/// Why a page cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MapError {
    /// The rows could not be read.
    #[error(transparent)]
    Rows(#[from] mly::Error),

    /// The rows of a layer cannot be shown.
    #[error("{layer}: {what}")]
    Layer {
        /// Name of the layer.
        layer: String,
        /// What is wrong with its rows.
        what: String,
    },

    /// There are more rows than a page holds, or they have more bytes than browsers open.
    #[error("{what}")]
    TooLarge {
        /// How many there are, and how many may be.
        what: String,
    },

    /// The address of the base map is none.
    #[error("`{address}` is no address of a base map: {why}")]
    Basemap {
        /// What was given.
        address: String,
        /// What is wrong with it.
        why: &'static str,
    },

    /// The page could not be written.
    #[error("the page cannot be written")]
    Write(#[from] io::Error),
}
