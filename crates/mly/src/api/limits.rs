//! Limits: how much one response holds, and how many requests are allowed in a minute and in a day.

use std::time::Duration;

/// Tiles in 24 hours that this library requests at most. The documented limit is 50,000 for an application, but addresses
/// were blocked after 1,938 tiles in a day, while 26,363
/// passed on another day (API v4, "Limits, expiry, throttling").
pub(crate) const PACED_TILES_PER_DAY: u32 = 10_000;

/// The fewest tiles in a day after which an address was blocked (API v4, "Limits, expiry, throttling").
pub(crate) const FEWEST_TILES_BLOCKED: u32 = 1_938;

/// Tiles per minute that this library requests at most. Addresses that took 370 a minute were blocked, and so was one
/// at 60; eleven nights at 40 were not (API v4, "Limits, expiry, throttling").
pub(crate) const PACED_TILES_PER_MINUTE: u32 = 40;

/// Lookups per minute that this library sends at most: a tenth of the documented 60,000.
pub(crate) const PACED_ENTITIES_PER_MINUTE: u32 = 6_000;

/// Searches per minute that this library sends at most: a tenth of the documented 10,000.
pub(crate) const PACED_SEARCHES_PER_MINUTE: u32 = 1_000;

/// Requests that are sent without gaps after [`QUIET`], as by a web map that is opened. More would be a spike, which gets
/// an address blocked sooner than a steady rate (API v4, "Limits, expiry, throttling"); without any, small areas would
/// be slow.
pub(crate) const AT_ONCE: u32 = 12;

/// How long nothing was sent before requests may come at once again.
pub(crate) const QUIET: Duration = Duration::from_secs(10 * 60);

/// The longest block of an address that was observed, counted from the last refused request (API v4, "Limits, expiry,
/// throttling").
pub(crate) const BLOCK_LASTS: Duration = Duration::from_secs(26 * 60 * 60);

/// How long nothing is sent after a web page came instead of a tile. Either the address is blocked, or a filter of the
/// network has answered; an hour is too short to lose a day to a filter, and long enough not to make a block longer.
pub(crate) const PAGE_PAUSE: Duration = Duration::from_secs(60 * 60);

/// Size of the densest known tiles in megabytes (API v4, "Empty tiles, sizes, transport").
pub(crate) const DENSEST_TILE_MB: u64 = 10;

/// Ids in one request for entities: other clients send 40 to 100, and the true maximum is not known (API v4, "Graph:
/// entity endpoints").
pub(crate) const IDS_PER_REQUEST: usize = 50;

/// Rows requested from one search. The service allows 2,000, but often fails when asked for that many
/// (API v4, "`GET /images`").
pub(crate) const ROWS_PER_SEARCH: usize = 1000;

/// A search of a box with fewer rows than this is trusted to be complete. With more it is not, although the limit is
/// higher: in large boxes, the service was seen to leave out images long before the limit (API v4, "`GET /images`").
pub(crate) const TRUSTED_ROWS: usize = ROWS_PER_SEARCH / 2;

/// Zoom of the tiles whose boxes are searched. The size of a box is limited to 0.01 square degrees, which some clients
/// read as sides of 0.01 degrees; at this zoom they are 0.0055 degrees or less, which fits both (API v4, "Added on
/// 2026-11-27").
pub(crate) const SEARCH_ZOOM: u8 = 16;

/// Largest radius of a search around a point, in metres (API v4, "`GET /images`").
pub(crate) const SEARCH_RADIUS_M: f64 = 50.0;

/// How far the computed position of an image is from the original one at most, in metres, as far as searches for images
/// allow for it. Receivers in streets are off by up to so much.
pub(crate) const MOVED_M: f64 = 30.0;
