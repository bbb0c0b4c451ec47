//! Where asynchronous work runs.

use std::time::Duration;

use crate::exit::Failure;

/// Waits for work on a new runtime.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    /// Work that still runs may be a write that never ends, to a pipe that no program reads.
    const PATIENCE: Duration = Duration::from_secs(1);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::ours)?;
    let done = runtime.block_on(work);
    runtime.shutdown_timeout(PATIENCE);
    Ok(done)
}
