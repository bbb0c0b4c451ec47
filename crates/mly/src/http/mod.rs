//! The only module that opens a socket.

mod answer;
mod body;
mod client;
mod failure;
mod file;
mod meter;
mod options;
mod pacing;
mod retry;
mod storage;

pub use client::Client;
pub(crate) use file::Lost;
pub(crate) use meter::Meter;
pub use options::Options;
pub use pacing::TileBudget;
