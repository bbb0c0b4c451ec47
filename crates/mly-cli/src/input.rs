//! Input that is read into memory as a whole.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::console::Console;
use crate::exit::Failure;
use crate::output::is_stream;

/// Most bytes that are read: the borders of all countries in every detail have less. A device may have no end.
const MOST: u64 = 512 << 20;

/// The text of a file, or of standard input for `-`, and the name of the input for messages.
pub(crate) fn read_text(path: &Path, hint: &str, console: &mut Console) -> Result<(String, String), Failure> {
    let (name, read) = if is_stream(path) {
        ("standard input".to_owned(), read_limited(&mut console.input, MOST))
    } else {
        (path.display().to_string(), File::open(path).and_then(|file| read_limited(file, MOST)))
    };
    let text = read.map_err(|e| Failure::usage(format!("cannot read {name}: {e}"), hint))?;
    Ok((name, text))
}

fn read_limited(input: impl Read, most: u64) -> io::Result<String> {
    let mut text = String::new();
    let count = input.take(most + 1).read_to_string(&mut text)?;
    if count as u64 > most {
        return Err(io::Error::other(format!("it has more than {most} bytes")));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_without_an_end_is_not_read_for_ever() {
        assert_eq!(read_limited(&b"{\"a\":1}"[..], 7).unwrap(), "{\"a\":1}");
        let error = read_limited(io::repeat(b' '), 7).unwrap_err();
        assert_eq!(error.to_string(), "it has more than 7 bytes");
    }
}
