//! Downloads photos into shards (tar archives).

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use futures_util::stream::{StreamExt, TryStreamExt};
use serde_json::Value;

use super::downloaded::Downloaded;
use super::fetch::{MissingPhoto, PhotoFields, PhotoJob, photo_jobs, why};
use super::files::described;
use super::folder::{DownloadFolder, cannot_write};
use super::plan::Download;
use super::streak::FailureStreak;
use crate::crawl::run::{Run, blocking, joined, spawn};
use crate::error::{Error, Result};
use crate::http::{MemoryBudget, MemoryShare};
use crate::photo::{Shard, ShardFolder, ShardStats, remove_leftovers, unfinished_shards, write_manifest};

/// Photos that may wait in memory for the writer of their shard; each has up to a few megabytes.
const MOST_WAITING: usize = 4;

/// A photo with its id and JSON as it goes into a shard, or why it is missing.
type Sample = Result<(i64, Vec<u8>, Value, MemoryShare), (i64, MissingPhoto)>;

/// Adds the photos that are in no shard yet: first to a shard that an earlier download has left unfinished, and then to
/// new ones. Shards that are complete stay unchanged.
pub(super) async fn download(
    run: &Run,
    ids: &[i64],
    download: &Download,
    folder: &Arc<DownloadFolder>,
) -> Result<Downloaded> {
    let path = folder.path().to_owned();
    let (mut shards, unfinished) = blocking(move || look(&path)).await?;
    let mut done = Downloaded::default();
    let mut left = Vec::new();
    for id in ids {
        if shards.holds(*id) {
            done.skipped += 1;
        } else if let Some(reason) = shards.lasting_reason(*id) {
            done.failed.push((id.to_string(), why(reason).to_owned()));
        } else {
            left.push(*id);
            continue;
        }
        run.counters.answered_before(1);
    }
    let fields = PhotoFields::new(download.size);
    let mut left = left.as_slice();
    let mut unfinished = unfinished.into_iter();
    loop {
        let shard = match unfinished.next() {
            Some(shard) => shard,
            None if left.is_empty() => break,
            None => {
                let Some(number) = shards.free_numbers().next() else { break };
                Shard::open(folder.path(), number)?
            }
        };
        let has = usize::try_from(shard.count()).unwrap_or(usize::MAX);
        let (ids, later) = left.split_at(download.photos_a_shard.saturating_sub(has).min(left.len()));
        left = later;
        let before = done.failed.len();
        let stats = fill(run, &fields, (shard, folder), ids, download, &mut done).await?;
        let failed: HashSet<&str> = done.failed[before..].iter().map(|(id, _)| id.as_str()).collect();
        let held: Vec<i64> = ids.iter().copied().filter(|id| !failed.contains(&*id.to_string())).collect();
        shards.add(stats, &held);
    }
    write_manifest(folder.path(), &shards)?;
    Ok(done)
}

/// The shards of a folder, and those that are not finished.
fn look(dir: &Path) -> Result<(ShardFolder, Vec<Shard>)> {
    let cannot_read = |e| cannot_write(dir, e);
    let mut shards = ShardFolder::of(dir).map_err(cannot_read)?;
    let mut unfinished = Vec::new();
    for number in unfinished_shards(dir).map_err(cannot_read)? {
        if shards.has(number) {
            remove_leftovers(dir, number);
            continue;
        }
        let shard = Shard::open(dir, number)?;
        shards.add_part(&shard.kept());
        unfinished.extend((shard.count() > 0).then_some(shard));
    }
    Ok((shards, unfinished))
}

/// Fills one shard, in the order of the ids.
async fn fill(
    run: &Run,
    fields: &Arc<PhotoFields>,
    (shard, folder): (Shard, &Arc<DownloadFolder>),
    ids: &[i64],
    download: &Download,
    done: &mut Downloaded,
) -> Result<ShardStats> {
    let memory = MemoryBudget::new();
    let samples = photo_jobs(run, fields, ids).map(|job| {
        let (run, fields, share) = (run.clone(), Arc::clone(fields), memory.share());
        spawn(async move { sample(&run, &fields, job?, share).await })
    });
    let mut samples = samples.buffered(download.concurrency);
    // The shard is written on another thread. The channel is short, so that photos do not pile up in memory.
    let (sender, mut receiver) = tokio::sync::mpsc::channel::<Sample>(MOST_WAITING);
    let folder = Arc::clone(folder);
    let writer = tokio::task::spawn_blocking(move || {
        // This thread may outlive the download. It holds the folder, so that the lock lasts until the shard is complete
        // or removed.
        let folder = folder;
        let mut shard = shard;
        while let Some(sample) = receiver.blocking_recv() {
            match sample {
                Ok((id, bytes, json, _share)) => shard.add(id, &bytes, &json)?,
                Err((id, missing)) => shard.miss(id, missing.kind)?,
            }
        }
        Ok::<_, Error>((shard, folder))
    });
    let mut stopped = Ok(());
    let mut streak = FailureStreak::default();
    loop {
        let mut sample = match samples.try_next().await {
            Ok(Some(sample)) => sample,
            Ok(None) => break,
            Err(error) => {
                stopped = Err(error);
                break;
            }
        };
        match &mut sample {
            Ok(_) => {
                done.written += 1;
                streak.success();
            }
            Err((id, missing)) => stopped = streak.failure(*id, missing, done),
        }
        if stopped.is_err() {
            break;
        }
        // Sending fails only when the shard could not be written, and then the writer returns the error.
        if sender.send(sample).await.is_err() {
            break;
        }
        // What the writer has is written and kept, also if the download stops here.
        run.counters.answered();
    }
    drop(sender);
    let written = joined(writer.await);
    stopped?;
    let (shard, folder) = written?;
    let finish = move || {
        let finished = folder.check().and_then(|()| shard.finish());
        drop(folder);
        finished
    };
    blocking(finish).await
}

async fn sample(run: &Run, fields: &PhotoFields, job: PhotoJob, share: MemoryShare) -> Result<Sample> {
    let (id, mut photo) = match job.into_photo() {
        Ok(photo) => photo,
        Err(missing) => return Ok(Err(missing)),
    };
    let bytes = match run.photo(fields, id, photo.take_url(), &share).await? {
        Ok(bytes) => bytes,
        Err(missing) => return Ok(Err((id, missing))),
    };
    let describe = move || Ok(Ok((id, described(bytes, &photo.shot), photo.json, share)));
    blocking(describe).await
}
