//! Facts about the service: its hosts, paths, parameters, limits and errors. Nothing here sends requests.
//!
//! Mapillary has version 4 of its API on two hosts: one serves vector tiles, the other (the "graph") serves entities by
//! id and searches. Each fact names its source: a section of the documentation ("API v4"), or a measurement.

mod endpoint;
pub(crate) mod errors;
pub(crate) mod hosts;
pub(crate) mod json;
pub(crate) mod limits;
pub(crate) mod parameters;
pub(crate) mod paths;
pub(crate) mod tiles;
pub(crate) mod values;

pub use endpoint::Endpoint;
pub use tiles::DATA_ZOOM;
