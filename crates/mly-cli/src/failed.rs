//! Ids that were not found or not downloaded: their list `OUTPUT.failed`, and how messages name them.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use mly::sink::Destination;

use crate::args::Verb;
use crate::exit::Failure;
use crate::output::write_text;
use crate::summary::DataPlace;

/// Most ids or reasons that a message shows.
const NAMED: usize = 5;

/// Fails when something else stands where a verb would list ids, which would be lost.
pub(crate) fn check_list_of(verb: &Verb) -> Result<(), Failure> {
    let output = match verb {
        Verb::Convert(_) | Verb::Diff(_) | Verb::Osm(_) | Verb::Plan(_) => None,
        other => DataPlace::of(other).file,
    };
    let Some(path) = output.map(place_beside) else { return Ok(()) };
    let Ok(found) = path.symlink_metadata() else { return Ok(()) };
    let what = if found.is_symlink() {
        "is a link"
    } else if found.is_file() && !is_list(&path) {
        "exists already, and is not a list of ids"
    } else {
        return Ok(());
    };
    Err(Failure::usage(
        format!("{} {what}", path.display()),
        "ids that fail are listed there; move it away, or choose another name for the output",
    ))
}

/// Whether every line of a file can be the id of an entity or a sequence.
fn is_list(path: &Path) -> bool {
    /// No id is longer.
    const LONGEST: u64 = 64;
    let Ok(mut lines) = File::open(path).map(BufReader::new) else { return false };
    let mut line = String::new();
    loop {
        line.clear();
        match lines.by_ref().take(LONGEST).read_line(&mut line) {
            Ok(0) => return true,
            Ok(_) if is_id(line.trim_end()) => {}
            _ => return false,
        }
    }
}

fn is_id(line: &str) -> bool {
    let is_sequence =
        line.len() == 22 && line.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    is_sequence || line.parse::<i64>().is_ok()
}

/// Writes ids, one per line, into `OUTPUT.failed` and returns its name. Without ids, the list of an earlier run is removed.
fn list_beside(output: &Path, ids: &[String]) -> Result<Option<PathBuf>, Failure> {
    let path = place_beside(output);
    if ids.is_empty() {
        if path.symlink_metadata().is_err() {
            return Ok(None);
        }
        return match std::fs::remove_file(&path) {
            Err(e) if e.kind() != ErrorKind::NotFound => {
                Err(Failure::output(&format!("cannot remove {}", path.display()), &e))
            }
            _ => Ok(None),
        };
    }
    let destination = Destination::file(&path, true).map_err(Failure::of_output)?;
    write_text(destination, &(ids.join("\n") + "\n"))?;
    Ok(Some(path))
}

/// Lists ids beside an output, and returns the end of a message that says where. No list is written beside a device, a
/// pipe, or standard output.
pub(crate) fn list_of(output: Option<&Path>, ids: &[String]) -> Result<String, Failure> {
    let list = match output.filter(|path| path.is_file()) {
        Some(path) => list_beside(path, ids)?,
        None => None,
    };
    Ok(list.map(|path| format!("; all are listed in {}", path.display())).unwrap_or_default())
}

/// Updates the list beside a folder: of the ids in `asked`, only those in `failed` stay in it; others stay untouched.
pub(crate) fn list_beside_folder(
    folder: &Path,
    asked: &[String],
    failed: &[String],
) -> Result<PathBuf, Failure> {
    let path = place_beside(folder);
    let before = std::fs::read_to_string(&path).unwrap_or_default();
    let asked: HashSet<&str> = asked.iter().map(String::as_str).collect();
    let others = before.lines().filter(|id| !id.is_empty() && !asked.contains(id)).map(str::to_owned);
    let all: Vec<String> = others.chain(failed.iter().cloned()).collect();
    list_beside(folder, &all).map(|_| path)
}

/// The path `OUTPUT.failed`, also if the output is a folder whose path ends with a slash or is a dot.
fn place_beside(output: &Path) -> PathBuf {
    let whole = output.file_name().is_none().then(|| output.canonicalize().ok()).flatten();
    let output = whole.as_deref().unwrap_or(output);
    let mut name: OsString = output.components().as_path().into();
    name.push(".failed");
    name.into()
}

/// The first few of many, with commas between them.
pub(crate) fn some_of<S: AsRef<str>>(names: &[S]) -> String {
    let shown: Vec<_> = names.iter().take(NAMED).map(AsRef::as_ref).collect();
    let more = if names.len() > NAMED { ", ..." } else { "" };
    shown.join(", ") + more
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_lies_beside_files_and_folders() {
        for (output, list) in [
            ("town.geojson", "town.geojson.failed"),
            ("a/town.csv", "a/town.csv.failed"),
            ("photos", "photos.failed"),
            ("a/photos/", "a/photos.failed"),
            ("a/photos//", "a/photos.failed"),
            ("a/photos/.", "a/photos.failed"),
        ] {
            assert_eq!(place_beside(Path::new(output)), Path::new(list), "{output}");
        }
        let here = Path::new(".").canonicalize().unwrap();
        let parent = here.parent().unwrap();
        assert_eq!(place_beside(Path::new(".")).parent(), Some(parent));
    }

    #[test]
    fn a_message_names_a_few() {
        assert_eq!(some_of(&["1", "2"]), "1, 2");
        assert_eq!(some_of(&["1", "2", "3", "4", "5"]), "1, 2, 3, 4, 5");
        assert_eq!(some_of(&["1", "2", "3", "4", "5", "6"]), "1, 2, 3, 4, 5, ...");
    }
}
