//! Pacing: how many tiles may be asked for in a minute and in a day.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Rolling windows over the requests of this client; bursts up to the limit of a window are let through at once.
#[derive(Debug)]
pub(super) struct Budget {
    minute: Option<Mutex<Window>>,
    day: Option<Mutex<Window>>,
}

/// The budget of a day is used up.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Exhausted {
    pub(super) limit: usize,
    pub(super) free_in: Duration,
}

impl Budget {
    pub(super) fn new(per_minute: Option<u32>, per_day: Option<u32>) -> Self {
        let window = |limit: Option<u32>, length| {
            limit.map(|n| Mutex::new(Window { limit: n as usize, length, sent: VecDeque::new() }))
        };
        Self { minute: window(per_minute, MINUTE), day: window(per_day, DAY) }
    }

    /// Waits until a request may be sent and counts it. Gives how long that took.
    ///
    /// A full minute is waited for; a full day is an error.
    pub(super) async fn take(&self) -> Result<Duration, Exhausted> {
        let begin = Instant::now();
        if let Some(day) = &self.day {
            let mut day = day.lock().await;
            if let Some(free_at) = day.take(begin) {
                return Err(Exhausted { limit: day.limit, free_in: free_at - begin });
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
        while self.sent.front().is_some_and(|first| *first + self.length <= now) {
            self.sent.pop_front();
        }
        if self.sent.len() < self.limit {
            self.sent.push_back(now);
            return None;
        }
        self.sent.front().map(|first| *first + self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn no_minute_has_more_requests_than_allowed() {
        let budget = Budget::new(Some(3), None);
        let begin = Instant::now();
        let mut sent = Vec::new();
        for _ in 0..10 {
            budget.take().await.unwrap();
            sent.push(begin.elapsed());
        }
        assert!(sent.windows(4).all(|w| w[3] >= w[0] + MINUTE), "{sent:?}");
        assert_eq!(sent[2], Duration::ZERO, "a burst within the limit does not wait");
    }

    #[tokio::test(start_paused = true)]
    async fn a_used_up_day_is_an_error_that_says_when_it_frees() {
        let budget = Budget::new(None, Some(2));
        budget.take().await.unwrap();
        tokio::time::advance(Duration::from_secs(3600)).await;
        budget.take().await.unwrap();
        let Exhausted { limit, free_in } = budget.take().await.unwrap_err();
        assert_eq!((limit, free_in + Duration::from_secs(3600)), (2, DAY));
        tokio::time::advance(free_in).await;
        assert!(budget.take().await.is_ok());
    }
}
