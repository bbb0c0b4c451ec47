//! The standard streams of a command.

use std::io::{self, IsTerminal, Read, Write};

use mly::without_tokens;

use crate::exit::Failure;

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

    /// Writes a message as one line. A failure is ignored, since there is nowhere left to report it.
    pub(crate) fn say(&mut self, message: &str) {
        // Text from outside may contain line breaks and escape sequences of terminals.
        let line = message.replace(char::is_control, " ");
        let _ = writeln!(self.err, "{}", without_tokens(&line));
    }

    /// Writes text to the data stream, at once.
    pub(crate) fn print(&mut self, text: &str) -> Result<(), Failure> {
        let written = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
        written.map_err(|e| Failure::output("cannot write to standard output", &e))
    }

    /// Takes the data stream, for the sink that writes the result.
    pub(crate) fn take_out(&mut self) -> Box<dyn Write + Send> {
        std::mem::replace(&mut self.out, Box::new(io::sink()))
    }
}

impl std::fmt::Debug for Console {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Console").finish_non_exhaustive()
    }
}
