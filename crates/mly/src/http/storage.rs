//! Opens the cache of tiles and the ledger of requests that a client uses.

use super::options::Options;
use crate::error::{Error, with_causes};
use crate::store::{Cache, Ledger};

/// The cache and the ledger of a client, and a warning for each that cannot be opened.
#[derive(Debug, Default)]
pub(super) struct Storage {
    pub(super) cache: Option<Cache>,
    pub(super) ledger: Option<Ledger>,
    pub(super) warnings: Vec<String>,
}

impl Storage {
    /// Opens the cache and the ledger if the options name their folders. Failures are only warnings, since the rows of
    /// a result are the same without them.
    pub(super) fn open(options: &Options) -> Self {
        let mut warnings = Vec::new();
        let mut warn = |what: &str, error: &Error| warnings.push(format!("{what}: {}", with_causes(error)));
        let cache = options.cache_dir().and_then(|dir| {
            let cache = Cache::open(dir, options.max_age(), options.cache_bytes(), options.clock().clone());
            cache.map_err(|error| warn("tiles are not cached", &error)).ok()
        });
        let ledger = options.ledger_dir().and_then(|dir| {
            let ledger = Ledger::open(dir, options.clock().clone());
            ledger.map_err(|error| warn("requests of other processes are not counted", &error)).ok()
        });
        Self { cache, ledger, warnings }
    }
}
