//! Looks which photos a folder has already.

use std::collections::HashSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use super::folder::DownloadFolder;
use crate::file::PART;
use crate::photo::is_whole_file;

impl DownloadFolder {
    /// Which of these images have a complete photo in the folder. Unfinished files of interrupted downloads are
    /// removed.
    pub(super) fn whole_photos(&self, ids: &HashSet<i64>) -> io::Result<HashSet<i64>> {
        let mut whole = HashSet::new();
        for entry in fs::read_dir(self.path())? {
            let entry = entry?;
            let kind = entry.file_type()?;
            // The photos of a sequence may be in a folder elsewhere, to which there is a link.
            if !(kind.is_dir() || kind.is_symlink() && entry.path().is_dir()) {
                take_note_of(&entry.path(), ids, &mut whole);
            } else if let Some(photos) = photos_of_sequence(&entry)? {
                for photo in photos {
                    take_note_of(&photo?.path(), ids, &mut whole);
                }
            }
        }
        Ok(whole)
    }
}

/// The files of a folder that may hold the photos of a sequence; `None` for hidden folders, and for those that this
/// user may not read.
fn photos_of_sequence(folder: &fs::DirEntry) -> io::Result<Option<fs::ReadDir>> {
    if folder.file_name().as_encoded_bytes().starts_with(b".") {
        return Ok(None);
    }
    match fs::read_dir(folder.path()) {
        Err(e) if e.kind() == ErrorKind::PermissionDenied => Ok(None),
        photos => photos.map(Some),
    }
}

/// Adds the id of the image if the file is a complete photo of it, and removes the file if it is unfinished.
fn take_note_of(path: &Path, ids: &HashSet<i64>, whole: &mut HashSet<i64>) {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return };
    if let Some(id) = name.strip_suffix(".jpg").and_then(image_id) {
        if ids.contains(&id) && is_whole_file(path).unwrap_or(false) {
            whole.insert(id);
        }
    } else if name.strip_suffix(PART).and_then(|name| name.strip_suffix(".jpg")).and_then(image_id).is_some()
    {
        // An interrupted download has left it. No other process is writing it, because the folder is locked.
        let _ = fs::remove_file(path);
    }
}

/// The id in a file name, if it is written as downloads write it: without a plus sign and without leading zeros.
fn image_id(stem: &str) -> Option<i64> {
    stem.parse().ok().filter(|id: &i64| id.to_string() == stem)
}
