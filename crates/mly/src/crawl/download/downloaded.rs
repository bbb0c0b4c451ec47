//! What a download has done.

use crate::crawl::summary::Summary;

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
