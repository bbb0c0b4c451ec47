//! Photo files: checks whether they are complete, writes metadata into them, and packs them into shards.
//!
//! Nothing here sends requests.

mod exif;
mod fields;
mod jpeg;
mod manifest;
mod metadata;
mod shard;
mod shard_folder;
mod shard_part;
mod shard_stats;
#[cfg(test)]
mod specimen;
mod tags;
mod tiff;
mod xmp;

pub use jpeg::jpeg_pixels;
pub(crate) use jpeg::{is_whole, is_whole_file, size};
pub(crate) use manifest::write_manifest;
pub(crate) use metadata::with_metadata;
pub(crate) use shard::Shard;
pub(crate) use shard_folder::ShardFolder;
pub(crate) use shard_part::{remove_leftovers, unfinished_shards};
pub(crate) use shard_stats::{MissingReason, ShardStats};
pub(crate) use tags::PhotoTags;

/// Why bytes are not taken as a photo, or cannot hold what is to be written into them.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UnusablePhoto {
    /// The bytes are not a complete JPEG.
    #[error("not a whole JPEG: {what} at byte {offset}")]
    Broken {
        /// What is wrong.
        what: &'static str,
        /// Where, in bytes from the beginning.
        offset: usize,
    },

    /// A text of the metadata is so long that its segment cannot hold it.
    #[error("the metadata takes {bytes} bytes and a JPEG has room for {}", metadata::SEGMENT_MAX)]
    TooMuch {
        /// How long the segment would be.
        bytes: usize,
    },
}
