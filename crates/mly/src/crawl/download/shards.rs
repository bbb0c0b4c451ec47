//! Photos in archives.

use std::sync::Arc;

use futures_util::stream::{StreamExt, TryStreamExt};
use serde_json::Value;

use super::fetch::{Job, Missing, Wanted};
use super::files::described;
use super::folder::Folder;
use super::plan::Download;
use super::{Downloaded, jobs};
use crate::crawl::ask::{Run, joined, spawn};
use crate::error::{Error, Result};
use crate::photo::{Shard, Stats, fingerprint, write_manifest};

/// Photos that wait for the writer of their archive.
const BESIDE: usize = 4;

/// A photo as it goes into an archive.
type Sample = Result<(i64, Vec<u8>, Value), (i64, Missing)>;

/// Makes the archives that are not there yet, one after the other.
pub(super) async fn download(
    run: &Run,
    ids: &[i64],
    download: &Download,
    folder: &Arc<Folder>,
) -> Result<Downloaded> {
    let mut done = Downloaded::default();
    let mut all = Vec::new();
    let wanted = Wanted::new(download.size);
    for (number, ids) in (0..).zip(ids.chunks(download.photos_a_shard)) {
        let asked = fingerprint(ids, download.size.name());
        if let Some(stats) = Shard::finished(folder.path(), number, &asked).filter(|stats| !stats.may_grow())
        {
            done.skipped += stats.successes;
            for (lack, ids) in &stats.lacks {
                done.failed.extend(ids.iter().map(|id| (id.to_string(), lack.why().to_owned())));
            }
            for _ in ids {
                run.tally.answered();
            }
            all.push(stats);
            continue;
        }
        let shard = Shard::create(folder.path(), number, asked)?;
        all.push(fill(run, &wanted, (shard, folder), ids, download, &mut done).await?);
    }
    write_manifest(folder.path(), &all)?;
    Ok(done)
}

/// Fills one archive in the order of the ids.
async fn fill(
    run: &Run,
    wanted: &Arc<Wanted>,
    (shard, folder): (Shard, &Arc<Folder>),
    ids: &[i64],
    download: &Download,
    done: &mut Downloaded,
) -> Result<Stats> {
    let samples = jobs(run, wanted, ids).map(|job| {
        let (run, wanted) = (run.clone(), Arc::clone(wanted));
        spawn(async move { sample(&run, &wanted, job?).await })
    });
    let mut samples = samples.buffered(download.concurrency);
    // The archive is written beside the requests; the channel is short, so photos do not pile up.
    let (sender, mut receiver) = tokio::sync::mpsc::channel::<Sample>(BESIDE);
    let folder = Arc::clone(folder);
    let writer = tokio::task::spawn_blocking(move || {
        // The folder stays locked until the archive is gone or in its place.
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
    loop {
        let sample = match samples.try_next().await {
            Ok(Some(sample)) => sample,
            Ok(None) => break,
            Err(error) => {
                stopped = Err(error);
                break;
            }
        };
        run.tally.answered();
        match &sample {
            Ok(_) => done.written += 1,
            Err((id, missing)) => done.failed.push((id.to_string(), missing.why.clone())),
        }
        // The receiver goes away only when the archive cannot be written, and then the writer says why.
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
    joined(tokio::task::spawn_blocking(finish).await)
}

async fn sample(run: &Run, wanted: &Wanted, job: Job) -> Result<Sample> {
    let (id, mut photo) = match job.into_photo() {
        Ok(photo) => photo,
        Err(missing) => return Ok(Err(missing)),
    };
    let bytes = match run.photo(wanted, id, photo.take_address()).await? {
        Ok(bytes) => bytes,
        Err(missing) => return Ok(Err((id, missing))),
    };
    let describe = move || Ok(Ok((id, described(bytes, &photo.shot), photo.json)));
    joined(tokio::task::spawn_blocking(describe).await)
}
