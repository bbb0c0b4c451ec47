//! What has changed between two results of one layer.
//!
//! Rows are compared by their ids, and map features that are left over by name and place, since the service gives new ids
//! when it computes a place anew. Inputs are read twice: first what is compared, a few bytes of each row, which are sorted
//! by id, on the disk if they are many; then the rows that are in the result.

mod change;
mod compare;
mod counts;
mod dates;
mod fields;
mod grid;
mod join;
mod kind;
mod looks;
mod options;
mod outcome;
mod pick;
mod place;
mod record;
mod rows;
mod scan;
mod sorted;
mod sun;
mod values;
mod verdict;

use std::time::Duration;

use mly::{Area, Result};

pub use change::Change;
pub use counts::Counts;

use crate::input::Input;
use crate::table::Table;
use options::DiffOptions;

/// What has changed between two results of one layer.
///
/// ```no_run
/// use std::path::Path;
///
/// use mly_jobs::{Change, Diff};
///
/// let (may, june) = (Path::new("signs-may.parquet"), Path::new("signs-june.parquet"));
/// let (changes, counts) = Diff::new(may, june).with_seen_by(Path::new("images-june.parquet")).run()?;
/// println!("{} rows, {} signs are gone", changes.rows(), counts.of(Change::Gone));
/// # Ok::<(), mly::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a comparison does nothing until it is run"]
pub struct Diff(DiffOptions);

impl Diff {
    /// The distance within which a map feature with a new id is the same, in metres.
    ///
    /// The service joins detections of one value that are within 10 m, so that what it has made anew lies just beyond.
    pub const WITHIN_M: f64 = 15.0;

    /// How long it takes until an image has been processed, in days.
    pub const LAG_DAYS: u64 = 60;

    /// What has changed from an old result to a new one.
    pub fn new(old: impl Into<Input>, new: impl Into<Input>) -> Self {
        Self(DiffOptions {
            old: old.into(),
            new: new.into(),
            seen_by: None,
            within_m: Self::WITHIN_M,
            lag: Duration::from_secs(Self::LAG_DAYS * 24 * 60 * 60),
            has_same: false,
            as_of_ms: None,
            old_within: None,
            new_within: None,
            in_memory: sorted::IN_MEMORY,
        })
    }

    /// Images by which it is judged whether map features that are missing are gone: whether somebody looked where they
    /// were. Without them nothing is said to be gone.
    pub fn with_seen_by(mut self, images: impl Into<Input>) -> Self {
        self.0.seen_by = Some(images.into());
        self
    }

    /// A map feature with a new id is the same if it is of the same name and within this many metres, 15 by default. One
    /// that is alone may have moved two thirds farther.
    pub fn with_within_m(mut self, metres: f64) -> Self {
        self.0.within_m = metres;
        self
    }

    /// Images count as looks if they are older than this when the new result is made, 60 days by default: what they show
    /// appears on the map weeks later.
    pub fn with_lag(mut self, lag: Duration) -> Self {
        self.0.lag = lag;
        self
    }

    /// Also rows that have not changed.
    pub fn with_all(mut self, has_same: bool) -> Self {
        self.0.has_same = has_same;
        self
    }

    /// When the new result was made, in milliseconds since 1970. Without it, the newest date in it and in the images.
    pub fn with_as_of(mut self, moment_ms: i64) -> Self {
        self.0.as_of_ms = Some(moment_ms);
        self
    }

    /// The area that the old result was asked for, if its file does not tell.
    pub fn with_old_within(mut self, area: Area) -> Self {
        self.0.old_within = Some(area);
        self
    }

    /// The area that the new result was asked for, if its file does not tell.
    pub fn with_new_within(mut self, area: Area) -> Self {
        self.0.new_within = Some(area);
        self
    }

    /// How many rows of each input are compared in memory before the disk is used.
    #[doc(hidden)]
    pub fn with_rows_in_memory(mut self, rows: usize) -> Self {
        self.0.in_memory = rows;
        self
    }

    /// Compares the two results.
    ///
    /// The table has one row for each change, sorted by id: `change`, `id`, `old_id`, `moved_m`, `match`, `looks`,
    /// `look_sequences`, `last_look`, the columns of the new result, those that only the old one has, and `geometry`.
    ///
    /// # Errors
    /// [`mly::Error::InvalidQuery`] when the two are of different layers or an option makes no sense, [`mly::Error::Input`] when an
    /// input cannot be read, and [`mly::Error::Output`] when the disk is too full to sort rows on it.
    pub fn run(&self) -> Result<(Table, Counts)> {
        compare::run(&self.0)
    }
}
