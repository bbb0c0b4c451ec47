//! What outlives a run: tiles, and what was asked of the service.

mod budget;
mod folder;
mod tiles;

use std::path::Path;

use crate::support::Mly;

impl Mly {
    /// Keeps tiles and budget in this folder.
    fn keeping(self, folder: &Path) -> Self {
        self.variable("MLY_CACHE_DIR", folder.to_str().unwrap())
    }
}
