//! Noticing that not single photos fail but their host does.

use super::Downloaded;
use super::fetch::MissingPhoto;
use crate::crawl::run::Run;
use crate::error::{Error, Result};
use crate::photo::MissingReason;

/// Failures without a success in between after which a host is not asked any more.
const MOST_FAILURES: usize = 50;

/// Counts failures since the last success.
#[derive(Debug, Default)]
pub(super) struct FailureStreak(usize);

impl FailureStreak {
    /// Notes a photo that was written.
    pub(super) fn success(&mut self) {
        self.0 = 0;
    }

    /// Lists a photo that could not be had.
    ///
    /// # Errors
    /// What it failed with, when so many others have failed before it: photos that are gone do not count.
    pub(super) fn failure(
        &mut self,
        run: &Run,
        id: i64,
        missing: &mut MissingPhoto,
        done: &mut Downloaded,
    ) -> Result<()> {
        if missing.kind == MissingReason::NotFound {
            run.counters.not_found(&id.to_string());
        }
        done.failed.push((id.to_string(), missing.why.clone()));
        let Some(cause) = missing.cause.take() else { return Ok(()) };
        self.0 += 1;
        if self.0 < MOST_FAILURES { Ok(()) } else { Err(after_many(cause)) }
    }
}

/// The failure of one photo as that of its host.
fn after_many(cause: Error) -> Error {
    match cause {
        Error::Transport { what, url, attempts, elapsed, source } => {
            let what = format!("{MOST_FAILURES} photos failed one after the other, the last one: {what}");
            Error::Transport { what, url, attempts, elapsed, source }
        }
        other => other,
    }
}
