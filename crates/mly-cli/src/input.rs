//! Input that is read into memory as a whole.

use std::io::Read;
use std::path::Path;

use crate::console::Console;
use crate::exit::Failure;
use crate::output::is_stream;

/// The text of a file, or of standard input for `-`, and the name of the input for messages.
pub(crate) fn read_text(path: &Path, hint: &str, console: &mut Console) -> Result<(String, String), Failure> {
    let (name, read) = if is_stream(path) {
        let mut text = String::new();
        ("standard input".to_owned(), console.input.read_to_string(&mut text).map(|_| text))
    } else {
        (path.display().to_string(), std::fs::read_to_string(path))
    };
    let text = read.map_err(|e| Failure::usage(format!("cannot read {name}: {e}"), hint))?;
    Ok((name, text))
}
