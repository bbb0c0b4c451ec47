//! One request that cancels all others.

use std::sync::Mutex;

use tokio::sync::watch;

use crate::error::{Error, Result};

/// Cancels the requests of a run after the first answer that forbids more: a block, a limit, a refused token.
///
/// Rows come in the order of the plan, so such an answer may wait behind slower ones; further requests must not, because
/// each one makes a block longer.
#[derive(Debug)]
pub(super) struct Cancel {
    state: watch::Sender<CancelState>,
    reason: Mutex<Option<Error>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
enum CancelState {
    Running,
    /// A budget is used up: nothing more is sent, but the answers to what was sent are awaited.
    Ending,
    /// The service must not be asked again: requests under way are dropped too.
    Cancelled,
}

impl Cancel {
    pub(super) fn new() -> Self {
        Self { state: watch::Sender::new(CancelState::Running), reason: Mutex::new(None) }
    }

    /// Runs a request to its end unless all are cancelled before, and cancels all when its error asks for that.
    pub(super) async fn unless_cancelled<T>(&self, request: impl Future<Output = Result<T>>) -> Result<T> {
        let mut state = self.state.subscribe();
        if *state.borrow() != CancelState::Running {
            return Err(Error::Cancelled);
        }
        let done = tokio::select! {
            biased;
            _ = state.wait_for(|state| *state == CancelState::Cancelled) => return Err(Error::Cancelled),
            done = request => done,
        };
        done.map_err(|error| {
            let next = match error {
                Error::RateLimited { was_sent: false, .. } => CancelState::Ending,
                Error::RateLimited { .. } | Error::Auth { .. } => CancelState::Cancelled,
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
            // The error of this request may be looked at after those of others that it cancels: it is kept, and
            // whichever error comes first gives way to it.
            Error::Cancelled
        })
    }

    /// Why all were cancelled, or else the error that a request ended with.
    pub(super) fn reason(&self, error: Error) -> Error {
        self.reason.lock().ok().and_then(|mut reason| reason.take()).unwrap_or(error)
    }
}
