//! KEEP: what outlives a process, shared by all processes of a machine.
//!
//! Tiles ([`Cache`]) and what was asked of the service ([`Ledger`]) lie in `SQLite` files in folders that
//! [`Options`](crate::Options) name.

mod cache;
mod clock;
mod database;
mod ledger;

pub use cache::{Cache, CacheSize};
pub use clock::Clock;
pub use ledger::{Ledger, Usage};
pub(crate) use ledger::{Limits, Reserve};
