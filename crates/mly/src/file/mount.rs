//! Places that are mounted from elsewhere. The system moves no file from one mount to another, and replaces no file that
//! is one itself.

use std::path::Path;
#[cfg(target_os = "linux")]
use std::{ffi::OsString, os::unix::ffi::OsStringExt, path::PathBuf};

/// Whether a path is a mount, such as a single file that a container gets from its host.
#[cfg(target_os = "linux")]
pub(super) fn is_mount(path: &Path) -> bool {
    let Ok(path) = path.canonicalize() else { return false };
    let Ok(mounts) = std::fs::read("/proc/self/mountinfo") else { return false };
    points(&mounts).any(|point| point == path)
}

/// Only Linux can tell.
#[cfg(not(target_os = "linux"))]
pub(super) fn is_mount(_: &Path) -> bool {
    false
}

/// The paths of a list of mounts (`man 5 proc_pid_mountinfo`): the fifth field of each line.
#[cfg(target_os = "linux")]
fn points(mounts: &[u8]) -> impl Iterator<Item = PathBuf> {
    let field = |line: &[u8]| line.split(|byte| *byte == b' ').nth(4).map(unescaped);
    mounts.split(|byte| *byte == b'\n').filter_map(move |line| Some(OsString::from_vec(field(line)?).into()))
}

/// A field of the list, in which blanks and backslashes are three octal digits after a backslash.
#[cfg(target_os = "linux")]
fn unescaped(field: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, after)) = rest.split_first() {
        let digits = after.first_chunk::<3>().filter(|_| *first == b'\\');
        let code = digits.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        out.push(code.unwrap_or(*first));
        rest = if code.is_some() { after.get(3..).unwrap_or_default() } else { after };
    }
    out
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mounts_are_read_with_their_odd_characters() {
        let list = b"22 1 0:20 / / rw - overlay overlay rw\n\
            23 22 0:21 /x /home/a\\040b\\134c rw,relatime shared:1 - ext4 /dev/sda1 rw\n\
            24 22 8:1 /file /data/out.csv rw - ext4 /dev/sda1 rw\n\n";
        let found: Vec<_> = points(list).collect();
        assert_eq!(found, ["/", "/home/a b\\c", "/data/out.csv"].map(PathBuf::from));
    }

    #[test]
    fn the_root_is_a_mount_and_a_new_folder_is_none() {
        let folder = tempfile::tempdir().unwrap();
        assert!(is_mount(Path::new("/")) && is_mount(Path::new("/proc")));
        assert!(!is_mount(folder.path()));
    }
}
