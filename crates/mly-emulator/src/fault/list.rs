//! The faults of one emulator, and which of them hit a request.

use std::{sync::Mutex, time::Duration};

use super::{Fault, Schedule, kind::FaultKind};
use crate::{grid::TileId, lock::lock, log::Endpoint};

/// The faults of one emulator.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Vec<CountedFault>>);

#[derive(Debug)]
struct CountedFault {
    fault: Fault,
    /// Requests that it concerned so far.
    met: u32,
}

/// What hits one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) delay: Duration,
    pub(crate) kind: Option<FaultKind>,
}

impl Faults {
    pub(crate) fn add(&self, fault: Fault) {
        lock(&self.0).push(CountedFault { fault, met: 0 });
    }

    pub(crate) fn clear(&self) {
        lock(&self.0).clear();
    }

    /// Counts a request and says what hits it.
    pub(crate) fn meet(&self, endpoint: Endpoint, tile: Option<TileId>) -> Hit {
        let mut hit = Hit::default();
        for armed in &mut *lock(&self.0) {
            if !armed.fault.concerns(endpoint, tile) {
                continue;
            }
            armed.met = armed.met.saturating_add(1);
            let fires = match armed.fault.when {
                Schedule::Always => true,
                Schedule::Next(count) => armed.met <= count,
                Schedule::Every(nth) => nth > 0 && armed.met % nth == 0,
            };
            match &armed.fault.kind {
                FaultKind::Delay(by) if fires => hit.delay += *by,
                kind if fires => {
                    // A later fault has not met this request: two `next(1)` hit two requests.
                    hit.kind = Some(kind.clone());
                    break;
                }
                _ => {}
            }
        }
        hit
    }
}
