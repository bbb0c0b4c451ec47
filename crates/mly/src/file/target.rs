//! The final name of a result: what stands there already, and whether it may be replaced.

use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Error, Hint, Result};

/// The path of a file to be written, which may exist already.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    path: PathBuf,
    /// Metadata of the file that is there already.
    found: Option<Metadata>,
    overwrite: bool,
}

/// What a path stands for.
pub(crate) enum WriteTarget {
    File(Box<Target>),
    /// A device or a pipe. It cannot appear when it is complete, so it is written to directly.
    Device(File),
}

impl Target {
    /// Looks at a path. Symbolic links are followed, so that the file is replaced and not the link.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when it is a directory, or a device that cannot be written to.
    pub(crate) fn find(path: &Path, overwrite: bool) -> Result<WriteTarget> {
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
                Ok(WriteTarget::Device(device))
            }
            _ => Ok(WriteTarget::File(Box::new(Self { path: path.to_owned(), found, overwrite }))),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn may_overwrite(&self) -> bool {
        self.overwrite
    }

    /// Fails when the file exists and may not be replaced.
    pub(crate) fn check(&self) -> Result<()> {
        if self.found.is_some() && !self.overwrite {
            return Err(
                Error::query(format!("{} exists already", self.path.display())).with_hint(Hint::Overwrite)
            );
        }
        Ok(())
    }

    /// The path with an extension appended: a file in the same folder.
    pub(crate) fn beside(&self, extension: &str) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(extension);
        PathBuf::from(name)
    }

    /// Renames a complete file to this path, with the permissions of the file that it replaces.
    ///
    /// # Errors
    /// Among others, when another process has created the file meanwhile and it may not be replaced.
    pub(crate) fn put(&self, part: &Path, file: &File) -> io::Result<()> {
        if let Some(found) = &self.found {
            file.set_permissions(found.permissions())?;
        }
        // Without this, the new name could survive a loss of power and the bytes not.
        file.sync_data()?;
        if self.overwrite { std::fs::rename(part, &self.path) } else { rename_new(part, &self.path) }
    }

    /// Whether an unfinished file has got this name already, because a process stopped right after renaming it. A
    /// rename by hard link leaves both names for a moment.
    pub(crate) fn was_given_to(&self, part: &Path) -> bool {
        match (part.metadata(), &self.found) {
            (Ok(part), Some(found)) => is_same(&part, found),
            (Ok(_), None) => false,
            (Err(e), _) => e.kind() == io::ErrorKind::NotFound,
        }
    }

    /// The error for a file that cannot be locked or created.
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

/// Renames a file without replacing another one. `rename` would replace it; a hard link fails if the name exists.
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match std::fs::hard_link(from, to) {
        Ok(()) => std::fs::remove_file(from),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Err(e),
        // Some file systems have no hard links. There, another process could create the file between these two calls.
        Err(_) if to.try_exists()? => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => std::fs::rename(from, to),
    }
}

/// Opens or creates a file, and locks it against other calls of this function. On file systems without locks it is
/// opened all the same.
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

/// Whether an open file is still the one at a path. On Windows an open file cannot be renamed, so it is if the path
/// exists.
#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

/// Whether two names belong to the same file.
#[cfg(unix)]
fn is_same(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;

    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

/// Whether two names belong to the same file. On Windows the standard library cannot tell.
#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    false
}
