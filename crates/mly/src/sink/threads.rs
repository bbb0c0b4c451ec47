//! Work on several threads, whose results come out in the order in which it was given.

use std::collections::VecDeque;
use std::thread::{self, JoinHandle};

/// Pieces of work, each on its own thread.
pub(super) struct Threads<T> {
    running: VecDeque<JoinHandle<T>>,
    /// One per core, which also limits the memory.
    most: usize,
}

impl<T: Send + 'static> Threads<T> {
    pub(super) fn new() -> Self {
        let most = thread::available_parallelism().map_or(1, usize::from);
        Self { running: VecDeque::new(), most }
    }

    /// Begins a piece of work.
    pub(super) fn begin(&mut self, work: impl FnOnce() -> T + Send + 'static) {
        self.running.push_back(thread::spawn(work));
    }

    /// The next result if it is ready. Waits for it when there are as many threads as there may be.
    pub(super) fn ready(&mut self) -> Option<T> {
        let is_full = self.running.len() >= self.most;
        let is_ready = self.running.front().is_some_and(|thread| is_full || thread.is_finished());
        is_ready.then(|| self.next()).flatten()
    }

    /// Waits for the next result; `None` when all work is done.
    pub(super) fn next(&mut self) -> Option<T> {
        let joined = self.running.pop_front()?.join();
        Some(joined.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    }
}
