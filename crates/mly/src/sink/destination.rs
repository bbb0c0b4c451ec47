//! Where bytes go: a file that is whole or absent, or a stream.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Format;
use crate::error::Error;

/// Where a sink writes to.
#[derive(Debug)]
pub struct Destination {
    path: Option<PathBuf>,
    kind: Kind,
}

enum Kind {
    /// Bytes go to a file of another name; only [`Destination::commit`] gives it the final one.
    Part { part: PathBuf, file: File, overwrite: bool },
    /// Bytes go where they belong.
    Direct(Box<dyn Write + Send>),
}

impl Destination {
    /// A file that appears under its name only when it is complete.
    ///
    /// Until then the bytes are in `NAME.part` beside it. Devices and pipes are written to directly.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when the file exists and `overwrite` is not set, when it cannot be created, or when
    /// another process is writing it.
    pub fn file(path: &Path, overwrite: bool) -> crate::Result<Self> {
        let cannot = |what: String| Error::query(format!("cannot write {}: {what}", path.display()));
        // What a link names is replaced, and not the link.
        let target = path.is_symlink().then(|| path.canonicalize().ok()).flatten();
        let path = target.as_deref().unwrap_or(path);
        let found = path.metadata();
        match &found {
            Ok(found) if found.is_dir() => {
                return Err(cannot("it is a directory".into()).with_hint("name a file in it"));
            }
            Ok(found) if !found.is_file() => {
                let device = OpenOptions::new().write(true).open(path).map_err(|e| cannot(e.to_string()))?;
                return Ok(Self { path: Some(path.to_owned()), kind: Kind::Direct(Box::new(device)) });
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
        let file = lock(&part).map_err(|e| match e {
            TryLockError::WouldBlock => cannot("another process is writing it".into())
                .with_hint("wait for it, or choose another name"),
            TryLockError::Error(e) => {
                cannot(e.to_string()).with_hint("check that the directory exists and may be written to")
            }
        })?;
        let prepared = file.set_len(0).and_then(|()| match found {
            Ok(found) => file.set_permissions(found.permissions()),
            Err(_) => Ok(()),
        });
        prepared.map_err(|e| cannot(e.to_string()))?;
        Ok(Self { path: Some(path.to_owned()), kind: Kind::Part { part, file, overwrite } })
    }

    /// A stream, such as standard output.
    pub fn stream(writer: impl Write + Send + 'static) -> Self {
        Self { path: None, kind: Kind::Direct(Box::new(writer)) }
    }

    /// Gives the finished file its name. A destination that is dropped instead leaves nothing.
    ///
    /// # Errors
    /// What the system says when the last bytes cannot be written or the name cannot be given.
    pub fn commit(mut self) -> io::Result<()> {
        self.flush()?;
        if let (Kind::Part { part, file, overwrite }, Some(path)) = (&self.kind, &self.path) {
            // Without this, a name can outlive a loss of power and the bytes cannot.
            file.sync_data()?;
            if *overwrite {
                std::fs::rename(part, path)?;
            } else {
                rename_new(part, path)?;
            }
            // From now on a file of that other name is somebody else's.
            self.kind = Kind::Direct(Box::new(io::sink()));
        }
        Ok(())
    }

    /// The file that is renamed when it is complete, for formats that write to it in their own way; `None` for streams,
    /// devices and pipes.
    pub(super) fn part(&self) -> Option<&Path> {
        match &self.kind {
            Kind::Part { part, file, .. } => {
                // Elsewhere a lock keeps out every other handle, those of this process too.
                #[cfg(not(unix))]
                let _ = file.unlock();
                #[cfg(unix)]
                let _ = file;
                Some(part)
            }
            Kind::Direct(_) => None,
        }
    }

    /// The final name, if it has one.
    pub fn path(&self) -> Option<PathBuf> {
        self.path.clone()
    }
}

/// Renames a file unless the new name has been taken meanwhile.
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match std::fs::hard_link(from, to) {
        Ok(()) => std::fs::remove_file(from),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Err(e),
        // Some file systems have no second names; there a look beforehand has to do.
        Err(_) if to.try_exists()? => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => std::fs::rename(from, to),
    }
}

/// Opens a file that no other process has open in this way, whatever is in it. Where files cannot be locked, it goes
/// unlocked.
fn lock(part: &Path) -> Result<File, TryLockError> {
    loop {
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(part);
        let file = file.map_err(TryLockError::Error)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => return Err(TryLockError::WouldBlock),
            // Between opening and locking, another process may have finished the file and renamed it.
            Ok(()) if !is_at(&file, part) => {}
            Ok(()) | Err(TryLockError::Error(_)) => return Ok(file),
        }
    }
}

/// Whether an open file is still the one at a path.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    let id = |m: std::fs::Metadata| (m.dev(), m.ino());
    matches!((file.metadata().map(id), path.metadata().map(id)), (Ok(a), Ok(b)) if a == b)
}

/// Whether an open file is still the one at a path: elsewhere an open file is not renamed.
#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

/// Gives the finished file of a sink its name.
pub(super) fn finish(destination: Destination, format: Format) -> crate::Result<()> {
    let path = destination.path();
    destination.commit().map_err(|e| failed(path.as_ref(), format, e))
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
            Kind::Part { file, .. } => file.write(bytes),
            Kind::Direct(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.kind {
            Kind::Part { file, .. } => file.flush(),
            Kind::Direct(stream) => stream.flush(),
        }
    }
}

impl Drop for Destination {
    fn drop(&mut self) {
        if let Kind::Part { part, .. } = &self.kind {
            // An unfinished file is of no use to anybody.
            let _ = std::fs::remove_file(part);
        }
    }
}

impl std::fmt::Debug for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Part { part, .. } => f.debug_tuple("Part").field(part).finish(),
            Self::Direct(_) => f.write_str("Direct"),
        }
    }
}
