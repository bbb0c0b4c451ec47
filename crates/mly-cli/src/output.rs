//! Where results go to, and in which format.

use std::fs;
use std::path::{Path, PathBuf};

use mly::sink::{Destination, Format};

use crate::args::OutputArgs;
use crate::console::Console;
use crate::exit::Failure;

/// A result file or stream that is open for writing.
pub(crate) struct Output {
    pub(crate) format: Format,
    pub(crate) destination: Destination,
    /// Name for messages.
    pub(crate) name: Option<String>,
}

impl Output {
    /// Checks format and file before anything is sent.
    pub(crate) fn open(args: &OutputArgs, console: &mut Console) -> Result<Self, Failure> {
        let Some(path) = args.output.as_deref().filter(|path| !is_stream(path)) else {
            let format = args.format.unwrap_or(Format::GeoJson);
            if console.out_is_terminal && !format.is_text() {
                return Err(Failure::usage(
                    format!("{format} is binary and standard output is a terminal"),
                    "name a file with -o, or pipe the output into a program",
                ));
            }
            return Ok(Self { format, destination: Destination::stream(console.take_out()), name: None });
        };
        let format = args.format.map_or_else(|| Format::of_path(path), Ok)?;
        let destination = Destination::file(path, args.overwrite)?;
        Ok(Self { format, destination, name: Some(path.display().to_string()) })
    }
}

/// Whether a path means standard output.
pub(crate) fn is_stream(path: &Path) -> bool {
    path == Path::new("-")
}

/// A small file of text that appears under its name only when it is complete.
pub(crate) struct TextFile {
    path: PathBuf,
}

impl TextFile {
    /// Checks as well as can be done without touching the file whether it can be written.
    pub(crate) fn new(path: &Path, overwrite: bool) -> Result<Self, Failure> {
        let cannot = |why, hint| Failure::usage(format!("cannot write {}: {why}", path.display()), hint);
        if path.is_dir() {
            return Err(cannot("it is a directory", "name a file in it"));
        }
        if path.is_file() && !overwrite {
            let what = format!("{} exists already", path.display());
            return Err(Failure::usage(what, "choose another name, or add --overwrite"));
        }
        if path.parent().is_some_and(|folder| folder != Path::new("") && !folder.is_dir()) {
            return Err(cannot("its directory does not exist", "make the directory first"));
        }
        Ok(Self { path: path.to_owned() })
    }

    pub(crate) fn write(&self, text: &str) -> Result<(), Failure> {
        // A device or a pipe has no other name to be prepared under.
        let is_plain = self.path.is_file() || !self.path.exists();
        let written = if is_plain { self.replace(text) } else { fs::write(&self.path, text) };
        written.map_err(|e| Failure::output(&format!("cannot write {}", self.path.display()), &e))
    }

    fn replace(&self, text: &str) -> std::io::Result<()> {
        let mut part = self.path.clone().into_os_string();
        part.push(".part");
        let written = fs::write(&part, text).and_then(|()| fs::rename(&part, &self.path));
        written.inspect_err(|_| {
            // What could not be written whole is of no use to anybody.
            let _ = fs::remove_file(&part);
        })
    }
}
