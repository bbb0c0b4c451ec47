//! Ids from arguments, files and standard input.

use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use mly::source::{self, Ids, Kind};

use crate::console::Console;
use crate::exit::Failure;
use crate::progress::counted;

/// The argument that means standard input.
const STREAM: &str = "-";

/// The ids given as arguments, or those on standard input if `-` is given instead, in their order.
pub(crate) fn given(words: &[String], of: Kind, console: &mut Console) -> Result<Vec<String>, Failure> {
    match words {
        [] => Err(Failure::usage("no ids given", "give ids, or - to read them from standard input")),
        [word] if word == STREAM => Ok(read(Path::new(STREAM), &[of], console)?.ids),
        words if words.iter().any(|word| word == STREAM) => Err(Failure::usage(
            "ids and - cannot be combined",
            "give all ids as arguments, or all of them on standard input",
        )),
        words => match words.iter().find(|word| !of.is_id(word) && Path::new(word).is_file()) {
            Some(file) => Err(Failure::usage(
                format!("`{file}` is a file, but an id is expected"),
                format!("- reads ids from standard input: - < {file}"),
            )),
            None => Ok(words.to_vec()),
        },
    }
}

/// Reads the ids of a file, or of standard input.
pub(crate) fn read(path: &Path, wanted: &[Kind], console: &mut Console) -> Result<Ids, Failure> {
    let (name, found) = if path == Path::new(STREAM) {
        ("standard input".to_owned(), source::ids(&mut console.input, wanted))
    } else {
        let name = path.display().to_string();
        let file = File::open(path).map_err(|e| {
            Failure::usage(
                format!("cannot read {name}: {e}"),
                "give a file with ids, or - to read standard input",
            )
        })?;
        (name, source::ids(file, wanted))
    };
    let ids = found.map_err(|e| Failure::of_input(&name, e))?;
    if ids.skipped > 0 {
        let rows = counted(ids.skipped, "rows");
        console.say(&format!("warning: skipped {rows} of {name} without an image id"));
    }
    Ok(ids)
}

/// Ids of images from any mixture of ids and files.
pub(crate) fn of_images(what: &[PathBuf], console: &mut Console) -> Result<Vec<String>, Failure> {
    if what.is_empty() {
        return Err(Failure::usage("no ids given", "give ids, a file with ids, or - to read standard input"));
    }
    let mut ids = Vec::new();
    let mut has_read_input = false;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    for word in what {
        match word.to_str() {
            Some(list) if list.split(',').all(is_number) => ids.extend(list.split(',').map(str::to_owned)),
            Some(STREAM) if std::mem::replace(&mut has_read_input, true) => {
                return Err(Failure::usage("- is given twice", "standard input can be read once"));
            }
            _ => ids.extend(read(word, &[Kind::Image], console)?.ids),
        }
    }
    Ok(ids)
}

/// Removes repeated ids; each keeps its first place.
pub(crate) fn without_repeats(ids: Vec<String>) -> Vec<String> {
    let mut known = HashSet::new();
    ids.into_iter().filter(|id| known.insert(id.clone())).collect()
}
