//! Sends requests: limits their rate, retries them, and judges the answers. No other module opens a socket.

mod answer;
mod body;
mod certificates;
mod connection;
mod envelope;
mod failure;
mod file;
mod memory;
mod meter;
mod observe;
mod options;
mod pacing;
mod page;
mod places;
mod redirect;
mod request;
mod retry;
mod storage;
mod transport;
mod uncounted;

pub(crate) use connection::Connection;
pub(crate) use envelope::REFUSED_TOKEN;
pub(crate) use failure::is_unreachable;
pub(crate) use file::FileFailure;
pub(crate) use memory::{MemoryBudget, MemoryShare};
pub(crate) use meter::Meter;
pub use observe::{Observed, Probe};
pub use options::Options;
pub use pacing::TileBudget;
pub(crate) use places::PlaceConnection;
pub(crate) use request::HttpRequest;
