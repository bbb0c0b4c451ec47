//! Requests without a limit that the ledger does not know yet.
//!
//! To count a request in a file takes about as long as an answer of an emulator on this machine. Where no limit depends on
//! the count, the ledger is told once a second.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How long requests may stay uncounted.
const LONGEST: Duration = Duration::from_secs(1);

/// Requests to one endpoint of a host.
#[derive(Debug, Default)]
pub(super) struct UncountedRequests(Mutex<Uncounted>);

#[derive(Debug, Default)]
struct Uncounted {
    host: String,
    requests: u64,
    /// When the ledger has allowed a request last.
    allowed: Option<Instant>,
}

impl UncountedRequests {
    /// Adds a request if the ledger has just allowed one to the same host; otherwise it has to be asked.
    pub(super) fn may_add(&self, host: &str) -> bool {
        let mut uncounted = self.lock();
        let is_recent = uncounted.allowed.is_some_and(|allowed| allowed.elapsed() < LONGEST);
        let may_add = is_recent && uncounted.host == host;
        if may_add {
            uncounted.requests += 1;
        }
        may_add
    }

    /// Removes and returns the host and the number of requests. The ledger has to be asked about the next one.
    pub(super) fn take(&self) -> (String, u64) {
        let Uncounted { host, requests, .. } = std::mem::take(&mut *self.lock());
        (host, requests)
    }

    /// Notes that the ledger has just allowed a request to a host.
    pub(super) fn begin(&self, host: &str) {
        let mut uncounted = self.lock();
        if uncounted.requests == 0 {
            *uncounted = Uncounted { host: host.to_owned(), requests: 0, allowed: Some(Instant::now()) };
        }
    }

    fn lock(&self) -> MutexGuard<'_, Uncounted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
