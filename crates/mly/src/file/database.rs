//! Paths of databases.

use std::io;
use std::path::{Path, PathBuf, absolute};

/// A path as `SQLite` opens it: absolute, since it reads a name that begins with `file:` as a URI.
///
/// On Windows it begins with `\\?\`, since other paths end at 260 characters there. The standard library does the same to
/// long paths.
pub(crate) fn database_path(path: &Path) -> io::Result<PathBuf> {
    let path = absolute(path)?;
    match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) if cfg!(windows) => Ok(folder.canonicalize()?.join(name)),
        _ => Ok(path),
    }
}
