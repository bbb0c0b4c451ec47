//! What every verb works with besides its arguments.

use mly::{Client, Options, Summary};

use crate::console::Console;
use crate::exit::Failure;
use crate::progress::{closing, warnings};
use crate::settings::Environment;
use crate::talk::Talk;

/// Surroundings of a command, and what is told of its work.
pub(super) struct Session<'a> {
    pub(super) environment: &'a Environment,
    pub(super) talk: Talk,
    pub(super) console: &'a mut Console,
    pub(super) summary: Summary,
}

impl Session<'_> {
    /// A client with these settings; what it does without is told.
    pub(super) fn client(&mut self, options: Options) -> Result<Client, Failure> {
        let client = Client::new(options)?;
        tell_notices(&client, self.talk, self.console);
        Ok(client)
    }

    pub(super) fn warn(&mut self, warning: &str) {
        self.console.say(&format!("warning: {warning}"));
    }

    /// Tells what the result may lack.
    pub(super) fn warn_of_gaps(&mut self) {
        for warning in warnings(&self.summary) {
            self.warn(&warning);
        }
    }

    /// Tells what was done, as the last line.
    pub(super) fn close(&mut self, things: &str, place: Option<&str>) {
        if !self.talk.quiet {
            self.console.say(&closing(things, &self.summary, place));
        }
    }
}

/// Tells what a client does without although it was asked for.
pub(super) fn tell_notices(client: &Client, talk: Talk, console: &mut Console) {
    for notice in client.warnings().iter().filter(|_| !talk.quiet) {
        console.say(&format!("warning: {notice}"));
    }
}
