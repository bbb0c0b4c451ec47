//! The folder that files go to: made, marked and locked.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::photo::is_whole_file;

/// A longer mark, in bytes, is not ours.
const MARK_MAX: u64 = 1 << 16;

/// A download that was dropped may still be writing its last files: so often another one looks again, and so long it
/// waits in between.
const LOOKS: u32 = 40;
const PAUSE: Duration = Duration::from_millis(50);

/// What is in the folder.
#[derive(PartialEq, Serialize, Deserialize)]
struct FolderMark {
    holds: String,
}

/// A folder that nobody else writes into, as long as this lives: whatever writes keeps it.
#[derive(Debug)]
pub(super) struct DownloadFolder {
    dir: PathBuf,
    _lock: File,
}

impl DownloadFolder {
    /// Takes a folder for what it `holds`; the file `mark` in it says so, and is locked.
    pub(super) async fn open(dir: &Path, mark: &str, holds: String) -> Result<Self> {
        let cannot = |what: String| cannot_use(dir, &what);
        let unusable = |e: io::Error| cannot(e.to_string()).with_hint(DIR_HINT);
        fs::create_dir_all(dir).map_err(unusable)?;
        let path = dir.join(mark);
        let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let mut file = open.map_err(unusable)?;
        if !is_ours(&file).await {
            let busy = cannot("another process is downloading into it".into());
            return Err(busy.with_hint("wait for it, or choose another directory"));
        }
        let mark = FolderMark { holds };
        let mut text = Vec::new();
        Read::by_ref(&mut file).take(MARK_MAX).read_to_end(&mut text).map_err(unusable)?;
        match serde_json::from_slice::<FolderMark>(&text) {
            Ok(found) if found == mark => {}
            Ok(found) => {
                let what = format!("it holds {}", found.holds);
                return Err(cannot(what).with_hint("ask for the same, or choose another directory"));
            }
            Err(_) => {
                let text = serde_json::to_vec(&mark).map_err(|e| cannot(e.to_string()))?;
                file.rewind()
                    .and_then(|()| file.set_len(0))
                    .and_then(|()| file.write_all(&text))
                    .map_err(|e| cannot_write(dir, e))?;
            }
        }
        Ok(Self { dir: dir.to_owned(), _lock: file })
    }

    pub(super) fn path(&self) -> &Path {
        &self.dir
    }

    /// Which of these images have a whole photo in the folder; unfinished ones of an interrupted run are removed.
    pub(super) fn whole_photos(&self, ids: &HashSet<i64>) -> io::Result<HashSet<i64>> {
        let mut whole = HashSet::new();
        for entry in fs::read_dir(&self.dir)? {
            let entry = entry?;
            if !entry.file_type()?.is_dir() {
                note(&entry.path(), ids, &mut whole);
            } else if let Some(photos) = sequence(&entry)? {
                for photo in photos {
                    note(&photo?.path(), ids, &mut whole);
                }
            }
        }
        Ok(whole)
    }
}

/// Whether a file could be locked.
async fn is_ours(file: &File) -> bool {
    for _ in 1..LOOKS {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => tokio::time::sleep(PAUSE).await,
            // Some file systems cannot lock; there it has to do without.
            Ok(()) | Err(TryLockError::Error(_)) => return true,
        }
    }
    false
}

const DIR_HINT: &str = "name a directory that may be written to";

fn cannot_use(dir: &Path, what: &str) -> Error {
    Error::query(format!("cannot write into {}: {what}", dir.display()))
}

/// What is in a folder that may be one of a sequence. Hidden ones and those of others that cannot be read are none.
fn sequence(folder: &fs::DirEntry) -> io::Result<Option<fs::ReadDir>> {
    if folder.file_name().as_encoded_bytes().starts_with(b".") {
        return Ok(None);
    }
    match fs::read_dir(folder.path()) {
        Err(e) if e.kind() == ErrorKind::PermissionDenied => Ok(None),
        photos => photos.map(Some),
    }
}

/// Adds the image whose whole photo this is. Another file of the same name is as good as none.
fn note(path: &Path, ids: &HashSet<i64>, whole: &mut HashSet<i64>) {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return };
    if let Some(id) = name.strip_suffix(".jpg").and_then(image) {
        if ids.contains(&id) && is_whole_file(path).unwrap_or(false) {
            whole.insert(id);
        }
    } else if name.strip_suffix(".jpg.part").and_then(image).is_some() {
        // Nobody else is writing it: the folder is locked.
        let _ = fs::remove_file(path);
    }
}

/// The id of a name as we write it, without zeros or a sign before it.
fn image(stem: &str) -> Option<i64> {
    stem.parse().ok().filter(|id: &i64| id.to_string() == stem)
}

/// An [`Error::Output`] about photos.
pub(super) fn cannot_write(path: &Path, source: io::Error) -> Error {
    Error::Output { path: Some(path.to_owned()), format: "photos", source: Box::new(source) }
}
