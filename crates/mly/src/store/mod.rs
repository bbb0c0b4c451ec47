//! What outlives a process and is shared by all processes of a machine: tiles ([`Cache`]), and the times of requests to the
//! service ([`Ledger`]). Both are `SQLite` files in folders that [`Options`](crate::Options) name.

mod cache;
mod clock;
mod database;
mod ledger;

pub use cache::{Cache, CacheSize};
pub use clock::Clock;
pub use ledger::{Ledger, Usage};
pub(crate) use ledger::{Limits, Reservation};
