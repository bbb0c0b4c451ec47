//! A part of the work that sends requests.

use std::fmt;

use futures_util::future::BoxFuture;
use mly::{Progress, Result};

/// A part of the work on a data set that sends requests. [`Stage::finish`] does it.
#[must_use = "nothing is sent before `finish` is called"]
pub struct Stage {
    pub(crate) progress: Progress,
    pub(crate) counted: &'static str,
    pub(crate) work: BoxFuture<'static, Result<()>>,
}

impl Stage {
    /// A handle that shows from any thread how far the stage is.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// What its progress counts, a plural.
    pub fn counted(&self) -> &'static str {
        self.counted
    }

    /// Does the work. What was answered is kept, also if it fails or is dropped.
    ///
    /// # Errors
    /// Those of requests, and [`mly::Error::Output`] when answers or photos cannot be written.
    pub async fn finish(self) -> Result<()> {
        self.work.await
    }
}

impl fmt::Debug for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stage").field("counted", &self.counted).finish_non_exhaustive()
    }
}
