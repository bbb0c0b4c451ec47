//! The folder of a recording.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use mly::sink::Destination;

use super::report::Report;
use crate::exit::Failure;

const REPORT: &str = "report.json";

/// The folder of a recording, which has no other files.
pub(crate) struct RecordFolder {
    path: PathBuf,
}

impl RecordFolder {
    /// Makes the folder, or takes an empty one, before anything is sent.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
                Failure::usage(format!("{} is no folder", path.display()), "name a new folder")
            }
            _ => Failure::output(&format!("cannot use the folder {}", path.display()), &error),
        };
        fs::create_dir_all(path).map_err(failed)?;
        if fs::read_dir(path).map_err(failed)?.next().is_some() {
            return Err(Failure::usage(format!("{} is not empty", path.display()), "name a new folder"));
        }
        Ok(Self { path: path.to_owned() })
    }

    /// Writes the payloads, and then the report: where it is, everything is.
    pub(crate) fn write(&self, report: &Report) -> Result<PathBuf, Failure> {
        for (name, bytes) in &report.payloads {
            self.put(name, bytes)?;
        }
        self.put(REPORT, format!("{:#}\n", report.json).as_bytes())
    }

    fn put(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, Failure> {
        let path = self.path.join(name);
        let mut destination = Destination::file(&path, false)?;
        let written = destination.write_all(bytes).and_then(|()| destination.commit());
        written.map_err(|error| Failure::output(&format!("cannot write {}", path.display()), &error))?;
        Ok(path)
    }

    /// Removes the folder, since nothing was recorded. It may have been there before; an empty folder is no loss.
    pub(crate) fn discard(self) {
        let _ = fs::remove_dir(&self.path);
    }
}
