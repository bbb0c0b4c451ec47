//! How long to wait before a retry.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The longest pause, unless the service asks for a longer one.
const LONGEST: Duration = Duration::from_secs(60);

/// Exponential backoff with full jitter: the n-th pause is a random part of `base * 2^n`.
///
/// See "Exponential Backoff And Jitter", Marc Brooker, 2015.
#[derive(Debug)]
pub(super) struct Backoff {
    base: Duration,
    random: Mutex<fastrand::Rng>,
}

impl Backoff {
    pub(super) fn new(base: Duration, seed: u64) -> Self {
        Self { base, random: Mutex::new(fastrand::Rng::with_seed(seed)) }
    }

    /// The pause after attempt number `attempt` (counted from 1) has failed; at least `asked`, for which the service
    /// asked.
    pub(super) fn pause(&self, attempt: u32, asked: Option<Duration>) -> Duration {
        let ceiling = self.base.saturating_mul(1 << (attempt - 1).min(16)).min(LONGEST);
        ceiling
            .mul_f64(self.random.lock().unwrap_or_else(PoisonError::into_inner).f64())
            .max(asked.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_are_random_and_stay_below_their_ceiling() {
        let backoff = Backoff::new(Duration::from_millis(100), 7);
        for attempt in 1..30 {
            let ceiling = Duration::from_millis(100).saturating_mul(1 << (attempt - 1).min(16)).min(LONGEST);
            assert!(backoff.pause(attempt, None) <= ceiling);
        }
        let some: Vec<_> = (0..8).map(|_| backoff.pause(20, None)).collect();
        assert!(some.windows(2).all(|w| w[0] != w[1]));
    }

    #[test]
    fn what_the_service_asks_for_is_waited() {
        let backoff = Backoff::new(Duration::from_millis(1), 7);
        assert_eq!(backoff.pause(1, Some(Duration::from_secs(9))), Duration::from_secs(9));
    }
}
