//! Paths of databases.

use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf, Prefix, absolute};

/// A path as `SQLite` opens it: absolute, since it reads a name that begins with `file:` as a URI.
///
/// On Windows it begins with `\\?\`, since other paths end at 260 characters there. The standard library does the same to
/// long paths.
pub(crate) fn database_path(path: &Path) -> io::Result<PathBuf> {
    let path = absolute(path)?;
    let begin = match path.components().next() {
        Some(Component::Prefix(prefix)) => match prefix.kind() {
            Prefix::Disk(_) => r"\\?\",
            // The path begins with two backslashes already.
            Prefix::UNC(..) => r"\\?\UNC",
            _ => return Ok(path),
        },
        _ => return Ok(path),
    };
    let rest = if begin.ends_with("UNC") { path.strip_prefix(r"\").unwrap_or(&path) } else { &path };
    let mut verbatim = OsString::from(begin);
    verbatim.push(rest);
    Ok(verbatim.into())
}
