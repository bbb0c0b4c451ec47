//! Counters of a run, and the handle that reads them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::gaps::Gaps;
use super::step::Merged;
use super::summary::Summary;
use crate::error::Error;
use crate::http::Meter;
use crate::rows::{LeftOut, LeftOutTally};
use crate::sink::Losses;
use crate::tile::TileId;

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
    /// What is missing from the rows; missing tiles are in the meter.
    gaps: Mutex<Gaps>,
    /// The error of the first id that the service could not answer.
    failure: Mutex<Option<Error>>,
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

    fn gaps(&self) -> MutexGuard<'_, Gaps> {
        self.gaps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the error of an id that the service could not answer, if it is the first.
    pub(super) fn failure(&self, error: Error) {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }

    /// Adds what the format of the file cannot hold.
    pub(super) fn losses(&self, losses: Losses) {
        self.gaps().losses.extend(losses);
    }

    /// Sets how much of the earlier result is merged.
    pub(super) fn merged(&self, merged: Merged) {
        self.kept.store(merged.kept, Ordering::Relaxed);
        self.replaced.store(merged.replaced, Ordering::Relaxed);
        self.unchanged.store(merged.unchanged, Ordering::Relaxed);
    }

    /// Missing tiles that are not in the log yet. Adds their number to `logged`.
    pub(super) fn missing_since(&self, logged: &mut usize) -> Vec<TileId> {
        let missing = self.meter.missing_after(*logged);
        *logged += missing.len();
        missing
    }

    /// Adds what is missing from a step of this run or of an earlier one.
    pub(super) fn add_gaps(&self, mut gaps: Gaps) {
        gaps.missing.drain(..).for_each(|tile| self.meter.note_missing(tile));
        self.gaps().add(gaps);
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
    /// A plan that is run with other dates brings a tally of its own.
    left_out: Arc<Mutex<Option<Arc<LeftOutTally>>>>,
}

impl Progress {
    pub(super) fn new(total: u64) -> Self {
        Self { counters: Arc::default(), total, begin: Instant::now(), left_out: Arc::default() }
    }

    pub(super) fn set_left_out(&self, left_out: Option<Arc<LeftOutTally>>) {
        *self.left_out.lock().unwrap_or_else(PoisonError::into_inner) = left_out;
    }

    /// What the filters of a query have left out in this run; `None` if the result has rows, so that it needs no explanation.
    pub fn left_out(&self) -> Option<LeftOut> {
        let tally = self.left_out.lock().unwrap_or_else(PoisonError::into_inner);
        let left_out = tally.as_ref().and_then(|tally| tally.left_out());
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
        let left_out = self.counters.gaps().losses.rows;
        self.counters.rows.load(Ordering::Relaxed).saturating_sub(left_out)
    }

    /// The error of the first id that the service could not answer while it answered others.
    pub(crate) fn take_failure(&self) -> Option<Error> {
        self.counters.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// What the run has done so far.
    pub fn summary(&self) -> Summary {
        let meter = &self.counters.meter;
        let Gaps { mut not_found, failed, misfits, unread, losses, .. } = self.counters.gaps().clone();
        not_found.sort_unstable();
        not_found.dedup();
        // An id that several rows name may have failed more than once.
        let failed: BTreeMap<String, String> = failed.into_iter().collect();
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
            not_found,
            failed: failed.into_iter().collect(),
            misfits: misfits + unread.values().sum::<u64>(),
            unread,
            losses,
        }
    }
}
