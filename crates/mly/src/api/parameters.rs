//! Names of query parameters, other than those of filters (API v4, "Graph: entity endpoints" and "Graph: search
//! endpoints").

/// The token. Requests for tiles must carry it here; entities and searches also take it in a header, which is used for
/// them (API v4, "Token forms").
pub(crate) const ACCESS_TOKEN: &str = "access_token";

/// Names of fields, separated by commas. Without this parameter the response holds ids only.
pub(crate) const FIELDS: &str = "fields";

/// Ids of entities of one type, separated by commas.
pub(crate) const IDS: &str = "ids";

/// Id of the sequence whose images are listed.
pub(crate) const SEQUENCE_ID: &str = "sequence_id";

/// The cursor at which the page begins; it comes with the page before.
pub(crate) const AFTER: &str = "after";

/// The most rows of one response.
pub(crate) const LIMIT: &str = "limit";

/// West, south, east and north in degrees, separated by commas.
pub(crate) const BBOX: &str = "bbox";

/// Latitude of the centre of a circle, in degrees.
pub(crate) const LAT: &str = "lat";

/// Longitude of the centre of a circle, in degrees.
pub(crate) const LNG: &str = "lng";

/// Radius of a circle, in metres.
pub(crate) const RADIUS: &str = "radius";
