//! What outlives a client: tiles on disk, and what was asked for.

use std::sync::Arc;

use super::options::Options;
use crate::redact::Token;
use crate::store::{Cache, Ledger};

/// How many tiles may be asked for; `None` is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TileBudget {
    /// In each minute.
    pub per_minute: Option<u32>,
    /// In this day, which ends with the oldest request of the last 24 hours.
    pub left_today: Option<u64>,
}

/// The tiles on disk, if they are wanted and can be had.
pub(super) fn kept_tiles(options: &Options, warnings: &mut Vec<String>) -> Option<Arc<Cache>> {
    let dir = options.cache_dir.as_deref()?;
    let cache = Cache::open(dir, options.max_age, options.cache_bytes, options.clock.clone());
    let told = |why| warnings.push(format!("tiles are not kept: {}: {why}", dir.display()));
    cache.map(Arc::new).map_err(told).ok()
}

/// What was asked before, if that is wanted and can be had.
pub(super) fn kept_budget(
    options: &Options,
    token: &Token,
    warnings: &mut Vec<String>,
) -> Option<Arc<Ledger>> {
    let dir = options.ledger_dir.as_deref()?;
    let ledger = Ledger::open(dir, token, options.clock.clone());
    let told = |why| warnings.push(format!("the budget is not kept: {}: {why}", dir.display()));
    ledger.map(Arc::new).map_err(told).ok()
}
