//! Work that computes or reads files, and stops at Ctrl-C.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mly::Error;

use super::stop::Stop;
use crate::exit::Failure;
use crate::runtime::block_on;

/// How long to wait for the work to stop after Ctrl-C.
const PATIENCE: Duration = Duration::from_secs(1);

/// Runs work on another thread. It gets a flag that says whether it is to stop.
pub(super) fn until_stopped<T: Send + 'static>(
    work: impl FnOnce(&AtomicBool) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let is_stopped = Arc::clone(&stop);
    block_on(async move {
        let mut asked = Stop::listen().map_err(Failure::ours)?;
        let mut work = tokio::task::spawn_blocking(move || work(&is_stopped));
        tokio::select! {
            done = &mut work => done.map_err(Failure::ours)?,
            () = asked.asked() => {
                stop.store(true, Ordering::Relaxed);
                // Stopping removes the unfinished file. The wait is limited, since writing to a pipe that nobody reads never ends.
                let _ = tokio::time::timeout(PATIENCE, work).await;
                Err(Error::Cancelled.into())
            }
        }
    })?
}
