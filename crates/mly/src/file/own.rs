//! Files under names of ours: created exclusively, and never opened through links.
//!
//! A link may lead to a file of somebody else, which would be emptied or written over.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::Path;

/// Creates a file, in place of whatever has its name. If that is a link, the link is removed and its target stays.
pub(crate) fn create_own(path: &Path) -> io::Result<File> {
    loop {
        match create_new(path) {
            Err(e) if e.kind() == ErrorKind::AlreadyExists => fs::remove_file(path)?,
            other => return other,
        }
    }
}

/// Opens a file that must be there, to read it and to write to it.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] when it is a link.
pub(crate) fn open_own(path: &Path) -> io::Result<File> {
    if !path.symlink_metadata()?.is_file() {
        let what = format!("{} is a link or no file", path.display());
        return Err(io::Error::new(ErrorKind::InvalidInput, what));
    }
    let file = options().open(path)?;
    // Between the two calls, a link may have taken its place.
    if is_at(&file, path) { Ok(file) } else { Err(ErrorKind::NotFound.into()) }
}

/// A file that is opened, or created if it is not there.
pub(crate) struct OwnFile {
    pub(crate) file: File,
    /// Whether it was not there before.
    pub(crate) is_new: bool,
}

pub(crate) fn open_or_create_own(path: &Path) -> io::Result<OwnFile> {
    loop {
        match create_new(path) {
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
            created => return created.map(|file| OwnFile { file, is_new: true }),
        }
        match open_own(path) {
            // It has been removed since.
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            opened => return opened.map(|file| OwnFile { file, is_new: false }),
        }
    }
}

fn create_new(path: &Path) -> io::Result<File> {
    options().create_new(true).open(path)
}

/// Files are read, and written at their end: if another program cuts one, what follows does not hide that it is shorter.
/// Windows does not let a file be cut that is opened so.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).append(cfg!(unix));
    options
}

/// A file that no other process opens by [`lock`] as long as it is open here.
pub(crate) struct LockedFile {
    pub(crate) own: OwnFile,
    /// Whether it is locked. Some network file systems have no locks, and then two processes can both have the file.
    pub(crate) is_locked: bool,
}

/// Opens or creates a file, and locks it against other calls of this function.
pub(crate) fn lock(path: &Path) -> Result<LockedFile, TryLockError> {
    loop {
        let own = open_or_create_own(path).map_err(TryLockError::Error)?;
        match own.file.try_lock() {
            Err(TryLockError::WouldBlock) => return Err(TryLockError::WouldBlock),
            // Between opening and locking, another process may have finished the file and renamed it.
            Ok(()) if !is_at(&own.file, path) => {}
            locked => return Ok(LockedFile { own, is_locked: locked.is_ok() }),
        }
    }
}

/// Whether an open file is still the one at a path, and the path no link.
#[cfg(unix)]
pub(crate) fn is_at(file: &File, path: &Path) -> bool {
    matches!((file.metadata(), path.symlink_metadata()), (Ok(a), Ok(b)) if is_same_inode(&a, &b))
}

/// Whether an open file is still the one at a path, and the path no link.
#[cfg(not(unix))]
pub(crate) fn is_at(file: &File, path: &Path) -> bool {
    use same_file::Handle;

    let is_same = || -> io::Result<bool> {
        Ok(!path.symlink_metadata()?.is_symlink()
            && Handle::from_file(file.try_clone()?)? == Handle::from_path(path)?)
    };
    is_same().unwrap_or(false)
}

/// Whether two names belong to the same file.
#[cfg(unix)]
pub(crate) fn is_same(a: &Path, b: &Path) -> bool {
    matches!((a.metadata(), b.metadata()), (Ok(a), Ok(b)) if is_same_inode(&a, &b))
}

/// Whether two names belong to the same file.
#[cfg(not(unix))]
pub(crate) fn is_same(a: &Path, b: &Path) -> bool {
    same_file::is_same_file(a, b).unwrap_or(false)
}

#[cfg(unix)]
fn is_same_inode(a: &fs::Metadata, b: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;

    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn nothing_is_opened_or_emptied_through_a_link() {
        use std::os::unix::fs::symlink;

        let folder = tempfile::tempdir().unwrap();
        let [link, precious] = ["link", "precious"].map(|name| folder.path().join(name));
        fs::write(&precious, "precious").unwrap();
        symlink(&precious, &link).unwrap();
        assert!(open_own(&link).is_err() && open_or_create_own(&link).is_err() && lock(&link).is_err());
        create_own(&link).unwrap();
        assert!(link.symlink_metadata().unwrap().is_file());
        assert_eq!(fs::read(&precious).unwrap(), b"precious");
        fs::remove_file(&link).unwrap();
        symlink(folder.path().join("nowhere"), &link).unwrap();
        assert!(open_or_create_own(&link).is_err());
        assert!(!folder.path().join("nowhere").exists());
    }

    #[test]
    fn a_file_is_created_once_and_opened_from_then_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        assert!(open_own(&path).is_err());
        assert!(open_or_create_own(&path).unwrap().is_new);
        let again = open_or_create_own(&path).unwrap();
        assert!(!again.is_new && is_at(&again.file, &path));
        fs::rename(&path, folder.path().join("elsewhere")).unwrap();
        assert!(!is_at(&again.file, &path));
        fs::write(&path, "another").unwrap();
        assert!(!is_at(&again.file, &path));
    }
}
