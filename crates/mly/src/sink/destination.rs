//! Where bytes go: a file that is whole or absent, or a stream.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Format;
use crate::error::{Error, Result};

/// Where a sink writes to.
#[derive(Debug)]
pub struct Destination {
    kind: Kind,
}

enum Kind {
    /// Bytes go to `part`; only [`Destination::commit`] gives it its name.
    File {
        path: PathBuf,
        part: PathBuf,
        file: File,
    },
    Stream(Box<dyn Write + Send>),
}

impl Destination {
    /// A file that appears under its name only when it is complete.
    ///
    /// Until then the bytes are in `NAME.part` beside it. Devices and pipes are written to directly.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the file exists and `overwrite` is not set, when it cannot be created, or when
    /// another process is writing it.
    pub fn file(path: &Path, overwrite: bool) -> Result<Self> {
        let cannot = |what: String| Error::query(format!("cannot write {}: {what}", path.display()));
        match path.metadata() {
            Ok(found) if found.is_dir() => {
                return Err(cannot("it is a directory".into()).with_hint("name a file in it"));
            }
            Ok(found) if !found.is_file() => {
                let device = OpenOptions::new().write(true).open(path).map_err(|e| cannot(e.to_string()))?;
                return Ok(Self::stream(device));
            }
            Ok(_) if !overwrite => {
                return Err(Error::query(format!("{} exists already", path.display()))
                    .with_hint("choose another name, or add --overwrite"));
            }
            _ => {}
        }
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&part).map_err(|e| {
            cannot(e.to_string()).with_hint("check that the directory exists and may be written to")
        })?;
        // Two processes with the same output would mix their bytes. Where files cannot be locked, they go unlocked.
        if matches!(file.try_lock(), Err(std::fs::TryLockError::WouldBlock)) {
            return Err(cannot("another process is writing it".into())
                .with_hint("wait for it, or choose another name"));
        }
        file.set_len(0).map_err(|e| cannot(e.to_string()))?;
        Ok(Self { kind: Kind::File { path: path.to_owned(), part, file } })
    }

    /// A stream, such as standard output.
    pub fn stream(writer: impl Write + Send + 'static) -> Self {
        Self { kind: Kind::Stream(Box::new(writer)) }
    }

    /// Gives the finished file its name.
    pub(super) fn commit(mut self, format: Format) -> Result<()> {
        let renamed = self.flush().and_then(|()| match &self.kind {
            Kind::File { path, part, .. } => std::fs::rename(part, path),
            Kind::Stream(_) => Ok(()),
        });
        renamed.map_err(|e| failed(self.path().as_ref(), format, e))
    }

    /// The final name, if it has one.
    pub(super) fn path(&self) -> Option<PathBuf> {
        match &self.kind {
            Kind::File { path, .. } => Some(path.clone()),
            Kind::Stream(_) => None,
        }
    }
}

/// An [`Error::Output`] about a destination.
pub(super) fn failed(
    path: Option<&PathBuf>,
    format: Format,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> Error {
    Error::Output { path: path.cloned(), format: format.name(), source: source.into() }
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.kind {
            Kind::File { file, .. } => file.write(bytes),
            Kind::Stream(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.kind {
            Kind::File { file, .. } => file.flush(),
            Kind::Stream(stream) => stream.flush(),
        }
    }
}

impl Drop for Destination {
    fn drop(&mut self) {
        if let Kind::File { part, .. } = &self.kind {
            // After a commit the part is gone; before it, an unfinished file is of no use to anybody.
            let _ = std::fs::remove_file(part);
        }
    }
}

impl std::fmt::Debug for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File { path, .. } => f.debug_tuple("File").field(path).finish(),
            Self::Stream(_) => f.write_str("Stream"),
        }
    }
}
