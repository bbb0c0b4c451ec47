//! The only module that opens a socket.

mod answer;
mod body;
mod budget;
mod connection;
mod failure;
mod file;
mod kept;
mod meter;
mod options;
mod request;
mod retry;
mod transport;

pub(crate) use answer::{TOO_MUCH_DATA, WRONG_REQUEST};
pub(crate) use connection::Connection;
pub(crate) use file::Lost;
pub use kept::TileBudget;
pub(crate) use meter::Meter;
pub use options::{Options, parse_base_url};
pub(crate) use request::HttpRequest;
