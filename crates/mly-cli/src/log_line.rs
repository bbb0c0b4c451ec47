//! Writes log lines to standard error, above the progress bar if there is one.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use indicatif::ProgressBar;

/// The bar that is on standard error now. A log has one writer for the whole process, so this is a global.
static BAR: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// From now on, log lines are written above this bar.
pub(crate) fn take_over(bar: &ProgressBar) {
    set(Some(bar.clone()));
}

/// There is no bar any more.
pub(crate) fn release() {
    set(None);
}

fn set(bar: Option<ProgressBar>) {
    *BAR.lock().unwrap_or_else(PoisonError::into_inner) = bar;
}

/// A writer of whole lines.
#[derive(Clone, Copy)]
pub(crate) struct LogLine;

impl Write for LogLine {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let bar = BAR.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let write = || io::stderr().write_all(line).map(|()| line.len());
        match bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
