//! The folder that photos go to: made, marked and locked.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::plan::{Download, Layout};
use crate::error::{Error, Result};

/// Says what is in the folder, and is locked while somebody writes into it.
const MARK: &str = ".mly-download.json";

/// A longer mark, in bytes, is not ours.
const MARK_MAX: u64 = 1 << 16;

#[derive(PartialEq, Serialize, Deserialize)]
struct Mark {
    size: String,
    layout: String,
}

/// A folder that nobody else writes into.
#[derive(Debug)]
pub(super) struct Folder {
    dir: PathBuf,
    _lock: File,
}

impl Folder {
    pub(super) fn open(download: &Download) -> Result<Self> {
        let dir = &download.dir;
        let cannot = |what: String| cannot_use(dir, &what);
        let unusable = |e: io::Error| cannot(e.to_string()).with_hint(DIR_HINT);
        made(dir)?;
        let path = dir.join(MARK);
        let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let mut file = open.map_err(unusable)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                let busy = cannot("another process is downloading into it".into());
                return Err(busy.with_hint("wait for it, or choose another directory"));
            }
            // Some file systems cannot lock; there it has to do without.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        let mark = Mark { size: download.size.name().into(), layout: download.layout.name().into() };
        let mut text = String::new();
        Read::by_ref(&mut file).take(MARK_MAX).read_to_string(&mut text).map_err(unusable)?;
        match serde_json::from_str::<Mark>(&text) {
            Ok(found) if found == mark => {}
            Ok(found) => {
                let what = format!("it holds photos of size {} as {}", found.size, found.layout);
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
        Ok(Self { dir: dir.clone(), _lock: file })
    }

    pub(super) fn path(&self) -> &Path {
        &self.dir
    }

    /// The photos in the folder by id; unfinished ones of an interrupted run are removed.
    pub(super) fn photos(&self) -> io::Result<HashMap<i64, PathBuf>> {
        let mut found = HashMap::new();
        for entry in fs::read_dir(&self.dir)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                for entry in fs::read_dir(entry.path())? {
                    note(entry?.path(), &mut found);
                }
            } else {
                note(entry.path(), &mut found);
            }
        }
        Ok(found)
    }
}

/// Makes a folder if it is not there.
pub(super) fn made(dir: &Path) -> Result<()> {
    fs::create_dir_all(dir).map_err(|e| cannot_use(dir, &e.to_string()).with_hint(DIR_HINT))
}

const DIR_HINT: &str = "name a directory that may be written to";

fn cannot_use(dir: &Path, what: &str) -> Error {
    Error::query(format!("cannot write into {}: {what}", dir.display()))
}

fn note(path: PathBuf, found: &mut HashMap<i64, PathBuf>) {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return };
    if let Some(id) = name.strip_suffix(".jpg").and_then(|stem| stem.parse().ok()) {
        found.insert(id, path);
    } else if name.strip_suffix(".jpg.part").is_some_and(|stem| stem.parse::<i64>().is_ok()) {
        // Nobody else is writing it: the folder is locked.
        let _ = fs::remove_file(path);
    }
}

/// An [`Error::Output`] about photos.
pub(super) fn cannot_write(path: &Path, source: io::Error) -> Error {
    Error::Output { path: Some(path.to_owned()), format: Layout::Files.photos(), source: Box::new(source) }
}

impl Layout {
    /// What is written, for messages.
    fn photos(self) -> &'static str {
        match self {
            Self::Files => "photos",
            Self::WebDataset => "archives of photos",
        }
    }
}
