//! Downloads photos into shards (tar archives).

use std::collections::HashSet;
use std::sync::Arc;

use futures_util::stream::{StreamExt, TryStreamExt};
use serde_json::Value;

use super::downloaded::Downloaded;
use super::fetch::{MissingPhoto, PhotoFields, PhotoJob, photo_jobs};
use super::files::described;
use super::folder::{DownloadFolder, cannot_write};
use super::plan::Download;
use super::streak::FailureStreak;
use crate::crawl::run::{Run, blocking, joined, spawn};
use crate::error::{Error, Result};
use crate::photo::{Shard, ShardFolder, ShardStats, write_manifest};

/// Photos that may wait in memory for the writer of their shard; each has up to a few megabytes.
const MOST_WAITING: usize = 4;

/// A photo with its id and JSON as it goes into a shard, or why it is missing.
type Sample = Result<(i64, Vec<u8>, Value), (i64, MissingPhoto)>;

/// Writes new shards with the photos that are in no shard yet, one after the other. Shards that are there stay
/// unchanged.
pub(super) async fn download(
    run: &Run,
    ids: &[i64],
    download: &Download,
    folder: &Arc<DownloadFolder>,
) -> Result<Downloaded> {
    let path = folder.path().to_owned();
    let look = move || ShardFolder::of(&path).map_err(|e| cannot_write(&path, e));
    let mut shards = blocking(look).await?;
    let mut done = Downloaded::default();
    let mut left = Vec::new();
    for id in ids {
        if shards.holds(*id) {
            done.skipped += 1;
        } else if let Some(reason) = shards.lasting_reason(*id) {
            done.failed.push((id.to_string(), reason.why().to_owned()));
        } else {
            left.push(*id);
            continue;
        }
        run.counters.answered_before(1);
    }
    let fields = PhotoFields::new(download.size);
    for (number, ids) in shards.free_numbers().zip(left.chunks(download.photos_a_shard)) {
        let shard = Shard::create(folder.path(), number)?;
        let before = done.failed.len();
        let stats = fill(run, &fields, (shard, folder), ids, download, &mut done).await?;
        let failed: HashSet<&str> = done.failed[before..].iter().map(|(id, _)| id.as_str()).collect();
        let held: Vec<i64> = ids.iter().copied().filter(|id| !failed.contains(&*id.to_string())).collect();
        shards.add(stats, &held);
    }
    write_manifest(folder.path(), &shards)?;
    Ok(done)
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
    let samples = photo_jobs(run, fields, ids).map(|job| {
        let (run, fields) = (run.clone(), Arc::clone(fields));
        spawn(async move { sample(&run, &fields, job?).await })
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
                Ok((id, bytes, json)) => shard.add(id, &bytes, &json)?,
                Err((id, missing)) => shard.miss(id, missing.kind),
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
        run.counters.answered();
        match &mut sample {
            Ok(_) => {
                done.written += 1;
                streak.success();
            }
            Err((id, missing)) => stopped = streak.failure(run, *id, missing, done),
        }
        if stopped.is_err() {
            break;
        }
        // Sending fails only when the shard could not be written, and then the writer returns the error.
        if sender.send(sample).await.is_err() {
            break;
        }
    }
    drop(sender);
    let written = joined(writer.await);
    stopped?;
    let (shard, folder) = written?;
    let finish = move || {
        let finished = shard.finish();
        drop(folder);
        finished
    };
    blocking(finish).await
}

async fn sample(run: &Run, fields: &PhotoFields, job: PhotoJob) -> Result<Sample> {
    let (id, mut photo) = match job.into_photo() {
        Ok(photo) => photo,
        Err(missing) => return Ok(Err(missing)),
    };
    let bytes = match run.photo(fields, id, photo.take_url()).await? {
        Ok(bytes) => bytes,
        Err(missing) => return Ok(Err((id, missing))),
    };
    let describe = move || Ok(Ok((id, described(bytes, &photo.shot), photo.json)));
    blocking(describe).await
}
