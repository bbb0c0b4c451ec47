//! How much is printed apart from the data.

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::args::{ProgressMode, TalkArgs};
use crate::log_line::LogLine;

/// How much is printed apart from the data.
#[derive(Clone, Copy)]
pub(crate) struct Talk {
    progress: ProgressMode,
    /// Only warnings and errors.
    pub(crate) quiet: bool,
}

impl Talk {
    pub(crate) fn new(args: &TalkArgs) -> Self {
        Self { progress: args.progress, quiet: args.quiet }
    }

    /// Whether progress is shown, given whether there is a terminal that no data is written to.
    pub(crate) fn shows_progress(self, has_terminal: bool) -> bool {
        match self.progress {
            _ if self.quiet => false,
            ProgressMode::Always | ProgressMode::Json => true,
            ProgressMode::Never => false,
            ProgressMode::Auto => has_terminal,
        }
    }
}

/// Logs messages of the library only: the HTTP stack below it logs URLs, and URLs contain the token.
pub(crate) fn log_to_stderr(verbose: u8) {
    let level = match verbose {
        0 => return,
        1 => Level::INFO,
        _ => Level::DEBUG,
    };
    let lines = tracing_subscriber::fmt::layer().with_writer(|| LogLine).with_ansi(false).without_time();
    let ours = Targets::new().with_target("mly", level);
    // Fails if a log is set up already, as in tests that run several commands in one process.
    let _ = tracing_subscriber::registry().with(lines).with(ours).try_init();
}
