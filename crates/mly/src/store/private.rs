//! Files that only their owner may read.

use std::fs;
use std::io;
use std::path::Path;

/// Creates a folder that only its owner may look into, and the folders above it, unless it is there.
pub(super) fn create_folder(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(dir)
}

/// Lets nobody but the owner read a database, which is created if it is not there, or look into its folder, if there is
/// nothing else in it. `SQLite` gives its other files the permissions of the database.
///
/// Failures are ignored: the file may belong to another user, or be on a file system without permissions. A folder that
/// was set up to be shared by a group stays as it is.
#[cfg(unix)]
pub(super) fn make_private(database: &Path) {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};

    /// Whether somebody has set it up for a group: its members may write, and new files belong to the group.
    const SHARED: u32 = 0o2020;

    let restrict = |path: &Path, mode: u32| {
        let Ok(found) = path.symlink_metadata() else { return };
        if !found.is_symlink() && found.permissions().mode() & 0o077 != 0 {
            let _ = fs::set_permissions(path, fs::Permissions::from_mode(mode));
        }
    };
    let Some(folder) = database.parent() else { return };
    if folder.metadata().is_ok_and(|folder| folder.permissions().mode() & SHARED == SHARED) {
        return;
    }
    // SQLite would create it with the permissions that all files have by default.
    let _ = fs::OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(database);
    for suffix in ["", "-wal", "-shm"] {
        let mut path = database.as_os_str().to_owned();
        path.push(suffix);
        restrict(Path::new(&path), 0o600);
    }
    if has_only_databases(folder) {
        restrict(folder, 0o700);
    }
}

/// Other systems have no such permissions, or give the folders of a user to that user only.
#[cfg(not(unix))]
pub(super) fn make_private(_: &Path) {}

/// Whether a folder holds nothing but databases.
#[cfg(unix)]
fn has_only_databases(folder: &Path) -> bool {
    let is_database = |entry: fs::DirEntry| {
        // Also what SQLite keeps beside a database, and damaged ones that were set aside.
        entry.file_name().to_string_lossy().contains(".sqlite")
    };
    let entries = fs::read_dir(folder);
    entries.is_ok_and(|mut entries| entries.all(|entry| entry.is_ok_and(is_database)))
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;

    use super::*;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o7777
    }

    /// A folder with these permissions in a new one, and the path of a database in it.
    fn folder(mode: u32) -> (tempfile::TempDir, PathBuf, PathBuf) {
        let outer = tempfile::tempdir().unwrap();
        let inner = outer.path().join("inner");
        fs::create_dir(&inner).unwrap();
        fs::set_permissions(&inner, fs::Permissions::from_mode(mode)).unwrap();
        let database = inner.join("tiles.sqlite");
        (outer, inner, database)
    }

    #[test]
    fn new_folders_and_files_are_private() {
        let outer = tempfile::tempdir().unwrap();
        let inner = outer.path().join("a/b");
        create_folder(&inner).unwrap();
        make_private(&inner.join("tiles.sqlite"));
        assert_eq!([mode(&outer.path().join("a")), mode(&inner)], [0o700, 0o700]);
        assert_eq!(mode(&inner.join("tiles.sqlite")), 0o600);
    }

    #[test]
    fn old_ones_become_private() {
        let (_outer, inner, database) = folder(0o755);
        for name in ["tiles.sqlite", "tiles.sqlite-wal", "tiles.sqlite-shm", "budget.sqlite"] {
            fs::write(inner.join(name), "").unwrap();
            fs::set_permissions(inner.join(name), fs::Permissions::from_mode(0o644)).unwrap();
        }
        make_private(&database);
        let modes = ["", "-wal", "-shm"].map(|end| mode(&inner.join(format!("tiles.sqlite{end}"))));
        assert_eq!((modes, mode(&inner)), ([0o600; 3], 0o700));
    }

    #[test]
    fn a_folder_of_other_things_or_of_a_group_stays_as_it_is() {
        let (_outer, inner, database) = folder(0o755);
        fs::write(inner.join("letter.txt"), "").unwrap();
        make_private(&database);
        assert_eq!((mode(&database), mode(&inner)), (0o600, 0o755));
        let (_outer, inner, database) = folder(0o2775);
        fs::write(&database, "").unwrap();
        fs::set_permissions(&database, fs::Permissions::from_mode(0o664)).unwrap();
        make_private(&database);
        assert_eq!((mode(&database), mode(&inner)), (0o664, 0o2775));
    }
}
