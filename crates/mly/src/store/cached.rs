//! What is true of the cache in every build of the crate.

/// Name of the file with the tiles.
pub(super) const CACHE_FILE: &str = "tiles.sqlite";

/// How much a [`Cache`](super::Cache) holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheSize {
    /// Number of tiles.
    pub tiles: u64,
    /// Bytes of all tiles, compressed.
    pub bytes: u64,
}
