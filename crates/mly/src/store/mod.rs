//! Files that all processes of a machine share: the cache of tiles ([`Cache`]) and the times of requests to the service
//! ([`Ledger`]). Both are `SQLite` databases in folders that [`Options`](crate::Options) name.

mod cache;
mod clock;
mod database;
mod ledger;
mod private;

pub use cache::{Cache, CacheSize};
pub use clock::Clock;
pub use ledger::{Ledger, Usage};
pub(crate) use ledger::{Limits, Reservation};
