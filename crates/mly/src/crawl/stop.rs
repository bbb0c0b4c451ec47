//! One request that stops all others.

use std::sync::Mutex;

use tokio::sync::watch;

use crate::error::{Error, Result};

/// Set by the first answer after which the service must not be asked again: a block, a limit, a refused token.
///
/// Rows come in the order of the plan, so such an answer may wait behind slower ones; the requests must not.
#[derive(Debug)]
pub(super) struct Stop {
    state: watch::Sender<State>,
    reason: Mutex<Option<Error>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
enum State {
    Running,
    /// A budget is used up: nothing more is sent, and what was sent is worth waiting for.
    Ending,
    /// The service must not be asked again.
    Stopped,
}

impl Stop {
    pub(super) fn new() -> Self {
        Self { state: watch::Sender::new(State::Running), reason: Mutex::new(None) }
    }

    /// Runs a request until it is done or all are stopped, and stops all when its answer asks for that.
    pub(super) async fn unless_stopped<T>(&self, request: impl Future<Output = Result<T>>) -> Result<T> {
        let mut state = self.state.subscribe();
        if *state.borrow() != State::Running {
            return Err(Error::Cancelled);
        }
        let done = tokio::select! {
            biased;
            _ = state.wait_for(|state| *state == State::Stopped) => return Err(Error::Cancelled),
            done = request => done,
        };
        done.map_err(|error| {
            let next = match error {
                Error::RateLimited { was_sent: false, .. } => State::Ending,
                Error::RateLimited { .. } | Error::Auth { .. } => State::Stopped,
                other => return other,
            };
            if let Ok(mut reason) = self.reason.lock() {
                reason.get_or_insert(error);
            }
            self.state.send_if_modified(|state| {
                let is_worse = *state < next;
                *state = if is_worse { next } else { *state };
                is_worse
            });
            Error::Cancelled
        })
    }

    /// Why all were stopped, or the error that a request ended with.
    pub(super) fn reason(&self, error: Error) -> Error {
        self.reason.lock().ok().and_then(|mut reason| reason.take()).unwrap_or(error)
    }
}
