//! One request that stops all others.

use std::sync::Mutex;

use tokio::sync::watch;

use crate::error::{Error, Result};

/// Set by the first answer after which the service must not be asked again: a block, a limit, a refused token.
///
/// Rows come in the order of the plan, so such an answer may wait behind slower ones; the requests must not.
#[derive(Debug)]
pub(super) struct Stop {
    is_set: watch::Sender<bool>,
    reason: Mutex<Option<Error>>,
}

impl Stop {
    pub(super) fn new() -> Self {
        Self { is_set: watch::Sender::new(false), reason: Mutex::new(None) }
    }

    /// Runs a request until it is done or all are stopped, and stops all when its answer asks for that.
    pub(super) async fn unless_stopped<T>(&self, request: impl Future<Output = Result<T>>) -> Result<T> {
        let mut is_set = self.is_set.subscribe();
        let done = tokio::select! {
            biased;
            _ = is_set.wait_for(|set| *set) => return Err(Error::Cancelled),
            done = request => done,
        };
        done.map_err(|error| {
            if !matches!(error, Error::RateLimited { .. } | Error::Auth { .. }) {
                return error;
            }
            if let Ok(mut reason) = self.reason.lock() {
                reason.get_or_insert(error);
            }
            self.is_set.send_replace(true);
            Error::Cancelled
        })
    }

    /// Why all were stopped, or the error that a request ended with.
    pub(super) fn reason(&self, error: Error) -> Error {
        self.reason.lock().ok().and_then(|mut reason| reason.take()).unwrap_or(error)
    }
}
