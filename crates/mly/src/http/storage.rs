//! Opens the cache of tiles and the ledger of requests that a client uses.

use super::options::Options;
use crate::error::{Error, with_causes};
use crate::redact::Token;
use crate::store::{Cache, Ledger};

/// What a client has on disk, and warnings about what it should have and cannot.
#[derive(Debug, Default)]
pub(super) struct Storage {
    pub(super) cache: Option<Cache>,
    pub(super) ledger: Option<Ledger>,
    pub(super) warnings: Vec<String>,
}

impl Storage {
    /// Opens what the options name. What cannot be opened becomes a warning: rows are the same without it.
    pub(super) fn open(options: &Options, token: &Token) -> Self {
        let mut warnings = Vec::new();
        let mut warn = |what: &str, error: &Error| warnings.push(format!("{what}: {}", with_causes(error)));
        let cache = options.cache_dir().and_then(|dir| {
            let cache = Cache::open(dir, options.max_age(), options.cache_bytes(), options.clock().clone());
            cache.map_err(|error| warn("tiles are not cached", &error)).ok()
        });
        let ledger = options.ledger_dir().and_then(|dir| {
            let ledger = Ledger::open(dir, token, options.clock().clone());
            ledger.map_err(|error| warn("requests of other processes are not counted", &error)).ok()
        });
        Self { cache, ledger, warnings }
    }
}
