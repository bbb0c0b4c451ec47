//! The final name of a result: what stands there already, and whether it may be replaced.

use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::claim::random;
use super::mount::is_mount;
use super::own::{LockedFile, OwnFile, is_at, is_same, lock, open_or_create_own};
use super::unfit::check_name;
use crate::error::{Error, Hint, Interference, Result};

/// Most links that are followed to the end of a path, as many as Linux follows.
const MOST_LINKS: usize = 40;

/// What the name of a file ends with while it is written. Files of others have other names.
pub(crate) const PART: &str = ".mly.part";

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
    /// Looks at a path. Symbolic links are followed, so that the file is replaced and not the link. If a link leads to
    /// nothing, the file will be where it leads.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when it is a directory, a device that cannot be written to, a file that cannot be
    /// replaced because it is mounted, or on Windows no name of a file.
    pub(crate) fn find(path: &Path, overwrite: bool) -> Result<WriteTarget> {
        let cannot = |what: String| Error::query(format!("cannot write {}: {what}", path.display()));
        // `/dev/stdout` is a link to a pipe that has no path, so devices are opened by the name that was given.
        let is_place = path.metadata().is_ok_and(|found| !found.is_file() && !found.is_dir());
        let linked =
            if !is_place && path.is_symlink() { Some(end_of_link(path).map_err(&cannot)?) } else { None };
        let path = linked.as_deref().unwrap_or(path);
        check_name(path)?;
        let found = path.metadata().ok();
        match &found {
            Some(found) if found.is_dir() => {
                Err(cannot("it is a directory".into()).with_hint("name a file in it"))
            }
            Some(found) if !found.is_file() => {
                let device = OpenOptions::new().write(true).open(path).map_err(|e| cannot(e.to_string()))?;
                Ok(WriteTarget::Device(device))
            }
            Some(_) if overwrite && is_mount(path) => {
                let what = "it is mounted from another place, so it cannot be replaced";
                Err(cannot(what.into()).with_hint("mount the directory that it is in, or name another file"))
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

    /// Fails when the file existed at first and may not be replaced.
    pub(crate) fn check(&self) -> Result<()> {
        if self.found.is_some() && !self.overwrite { Err(self.exists_already()) } else { Ok(()) }
    }

    /// Fails when the file exists now and may not be replaced: another process may have finished it meanwhile.
    pub(crate) fn check_again(&self) -> Result<()> {
        self.check_still_free().map_err(|_exists| self.exists_already())
    }

    fn exists_already(&self) -> Error {
        Error::query(format!("{} exists already", self.path.display())).with_hint(Hint::Overwrite)
    }

    /// The path with an extension appended: a file in the same folder.
    pub(crate) fn beside(&self, extension: &str) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(extension);
        PathBuf::from(name)
    }

    /// Creates the file that is renamed to this path when it is complete, and locks it.
    ///
    /// One that an earlier process has left is removed first, since it may be a second name of a complete file. Where
    /// there are no locks, nobody can tell whether it was left, so another name is chosen.
    ///
    /// # Errors
    /// As [`lock`].
    pub(crate) fn part(&self) -> Result<(PathBuf, File), TryLockError> {
        let part = self.beside(PART);
        loop {
            let LockedFile { own: OwnFile { file, is_new }, is_locked } = lock(&part)?;
            if is_new {
                return Ok((part, file));
            }
            if is_locked {
                fs::remove_file(&part).map_err(TryLockError::Error)?;
            } else {
                let part = self.beside(&format!(".{}{PART}", random()));
                let own = open_or_create_own(&part).map_err(TryLockError::Error)?;
                return Ok((part, own.file));
            }
        }
    }

    /// Renames a complete file to this path, with the permissions of the file that it replaces.
    ///
    /// # Errors
    /// Among others, when another program has removed the complete file, or when it has created a file of this name
    /// that may not be replaced.
    pub(crate) fn put(&self, part: &Path, file: &File) -> io::Result<()> {
        if !is_at(file, part) {
            return Err(io::Error::other(Interference::Changed { file: part.to_owned() }));
        }
        if let Some(found) = &self.found {
            file.set_permissions(found.permissions())?;
        }
        // Without this, the new name could survive a loss of power and the bytes not.
        file.sync_data()?;
        if self.overwrite { fs::rename(part, &self.path) } else { rename_new(part, &self.path) }
    }

    /// Fails when another program has meanwhile created a file of this name that may not be replaced. So does
    /// [`Target::put`]; this is for those who must know before.
    pub(crate) fn check_still_free(&self) -> io::Result<()> {
        if !self.overwrite && self.path.symlink_metadata().is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        Ok(())
    }

    /// Fails when files of a folder cannot be renamed to this path because the folder is a link, or on another file
    /// system.
    pub(crate) fn check_folder(&self, folder: &Path) -> Result<()> {
        let cannot = |what: &str, hint: &'static str| {
            Err(Error::query(format!("cannot write {}: {} {what}", self.path.display(), folder.display()))
                .with_hint(hint))
        };
        // If it has been removed since, that is noticed by whoever creates a file in it.
        let Ok(found) = folder.symlink_metadata() else { return Ok(()) };
        if !found.is_dir() {
            return cannot("is a link or a file", "remove it, or choose another name");
        }
        let parent = self.path.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."));
        let is_same_device = parent.metadata().is_ok_and(|parent| is_on_same_device(&found, &parent));
        if !is_same_device || is_mount(folder) {
            let hint = "remove it, or choose another name";
            return cannot("is on another file system, from which a file cannot be renamed", hint);
        }
        Ok(())
    }

    /// Whether an unfinished file has got this name already, because a process stopped right after renaming it. A
    /// rename by hard link leaves both names for a moment.
    pub(crate) fn was_given_to(&self, part: &Path) -> bool {
        match part.metadata() {
            Ok(_) => self.found.is_some() && is_same(part, &self.path),
            Err(e) => e.kind() == io::ErrorKind::NotFound,
        }
    }

    /// The error for a place that another process may have claimed, where there are no locks to tell.
    pub(crate) fn refused_without_locks(&self, owner: &Path) -> Error {
        let what = format!(
            "cannot write {}: another process may be writing it, and this file system has no locks to tell",
            self.path.display()
        );
        Error::query(what)
            .with_hint(format!("wait for it; if there is none, remove {} and try again", owner.display()))
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
    match fs::hard_link(from, to) {
        Ok(()) => {
            // The file is complete and has its name. That it has another one too does no harm.
            let _ = fs::remove_file(from);
            Ok(())
        }
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Err(e),
        // Some file systems have no hard links. There, another process could create the file between these two calls.
        Err(_) if to.try_exists()? => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(from, to),
    }
}

/// Where a link leads to in the end, whether or not there is a file.
///
/// # Errors
/// Why there can be no file.
fn end_of_link(path: &Path) -> Result<PathBuf, String> {
    if let Ok(end) = path.canonicalize() {
        return Ok(end);
    }
    let mut end = path.to_owned();
    for _ in 0..MOST_LINKS {
        let parent = end.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."));
        let Ok(parent) = parent.canonicalize() else {
            return Err(format!("it is a link to {}, and there is no such directory", end.display()));
        };
        end = end.file_name().map(|name| parent.join(name)).unwrap_or(parent);
        match fs::read_link(&end) {
            Ok(next) => end = end.parent().unwrap_or(Path::new("/")).join(next),
            Err(_) => return Ok(end),
        }
    }
    Err("it is a link that leads in a circle".to_owned())
}

#[cfg(unix)]
fn is_on_same_device(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;

    a.dev() == b.dev()
}

/// On Windows only a link leads to another device.
#[cfg(not(unix))]
fn is_on_same_device(_: &Metadata, _: &Metadata) -> bool {
    true
}
