//! The standard streams of a command.

use std::io::{self, IsTerminal, Read, Write};

use mly::without_tokens;
use serde_json::Value;

use crate::events;
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
    /// Whether help on `out` has colours.
    pub out_has_colours: bool,
    /// How messages are written to `err`.
    pub messages: MessageForm,
}

/// How messages are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageForm {
    /// One a line, for people.
    #[default]
    Lines,
    /// As JSON objects, one a line, for programs.
    Events,
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
            out_has_colours: io::stdout().is_terminal() && has_colours(),
            messages: MessageForm::Lines,
        }
    }

    /// Writes a message as one line. A failure is ignored, since there is nowhere left to report it.
    pub(crate) fn say(&mut self, message: &str) {
        if self.has_events() {
            return self.tell(&events::of_message(message));
        }
        // Text from outside may contain line breaks and escape sequences of terminals.
        let line = message.replace(char::is_control, " ");
        let _ = writeln!(self.err, "{}", without_tokens(&line));
    }

    /// Whether messages are JSON objects.
    pub(crate) fn has_events(&self) -> bool {
        self.messages == MessageForm::Events
    }

    /// Writes an event as one line of JSON. A failure is ignored, as that of a message.
    pub(crate) fn tell(&mut self, event: &Value) {
        let _ = writeln!(self.err, "{}", without_tokens(&event.to_string()));
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

/// Whether the user wants colours on a terminal, and the terminal has them (no-color.org).
fn has_colours() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !is_set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|terminal| terminal != "dumb")
}

impl std::fmt::Debug for Console {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Console").finish_non_exhaustive()
    }
}
