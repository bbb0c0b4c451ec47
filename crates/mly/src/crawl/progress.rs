//! How far a run is.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use super::journal::{Gaps, LoggedGaps};
use super::step::Merged;
use super::summary::Summary;
use crate::http::Meter;

/// Counters of a run; what the network does is in the meter.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) meter: Meter,
    answered: AtomicU64,
    rows: AtomicU64,
    /// Rows of an earlier run.
    resumed: AtomicU64,
    /// Rows of an earlier result.
    kept: AtomicU64,
    /// Rows of an earlier result that were left out.
    replaced: AtomicU64,
    misfits: AtomicU64,
    not_found: Mutex<Vec<String>>,
}

impl Tally {
    pub(super) fn answered(&self) {
        self.answered.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn rows(&self, count: u64) {
        self.rows.fetch_add(count, Ordering::Relaxed);
    }

    pub(super) fn not_found(&self, id: &str) {
        if let Ok(mut ids) = self.not_found.lock() {
            ids.push(id.to_owned());
        }
    }

    pub(super) fn misfits(&self, count: u64) {
        self.misfits.fetch_add(count, Ordering::Relaxed);
    }

    /// Notes how much of an earlier result is merged.
    pub(super) fn merged(&self, merged: Merged) {
        self.kept.store(merged.kept, Ordering::Relaxed);
        self.replaced.store(merged.replaced, Ordering::Relaxed);
    }

    /// What is known to lack and has not been told before.
    pub(super) fn gaps_since(&self, told: &mut LoggedGaps) -> Gaps {
        let missing = self.meter.missing_after(told.missing);
        let not_found =
            self.not_found.lock().map(|ids| ids.get(told.not_found..).unwrap_or_default().to_vec());
        let not_found = not_found.unwrap_or_default();
        let misfits = self.misfits.load(Ordering::Relaxed);
        let gaps = Gaps { misfits: misfits.saturating_sub(told.misfits), missing, not_found };
        told.missing += gaps.missing.len();
        told.not_found += gaps.not_found.len();
        told.misfits = misfits;
        gaps
    }

    /// Adds what an earlier run knew to lack.
    pub(super) fn add_gaps(&self, gaps: &Gaps) {
        gaps.missing.iter().for_each(|tile| self.meter.note_missing(*tile));
        gaps.not_found.iter().for_each(|id| self.not_found(id));
        self.misfits(gaps.misfits);
    }

    /// Goes on after what an earlier run has done.
    pub(super) fn resume(&self, steps: u64, rows: u64) {
        self.answered.store(steps, Ordering::Relaxed);
        self.rows.store(rows, Ordering::Relaxed);
        self.resumed.store(rows, Ordering::Relaxed);
    }
}

/// A handle on a run in progress. Cheap to clone; may be read from any thread.
#[derive(Clone, Debug)]
pub struct Progress {
    tally: Arc<Tally>,
    total: u64,
    begin: Instant,
}

impl Progress {
    pub(super) fn new(total: u64) -> Self {
        Self { tally: Arc::default(), total, begin: Instant::now() }
    }

    pub(super) fn tally(&self) -> Arc<Tally> {
        Arc::clone(&self.tally)
    }

    /// Requests of the plan.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Requests whose rows are in the result.
    pub fn answered(&self) -> u64 {
        self.tally.answered.load(Ordering::Relaxed)
    }

    /// Rows of the result that an earlier run has written.
    pub fn resumed(&self) -> u64 {
        self.tally.resumed.load(Ordering::Relaxed)
    }

    /// Rows given out, those of an earlier run included.
    pub fn rows(&self) -> u64 {
        self.tally.rows.load(Ordering::Relaxed)
    }

    /// Ids that nothing answers to, sorted, each once.
    fn not_found(&self) -> Vec<String> {
        let mut ids = self.tally.not_found.lock().map(|ids| ids.clone()).unwrap_or_default();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// What the run has done so far.
    pub fn summary(&self) -> Summary {
        let meter = &self.tally.meter;
        Summary {
            rows: self.rows(),
            resumed: self.resumed(),
            kept: self.tally.kept.load(Ordering::Relaxed),
            replaced: self.tally.replaced.load(Ordering::Relaxed),
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
            misfits: self.tally.misfits.load(Ordering::Relaxed),
        }
    }
}
