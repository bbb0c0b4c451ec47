//! The streams a command talks through.

use std::io::{self, IsTerminal, Read, Write};

/// Standard input, output and error, and which of them are terminals.
pub struct Console {
    /// Where areas and ids are read from when `-` is given.
    pub input: Box<dyn Read + Send>,
    /// Where data goes to.
    pub out: Box<dyn Write + Send>,
    /// Where messages and progress go to.
    pub err: Box<dyn Write + Send>,
    /// Whether `out` is a terminal.
    pub out_is_terminal: bool,
    /// Whether `err` is a terminal.
    pub err_is_terminal: bool,
}

impl Console {
    /// The streams of this process.
    pub fn of_process() -> Self {
        Self {
            input: Box::new(io::stdin()),
            out: Box::new(io::stdout()),
            err: Box::new(io::stderr()),
            out_is_terminal: io::stdout().is_terminal(),
            err_is_terminal: io::stderr().is_terminal(),
        }
    }

    /// Writes a line of message. Nobody can be told when that fails, so it is let go.
    pub(crate) fn say(&mut self, line: &str) {
        let _ = writeln!(self.err, "{line}");
    }

    /// Hands over the data stream to whoever writes the result.
    pub(crate) fn take_out(&mut self) -> Box<dyn Write + Send> {
        std::mem::replace(&mut self.out, Box::new(io::sink()))
    }
}

impl std::fmt::Debug for Console {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Console").finish_non_exhaustive()
    }
}
