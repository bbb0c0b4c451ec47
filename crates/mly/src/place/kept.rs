//! Answers that are kept for a month, and the turn of the processes that ask.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use ring::digest::{SHA256, digest};
use url::Url;

use crate::file::{OwnFile, open_or_create_own};

/// How long an answer is used: outlines of places seldom change.
const MONTH: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The least time between two requests.
const PAUSE: Duration = Duration::from_secs(1);

/// How often a process looks whether it is its turn.
const GLANCE: Duration = Duration::from_millis(50);

/// A folder with one file for each answer.
///
/// Failures are ignored: who cannot keep an answer asks again.
#[derive(Debug)]
pub(super) struct KeptAnswers {
    folder: PathBuf,
}

/// The right to ask now. When it is dropped, the next may ask a second later.
pub(super) struct Turn(Option<File>);

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(file) = &self.0 {
            let _ = file.set_modified(SystemTime::now());
        }
    }
}

impl KeptAnswers {
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.join("places") }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The answer to a request, if there is one that is not too old.
    pub(super) fn read(&self, url: &Url) -> Option<String> {
        let path = self.path(url);
        let age =
            SystemTime::now().duration_since(path.metadata().ok()?.modified().ok()?).unwrap_or_default();
        (age <= MONTH).then(|| fs::read_to_string(path).ok())?
    }

    pub(super) fn write(&self, url: &Url, text: &str) {
        let path = self.path(url);
        let part = path.with_extension(format!("{}.part", std::process::id()));
        if fs::write(&part, text).and_then(|()| fs::rename(&part, &path)).is_err() {
            let _ = fs::remove_file(part);
        }
    }

    /// Waits until no other process asks, and a second has passed since the last one did.
    pub(super) async fn turn(&self) -> Turn {
        let _ = fs::create_dir_all(&self.folder);
        let Ok(own) = open_or_create_own(&self.folder.join("turn")) else { return Turn(None) };
        let OwnFile { file, is_new } = own;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(fs::TryLockError::WouldBlock) => tokio::time::sleep(GLANCE).await,
                // Some file systems have no locks.
                Err(fs::TryLockError::Error(_)) => return Turn(None),
            }
        }
        let last = file.metadata().and_then(|found| found.modified());
        let since = last.ok().and_then(|last| SystemTime::now().duration_since(last).ok());
        if let Some(wait) = since.and_then(|since| PAUSE.checked_sub(since)).filter(|_| !is_new) {
            tokio::time::sleep(wait).await;
        }
        Turn(Some(file))
    }

    fn path(&self, url: &Url) -> PathBuf {
        let hash = digest(&SHA256, url.as_str().as_bytes());
        let name = hash.as_ref().first_chunk().map_or(0, |bytes| u128::from_be_bytes(*bytes));
        self.folder.join(format!("{name:032x}.json"))
    }
}
