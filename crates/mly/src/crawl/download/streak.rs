//! Detects that a host of photos is down, by many failures in a row.

use super::downloaded::Downloaded;
use super::fetch::MissingPhoto;
use crate::error::{Error, Result};

/// Failures in a row after which the host counts as down, and the download ends.
const MOST_FAILURES: usize = 50;

/// Counts failures since the last photo that arrived.
#[derive(Debug, Default)]
pub(super) struct FailureStreak(usize);

impl FailureStreak {
    /// A photo has arrived: counts from zero again.
    pub(super) fn success(&mut self) {
        self.0 = 0;
    }

    /// Adds a missing photo to the result.
    ///
    /// # Errors
    /// The error of this photo, if it is the last of [`MOST_FAILURES`] in a row. Only failures that may be the fault of
    /// the host are counted.
    pub(super) fn failure(
        &mut self,
        id: i64,
        missing: &mut MissingPhoto,
        done: &mut Downloaded,
    ) -> Result<()> {
        done.failed.push((id.to_string(), missing.why.clone()));
        let Some(cause) = missing.cause.take() else { return Ok(()) };
        self.0 += 1;
        if self.0 < MOST_FAILURES { Ok(()) } else { Err(after_many(*cause)) }
    }
}

/// The error of the last photo, with a message that says how many have failed.
fn after_many(cause: Error) -> Error {
    match cause {
        Error::Transport { what, url, attempts, elapsed, source } => {
            let what = format!("{MOST_FAILURES} photos failed one after the other, the last one: {what}");
            Error::Transport { what, url, attempts, elapsed, source }
        }
        other => other,
    }
}
