//! The folder of a data set: created, locked against other processes, and marked with what it holds.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use mly::sink::Destination;
use mly::{Error, Result};

use crate::mark::Mark;

/// Folder within the data set for what is kept between runs. Readers of data sets ignore hidden folders.
const KEPT: &str = ".mly";

/// Name of the file in it that says which data set it is.
const MARK: &str = "dataset.json";

/// Most bytes of a mark that are read; ours are much shorter unless there are thousands of classes.
const MARK_MAX: u64 = 16 << 20;

/// How errors name the format of what is written.
const FORMAT: &str = "the data set";

/// A folder that holds a data set or nothing, locked against other processes until this value is dropped.
#[derive(Debug)]
pub(crate) struct DatasetFolder {
    dir: PathBuf,
    _lock: File,
}

impl DatasetFolder {
    /// Creates or opens a folder and locks it.
    ///
    /// # Errors
    /// [`Error::InvalidQuery`] when it holds something else, another data set, or another process writes into it.
    pub(crate) fn open(dir: &Path, mark: &Mark) -> Result<Self> {
        let cannot = |what: &str| Error::query(format!("cannot write into {}: {what}", dir.display()));
        let unusable =
            |e: io::Error| cannot(&e.to_string()).with_hint("name a directory that may be written to");
        let kept = dir.join(KEPT);
        if dir.exists() && !kept.exists() {
            let mut entries = fs::read_dir(dir).map_err(unusable)?;
            if entries.next().is_some() {
                return Err(cannot("it holds other files").with_hint("name a new or empty directory"));
            }
        }
        fs::create_dir_all(&kept).map_err(unusable)?;
        let path = kept.join(MARK);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(unusable)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                return Err(cannot("another process is making a data set in it")
                    .with_hint("wait for it, or choose another directory"));
            }
            // Some network file systems have no locks.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        let mut text = Vec::new();
        Read::by_ref(&mut file).take(MARK_MAX).read_to_end(&mut text).map_err(unusable)?;
        if let Ok(found) = serde_json::from_slice::<Mark>(&text) {
            if let Some(how) = mark.difference(&found) {
                return Err(cannot(&format!("it holds another data set; {how}"))
                    .with_hint("use the same settings and ids, or another directory"));
            }
        } else {
            // A process was stopped before it had written the mark, and so before it had written anything else.
            let text = serde_json::to_vec_pretty(mark).map_err(|e| cannot(&e.to_string()))?;
            file.set_len(0)
                .and_then(|()| file.rewind())
                .and_then(|()| file.write_all(&text))
                .map_err(|e| failed(&path, e))?;
        }
        Ok(Self { dir: dir.to_owned(), _lock: file })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.dir
    }

    /// A place for what is kept between runs.
    pub(crate) fn kept(&self, name: &str) -> PathBuf {
        self.dir.join(KEPT).join(name)
    }
}

/// Names of the files in a folder, sorted; none if it is not there.
pub(crate) fn names_in(folder: &Path) -> Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|e| failed(folder, e))?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|e| failed(folder, e))?;
        names.extend(entry.file_name().into_string());
    }
    names.sort();
    Ok(names)
}

/// An [`Error::Output`] about a file of a data set.
pub(crate) fn failed(path: &Path, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Output { path: Some(path.to_owned()), format: FORMAT, source: source.into() }
}

/// Creates a folder, if it is not there.
pub(crate) fn create_folder(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(|e| failed(folder, e))
}

/// Removes a file, if it is there.
pub(crate) fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(failed(path, e)),
        _ => Ok(()),
    }
}

/// Writes a small file, unless it holds these bytes already.
///
/// It is not synced, since there may be a hundred thousand of them. The next run compares and mends what a loss of power
/// may have cut.
pub(crate) fn write_small(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|found| found == bytes) {
        return Ok(());
    }
    let part = Destination::part_of(path);
    fs::write(&part, bytes).and_then(|()| fs::rename(&part, path)).map_err(|e| failed(path, e))
}

/// Writes a file that is whole or not there.
pub(crate) fn write_whole(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let mut writer = io::BufWriter::with_capacity(1 << 20, Destination::file(path, true)?);
    let written =
        write(&mut writer).and_then(|()| writer.into_inner().map_err(io::IntoInnerError::into_error));
    written.and_then(Destination::commit).map_err(|e| failed(path, e))
}
