//! A file that says which process writes at a place.
//!
//! A lock of the system says it too, but some network file systems have none, and others lock only against processes of
//! the same machine. The owner file is therefore created exclusively where there are no locks, and looked at before each
//! step that must not be done twice.

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::{BuildHasher, Hasher};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::own::{create_own, open_or_create_own, open_own};
use crate::error::Interference;

/// The right of this process to write at a place. The owner file is removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Claim {
    path: PathBuf,
    /// Differs from that of every other claim.
    content: String,
}

impl Claim {
    /// Claims the place that an owner file stands for. With `is_locked`, a lock keeps others away, so that an owner
    /// file that is there was left by a process that has ended.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`] when there is no lock and an owner file is there.
    pub(crate) fn take(path: &Path, is_locked: bool) -> io::Result<Self> {
        let content = format!("process {}, {}\n", std::process::id(), random());
        let claim = Self { path: path.to_owned(), content };
        if is_locked {
            let mut file = match open_or_create_own(path) {
                // A link is removed.
                Err(e) if e.kind() == ErrorKind::InvalidInput => create_own(path)?,
                own => own?.file,
            };
            file.set_len(0)?;
            file.write_all(claim.content.as_bytes())?;
        } else if !claim.write_if_missing()? {
            return Err(ErrorKind::AlreadyExists.into());
        }
        Ok(claim)
    }

    /// Creates the owner file, if there is none.
    fn write_if_missing(&self) -> io::Result<bool> {
        let mut own = open_or_create_own(&self.path)?;
        if own.is_new {
            own.file.write_all(self.content.as_bytes())?;
        }
        Ok(own.is_new)
    }

    /// Fails when another process has claimed the place. An owner file that is missing, perhaps because a cleaner has
    /// removed it, is created again.
    pub(crate) fn check(&self) -> io::Result<()> {
        if self.is_ours()? || (!self.path.exists() && self.write_if_missing()?) {
            return Ok(());
        }
        Err(io::Error::other(Interference::Claimed { by: self.path.clone() }))
    }

    fn is_ours(&self) -> io::Result<bool> {
        match open_own(&self.path) {
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(false),
            file => Ok(io::read_to_string(io::Read::take(file?, 1024))? == self.content),
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if self.is_ours().unwrap_or(false) {
            // If it cannot be removed, the next process is told to do so, or removes it under its lock.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Text that no other call returns.
pub(crate) fn random() -> String {
    // Every `RandomState` has keys of its own, which begin with random numbers of the system.
    let number = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", number(), number())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_locks_a_place_is_claimed_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("owner");
        let first = Claim::take(&path, false).unwrap();
        first.check().unwrap();
        assert_eq!(Claim::take(&path, false).unwrap_err().kind(), ErrorKind::AlreadyExists);
        first.check().unwrap();
        drop(first);
        assert!(!path.exists());
        Claim::take(&path, false).unwrap();
    }

    #[test]
    fn a_claim_that_another_process_takes_over_is_noticed_and_one_that_was_lost_is_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("owner");
        let first = Claim::take(&path, true).unwrap();
        fs::remove_file(&path).unwrap();
        first.check().unwrap();
        let second = Claim::take(&path, true).unwrap();
        assert!(first.check().is_err());
        drop(first);
        second.check().unwrap();
    }
}
