//! What a download has done.

use crate::crawl::summary::Summary;
use crate::error::Error;

/// Why there is no photo or cloud of an id: it is that of no image.
pub(super) const NO_IMAGE: &str = "no image has this id";

/// What a download has done.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Downloaded {
    /// Photos or clouds written.
    pub written: u64,
    /// Photos or clouds that the folder had already.
    pub skipped: u64,
    /// Ids of images without a photo or a cloud in the folder, and why; sorted.
    pub failed: Vec<(String, String)>,
    /// What it cost.
    pub summary: Summary,
}

/// The message of an error and of its source.
pub(super) fn message(error: &Error) -> String {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    format!("{error}{cause}")
}
