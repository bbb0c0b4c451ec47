//! The state that every verb shares, apart from its arguments.

use mly::env::Environment;
use mly::{Client, Options, Summary};

use crate::console::Console;
use crate::events;
use crate::exit::Failure;
use crate::progress::{closing, warnings};
use crate::talk::Talk;

/// Environment, streams and summary of one command.
pub(super) struct Session<'a> {
    pub(super) environment: &'a Environment,
    pub(super) talk: Talk,
    pub(super) console: &'a mut Console,
    pub(super) summary: Summary,
    /// The client, and how many of its warnings were printed.
    pub(super) told: Option<(Client, usize)>,
}

impl Session<'_> {
    /// A client with these settings. Its warnings are printed.
    pub(super) fn client(&mut self, options: Options) -> Result<Client, Failure> {
        let client = Client::new(options)?;
        let told = print_warnings(&client, self.console);
        self.told = Some((client.clone(), told));
        Ok(client)
    }

    /// Prints the warnings that the client has had since it was made.
    pub(super) fn warn_of_the_meantime(&mut self) {
        let Some((client, told)) = self.told.take() else { return };
        for warning in client.warnings().iter().skip(told) {
            self.warn(warning);
        }
    }

    pub(super) fn warn(&mut self, warning: &str) {
        self.console.say(&format!("warning: {warning}"));
    }

    /// Warns about what the result may lack.
    pub(super) fn warn_of_gaps(&mut self) {
        for warning in warnings(&self.summary) {
            self.warn(&warning);
        }
    }

    /// Prints what the user may want to do next.
    pub(super) fn hint(&mut self, hint: &str) {
        if !self.talk.quiet {
            self.console.say(&format!("hint: {hint}"));
        }
    }

    /// Prints something about the result, unless only warnings and errors are wanted.
    pub(super) fn note(&mut self, text: &str) {
        if !self.talk.quiet {
            self.console.say(text);
        }
    }

    /// Prints the closing line.
    pub(super) fn close(&mut self, things: &str, place: Option<&str>) {
        self.done(&closing(things, &self.summary, place), place);
    }

    /// Prints a closing line of these words.
    pub(super) fn done(&mut self, message: &str, place: Option<&str>) {
        match self.talk.quiet {
            true => {}
            false if self.console.has_events() => {
                self.console.tell(&events::done(&self.summary, message, place));
            }
            false => self.console.say(message),
        }
    }
}

/// Prints the warnings of a client, for example that its cache folder cannot be used, and returns how many there are.
pub(super) fn print_warnings(client: &Client, console: &mut Console) -> usize {
    let warnings = client.warnings();
    for warning in &warnings {
        console.say(&format!("warning: {warning}"));
    }
    warnings.len()
}
