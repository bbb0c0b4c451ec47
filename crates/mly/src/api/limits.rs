//! How much the service gives in one answer, and how much may be asked of it in a minute and in a day.

use std::time::Duration;

/// Tiles that an application may request in 24 hours (API v4, "Limits, expiry, throttling"); the documentation names no
/// limit per minute.
pub(crate) const TILES_PER_DAY: u32 = 50_000;

/// Tiles per minute that this library requests at most. Addresses that took 370 a minute were blocked, and so was one at
/// 60 (API v4, "Limits, expiry, throttling").
pub(crate) const PACED_TILES_PER_MINUTE: u32 = 50;

/// Look-ups per minute that this library sends at most: a tenth of the 60,000 that are documented.
pub(crate) const PACED_ENTITIES_PER_MINUTE: u32 = 6_000;

/// Searches per minute that this library sends at most: a tenth of the 10,000 that are documented.
pub(crate) const PACED_SEARCHES_PER_MINUTE: u32 = 1_000;

/// Parts that the requests of a minute are spread over: a spike blocks an address sooner than a steady rate (API v4,
/// "Limits, expiry, throttling"), and a few tiles at once make small areas quick.
pub(crate) const BURSTS_PER_MINUTE: u32 = 5;

/// The longest that a block of an address has lasted after its last refused request (API v4, "Limits, expiry,
/// throttling").
pub(crate) const BLOCK_LASTS: Duration = Duration::from_secs(26 * 60 * 60);

/// Megabytes of the densest tiles (API v4, "Empty tiles, sizes, transport").
pub(crate) const DENSEST_TILE_MB: u64 = 10;

/// Ids in one request for entities (API v4, "Graph: entity endpoints"): clients send 40 to 100, and the true maximum is
/// not known.
pub(crate) const IDS_PER_REQUEST: usize = 50;

/// Rows requested of one search. The service allows 2,000 and often fails with as many (API v4, "`GET /images`").
pub(crate) const ROWS_PER_SEARCH: usize = 1000;

/// Answers to searches of a box are trusted to be complete below this many rows: in large boxes they were thinned long
/// before they reached their limit (API v4, "`GET /images`").
pub(crate) const TRUSTED_ROWS: usize = ROWS_PER_SEARCH / 2;

/// Largest radius of a search in a circle, in metres (API v4, "`GET /images`").
pub(crate) const SEARCH_RADIUS_M: f64 = 50.0;
