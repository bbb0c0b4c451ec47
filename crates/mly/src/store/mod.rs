//! Files that all processes of a machine share: the cache of tiles ([`Cache`]) and the times of requests to the service
//! ([`Ledger`]). Both are `SQLite` databases in folders that [`Options`](crate::Options) name, and need the feature `sqlite`.
//! Without it there is no cache, and each client counts its own requests in memory.

#[cfg(feature = "sqlite")]
mod cache;
mod cached;
mod clock;
#[cfg(feature = "sqlite")]
mod database;
mod ledger;
#[cfg(feature = "sqlite")]
mod private;
#[cfg(not(feature = "sqlite"))]
mod without_sqlite;

#[cfg(feature = "sqlite")]
pub use cache::Cache;
pub use cached::CacheSize;
pub use clock::Clock;
pub use ledger::{Ledger, Usage};
pub(crate) use ledger::{Limits, Reservation};
#[cfg(not(feature = "sqlite"))]
pub use without_sqlite::Cache;
