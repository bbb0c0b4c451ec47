//! Tells the failure of a host from those of single photos.

use super::downloaded::Downloaded;
use super::fetch::MissingPhoto;
use crate::crawl::run::Run;
use crate::error::{Error, Result};
use crate::photo::MissingReason;

/// Failures in a row after which the host is taken to be down, and the download ends.
const MOST_FAILURES: usize = 50;

/// Counts failures since the last success.
#[derive(Debug, Default)]
pub(super) struct FailureStreak(usize);

impl FailureStreak {
    /// Starts from zero again, since a photo has arrived.
    pub(super) fn success(&mut self) {
        self.0 = 0;
    }

    /// Lists a photo that is missing.
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
        if self.0 < MOST_FAILURES { Ok(()) } else { Err(after_many(*cause)) }
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
