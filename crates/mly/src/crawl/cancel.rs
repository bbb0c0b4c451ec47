//! Cancels all requests of a run when the error of one forbids further requests.

use std::sync::Mutex;

use tokio::sync::watch;

use crate::error::{Error, Result};

/// Cancels the requests of a run after the first block, limit or refused token.
///
/// Results are handed on in the order of the plan, so such an error may wait for slower requests before it. Meanwhile
/// no further requests may be sent, because each one makes a block longer.
#[derive(Debug)]
pub(super) struct Cancel {
    state: watch::Sender<CancelState>,
    reason: Mutex<Option<Error>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
enum CancelState {
    Running,
    /// The budget is used up: no request is sent any more, but those in flight may finish.
    Ending,
    /// The service has refused this address or token: requests in flight are dropped too.
    Cancelled,
}

impl Cancel {
    pub(super) fn new() -> Self {
        Self { state: watch::Sender::new(CancelState::Running), reason: Mutex::new(None) }
    }

    /// Runs a request, unless all requests are cancelled first. If it fails with an error that forbids further
    /// requests, cancels all others; a refusal forbids them only if `is_general` says so.
    pub(super) async fn unless_cancelled<T>(
        &self,
        request: impl Future<Output = Result<T>>,
        is_general: impl Fn(&Error) -> bool,
    ) -> Result<T> {
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
                Error::RateLimited { .. } => CancelState::Cancelled,
                Error::Auth { .. } if is_general(&error) => CancelState::Cancelled,
                other => return other,
            };
            self.set(next, error)
        })
    }

    /// Cancels all requests because of an error. Returns the error that the caller has to pass on.
    pub(super) fn stop(&self, error: Error) -> Error {
        self.set(CancelState::Cancelled, error)
    }

    fn set(&self, next: CancelState, error: Error) -> Error {
        if let Ok(mut reason) = self.reason.lock() {
            reason.get_or_insert(error);
        }
        self.state.send_if_modified(|state| {
            let is_worse = *state < next;
            *state = if is_worse { next } else { *state };
            is_worse
        });
        // Another request, cancelled by this one, may come first in the order of the plan. So this error is stored, and
        // `reason` returns it in place of the first `Cancelled`.
        Error::Cancelled
    }

    /// The error that cancelled all requests, if there is one; otherwise `error`, with which the run ended.
    pub(super) fn reason(&self, error: Error) -> Error {
        self.reason.lock().ok().and_then(|mut reason| reason.take()).unwrap_or(error)
    }
}
