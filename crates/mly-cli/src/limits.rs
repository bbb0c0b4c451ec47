//! Limits that the system sets for this process.

/// Makes a write that would exceed the limit of the size of files (`ulimit -f`) an error, as on a full disk. Otherwise a
/// signal ends the process without a word.
#[cfg(unix)]
pub fn survive_file_size_limit() {
    use tokio::signal::unix::{SignalKind, signal};

    /// `SIGXFSZ` on Linux, macOS and the BSDs; the standard library has no name for it.
    const FILE_SIZE_LIMIT: i32 = 25;

    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
    if let Ok(runtime) = runtime {
        // To listen replaces what the signal does by default, also after the end of the runtime. Nothing has to be done
        // when it comes: the write that caused it returns an error.
        let _ = runtime.block_on(async { signal(SignalKind::from_raw(FILE_SIZE_LIMIT)) });
    }
}

/// Other systems have no such signal.
#[cfg(not(unix))]
pub fn survive_file_size_limit() {}
