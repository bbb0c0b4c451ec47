//! The faults of one emulator, and which of them hit a request.

use std::{sync::Mutex, time::Duration};

use super::{Fault, Schedule, kind::FaultKind};
use crate::{grid::TileId, lock::lock, log::Endpoint};

/// The faults of one emulator.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Vec<CountedFault>>);

/// A fault and its count.
#[derive(Debug)]
struct CountedFault {
    fault: Fault,
    /// How many requests it concerned so far. It may have hit only some of them.
    requests: u32,
}

/// What happens to one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) delay: Duration,
    pub(crate) kind: Option<FaultKind>,
}

impl Faults {
    pub(crate) fn add(&self, fault: Fault) {
        lock(&self.0).push(CountedFault { fault, requests: 0 });
    }

    pub(crate) fn clear(&self) {
        lock(&self.0).clear();
    }

    /// Counts a request for the faults that concern it, and returns those that hit it.
    pub(crate) fn hit(&self, endpoint: Endpoint, tile: Option<TileId>) -> Hit {
        let mut hit = Hit::default();
        for counted in &mut *lock(&self.0) {
            if !counted.fault.concerns(endpoint, tile) {
                continue;
            }
            counted.requests = counted.requests.saturating_add(1);
            let fires = match counted.fault.when {
                Schedule::Always => true,
                Schedule::Next(count) => counted.requests <= count,
                Schedule::Every(nth) => nth > 0 && counted.requests % nth == 0,
            };
            match &counted.fault.kind {
                FaultKind::Delay(by) if fires => hit.delay += *by,
                kind if fires => {
                    // Faults after this one do not count the request, so that two faults with `next(1)` hit two requests.
                    hit.kind = Some(kind.clone());
                    break;
                }
                _ => {}
            }
        }
        hit
    }
}
