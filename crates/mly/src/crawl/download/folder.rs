//! The folder of a download: created, locked against other processes, and marked with what it holds.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, cause_of_output};
use crate::file::{Claim, OwnFile, check_name, open_or_create_own};

/// Most bytes of a mark that are read; downloads write much shorter ones.
const MARK_MAX: u64 = 1 << 16;

/// How often to try the lock, and how long to wait in between: a download of this process that was dropped may still be
/// writing its last files.
const LOOKS: u32 = 40;
const PAUSE: Duration = Duration::from_millis(50);

/// What a folder holds. Without this mark, a download could mix photos of two sizes or clouds of two frames unnoticed.
#[derive(PartialEq, Serialize, Deserialize)]
struct FolderMark {
    holds: String,
}

/// Name of the file that says which process downloads into a folder.
const OWNER: &str = ".mly-owner";

/// A folder that is locked against downloads of other processes until this value is dropped. Every task that writes
/// into the folder has to hold it.
#[derive(Debug)]
pub(super) struct DownloadFolder {
    dir: PathBuf,
    claim: Claim,
    _lock: File,
}

impl DownloadFolder {
    /// Creates or opens a folder and locks it. The file `mark` in it records what it `holds`; a folder that holds
    /// something else is refused.
    pub(super) async fn open(dir: &Path, mark: &str, holds: String) -> Result<Self> {
        let cannot = |what: String| cannot_use(dir, &what);
        let unusable = |e: io::Error| cannot(e.to_string()).with_hint(DIR_HINT);
        check_name(dir)?;
        fs::create_dir_all(dir).map_err(unusable)?;
        let OwnFile { mut file, .. } = open_or_create_own(&dir.join(mark)).map_err(unusable)?;
        let is_locked = match try_lock(&file).await {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => {
                let busy = cannot("another process is downloading into it".into());
                return Err(busy.with_hint("wait for it, or choose another directory"));
            }
            Err(TryLockError::Error(_)) => false,
        };
        let owner = dir.join(OWNER);
        let claim = Claim::take(&owner, is_locked).map_err(|e| match e.kind() {
            ErrorKind::AlreadyExists => {
                let busy =
                    "another process may be downloading into it, and this file system has no locks to tell";
                let hint = format!("wait for it; if there is none, remove {} and try again", owner.display());
                cannot(busy.into()).with_hint(hint)
            }
            _ => unusable(e),
        })?;
        let mark = FolderMark { holds };
        let mut text = Vec::new();
        Read::by_ref(&mut file).take(MARK_MAX).read_to_end(&mut text).map_err(unusable)?;
        match serde_json::from_slice::<FolderMark>(&text) {
            Ok(found) if found == mark => {}
            Ok(found) => {
                let what = format!("it holds {}", found.holds);
                return Err(cannot(what).with_hint("use the same settings, or another directory"));
            }
            Err(_) => {
                let text = serde_json::to_vec(&mark).map_err(|e| cannot(e.to_string()))?;
                file.rewind()
                    .and_then(|()| file.set_len(0))
                    .and_then(|()| file.write_all(&text))
                    .map_err(|e| cannot_write(dir, e))?;
            }
        }
        Ok(Self { dir: dir.to_owned(), claim, _lock: file })
    }

    /// Fails when another process has begun to download into the folder.
    pub(super) fn check(&self) -> Result<()> {
        self.claim.check().map_err(|e| cannot_write(&self.dir, e))
    }

    pub(super) fn path(&self) -> &Path {
        &self.dir
    }
}

/// Tries to lock a file for some time.
async fn try_lock(file: &File) -> Result<(), TryLockError> {
    for _ in 1..LOOKS {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => tokio::time::sleep(PAUSE).await,
            other => return other,
        }
    }
    file.try_lock()
}

const DIR_HINT: &str = "name a directory that may be written to";

fn cannot_use(dir: &Path, what: &str) -> Error {
    Error::query(format!("cannot write into {}: {what}", dir.display()))
}

/// An [`Error::Output`] about photos.
pub(super) fn cannot_write(path: &Path, source: io::Error) -> Error {
    Error::Output { path: Some(path.to_owned()), format: "photos", source: cause_of_output(source) }
}
