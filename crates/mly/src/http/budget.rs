//! Pacing: how much may be asked for in a minute and in a day.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

use super::options::Options;
use crate::api::Endpoint;
use crate::store::{Ledger, Limits, Reserve};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Parts that the requests of a minute are spread over: a spike blocks an address sooner than a steady rate (API v4,
/// "Rate limits"), and a few tiles at once make small areas quick.
const BURSTS: u32 = 5;

/// Rolling windows over the requests of this client: a burst, then a pause in proportion.
#[derive(Debug)]
struct Budget {
    minute: Option<Mutex<Window>>,
    day: Option<Mutex<Window>>,
}

/// Nothing may be sent for longer than anybody waits.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Exhausted {
    /// The limit of the day, or `None` when the host refuses this address.
    pub(super) limit: Option<usize>,
    pub(super) free_in: Duration,
}

/// The budgets of the service's limits, each on its own.
#[derive(Debug)]
pub(super) struct Budgets {
    accounts: [Account; 3],
    ledger: Option<Arc<Ledger>>,
}

/// What may be asked of one endpoint.
#[derive(Debug)]
struct Account {
    endpoint: Endpoint,
    limits: Limits,
    /// What counts where there is no ledger.
    budget: Budget,
    /// Requests go out in the order in which they came.
    turn: Mutex<()>,
}

impl Budgets {
    pub(super) fn new(options: &Options, ledger: Option<Arc<Ledger>>) -> Self {
        let accounts = Endpoint::ALL.map(|endpoint| {
            let limits = options.limits(endpoint);
            let budget = Budget::new(limits.per_minute, limits.per_day);
            Account { endpoint, limits, budget, turn: Mutex::new(()) }
        });
        Self { accounts, ledger }
    }

    /// Waits until a request of this kind may be sent and counts it. Gives how long that took.
    ///
    /// A full minute is waited for; a full day is an error.
    pub(super) async fn take(&self, endpoint: Endpoint, host: &str) -> Result<Duration, Exhausted> {
        let [tiles, entities, searches] = &self.accounts;
        let account = match endpoint {
            Endpoint::Tiles => tiles,
            Endpoint::Entities => entities,
            Endpoint::Searches => searches,
        };
        match &self.ledger {
            Some(ledger) => account.take_from(ledger, host).await,
            None if account.limits == Limits::default() => Ok(Duration::ZERO),
            None => account.budget.take().await,
        }
    }
}

impl Budgets {
    /// Tiles asked for in the last day, where that is counted and nobody is waiting for a turn.
    pub(super) fn tiles_of_the_day(&self) -> Option<u64> {
        let [tiles, ..] = &self.accounts;
        let mut day = tiles.budget.day.as_ref()?.try_lock().ok()?;
        day.forget(Instant::now());
        Some(day.sent.len() as u64)
    }
}

impl Account {
    async fn take_from(&self, ledger: &Arc<Ledger>, host: &str) -> Result<Duration, Exhausted> {
        let begin = Instant::now();
        let _turn = self.turn.lock().await;
        loop {
            let (ledger, endpoint, limits) = (Arc::clone(ledger), self.endpoint, self.limits);
            let host = host.to_owned();
            let reserve = move || ledger.reserve(endpoint, &host, limits);
            let reserved = tokio::task::spawn_blocking(reserve).await;
            match reserved {
                Ok(Ok(Reserve::Granted)) => return Ok(begin.elapsed()),
                Ok(Ok(Reserve::Wait(pause))) => tokio::time::sleep(pause).await,
                Ok(Ok(Reserve::Exhausted { limit, free_in })) => {
                    return Err(Exhausted { limit: Some(limit as usize), free_in });
                }
                Ok(Ok(Reserve::Blocked { free_in })) => return Err(Exhausted { limit: None, free_in }),
                // A ledger that cannot be written any more: this process still keeps to the limits by itself.
                Ok(Err(why)) => {
                    tracing::warn!(%why, "the budget of this machine cannot be written");
                    return self.budget.take().await;
                }
                Err(_) => return self.budget.take().await,
            }
        }
    }
}

impl Budget {
    fn new(per_minute: Option<u32>, per_day: Option<u32>) -> Self {
        let window =
            |limit, length| Mutex::new(Window { limit: limit as usize, length, sent: VecDeque::new() });
        let minute = per_minute.map(|n| {
            let burst = (n / BURSTS).max(1);
            window(burst, MINUTE.mul_f64(f64::from(burst) / f64::from(n)))
        });
        Self { minute, day: per_day.map(|n| window(n, DAY)) }
    }

    /// Waits until a request may be sent and counts it. Gives how long that took.
    ///
    /// A full minute is waited for; a full day is an error.
    async fn take(&self) -> Result<Duration, Exhausted> {
        let begin = Instant::now();
        if let Some(day) = &self.day {
            let mut day = day.lock().await;
            if let Some(free_at) = day.take(begin) {
                return Err(Exhausted { limit: Some(day.limit), free_in: free_at - begin });
            }
        }
        if let Some(minute) = &self.minute {
            // The lock is held while waiting, so that requests go out in the order in which they came.
            let mut minute = minute.lock().await;
            while let Some(free_at) = minute.take(Instant::now()) {
                sleep_until(free_at).await;
            }
        }
        Ok(begin.elapsed())
    }
}

#[derive(Debug)]
struct Window {
    limit: usize,
    length: Duration,
    sent: VecDeque<Instant>,
}

impl Window {
    /// Counts a request at `now`, or says when the window has room again.
    fn take(&mut self, now: Instant) -> Option<Instant> {
        self.forget(now);
        if self.sent.len() < self.limit {
            self.sent.push_back(now);
            return None;
        }
        self.sent.front().map(|first| *first + self.length)
    }

    /// Forgets what no longer counts.
    fn forget(&mut self, now: Instant) {
        while self.sent.front().is_some_and(|first| *first + self.length <= now) {
            self.sent.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn no_minute_has_more_requests_than_allowed_and_they_come_in_small_bursts() {
        for (limit, burst) in [(1, 1), (3, 1), (7, 1), (50, 10)] {
            let budget = Budget::new(Some(limit), None);
            let begin = Instant::now();
            let mut sent = Vec::new();
            for _ in 0..4 * limit {
                budget.take().await.unwrap();
                sent.push(begin.elapsed());
            }
            let limit = limit as usize;
            // Timers are exact to a millisecond.
            let slack = Duration::from_millis(5);
            assert!(sent.windows(limit + 1).all(|w| w[limit] + slack >= w[0] + MINUTE), "{sent:?}");
            assert_eq!(sent.iter().filter(|at| **at < Duration::from_secs(1)).count(), burst);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_used_up_day_is_an_error_that_says_when_it_frees() {
        let budget = Budget::new(None, Some(2));
        budget.take().await.unwrap();
        tokio::time::advance(Duration::from_secs(3600)).await;
        budget.take().await.unwrap();
        let Exhausted { limit, free_in } = budget.take().await.unwrap_err();
        assert_eq!((limit, free_in + Duration::from_secs(3600)), (Some(2), DAY));
        tokio::time::advance(free_in).await;
        assert!(budget.take().await.is_ok());
    }
}
