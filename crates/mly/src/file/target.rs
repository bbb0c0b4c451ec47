//! Where a result goes: what is there, and what may be done about it.

use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Error, Hint, Result};

/// A file to be created or replaced.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    path: PathBuf,
    /// What is in its place already.
    found: Option<Metadata>,
    overwrite: bool,
}

/// What a path stands for.
pub(crate) enum Place {
    File(Box<Target>),
    /// A device or a pipe, which has no end that could be waited for.
    Device(File),
}

impl Target {
    /// Looks at a path. What a link names is replaced, and not the link.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when it is a directory, or a device that cannot be written to.
    pub(crate) fn find(path: &Path, overwrite: bool) -> Result<Place> {
        let cannot = |what: String| Error::query(format!("cannot write {}: {what}", path.display()));
        let linked = path.is_symlink().then(|| path.canonicalize().ok()).flatten();
        let path = linked.as_deref().unwrap_or(path);
        let found = path.metadata().ok();
        match &found {
            Some(found) if found.is_dir() => {
                Err(cannot("it is a directory".into()).with_hint("name a file in it"))
            }
            Some(found) if !found.is_file() => {
                let device = OpenOptions::new().write(true).open(path).map_err(|e| cannot(e.to_string()))?;
                Ok(Place::Device(device))
            }
            _ => Ok(Place::File(Box::new(Self { path: path.to_owned(), found, overwrite }))),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it may be replaced.
    pub(crate) fn may_overwrite(&self) -> bool {
        self.overwrite
    }

    /// Refuses a file that is there and may not be replaced.
    pub(crate) fn check(&self) -> Result<()> {
        if self.found.is_some() && !self.overwrite {
            return Err(
                Error::query(format!("{} exists already", self.path.display())).with_hint(Hint::Overwrite)
            );
        }
        Ok(())
    }

    /// A name beside it.
    pub(crate) fn beside(&self, extension: &str) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(extension);
        PathBuf::from(name)
    }

    /// Gives a finished file its name, and the permissions of what it replaces.
    ///
    /// # Errors
    /// What the system says, for example that the name was taken meanwhile.
    pub(crate) fn put(&self, part: &Path, file: &File) -> io::Result<()> {
        if let Some(found) = &self.found {
            file.set_permissions(found.permissions())?;
        }
        // Without this, a name can outlive a loss of power and the bytes cannot.
        file.sync_data()?;
        if self.overwrite { std::fs::rename(part, &self.path) } else { rename_new(part, &self.path) }
    }

    /// Whether an unfinished file has been given this name: its own is gone, or still there beside the new one.
    pub(crate) fn was_given_to(&self, part: &Path) -> bool {
        match (part.metadata(), &self.found) {
            (Ok(part), Some(found)) => is_same(&part, found),
            (Ok(_), None) => false,
            (Err(e), _) => e.kind() == io::ErrorKind::NotFound,
        }
    }

    /// The error that it cannot be written at all.
    pub(crate) fn refused(&self, why: TryLockError) -> Error {
        let cannot = |what: &str| Error::query(format!("cannot write {}: {what}", self.path.display()));
        match why {
            TryLockError::WouldBlock => {
                cannot("another process is writing it").with_hint("wait for it, or choose another name")
            }
            TryLockError::Error(e) => {
                cannot(&e.to_string()).with_hint("check that the directory exists and may be written to")
            }
        }
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
pub(crate) fn lock(path: &Path) -> Result<File, TryLockError> {
    loop {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let file = file.map_err(TryLockError::Error)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => return Err(TryLockError::WouldBlock),
            // Between opening and locking, another process may have finished the file and renamed it.
            Ok(()) if !is_at(&file, path) => {}
            Ok(()) | Err(TryLockError::Error(_)) => return Ok(file),
        }
    }
}

/// Whether an open file is still the one at a path.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    matches!((file.metadata(), path.metadata()), (Ok(a), Ok(b)) if is_same(&a, &b))
}

/// Whether an open file is still the one at a path: elsewhere an open file is not renamed.
#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

/// Whether two names are of one file.
#[cfg(unix)]
fn is_same(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;

    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

/// Whether two names are of one file: elsewhere a finished file is renamed at once.
#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    false
}
