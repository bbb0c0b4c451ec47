//! Parameters of requests that are not filters: `name=value` after the path (API v4, "Graph: entity endpoints" and
//! "Graph: search endpoints").

/// The token. Tiles take it here only; entities and searches take it in a header too (API v4, "Token forms").
pub(crate) const ACCESS_TOKEN: &str = "access_token";

/// Names of fields with commas between them. Without it an answer holds ids only.
pub(crate) const FIELDS: &str = "fields";

/// Ids of entities of one type with commas between them.
pub(crate) const IDS: &str = "ids";

/// The sequence whose images are listed.
pub(crate) const SEQUENCE_ID: &str = "sequence_id";

/// The cursor at which a page begins.
pub(crate) const AFTER: &str = "after";

/// The most rows of an answer.
pub(crate) const LIMIT: &str = "limit";

/// West, south, east and north in degrees, with commas between them.
pub(crate) const BBOX: &str = "bbox";

/// Latitude of the centre of a circle, in degrees.
pub(crate) const LAT: &str = "lat";

/// Longitude of the centre of a circle, in degrees.
pub(crate) const LNG: &str = "lng";

/// Radius of a circle, in metres.
pub(crate) const RADIUS: &str = "radius";
