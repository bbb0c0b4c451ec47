//! What is recorded of complete archives, so that they need not be read to know what is in them.

use std::fs;
use std::path::PathBuf;

use mly::Result;
use serde::{Deserialize, Serialize};

use crate::folder::{DatasetFolder, create_folder, failed, names_in, remove, write_small};

/// Folder of the records.
const RECORDS: &str = "shards";

/// What is recorded of an archive when it is complete.
#[derive(Serialize, Deserialize)]
pub(crate) struct ShardRecord {
    pub(crate) bytes: u64,
    /// Differs when the labels or images do.
    pub(crate) print: String,
    /// The names of photos in it, without extension, with width and height of their photos.
    pub(crate) held: Vec<(String, [u32; 2])>,
}

/// The path of an archive.
pub(crate) fn archive_of(folder: &DatasetFolder, name: &str) -> PathBuf {
    folder.path().join(format!("{name}.tar"))
}

fn record_of(folder: &DatasetFolder, name: &str) -> PathBuf {
    folder.kept(RECORDS).join(format!("{name}.json"))
}

impl ShardRecord {
    /// The record of an archive, if both are there and fit each other.
    pub(crate) fn read(folder: &DatasetFolder, name: &str) -> Option<Self> {
        let record: Self = serde_json::from_slice(&fs::read(record_of(folder, name)).ok()?).ok()?;
        (archive_of(folder, name).metadata().ok()?.len() == record.bytes).then_some(record)
    }

    /// Writes the record.
    ///
    /// # Errors
    /// [`mly::Error::Output`] when it cannot be written.
    pub(crate) fn write(&self, folder: &DatasetFolder, name: &str) -> Result<()> {
        let path = record_of(folder, name);
        let text = serde_json::to_vec(self).map_err(|e| failed(&path, e))?;
        create_folder(&folder.kept(RECORDS))?;
        write_small(&path, &text)
    }

    /// Removes the record of an archive.
    ///
    /// # Errors
    /// [`mly::Error::Output`] when it cannot be removed.
    pub(crate) fn remove(folder: &DatasetFolder, name: &str) -> Result<()> {
        remove(&record_of(folder, name))
    }
}

/// The names of photos, without extension, in all archives that are recorded.
///
/// # Errors
/// [`mly::Error::Output`] when the folder cannot be read.
pub(crate) fn recorded(folder: &DatasetFolder) -> Result<Vec<String>> {
    let names = names_in(&folder.kept(RECORDS))?;
    let names = names.iter().filter_map(|name| name.strip_suffix(".json"));
    let records = names.filter_map(|name| ShardRecord::read(folder, name));
    Ok(records.flat_map(|record| record.held).map(|(stem, _)| stem).collect())
}
