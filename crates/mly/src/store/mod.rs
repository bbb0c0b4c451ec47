//! KEEP: what outlives a process, shared by all processes of a machine.

mod cache;
mod clock;
mod database;
mod ledger;

pub use cache::{Cache, CacheSize};
pub use clock::Clock;
pub use ledger::{Endpoint, Ledger, Usage};
pub(crate) use ledger::{Limits, Reserve};
