//! What is known of the service: its hosts, paths, parameters, limits and errors. Facts only, no requests.
//!
//! Mapillary's interface is version 4 of its API, made of a host of vector tiles and a host of entities and searches
//! (the "graph"). Each fact names the section of the documentation, or the measurement, that it comes from.

mod endpoint;
pub(crate) mod errors;
pub(crate) mod hosts;
pub(crate) mod limits;
pub(crate) mod parameters;
pub(crate) mod paths;
pub(crate) mod tiles;
pub(crate) mod values;

pub use endpoint::Endpoint;
pub use tiles::DATA_ZOOM;
