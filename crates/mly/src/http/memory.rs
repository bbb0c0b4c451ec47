//! Limits how many bytes of files are in memory at once, whatever their number.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Most bytes that the files of a download may take.
const MOST_BYTES: u64 = 256 << 20;

/// What a file is expected to have before any has come: a photo of full size.
const FIRST_GUESS: u64 = 4 << 20;

/// A file takes its size twice: what is written is a copy with metadata.
const COPIES: u64 = 2;

/// The bytes of memory that the files of a download may take together.
#[derive(Debug)]
pub(crate) struct MemoryBudget {
    most: u64,
    state: Mutex<BudgetState>,
    freed: Notify,
}

#[derive(Debug)]
struct BudgetState {
    /// Bytes of each share, by its number.
    shares: BTreeMap<u64, u64>,
    /// Bytes of all shares.
    held: u64,
    /// Number of the next share.
    next: u64,
    /// Size that the next file probably has.
    guess: u64,
}

impl MemoryBudget {
    pub(crate) fn new() -> Arc<Self> {
        Self::of(MOST_BYTES)
    }

    fn of(most: u64) -> Arc<Self> {
        let state = BudgetState { shares: BTreeMap::new(), held: 0, next: 0, guess: FIRST_GUESS };
        Arc::new(Self { most, state: Mutex::new(state), freed: Notify::new() })
    }

    fn state(&self) -> MutexGuard<'_, BudgetState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The share of one more file, which has no bytes yet.
    pub(crate) fn share(self: &Arc<Self>) -> MemoryShare {
        let mut state = self.state();
        let number = state.next;
        state.next += 1;
        state.shares.insert(number, 0);
        MemoryShare { budget: Arc::clone(self), number }
    }
}

/// The memory of one file, until it is dropped.
///
/// The file that was begun first gets what it needs even if the budget is used up. Otherwise files that have to be
/// written in order could wait for each other for ever.
#[derive(Debug)]
pub(crate) struct MemoryShare {
    budget: Arc<MemoryBudget>,
    number: u64,
}

impl MemoryShare {
    /// Waits until there is memory for a file of the size that files had so far.
    pub(super) async fn hold_guess(&self) {
        let guess = self.budget.state().guess;
        self.hold(guess).await;
    }

    /// Waits until there is memory for a file of this size, in place of what was held before.
    pub(super) async fn hold(&self, size: u64) {
        let bytes = size.saturating_mul(COPIES);
        loop {
            let mut freed = std::pin::pin!(self.budget.freed.notified());
            // From here on, memory that becomes free is noticed.
            freed.as_mut().enable();
            if self.try_hold(bytes) {
                return;
            }
            freed.await;
        }
    }

    /// Holds the size that a file was found to have, and expects the same of the next ones.
    pub(super) fn settle(&self, size: u64) {
        self.try_hold(size.saturating_mul(COPIES));
        let mut state = self.budget.state();
        state.guess = size.max(state.guess - state.guess / 8);
    }

    /// Gives the memory back, until a file is fetched once more.
    pub(super) fn release(&self) {
        self.try_hold(0);
    }

    /// Holds so many bytes in place of those before, if the budget allows it. Otherwise nothing is held.
    fn try_hold(&self, bytes: u64) -> bool {
        let mut state = self.budget.state();
        let before = state.shares.get(&self.number).copied().unwrap_or_default();
        let is_first = state.shares.first_key_value().is_some_and(|(first, _)| *first == self.number);
        let others = state.held - before;
        let is_granted = is_first || bytes <= before || others.saturating_add(bytes) <= self.budget.most;
        let now = if is_granted { bytes } else { 0 };
        state.shares.insert(self.number, now);
        state.held = others.saturating_add(now);
        drop(state);
        if now < before {
            self.budget.freed.notify_waiters();
        }
        is_granted
    }
}

impl Drop for MemoryShare {
    fn drop(&mut self) {
        let mut state = self.budget.state();
        let bytes = state.shares.remove(&self.number).unwrap_or_default();
        state.held -= bytes;
        drop(state);
        // Another share may be the first one now.
        self.budget.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    /// Whether a share gets memory without waiting.
    fn gets(share: &MemoryShare, size: u64) -> bool {
        share.hold(size).now_or_never().is_some()
    }

    #[test]
    fn files_wait_for_memory_and_the_first_one_does_not() {
        let budget = MemoryBudget::of(100);
        let [first, second, third] = [(); 3].map(|()| budget.share());
        assert!(gets(&second, 40) && !gets(&third, 20));
        assert!(gets(&first, 80), "beyond the budget");
        assert!(!gets(&third, 1));
        drop(first);
        assert!(gets(&third, 10) && !gets(&third, 20));
        assert!(gets(&second, 200), "it is the first one now");
        second.release();
        assert!(gets(&third, 50));
    }

    #[test]
    fn less_is_always_had_and_the_size_of_files_is_remembered() {
        let budget = MemoryBudget::of(100);
        let [first, second] = [(); 2].map(|()| budget.share());
        assert!(gets(&second, 50) && gets(&first, 50));
        assert!(gets(&second, 40));
        second.settle(7 << 20);
        assert_eq!(budget.state().guess, 7 << 20);
        second.settle(1);
        assert!(budget.state().guess < 7 << 20);
    }

    #[tokio::test]
    async fn ordered_files_never_wait_for_each_other() {
        // Each later file takes the whole budget before the one in front of it has come.
        let budget = MemoryBudget::of(10);
        let shares: Vec<_> = (0..20).map(|_| budget.share()).collect();
        let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
        for (number, share) in shares.into_iter().enumerate().rev() {
            let sender = sender.clone();
            tokio::spawn(async move {
                share.hold(1).await;
                tokio::task::yield_now().await;
                share.hold(5).await;
                sender.send((number, share)).unwrap();
            });
        }
        let mut waiting = BTreeMap::new();
        for next in 0..20 {
            while !waiting.contains_key(&next) {
                let (number, share) = receiver.recv().await.unwrap();
                waiting.insert(number, share);
            }
            waiting.remove(&next);
        }
    }
}
