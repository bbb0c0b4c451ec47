//! Downloads the point clouds of the clusters that images belong to.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, RecordBatch};
use futures_util::stream::{TryStreamExt, iter};

use super::downloaded::{Downloaded, NO_IMAGE, message};
use super::folder::DownloadFolder;
use crate::cloud::{CloudFormat, Frame, decode};
use crate::crawl::entities::EntityFields;
use crate::crawl::run::Run;
use crate::error::{Result, Unreadable};
use crate::file::Destination;
use crate::http::{FileFailure, MemoryBudget, MemoryShare};
use crate::query::Entity;

/// Where point clouds are written, and in which format: one file for each cluster, such as `CLUSTER.ply`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a download does nothing until a client runs it"]
pub struct Clouds {
    dir: PathBuf,
    format: CloudFormat,
    frame: Frame,
}

impl Clouds {
    /// Writes clouds into this folder, as PLY in metres around their origin. The folder is created if it does not
    /// exist.
    pub fn into(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into(), format: CloudFormat::Ply, frame: Frame::Enu }
    }

    /// Sets the format.
    pub fn with_format(mut self, format: CloudFormat) -> Self {
        self.format = format;
        self
    }

    /// Sets the frame of the coordinates.
    pub fn with_frame(mut self, frame: Frame) -> Self {
        self.frame = frame;
        self
    }
}

/// A cluster, and those of the requested images that belong to it.
#[derive(Debug, Default)]
struct ImageCluster {
    url: Option<String>,
    images: Vec<i64>,
}

/// Name of the file that records in which frame the clouds of a folder are. It is locked while a download writes into
/// the folder.
const MARK: &str = ".mly-clouds.json";

/// How often a cluster is fetched again, with a new URL, if its URL has expired or the file arrives damaged.
const MOST_RETRIES: u32 = 2;

/// The field with the cluster of an image.
pub(super) const FIELD: &str = "sfm_cluster";

const NO_CLUSTER: &str = "the image was not reconstructed";
const NO_URL: &str = "the service gives no file of its cluster";
const NO_POINTS: &str = "its cluster has no points";

/// Downloads the clusters whose clouds are not in the folder yet.
pub(super) async fn download(run: &Run, ids: &[i64], clouds: &Clouds) -> Result<Downloaded> {
    let folder =
        DownloadFolder::open(&clouds.dir, MARK, format!("clouds in the frame {}", clouds.frame)).await?;
    let folder = Arc::new(folder);
    let mut done = Downloaded::default();
    let fields = EntityFields::of(Entity::Image, &[FIELD]);
    let clusters = clusters(run, &fields, ids, &mut done).await?;
    let memory = MemoryBudget::new();
    let outcomes = run.each(iter(clusters), |run, (id, cluster)| {
        let path = folder.path().join(format!("{id}.{}", clouds.format));
        let target =
            CloudTarget { path, format: clouds.format, frame: clouds.frame, _folder: Arc::clone(&folder) };
        let (fields, share) = (Arc::clone(&fields), memory.share());
        async move {
            let outcome = run.cluster(&fields, &cluster, target, share).await?;
            Ok((cluster.images, outcome))
        }
    });
    let mut outcomes = std::pin::pin!(outcomes);
    while let Some((images, outcome)) = outcomes.try_next().await? {
        let is_new = !matches!(outcome, CloudOutcome::Skipped);
        match outcome {
            CloudOutcome::Written => done.written += 1,
            CloudOutcome::Skipped => done.skipped += 1,
            CloudOutcome::Missing(why) => {
                done.failed.extend(images.iter().map(|id| (id.to_string(), why.clone())));
            }
        }
        for _ in images {
            if is_new { run.counters.answered() } else { run.counters.answered_before(1) }
        }
    }
    Ok(done)
}

/// Looks up the clusters of the images, sorted by cluster id. Images without a cluster are added to `done.failed`.
async fn clusters(
    run: &Run,
    fields: &Arc<EntityFields>,
    ids: &[i64],
    done: &mut Downloaded,
) -> Result<BTreeMap<i64, ImageCluster>> {
    // The service refuses several ids in a request for the field `sfm_cluster`.
    let answers = run.each(iter(ids.to_vec()), |run, id| {
        let fields = Arc::clone(fields);
        async move { Ok((id, run.cluster_row(&fields, id).await?)) }
    });
    let mut answers = std::pin::pin!(answers);
    let mut clusters = BTreeMap::<i64, ImageCluster>::new();
    while let Some((id, answer)) = answers.try_next().await? {
        let rows = match answer {
            Ok(rows) => rows,
            Err(why) => {
                done.failed.push((id.to_string(), format!("the image cannot be looked up: {why}")));
                run.counters.answered();
                continue;
            }
        };
        let why = match value(&rows, "sfm_cluster_id").map(|c| c.as_primitive::<Int64Type>().value(0)) {
            Some(cluster) => {
                let cluster = clusters.entry(cluster).or_default();
                cluster.images.push(id);
                // The service may leave the URL out for some images of a cluster, so the first one that comes is used.
                cluster.url = cluster.url.take().or_else(|| url(&rows));
                continue;
            }
            None if rows.num_rows() == 0 => NO_IMAGE,
            None => NO_CLUSTER,
        };
        done.failed.push((id.to_string(), why.to_owned()));
        run.counters.answered();
    }
    Ok(clusters)
}

/// The value of a column of a batch of one row, if it is not null.
fn value<'a>(rows: &'a RecordBatch, name: &str) -> Option<&'a ArrayRef> {
    rows.column_by_name(name).filter(|c| c.len() == 1 && c.is_valid(0))
}

fn url(rows: &RecordBatch) -> Option<String> {
    let url = value(rows, "sfm_cluster_url")?.as_string::<i32>().value(0);
    (!url.is_empty()).then(|| url.to_owned())
}

enum CloudOutcome {
    Written,
    Skipped,
    /// Why there is no cloud.
    Missing(String),
}

/// Where a cloud is written. Holds the folder, so that it stays locked until the file is complete.
struct CloudTarget {
    path: PathBuf,
    format: CloudFormat,
    frame: Frame,
    _folder: Arc<DownloadFolder>,
}

impl Run {
    /// A batch with the row of one image, or without rows if there is no such image. The inner error says why the
    /// service cannot answer.
    async fn cluster_row(&self, fields: &Arc<EntityFields>, id: i64) -> Result<Result<RecordBatch, String>> {
        let found = self.entities(fields, &[id.to_string()]).await?;
        match found.failures().flatten().next() {
            Some(why) => Ok(Err(why.to_owned())),
            None => found.rows(fields.table().schema()).map(Ok),
        }
    }

    async fn cluster(
        &self,
        fields: &Arc<EntityFields>,
        cluster: &ImageCluster,
        target: CloudTarget,
        share: MemoryShare,
    ) -> Result<CloudOutcome> {
        if target.path.exists() {
            return Ok(CloudOutcome::Skipped);
        }
        let missing = |why: &str| Ok(CloudOutcome::Missing(why.to_owned()));
        let Some(mut url) = cluster.url.clone() else { return missing(NO_URL) };
        let target = Arc::new(target);
        let mut fetched = 0;
        loop {
            fetched += 1;
            let is_last = fetched > MOST_RETRIES;
            match self.connection.file(&url, &self.counters.meter, &share, |_| Ok(())).await {
                Ok(bytes) => {
                    let target = Arc::clone(&target);
                    // A decoded cluster takes twenty times the bytes of its file.
                    match self.connection.off_io(move || write(&bytes, &target)).await?? {
                        Ok(outcome) => return Ok(outcome),
                        Err(unreadable) if is_last || !unreadable.passing => {
                            return missing(&format!("its cluster cannot be read: {}", unreadable.what));
                        }
                        // The file may have been damaged on the way: fetch it again from the same URL.
                        Err(_) => continue,
                    }
                }
                Err(FileFailure::Failed(error)) => return missing(&message(&error)),
                Err(FileFailure::Expired(status)) if is_last => {
                    let status = status.as_u16();
                    return missing(&format!("its cluster's URL answered {status}, and so did new ones"));
                }
                Err(FileFailure::Expired(_)) => {}
            }
            match self.new_url(fields, cluster).await? {
                Some(fresh) => url = fresh,
                None => return missing(NO_URL),
            }
        }
    }

    /// A new URL of the cluster, from the first of its images that has one.
    async fn new_url(&self, fields: &Arc<EntityFields>, cluster: &ImageCluster) -> Result<Option<String>> {
        for id in &cluster.images {
            if let Ok(rows) = self.cluster_row(fields, *id).await?
                && let Some(url) = url(&rows)
            {
                return Ok(Some(url));
            }
        }
        Ok(None)
    }
}

/// Decodes and writes a cloud. The outer error is one of writing and ends the download; the inner one says why the
/// bytes are not a cloud.
fn write(bytes: &[u8], target: &CloudTarget) -> Result<Result<CloudOutcome, Unreadable>> {
    let cloud = match decode(bytes) {
        Ok(cloud) if cloud.points().is_empty() => {
            return Ok(Ok(CloudOutcome::Missing(NO_POINTS.to_owned())));
        }
        Ok(cloud) => cloud,
        Err(unreadable) => return Ok(Err(unreadable)),
    };
    cloud.write(target.format, target.frame, Destination::file(&target.path, false)?)?;
    Ok(Ok(CloudOutcome::Written))
}
