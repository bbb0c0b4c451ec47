//! What takes the place of the cache in builds of the crate without the feature `sqlite`.

use std::collections::HashSet;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::cached::{CACHE_FILE, CacheSize};
use super::clock::Clock;
use crate::error::{Error, Result};

/// Tiles on disk, which this build of the crate cannot have: [`Cache::open`] fails.
#[derive(Debug)]
pub struct Cache(Infallible);

impl Cache {
    /// Opens the cache in a folder, which fails in this build of the crate.
    ///
    /// # Errors
    /// [`Error::Input`] always.
    pub fn open(dir: &Path, _: Duration, _: u64, _: Clock) -> Result<Self> {
        Err(without_sqlite(dir))
    }

    /// The file that holds the tiles of a cache in this folder, whether or not it is there.
    pub fn file_in(dir: &Path) -> PathBuf {
        dir.join(CACHE_FILE)
    }

    /// The file that holds the tiles.
    pub fn path(&self) -> &Path {
        match self.0 {}
    }

    /// The keys of all entries that are not too old.
    ///
    /// # Errors
    /// None, since there is no such cache.
    pub fn fresh_keys(&self) -> Result<HashSet<String>> {
        match self.0 {}
    }

    /// The body stored under a key, unless it is absent, too old or damaged.
    pub fn read(&self, _: &str) -> Option<Vec<u8>> {
        match self.0 {}
    }

    /// Stores a body under a key.
    pub fn write(&self, _: &str, _: &[u8]) {
        match self.0 {}
    }

    /// How much it holds.
    ///
    /// # Errors
    /// None, since there is no such cache.
    pub fn size(&self) -> Result<CacheSize> {
        match self.0 {}
    }

    /// Removes everything.
    ///
    /// # Errors
    /// None, since there is no such cache.
    pub fn clear(&self) -> Result<()> {
        match self.0 {}
    }
}

/// The error that a folder of the cache or of the ledger cannot be used by this build of the crate.
pub(super) fn without_sqlite(dir: &Path) -> Error {
    Error::input("cannot be used by this build of mly")
        .with_path(dir)
        .with_hint("enable the feature `sqlite` of the crate mly")
}
