//! The standard streams of a command.

use std::io::{self, IsTerminal, Read, Write};

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

/// The start of every token, of applications and of users.
const TOKEN_HEAD: &str = "MLY";

/// User tokens are much longer than this, and ordinary words with the same start are shorter.
const TOKEN_LENGTH: usize = 20;

/// Replaces tokens in a message. A message may repeat arguments, and users sometimes type a token in the wrong place.
pub(crate) fn without_tokens(line: &str) -> String {
    let mut clean = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, found)) = rest.find(TOKEN_HEAD).map(|at| rest.split_at(at)) {
        let end = found.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '|' | '%')));
        let (word, after) = found.split_at(end.unwrap_or(found.len()));
        let is_token = word.len() >= TOKEN_LENGTH || word.contains(['|', '%']);
        clean.push_str(before);
        clean.push_str(if is_token { "***" } else { word });
        rest = after;
    }
    clean + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_taken_out_of_messages_and_nothing_else_is() {
        for (line, clean) in [
            ("unexpected 'MLY|12|0123abcd' found", "unexpected '***' found"),
            ("MLY%7C12%7c0123abcd, MLY|1|2", "***, ***"),
            ("see http://h/?access_token=MLY|12|ab&x=1", "see http://h/?access_token=***&x=1"),
            ("MLYARBLx2ZCoQ9pXf8s3kd01 is a user token", "*** is a user token"),
            ("MLY images, mly|x, MLYX.csv", "MLY images, mly|x, MLYX.csv"),
            ("ümläut MLY", "ümläut MLY"),
        ] {
            assert_eq!(without_tokens(line), clean);
        }
    }
}
