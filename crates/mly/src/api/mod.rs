//! What is known of the service: its endpoints, hosts, limits and error codes. Facts only, no requests.

mod endpoint;

pub use endpoint::Endpoint;
