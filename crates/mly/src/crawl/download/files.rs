//! Downloads photos as one file each.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::stream::{StreamExt, TryStreamExt};
use img_parts::Bytes;

use super::downloaded::Downloaded;
use super::fetch::{MissingPhoto, PhotoFields, PhotoJob, photo_jobs};
use super::folder::{DownloadFolder, cannot_write};
use super::plan::Download;
use super::streak::FailureStreak;
use crate::crawl::run::{Run, blocking, spawn};
use crate::error::Result;
use crate::file::{PART, create_own};
use crate::http::{MemoryBudget, MemoryShare};
use crate::name::photo_path;
use crate::photo::{PhotoTags, with_metadata};

/// Downloads the photos that are not in the folder yet.
pub(super) async fn download(
    run: &Run,
    ids: &[i64],
    download: &Download,
    folder: Arc<DownloadFolder>,
) -> Result<Downloaded> {
    let left = without_photo(&folder, ids).await?;
    let mut done = Downloaded { skipped: (ids.len() - left.len()) as u64, ..Downloaded::default() };
    run.counters.answered_before(done.skipped);
    let fields = PhotoFields::new(download.size);
    let memory = MemoryBudget::new();
    let outcomes = photo_jobs(run, &fields, &left).map(|job| {
        let (run, fields, folder) = (run.clone(), Arc::clone(&fields), Arc::clone(&folder));
        let (folders, share) = (Arc::clone(&download.folders), memory.share());
        spawn(async move { fetch(&run, &fields, (folder, folders), job?, share).await })
    });
    let mut outcomes = outcomes.buffer_unordered(download.concurrency);
    let mut streak = FailureStreak::default();
    while let Some(outcome) = outcomes.try_next().await? {
        run.counters.answered();
        match outcome {
            Ok(()) => {
                done.written += 1;
                streak.success();
            }
            Err((id, mut missing)) => streak.failure(id, &mut missing, &mut done)?,
        }
    }
    Ok(done)
}

/// The images whose photos are not complete in the folder. It may hold millions of files, so it is searched off the I/O
/// threads.
async fn without_photo(folder: &Arc<DownloadFolder>, ids: &[i64]) -> Result<Vec<i64>> {
    let (folder, mut ids) = (Arc::clone(folder), ids.to_vec());
    let look = move || {
        let whole = folder.whole_photos(&ids.iter().copied().collect::<HashSet<_>>());
        let whole = whole.map_err(|e| cannot_write(folder.path(), e))?;
        ids.retain(|id| !whole.contains(id));
        Ok(ids)
    };
    blocking(look).await
}

/// Fetches and writes one photo. The outer error stops the whole download, the inner one concerns only this photo.
async fn fetch(
    run: &Run,
    fields: &PhotoFields,
    (folder, folders): (Arc<DownloadFolder>, Arc<HashMap<i64, String>>),
    job: PhotoJob,
    share: MemoryShare,
) -> Result<Result<(), (i64, MissingPhoto)>> {
    let (id, mut photo) = match job.into_photo() {
        Ok(photo) => photo,
        Err(missing) => return Ok(Err(missing)),
    };
    let bytes = match run.photo(fields, id, photo.take_url(), &share).await? {
        Ok(bytes) => bytes,
        Err(missing) => return Ok(Err((id, missing))),
    };
    let write = move || {
        let within = folders.get(&id).or(photo.shot.sequence.as_ref());
        let path = folder.path().join(photo_path(within.map(String::as_str), id));
        let written = write_whole(&path, &described(bytes, &photo.shot)).map_err(|e| cannot_write(&path, e));
        drop(share);
        written
    };
    blocking(write).await.map(Ok)
}

/// The photo with metadata written into it, or unchanged if that fails: a photo without metadata is better than none.
pub(super) fn described(bytes: Vec<u8>, shot: &PhotoTags) -> Vec<u8> {
    let bytes = Bytes::from(bytes);
    match with_metadata(bytes.clone(), shot) {
        Ok(described) => described,
        Err(why) => {
            tracing::debug!(id = shot.id, %why, "metadata could not be written");
            bytes.into()
        }
    }
}

/// Writes a file under a name of ours and renames it, so that it is never incomplete if this process is killed.
///
/// The file is not synced, since that would take longer than the download. After a loss of power its end may be
/// missing, which the next download detects with [`is_whole_file`](crate::photo::is_whole_file), and fetches the photo
/// again.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = part_of(path);
    let write = || create_own(&part)?.write_all(bytes);
    let written = write().or_else(|error| match path.parent() {
        Some(folder) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(folder)?;
            write()
        }
        _ => Err(error),
    });
    written.and_then(|()| fs::rename(&part, path)).inspect_err(|_| {
        // Nothing can resume from it. If it cannot be removed, the next download does so.
        let _ = fs::remove_file(&part);
    })
}

fn part_of(path: &Path) -> PathBuf {
    let mut part = path.as_os_str().to_owned();
    part.push(PART);
    PathBuf::from(part)
}
