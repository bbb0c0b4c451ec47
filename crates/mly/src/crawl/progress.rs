//! Counters of a run, and the handle that reads them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::gaps::{Gaps, LoggedGaps};
use super::step::Merged;
use super::summary::Summary;
use crate::http::Meter;
use crate::rows::{LeftOut, LeftOutTally};

/// Counters of a run. Requests and bytes are counted in the meter.
#[derive(Debug, Default)]
pub(super) struct RunCounters {
    pub(super) meter: Meter,
    answered: AtomicU64,
    /// Requests among them that an earlier run has done, and photos that were there already.
    answered_before: AtomicU64,
    rows: AtomicU64,
    /// Rows that an earlier run has written.
    resumed: AtomicU64,
    /// Rows that an update has taken over from the earlier result.
    kept: AtomicU64,
    /// Rows of the earlier result that an update has left out, because the new result has their ids.
    replaced: AtomicU64,
    /// Rows among these that are the same as before.
    unchanged: AtomicU64,
    misfits: AtomicU64,
    not_found: Mutex<Vec<String>>,
}

impl RunCounters {
    pub(super) fn answered(&self) {
        self.answered.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts requests, or photos of a download, that an earlier run has done.
    pub(super) fn answered_before(&self, count: u64) {
        self.answered_before.fetch_add(count, Ordering::Relaxed);
        self.answered.fetch_add(count, Ordering::Relaxed);
    }

    pub(super) fn rows(&self, count: u64) {
        self.rows.fetch_add(count, Ordering::Relaxed);
    }

    pub(super) fn not_found(&self, id: &str) {
        self.ids_not_found().push(id.to_owned());
    }

    fn ids_not_found(&self) -> MutexGuard<'_, Vec<String>> {
        self.not_found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn misfits(&self, count: u64) {
        self.misfits.fetch_add(count, Ordering::Relaxed);
    }

    /// Sets how much of the earlier result is merged.
    pub(super) fn merged(&self, merged: Merged) {
        self.kept.store(merged.kept, Ordering::Relaxed);
        self.replaced.store(merged.replaced, Ordering::Relaxed);
        self.unchanged.store(merged.unchanged, Ordering::Relaxed);
    }

    /// The gaps that are not in the log yet. Adds them to `logged`.
    pub(super) fn gaps_since(&self, logged: &mut LoggedGaps) -> Gaps {
        let missing = self.meter.missing_after(logged.missing);
        let not_found: Vec<String> = self.ids_not_found().iter().skip(logged.not_found).cloned().collect();
        let misfits = self.misfits.load(Ordering::Relaxed);
        let gaps = Gaps { misfits: misfits.saturating_sub(logged.misfits), missing, not_found };
        logged.missing += gaps.missing.len();
        logged.not_found += gaps.not_found.len();
        logged.misfits = misfits;
        gaps
    }

    /// Adds the gaps that an earlier run has logged.
    pub(super) fn add_gaps(&self, gaps: &Gaps) {
        gaps.missing.iter().for_each(|tile| self.meter.note_missing(*tile));
        gaps.not_found.iter().for_each(|id| self.not_found(id));
        self.misfits(gaps.misfits);
    }

    /// Starts the counters with what an earlier run has done.
    pub(super) fn resume(&self, steps: u64, rows: u64) {
        self.answered_before.store(steps, Ordering::Relaxed);
        self.answered.store(steps, Ordering::Relaxed);
        self.rows.store(rows, Ordering::Relaxed);
        self.resumed.store(rows, Ordering::Relaxed);
    }
}

/// How far a run is. Cheap to clone; may be read from any thread.
#[derive(Clone, Debug)]
pub struct Progress {
    counters: Arc<RunCounters>,
    total: u64,
    begin: Instant,
    /// What the filters leave out, if the run is that of a query.
    left_out: Option<Arc<LeftOutTally>>,
}

impl Progress {
    pub(super) fn new(total: u64) -> Self {
        Self { counters: Arc::default(), total, begin: Instant::now(), left_out: None }
    }

    pub(super) fn with_left_out(self, left_out: Option<Arc<LeftOutTally>>) -> Self {
        Self { left_out, ..self }
    }

    /// What the filters of a query have left out in this run; `None` if the result has rows, so that it needs no explanation.
    pub fn left_out(&self) -> Option<LeftOut> {
        let left_out = self.left_out.as_ref().and_then(|tally| tally.left_out());
        left_out.filter(|_| self.rows() == 0)
    }

    pub(super) fn counters(&self) -> Arc<RunCounters> {
        Arc::clone(&self.counters)
    }

    /// Requests of the plan. Requests that only follow from answers, such as further pages, are not among them.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Requests of the plan that were answered, in an earlier run or in this one.
    pub fn answered(&self) -> u64 {
        self.counters.answered.load(Ordering::Relaxed)
    }

    /// Requests among the answered ones that cost this run nothing: an earlier run has sent them, or, in a download, the
    /// photo was there already. They say nothing about the time that the others will take.
    pub fn answered_before(&self) -> u64 {
        self.counters.answered_before.load(Ordering::Relaxed)
    }

    /// Rows of the result that an earlier run has written.
    pub fn resumed(&self) -> u64 {
        self.counters.resumed.load(Ordering::Relaxed)
    }

    /// Rows of the result so far, those of an earlier run included.
    pub fn rows(&self) -> u64 {
        self.counters.rows.load(Ordering::Relaxed)
    }

    /// Ids that were not found, sorted, each once.
    fn not_found(&self) -> Vec<String> {
        let mut ids = self.counters.ids_not_found().clone();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// What the run has done so far.
    pub fn summary(&self) -> Summary {
        let meter = &self.counters.meter;
        Summary {
            rows: self.rows(),
            resumed: self.resumed(),
            kept: self.counters.kept.load(Ordering::Relaxed),
            replaced: self.counters.replaced.load(Ordering::Relaxed),
            unchanged: self.counters.unchanged.load(Ordering::Relaxed),
            tiles: meter.tiles(),
            entities: meter.entities(),
            searches: meter.searches(),
            files: meter.files(),
            bytes: meter.bytes(),
            cache_hits: meter.cache_hits(),
            retries: meter.retries(),
            waited: meter.waited(),
            elapsed: self.begin.elapsed(),
            missing: meter.missing(),
            not_found: self.not_found(),
            misfits: self.counters.misfits.load(Ordering::Relaxed),
        }
    }
}
